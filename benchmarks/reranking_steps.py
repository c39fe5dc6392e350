"""What the reranker sees in each step of tuning; pure but for chance, and without torch.

A step is some questions, each with a few facts of its business: mostly those that the first stage
takes for the likeliest, as in a call. They stand in any order, so that none is learnt; sometimes
the right one is missing, or a stranger is among them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from random import Random

import numpy as np

from benchmarks.businesses import Ask, Business
from bots.local.sentences import Sentences, Side
from bots.local.tensors import Array
from bots.local.told import score, stack

# All numbers are those of the training that was tried; none was searched for.
QUESTIONS = 24
"""In a step: about as many tokens as in a step of the first stage."""
FACTS = (4, 6, 6, 8)
"""Are read with a question, each as likely; 6 in a call."""
SHELF = 20
"""Steps whose questions are sorted by length, so that little is filled up."""
EXPECTED = 0.3
"""How likely a question that the owner expects is drawn: callers seldom speak like that."""
FOUND_AFTER_ALL = 0.7
"""How likely a right fact that is not among the likeliest takes the place of the last of them."""
STRANGE = 0.5
"""How likely any other fact does, where it displaces no right one."""
AS_HEARD = 0.1
"""How likely a question is written as ears write it."""


@dataclass(frozen=True)
class Ordered:
    """A business, and its facts for each of its questions as the first stage sees them."""

    business: Business
    places: Array
    """(questions, facts): of each question the places of the facts, the likeliest first."""


@dataclass(frozen=True)
class Reading:
    """A question and the facts that are read with it."""

    question: str
    facts: Sequence[str]
    is_right: Sequence[bool]
    """Of each fact, whether it answers."""

    @property
    def length(self) -> int:
        """In characters."""
        return sum(map(len, (self.question, *self.facts)))


def order(model: Sentences, business: Business) -> Ordered:
    """The facts of a business as the first stage, `model`, sees them without a question under
    any."""
    facts = model.read([fact.fact for fact in business.facts], Side.FACT)
    sheet = stack(facts, [() for _ in facts])
    reads = model.read([ask.text for ask in business.asks], Side.QUESTION)
    scores = [score(read, sheet, model.scales).facts for read in reads]
    return Ordered(business, np.argsort(-np.array(scores), axis=1, kind="stable"))


def draw_readings(businesses: Sequence[Ordered], chance: Random) -> list[list[Reading]]:
    """Steps with nearly all questions of all businesses, in an order by chance; a step has
    questions of many, and like in length."""
    readings = [
        draw_reading(ordered, ask, places, chance)
        for ordered in businesses
        for ask, places in zip(ordered.business.asks, ordered.places, strict=True)
        if not ask.is_expected or chance.random() < EXPECTED
    ]
    chance.shuffle(readings)
    shelves = (
        sorted(readings[start : start + SHELF * QUESTIONS], key=lambda reading: reading.length)
        for start in range(0, len(readings), SHELF * QUESTIONS)
    )
    steps = list(chain.from_iterable(map(_steps, shelves)))
    chance.shuffle(steps)
    return steps


def draw_reading(ordered: Ordered, ask: Ask, places: Array, chance: Random) -> Reading:
    """A question with some of the facts, whose places are given by how likely they are."""
    shown = draw_places(places.tolist(), ask.facts, chance.choice(FACTS), chance)
    return Reading(
        as_heard(ask.text) if chance.random() < AS_HEARD else ask.text,
        [ordered.business.facts[place].fact for place in shown],
        [place in ask.facts for place in shown],
    )


def draw_places(
    places: Sequence[int], right: frozenset[int], count: int, chance: Random
) -> list[int]:
    """The first `count` of `places`, the last of them sometimes another, in an order by chance."""
    shown, others = list(places[:count]), list(places[count:])
    missed = [place for place in others if place in right]
    if missed and chance.random() < FOUND_AFTER_ALL:
        shown[-1] = chance.choice(missed)
    elif others and shown[-1] not in right and chance.random() < STRANGE:
        shown[-1] = chance.choice(others)
    chance.shuffle(shown)
    return shown


def as_heard(question: str) -> str:
    """As ears without punctuation and capitals write it."""
    return re.sub(r"[^\w' -]", "", question).lower()


def answers(step: Sequence[Reading]) -> Array:
    """Of each question (rows) whether each of its facts answers, and last whether none does."""
    found = np.zeros((len(step), max(len(reading.facts) for reading in step) + 1), bool)
    for row, reading in zip(found, step, strict=True):
        row[: len(reading.facts)] = reading.is_right
        row[-1] = not any(reading.is_right)
    return found


def _steps(readings: Sequence[Reading]) -> list[list[Reading]]:
    """Whole ones; what is left over would pull too hard."""
    ends = range(QUESTIONS, len(readings) + 1, QUESTIONS)
    return [list(readings[end - QUESTIONS : end]) for end in ends]
