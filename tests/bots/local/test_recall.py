"""Likeness in meaning, by a sentence model of two topics."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import numpy as np
import pytest
import pytest_asyncio

from bots.local.match import Asked, Knowledge
from bots.local.recall import Recall

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
    assert KNOWN.match(Asked("Where is my puppy?"), likeness).facts == (FACTS[0],)


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


async def test_an_edit_learns_what_is_new(recall: Recall) -> None:
    """The questions that stay are not read again, under whatever fact they stand."""
    model = recall._model  # pyright: ignore[reportPrivateUsage] - counts what it was given
    await recall.learn(PHRASED)
    before = model.queried
    await recall.learn(PHRASED)
    await recall.learn(Knowledge(FACTS, asked=((), ("Is it wet?", "How much?"))))
    assert model.queried == before + 1
    assert (await recall.likeness(PHRASED, Asked("A dog?"))).asked == [1.0, 0.0]


async def test_a_call_is_answered_while_another_bot_is_learned(recall: Recall) -> None:
    """The one worker is free between a few questions and the next few."""
    await recall.learn(KNOWN)
    many = tuple(f"Is it wet {number}?" for number in range(100))
    learning = asyncio.create_task(recall.learn(Knowledge(FACTS, asked=(many, ()))))
    await asyncio.sleep(0)
    await recall.likeness(KNOWN, Asked("A dog?"))
    assert not learning.done()
    await learning
