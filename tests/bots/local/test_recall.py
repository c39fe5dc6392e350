"""Likeness in meaning, by a sentence model of two topics."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from bots.local.knowledge import Knowledge
from bots.local.match import find_match
from bots.local.question import Asked
from bots.local.recall import Recall
from bots.local.vector_store import VectorStore

pytestmark = pytest.mark.unit

FACTS = ("The dog waits outside.", "A ticket costs four euros.")
KNOWN = Knowledge(FACTS)


class TwoTopics:
    """A sentence model that knows animals and money; counts what it is given to learn."""

    def __init__(self) -> None:
        self.learned = 0
        self.queried = 0

    def query(self, text: str) -> np.ndarray:
        """Animals lie on one axis, money on the other, all else between, far from both."""
        self.queried += 1
        if "puppy" in text or "dog" in text:
            return np.array([1.0, 0.0])
        return np.array([0.0, 1.0]) if "price" in text else np.array([0.6, 0.6])

    def passage(self, texts: Sequence[str]) -> np.ndarray:
        """A row a text."""
        self.learned += len(texts)
        return np.array([[1.0, 0.0] if "dog" in text else [0.0, 1.0] for text in texts])


@pytest_asyncio.fixture
async def recall() -> AsyncIterator[Recall]:
    """A recall of two topics."""
    recall = Recall(TwoTopics())
    yield recall
    recall.close()


async def test_a_question_is_like_the_fact_it_means(recall: Recall) -> None:
    """No word is shared, and the word that means the same is found too."""
    likeness = await recall.likeness(KNOWN, Asked("May I bring my puppy?"))
    assert list(likeness.facts) == [1.0, 0.0]
    assert likeness.words == {"puppy": {"dog"}}
    assert find_match(KNOWN, Asked("Where is my puppy?"), likeness).facts == (FACTS[0],)


async def test_words_that_mean_nothing_alike_are_left_out(recall: Recall) -> None:
    """A word may be like none of the facts' words."""
    likeness = await recall.likeness(KNOWN, Asked("Who won the match?"))
    assert not likeness.words


async def test_without_facts_or_words_there_is_no_likeness(recall: Recall) -> None:
    """A storyteller has no facts, and silence means nothing."""
    assert not (await recall.likeness(Knowledge(()), Asked("My puppy?"))).facts
    assert not (await recall.likeness(KNOWN, Asked("  "))).facts


async def test_facts_are_learned_once(recall: Recall) -> None:
    """What was learned ahead of a call is not learned again in it."""
    await recall.learn(KNOWN)
    await recall.likeness(KNOWN, Asked("What is the price?"))
    await recall.learn(Knowledge(FACTS))
    model = recall._model  # pyright: ignore[reportPrivateUsage] - counts what it was given
    assert model.learned == len(FACTS)


ASKED = (("May I bring my puppy?", "Is it wet?"), ())
PHRASED = Knowledge(FACTS, asked=ASKED)


async def test_a_question_is_like_the_likest_one_under_a_fact(recall: Recall) -> None:
    """A fact without questions is like none."""
    await recall.learn(PHRASED)
    assert (await recall.likeness(PHRASED, Asked("A dog?"))).asked == [1.0, 0.0]
    other = await recall.likeness(PHRASED, Asked("What is the weather?"))
    assert other.asked == pytest.approx([0.72, 0.0])


async def test_a_caller_does_not_wait_for_questions_to_be_learned(recall: Recall) -> None:
    """Until then they are like nothing; who has the time learns them first."""
    assert (await recall.likeness(PHRASED, Asked("A dog?"))).asked == [0.0, 0.0]
    assert recall.likeness_now(PHRASED, Asked("A dog?")).asked == [1.0, 0.0]
    assert (await recall.likeness(PHRASED, Asked("A dog?"))).asked == [1.0, 0.0]
    assert (await recall.likeness(KNOWN, Asked("A dog?"))).asked == [0.0, 0.0]


async def test_many_words_of_callers_drive_out_none_of_the_facts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A question takes its own words to read, however many others were asked before."""
    monkeypatch.setattr("bots.local.recall.WORDS_KEPT", 1)
    model = TwoTopics()
    recall = Recall(model)
    await recall.learn(KNOWN)
    for question in ("My puppy", "My kitten", "My hamster"):
        before = model.queried
        await recall.likeness(KNOWN, Asked(question))
        assert model.queried == before + 2
    recall.close()


async def test_a_bot_in_use_outlasts_those_learned_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Past the bound, what was asked longest ago is forgotten; a bot's facts and words are two."""
    monkeypatch.setattr("bots.local.recall.KEPT", 4)
    model = TwoTopics()
    recall = Recall(model)
    for others in ("The dog sleeps.", "The price is high."):
        await recall.likeness(KNOWN, Asked("A dog?"))
        await recall.learn(Knowledge((others,)))
    before = model.learned
    await recall.likeness(KNOWN, Asked("A dog?"))
    assert model.learned == before
    await recall.likeness(Knowledge(("The dog sleeps.",)), Asked("A dog?"))
    assert model.learned == before + 1
    recall.close()


async def test_an_edit_learns_what_is_new(recall: Recall) -> None:
    """The questions under the facts that stay are not read again."""
    model = recall._model  # pyright: ignore[reportPrivateUsage] - counts what it was given
    await recall.learn(PHRASED)
    before = model.queried
    await recall.learn(PHRASED)
    await recall.learn(Knowledge(FACTS, asked=(ASKED[0], ("How much?",))))
    assert model.queried == before + 1
    assert (await recall.likeness(PHRASED, Asked("A dog?"))).asked == [1.0, 0.0]


class UnitTopics(TwoTopics):
    """The same with vectors of length 1, as a real model's are."""

    def query(self, text: str) -> np.ndarray:
        """On its axis or between the two."""
        vector = super().query(text)
        return vector / np.linalg.norm(vector)


def kept_files(cache: Path) -> set[str]:
    """The names of the files of vectors in a cache."""
    return {path.name for path in cache.glob("vectors/*")}


async def test_the_next_start_learns_nothing_anew(tmp_path: Path) -> None:
    """Facts, their words and the questions come from the disk; a caller's words are not there."""
    for is_first in (True, False):
        model = UnitTopics()
        recall = Recall(model, VectorStore("two topics", tmp_path))
        await recall.learn(PHRASED)
        assert (model.learned + model.queried > 0) is is_first
        files = kept_files(tmp_path)
        likeness = await recall.likeness(PHRASED, Asked("May I bring my puppy?"))
        assert (list(likeness.facts), likeness.asked) == ([1.0, 0.0], [1.0, 0.0])
        assert kept_files(tmp_path) == files
        recall.close()


async def test_a_call_is_answered_while_another_bot_is_learned(recall: Recall) -> None:
    """The one worker is free between the questions of one fact and the next."""
    await recall.learn(KNOWN)
    many = tuple(f"Fact {number}." for number in range(100))
    asked = tuple((f"Is it wet {number}?",) for number in range(100))
    learning = asyncio.create_task(recall.learn(Knowledge(many, asked=asked)))
    await asyncio.sleep(0)
    await recall.likeness(KNOWN, Asked("A dog?"))
    assert not learning.done()
    await learning
