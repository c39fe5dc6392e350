"""Reads a text into vectors that tell how well a fact answers a question; see bots/local/told.py.

all-MiniLM-L6-v2 (Apache-2.0, English), whose upper half was tuned on written questions about
businesses. The weights are `minilm` of bots/local/pinned.py, and what tuning made of them is
`matching.npz` beside this file. A question, a fact and a question under a fact are read a little
differently: a vector of each is added before the tuned layers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Self

import numpy as np
from tokenizers import BertWordPieceTokenizer

from bots.local.tensors import Array, read_tensors, read_tuned
from bots.local.transformer import (
    Embedding,
    Layer,
    Linear,
    batch_of,
    read_embedding,
    read_layer,
    softmax,
)

TUNED = Path(__file__).with_name("matching.npz")
"""What tuning made of the model; without it, the model is not used."""
MAX_TOKENS = 48
"""Tokens of a text that are read, the mark at its start among them; 30 words and more."""
HEADS = 12
BATCH_TOKENS = 512
"""Tokens that go through the layers at once: more is no faster, and holds the worker longer."""


class Side(IntEnum):
    """What a text is to a question; the row of its vector in `side`."""

    QUESTION = 0
    FACT = 1
    PHRASING = 2


@dataclass(frozen=True, slots=True)
class Read:
    """A text as the model reads it. All vectors are of length 1."""

    pooled: Array
    """(384,): the whole text."""
    tokens: Array
    """(tokens, 128): each token where it stands."""
    weights: Array
    """(tokens,): how much each token matters, 1 in all."""
    states: Array
    """(tokens, 384), as the lower half leaves them: what bots/local/reranker.py reads on, with
    others. Of a question under a fact, which is read with none, (0, 384)."""


@dataclass(frozen=True, slots=True)
class Scales:
    """What turns likeness into a score; see bots/local/told.py."""

    fact: tuple[float, float]
    """Of a fact: what likeness of the whole is worth, and that of the tokens."""
    phrasing: tuple[float, float]
    """The same of a question under it."""
    tau: float
    """How much a fact and the best question under it add to each other."""
    hidden: Linear
    """From the question and four signs of how well the facts fit, to what `out` weighs."""
    out: Linear
    """To how likely it is that no fact answers."""


class Sentences:
    """The model, loaded; safe to use from several threads."""

    def __init__(
        self,
        tokenizer: BertWordPieceTokenizer,
        tensors: Mapping[str, Array],
        tuned: Mapping[str, Array],
    ) -> None:
        """Use a BERT's `tensors` and the arrays of matching.npz, `tuned`."""
        self._tokenizer = tokenizer
        self._embedding: Embedding = read_embedding(tensors)
        places = range(sum(name.endswith("attention.self.query.bias") for name in tensors))
        layers = [read_layer(tensors, place, HEADS, tuned) for place in places]
        tuned_from = next(place for place in places if f"layer{place}.q.a" in tuned)
        self._lower: Sequence[Layer] = layers[:tuned_from]
        self._upper: Sequence[Layer] = layers[tuned_from:]
        self._side = tuned["side"]
        self._project = tuned["proj"]
        self._token_weight = tuned["token_weight"], tuned["token_weight_bias"]
        first, second, third, fourth = map(float, tuned["scale"])
        self.scales = Scales(
            (first, second),
            (third, fourth),
            float(tuned["tau"]),
            Linear(tuned["none.hidden.weight"].T, tuned["none.hidden.bias"]),
            Linear(tuned["none.out.weight"].reshape(-1, 1), tuned["none.out.bias"].reshape(1)),
        )

    @classmethod
    def load(cls, folder: Path, tuned: Path = TUNED) -> Self:
        """Load `model.safetensors` and `vocab.txt` in `folder`, and what tuning made of them.

        Raises:
            OSError: a file is missing.
            ValueError, KeyError: a file is not what it should be.
        """
        tensors = read_tensors(folder / "model.safetensors")
        tokenizer = BertWordPieceTokenizer(str(folder / "vocab.txt"), lowercase=True)
        return cls(tokenizer, tensors, read_tuned(tuned))

    def read(self, texts: Sequence[str], side: Side) -> list[Read]:
        """Each text, in their order."""
        found: dict[int, Read] = {}
        for places, ids in self._batches(texts):
            found |= zip(places, self._read(ids, side), strict=True)
        return [found[place] for place in range(len(texts))]

    def _batches(self, texts: Sequence[str]) -> Iterator[tuple[list[int], list[list[int]]]]:
        """Texts of like length together, so that little is filled up."""
        ids = [self._tokenizer.encode(text).ids[:MAX_TOKENS] for text in texts]
        order = sorted(range(len(ids)), key=lambda place: len(ids[place]))
        start = 0
        while start < len(order):
            end = start + 1
            while end < len(order) and (end + 1 - start) * len(ids[order[end]]) <= BATCH_TOKENS:
                end += 1
            places = order[start:end]
            yield places, [ids[place] for place in places]
            start = end

    def _read(self, ids: list[list[int]], side: Side) -> Iterator[Read]:
        batch, mask = batch_of(ids)
        heeding = mask[:, None, None, :]
        states = self._embedding(batch)
        for layer in self._lower:
            states = layer(states, heeding)
        below = states[:, :0] if side is Side.PHRASING else states
        states = states + self._side[side]
        for layer in self._upper:
            states = layer(states, heeding)
        vector, bias = self._token_weight
        weights = softmax(states @ vector + bias + mask)
        tokens = _to_length_1(states @ self._project.T)
        for row, length in enumerate(map(len, ids)):
            own = states[row, :length]
            yield Read(
                _to_length_1(own.mean(0)),
                tokens[row, :length],
                weights[row, :length],
                below[row, :length],
            )


def _to_length_1(vectors: Array) -> Array:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
