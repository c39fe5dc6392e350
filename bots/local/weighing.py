"""How likely each of a bot's facts answers a question, and that none does; pure, used by match.py.

One logistic model over a few signs: each fact's signs give its weight, those of the question the
weight of not knowing, and all of them together share one certainty. The weights are fitted, not
chosen: `python -m benchmarks.fit_answers` prints them with what they are worth on questions that
they were not fitted on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """What each sign is worth, in nats."""

    fact: Mapping[str, float]
    """Signs of a fact. ranked: the log probability that it answers where the tuned model reads the
    likeliest facts with the question (bots/local/reranker.py), in RANKED_STEP. told: how well it
    answers where each is read by itself (bots/local/told.py), over that of the average fact, in
    TOLD_STEP. likeness: in meaning, over that of the average fact, in STEP; asked: the same of the
    questions under it. words: the share of the question's weight that it says, in its words or in
    near ones, and of that of the question before. kind: it holds the kind of answer that is wanted,
    or lacks it. day: it is about the day that is named, or another; `day_alone` where the question
    has no other words."""
    silence: Mapping[str, float]
    """Signs that none answers. ranked, told, likeness: those of the best fact (what silence is held
    against). ranked_unknown, told_unknown: that none answers, by the tuned model, the latter over
    its best fact. strange: the share of the question that no fact says. wordless: a question
    without telling words."""


WITH_TOLD = Weights(
    fact={
        "ranked": 1.43,
        "told": 0.62,
        "likeness": 0.90,
        "asked": 1.27,
        "words": 0.48,
        "words_before": -0.49,
        "kind": 0.28,
        "other_kind": -0.96,
        "day": 0.19,
        "other_day": -0.44,
        "day_alone": 0.42,
    },
    silence={
        "always": 1.09,
        "ranked": -0.72,
        "ranked_unknown": 0.67,
        "told": 0.73,
        "told_unknown": 1.85,
        "likeness": 0.70,
        "strange": 0.89,
        "wordless": -0.15,
    },
)
WITHOUT_TOLD = Weights(
    fact={
        "likeness": 3.55,
        "words": 2.31,
        "words_before": 0.13,
        "kind": 0.66,
        "other_kind": -2.12,
        "day": 2.62,
        "other_day": -0.66,
        "day_alone": 1.31,
    },
    silence={
        "always": 1.74,
        "likeness": 1.98,
        "strange": 1.39,
        "wordless": -1.22,
    },
)
"""Where there is no tuned model: in other languages than English, or without its weights. The
questions under a fact then count word for word only (bots/local/match.py)."""

STEP = 0.05
"""What counts as one in likeness, 0 to 1."""
RANKED_STEP = 3.0
"""What counts as one in the log probabilities of bots/local/reranker.py."""
TOLD_STEP = 5.0
"""What counts as one in the tuned model's scores, in nats of its own."""
SAME_WORD, OTHER_WORD = 0.97, 0.86
"""Likeness of two words, 0 to 1, from which one stands fully for the other, and up to which not at
all: "kid" and "child" have 0.97, "bicycle" and "helmet" 0.86."""


def nearness(likeness: float) -> float:
    """How far one word stands for another of that `likeness`, 0 to 1."""
    share = (likeness - OTHER_WORD) / (SAME_WORD - OTHER_WORD)
    return min(1.0, max(0.0, share)) ** 2


def weigh(
    facts: Sequence[Mapping[str, float]], silence: Mapping[str, float], *, has_told: bool
) -> tuple[list[float], float]:
    """The log probability that each of the `facts` is the answer, and that none is."""
    worth = WITH_TOLD if has_told else WITHOUT_TOLD
    weights = [_sum(worth.fact, signs) for signs in facts] + [_sum(worth.silence, silence)]
    most = max(weights)
    total = most + math.log(sum(math.exp(weight - most) for weight in weights))
    *chances, unknown = (weight - total for weight in weights)
    return chances, unknown


def _sum(weights: Mapping[str, float], signs: Mapping[str, float]) -> float:
    return sum(weight * signs.get(name, 0.0) for name, weight in weights.items())
