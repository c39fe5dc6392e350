"""How likely each of a bot's facts answers a question, and that none does; pure, used by match.py.

One logistic model over a few signs: each fact's signs give its weight, those of the question the
weight of not knowing, and all of them together share one certainty. The weights are fitted, not
chosen: `python -m benchmarks.fit_answers` prints them with what they are worth on questions that
they were not fitted on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

FACT: Mapping[str, float] = {
    "likeness": 3.31,
    "words": 2.39,
    "words_before": 0.20,
    "kind": 0.66,
    "other_kind": -2.12,
    "day": 3.20,
    "other_day": -0.76,
    "day_alone": 1.83,
}
"""What each sign of a fact is worth, in nats.

likeness: in meaning, over that of the average fact, in 1/20. words: the share of the question's
weight that the fact says, in its words or in near ones, and of that of the question before. kind:
the fact holds the kind of answer that is wanted, or lacks it. day: it is about the day that is
named, or another; `day_alone` where the question has no other words.
"""
SILENCE: Mapping[str, float] = {
    "always": 1.72,
    "likeness": 1.82,
    "strange": 1.36,
    "wordless": -1.30,
}
"""What speaks for not knowing, in nats: the likeness of the nearest fact (what it must be held
against), the share of the question that no fact says, and a question without telling words."""

STEP = 0.05
"""What counts as one in likeness, 0 to 1."""
SAME_WORD, OTHER_WORD = 0.97, 0.86
"""Likeness of two words, 0 to 1, from which one stands fully for the other, and up to which not at
all: "kid" and "child" have 0.97, "bicycle" and "helmet" 0.86."""


def nearness(likeness: float) -> float:
    """How far one word stands for another of that `likeness`, 0 to 1."""
    share = (likeness - OTHER_WORD) / (SAME_WORD - OTHER_WORD)
    return min(1.0, max(0.0, share)) ** 2


def weigh(
    facts: Sequence[Mapping[str, float]], silence: Mapping[str, float]
) -> tuple[list[float], float]:
    """The log probability that each of the `facts` is the answer, and that none is."""
    weights = [_sum(FACT, signs) for signs in facts] + [_sum(SILENCE, silence)]
    most = max(weights)
    total = most + math.log(sum(math.exp(weight - most) for weight in weights))
    *chances, unknown = (weight - total for weight in weights)
    return chances, unknown


def _sum(weights: Mapping[str, float], signs: Mapping[str, float]) -> float:
    return sum(weights[name] * value for name, value in signs.items())
