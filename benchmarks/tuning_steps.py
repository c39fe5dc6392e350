"""What the model sees in each step of tuning; pure but for chance, and without torch.

A step is some questions to one business, who are held against all of its facts. Which questions
stand under a fact changes from step to step, and in a third of the steps none does: owners write
few, and the model is not to lean on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from benchmarks.businesses import Ask, Business
from bots.local.tensors import Array

QUESTIONS = 32
"""In a step."""
FEWEST = 9
"""What is left of a business is a step from here on; fewer would pull too hard."""
EXPECTED = 0.5
"""How likely a question that the owner expects is drawn: callers seldom speak like that."""
BARE = 0.35
"""How likely a step has no questions under any fact."""
UNDER_A_FACT = (0, 1, 2, 3, 3)
"""How many stand under a fact in the others, each as likely."""
GROWS_FOR = 50
"""Steps."""
LEAST_RATE = 0.02
"""Share of the learning rate."""


@dataclass(frozen=True)
class Phrasing:
    """A question that stands under the fact at `owner`."""

    text: str
    owner: int


@dataclass(frozen=True)
class Step:
    """Questions to one business, and what it knows at that time."""

    business: Business
    asks: Sequence[Ask]
    phrasings: Sequence[Phrasing]

    @property
    def answers(self) -> Array:
        """Of each question (rows) whether each fact answers it, and last whether none does."""
        answers = np.zeros((len(self.asks), len(self.business.facts) + 1), bool)
        for row, ask in zip(answers, self.asks, strict=True):
            row[list(ask.facts or {-1})] = True
        return answers

    @property
    def is_other(self) -> Array:
        """Of each question (rows) whether each phrasing is another one: its own would tell all."""
        return np.array(
            [[ask.text != phrasing.text for phrasing in self.phrasings] for ask in self.asks]
        )


def draw_epoch(businesses: Sequence[Business], chance: Random) -> list[Step]:
    """Steps with nearly all questions of all businesses, in an order by chance."""
    steps: list[Step] = []
    for business in businesses:
        asks = [ask for ask in business.asks if not ask.is_expected or chance.random() < EXPECTED]
        chance.shuffle(asks)
        parts = (asks[start : start + QUESTIONS] for start in range(0, len(asks), QUESTIONS))
        steps += [
            Step(business, part, draw_phrasings(business, chance))
            for part in parts
            if len(part) >= FEWEST
        ]
    chance.shuffle(steps)
    return steps


def draw_phrasings(business: Business, chance: Random) -> list[Phrasing]:
    """What stands under the facts of a business in one step."""
    if chance.random() < BARE:
        return []
    drawn: list[Phrasing] = []
    for owner, fact in enumerate(business.facts):
        texts = [*fact.free, *fact.asked]
        count = min(chance.choice(UNDER_A_FACT), len(texts))
        drawn += [Phrasing(text, owner) for text in chance.sample(texts, count)]
    return drawn


def rate_share(number: int, done: float) -> float:
    """How much of the learning rate step `number` gets when `done` of the training is over.

    It grows over the first steps, while the optimizer knows little, then falls to next to nothing.
    """
    return min(1.0, (number + 1) / GROWS_FOR) * max(LEAST_RATE, 1 - done)
