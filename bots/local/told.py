"""How well each of a bot's facts answers a question, by bots/local/sentences.py; pure.

Two texts are compared as wholes and token by token: each token of the question looks for the one
that is nearest to it, and counts by its weight. So is the question with each of the questions that
callers are known to ask for a fact; the best of them counts for the fact, beside the fact itself.
From the question, and from how well the facts fit, follows how likely it is that none answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from bots.local.sentences import Read, Scales
from bots.local.tensors import Array

SPREAD = 10.0
"""By how much scores usually differ; part of how the model was tuned, as are the next two."""
UNKNOWN_SPREAD = 3.0
UNKNOWN_MEAN = 10.0


@dataclass(frozen=True, slots=True)
class Stack:
    """Texts side by side, to be compared at once."""

    pooled: Array
    """(texts, 384)."""
    tokens: Array
    """(tokens of all texts, 128)."""
    starts: Array
    """Where the tokens of each text begin."""

    def likeness(self, question: Read) -> Array:
        """Of each text: how like it is to the question, as a whole and by its tokens (2, texts)."""
        near = np.maximum.reduceat(self.tokens @ question.tokens.T, self.starts, axis=0)
        return np.array([self.pooled @ question.pooled, near @ question.weights])


@dataclass(frozen=True, slots=True)
class Told:
    """What the model says of a question; only the differences tell anything."""

    facts: Array
    """Of each fact, how well it answers."""
    unknown: float
    """On the same scale: how well "I do not know" would."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A bot's facts as the model reads them, and the questions under them."""

    facts: Stack
    states: Sequence[Array]
    """Of each fact (tokens, 384), for bots/local/reranker.py."""
    phrasings: Stack | None
    """Those of all facts, one fact's after the other's; None where no fact has any."""
    owners: Array
    """Of each fact that has some, its place, and the next is where its own begin."""
    begins: Array


def stack(facts: Sequence[Read], phrasings: Sequence[Sequence[Read]]) -> Sheet:
    """The facts of a bot, one or more, and the questions under each, none for some or all."""
    counts = [len(own) for own in phrasings]
    owners = [place for place, count in enumerate(counts) if count]
    begins = np.cumsum([0, *(counts[place] for place in owners[:-1])])
    under = list(chain.from_iterable(phrasings))
    return Sheet(
        _stack(facts),
        [fact.states for fact in facts],
        _stack(under) if under else None,
        np.array(owners, int),
        begins,
    )


def score(question: Read, sheet: Sheet, scales: Scales) -> Told:
    """How well each fact answers, and none."""
    likeness = sheet.facts.likeness(question)
    facts = scales.fact @ likeness
    if sheet.phrasings is not None:
        under = scales.phrasing @ sheet.phrasings.likeness(question)
        best = np.full_like(facts, -np.inf)
        best[sheet.owners] = np.maximum.reduceat(under, sheet.begins)
        facts = scales.tau * np.logaddexp(facts / scales.tau, best / scales.tau)
    first, second = np.sort(facts)[::-1][:2] if len(facts) > 1 else (facts[0], facts[0])
    signs = [first / SPREAD, (first - second) / SPREAD, *likeness.max(axis=1)]
    hidden = np.tanh(scales.hidden(np.concatenate([question.pooled, signs])))
    return Told(facts, UNKNOWN_SPREAD * float(scales.out(hidden)[0]) + UNKNOWN_MEAN)


def _stack(texts: Sequence[Read]) -> Stack:
    lengths = [len(one.tokens) for one in texts]
    return Stack(
        np.array([one.pooled for one in texts]),
        np.concatenate([one.tokens for one in texts]),
        np.cumsum([0, *lengths[:-1]]),
    )
