"""Reads a question together with the facts that fit it best, and says which of them answers.

Read apart (bots/local/told.py), a fact is as like "When was the ship raised?" as the fact that it
sank. Here the upper half of all-MiniLM-L6-v2, tuned for it, reads the question and a few facts as
one text: the question heeds every fact, each fact the question and, less, the other facts. How much
less, each head has learned by itself, of what stands in which relation. It takes the states that
the lower half has made of each text alone, so that a bot's facts pass that half at boot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np

from bots.local.sentences import HEADS, TUNED
from bots.local.tensors import Array, read_tensors, read_tuned
from bots.local.told import Told
from bots.local.transformer import Layer, Linear, read_layer, tuned_places

OWN = "joint."
"""What the names of its arrays in matching.npz begin with."""
MOST_FACTS = 6
"""Facts that are read with a question; of the tuning questions, the right one is always among the
five likeliest."""
UNKNOWN_LIKENESS = 0.4
"""From how like a fact is to the question on it is held to answer, before anything is learned; part
of how the model was tuned."""


class Reranker:
    """The tuned layers and what turns their states into scores; safe to use from several threads.

    Args:
        layers: read one after the other.
        relations: of each layer (heads, 4), what is added to how much a token heeds another; see
            `_relations`.
        sides: (2, width), added to the states of the question and of a fact.
        fit: two maps, from a fact and how it meets the question to how well it answers.
        unknown: two maps, from the question, which has seen the facts, to how well not knowing
            does.
        likeness_scale: what likeness to the question is worth beside.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        relations: Sequence[Array],
        sides: Array,
        fit: tuple[Linear, Linear],
        unknown: tuple[Linear, Linear],
        likeness_scale: float,
    ) -> None:
        self._layers = layers
        self._relations = relations
        self._sides = sides
        self._fit = fit
        self._unknown = unknown
        self._likeness_scale = likeness_scale

    @classmethod
    def load(cls, folder: Path, tuned: Path = TUNED) -> Self:
        """Load `model.safetensors` in `folder`, and what tuning made of its upper layers.

        Raises:
            OSError: a file is missing.
            ValueError, KeyError: a file is not what it should be.
        """
        arrays = read_tuned(tuned)
        own = {name.removeprefix(OWN): arrays[name] for name in arrays if name.startswith(OWN)}
        return cls.of(read_tensors(folder / "model.safetensors"), own)

    @classmethod
    def of(cls, tensors: Mapping[str, Array], tuned: Mapping[str, Array]) -> Self:
        """Use a BERT's `tensors` and the arrays of matching.npz that are the reranker's.

        Raises:
            KeyError: something is missing.
        """
        places = tuned_places(tuned)
        return cls(
            [read_layer(tensors, place, HEADS, tuned) for place in places],
            [tuned[f"layer{place}.relations"] for place in places],
            tuned["side"],
            (_linear(tuned, "fit.hidden"), _linear(tuned, "fit.out")),
            (_linear(tuned, "none.hidden"), _linear(tuned, "none.out")),
            float(tuned["likeness"]),
        )

    def rank(self, question: Array, facts: Sequence[Array]) -> Told:
        """How well each of `facts` answers, and none; both as states (tokens, width) of the lower
        half."""
        texts = [question, *facts]
        lengths = [len(text) for text in texts]
        text_of = np.repeat(np.arange(len(texts)), lengths)
        relation = _relations(text_of)
        states = np.concatenate(texts) + self._sides[np.minimum(text_of, 1)]
        states = states[None]
        for layer, worth in zip(self._layers, self._relations, strict=True):
            states = layer(states, worth[:, relation])
        starts = np.cumsum([0, *lengths[:-1]])
        pooled = np.add.reduceat(states[0], starts, axis=0) / np.array(lengths)[:, None]
        asked, told = pooled[0], pooled[1:]
        likeness = (told @ asked) / (np.linalg.norm(told, axis=1) * np.linalg.norm(asked))
        scores = _through(self._fit, np.concatenate([told, told * asked], axis=1))[:, 0]
        unknown = float(_through(self._unknown, asked[None])[0, 0])
        return Told(
            scores + self._likeness_scale * likeness,
            unknown + self._likeness_scale * UNKNOWN_LIKENESS,
        )


def _relations(text_of: Array) -> Array:
    """Of each token (rows) to each (columns): 0 the same text, 1 a fact's to the question's, 2 the
    question's to a fact's, 3 a fact's to another fact's."""
    is_fact = text_of > 0
    by_kind = np.where(is_fact[:, None], np.where(is_fact, 3, 1), 2)
    return np.where(text_of[:, None] == text_of, 0, by_kind)


def _through(linears: tuple[Linear, Linear], x: Array) -> Array:
    first, second = linears
    return second(np.tanh(first(x)))


def _linear(tuned: Mapping[str, Array], name: str) -> Linear:
    weight = np.atleast_2d(tuned[f"{name}.weight"])
    return Linear(np.ascontiguousarray(weight.T), np.atleast_1d(tuned[f"{name}.bias"]))
