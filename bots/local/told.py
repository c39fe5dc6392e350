"""How well each of a bot's facts answers a question, by bots/local/sentences.py; pure.

Two texts are compared as wholes and token by token: each token of the question looks for the one
that is nearest to it, and counts by its weight. So is the question with each of the questions that
callers are known to ask for a fact; the best of them counts for the fact, beside the fact itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from bots.local.sentences import Read, Scales
from bots.local.tensors import Array


@dataclass(frozen=True, slots=True)
class Stack:
    """Texts side by side, to be compared at once."""

    pooled: Array
    """(texts, 384)."""
    tokens: Array
    """(tokens of all texts, 128)."""
    starts: Array
    """Where the tokens of each text begin."""

    def likeness(self, question: Read, scales: tuple[float, float]) -> Array:
        """Of each text: how like it is to the question."""
        whole = self.pooled @ question.pooled
        near = np.maximum.reduceat(self.tokens @ question.tokens.T, self.starts, axis=0)
        return scales[0] * whole + scales[1] * (near @ question.weights)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A bot's facts as the model reads them, and the questions under them."""

    facts: Stack
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
    return Sheet(_stack(facts), _stack(under) if under else None, np.array(owners, int), begins)


def score(question: Read, sheet: Sheet, scales: Scales) -> Array:
    """Of each fact, how well it answers; only differences between a bot's facts tell anything."""
    own = sheet.facts.likeness(question, scales.fact)
    if sheet.phrasings is None:
        return own
    under = sheet.phrasings.likeness(question, scales.phrasing)
    best = np.full_like(own, -np.inf)
    best[sheet.owners] = np.maximum.reduceat(under, sheet.begins)
    return scales.tau * np.logaddexp(own / scales.tau, best / scales.tau)


def _stack(texts: Sequence[Read]) -> Stack:
    lengths = [len(one.tokens) for one in texts]
    return Stack(
        np.array([one.pooled for one in texts]),
        np.concatenate([one.tokens for one in texts]),
        np.cumsum([0, *lengths[:-1]]),
    )
