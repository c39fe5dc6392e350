"""The fact that a question means, found by sense."""

from collections.abc import AsyncIterator, Sequence

import numpy as np
import pytest
import pytest_asyncio

from bots.local.recall import Recall, with_context

pytestmark = pytest.mark.unit

FACTS = ("The dog waits outside.", "A ticket costs four euros.")


class TwoTopics:
    """A sentence model that knows animals and money; counts what it is given to learn."""

    def __init__(self) -> None:
        self.learned = 0

    def query(self, text: str) -> np.ndarray:
        """Animals lie on one axis, money on the other, all else between, far from both."""
        if "puppy" in text:
            return np.array([0.9, 0.1])
        return np.array([0.1, 0.9]) if "price" in text else np.array([0.5, 0.5])

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


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("May I bring my puppy?", FACTS[0]),
        ("What is the price?", FACTS[1]),
        ("Who won the match?", None),
        ("  ", None),
    ],
)
async def test_the_nearest_fact_is_meant_if_it_is_near(
    recall: Recall, question: str, fact: str | None
) -> None:
    """No word is shared; what is far from every fact means none."""
    assert await recall.meant(FACTS, question) == fact


async def test_without_facts_nothing_is_meant(recall: Recall) -> None:
    """A storyteller has none."""
    assert await recall.meant((), "May I bring my puppy?") is None


async def test_facts_are_learned_once() -> None:
    """A bot's facts cost their second ahead of the first call, and never again."""
    model = TwoTopics()
    recall = Recall(model)
    await recall.learn(FACTS)
    await recall.meant(FACTS, "What is the price?")
    recall.close()
    assert model.learned == len(FACTS)


def test_a_short_question_leans_on_the_one_before() -> None:
    """A long one stands for itself."""
    before = ("How much is a cleaning?",)
    assert with_context("And how long?", before) == "How much is a cleaning? And how long?"
    assert with_context("And how long?", ()) == "And how long?"
    whole = "I would like to know your prices, please."
    assert with_context(whole, before) == whole
