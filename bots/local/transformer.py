"""The forward pass of a BERT, in numpy and float32; used by bots/local/sentences.py.

A sentence model this small is a few matrix products: with one thread of BLAS, a question takes
milliseconds, and torch would be two gigabytes more to install.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bots.local.tensors import Array

EPSILON = 1e-12
"""Added to a variance, as BERT was trained."""
PADDED = np.float32(-1e9)
"""Added to how much a token heeds one that only fills the batch: nothing is left of it."""

_ERF = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)
_ERF_AT = 0.3275911


@dataclass(frozen=True, slots=True)
class Linear:
    """`x @ weight + bias`; the weight is (in, out) and contiguous, which spares a question of few
    tokens a third of its time."""

    weight: Array
    bias: Array

    def __call__(self, x: Array) -> Array:
        """Rows of any leading shape, as one product."""
        rows = x.reshape(-1, x.shape[-1]) @ self.weight
        rows += self.bias
        return rows.reshape(*x.shape[:-1], -1)


@dataclass(frozen=True, slots=True)
class Norm:
    """Brings each row to mean 0 and variance 1, then scales and shifts it."""

    weight: Array
    bias: Array

    def __call__(self, x: Array) -> Array:
        """A new array of the same shape."""
        rows = x - x.mean(-1, keepdims=True)
        variance = np.einsum("...i,...i->...", rows, rows)[..., None] / rows.shape[-1]
        rows *= self.weight / np.sqrt(variance + EPSILON)
        rows += self.bias
        return rows


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: every token heeds the others, then is worked on by itself."""

    qkv: Linear
    """Query, key and value of all heads, in one product."""
    output: Linear
    attended: Norm
    up: Linear
    down: Linear
    settled: Norm
    heads: int

    def __call__(self, x: Array, heeding: Array) -> Array:
        """The states (batch, tokens, width) after this layer; `heeding` is added to how much each
        token heeds each, and fits (batch, heads, tokens, tokens): PADDED where nothing is to be."""
        batch, tokens, width = x.shape
        joint = self.qkv(x).reshape(batch, tokens, 3, self.heads, width // self.heads)
        query, key, value = joint.transpose(2, 0, 3, 1, 4)
        heed = query @ key.swapaxes(-1, -2)
        heed *= np.float32(1 / math.sqrt(width // self.heads))
        heed += heeding
        seen = (softmax(heed) @ value).swapaxes(1, 2).reshape(batch, tokens, width)
        x = self.attended(x + self.output(seen))
        return self.settled(x + self.down(gelu(self.up(x))))


@dataclass(frozen=True, slots=True)
class Embedding:
    """What a token is before the first layer: its word and its place."""

    words: Array
    places: Array
    norm: Norm

    def __call__(self, ids: Array) -> Array:
        """The states of token ids (batch, tokens)."""
        return self.norm(self.words[ids] + self.places[: ids.shape[1]])


def batch_of(texts: Sequence[Sequence[int]]) -> tuple[Array, Array]:
    """The token ids of several texts as one array (texts, tokens), and the mask that a layer takes
    with it."""
    ids = np.array(list(itertools.zip_longest(*texts, fillvalue=0))).T
    is_own = np.arange(ids.shape[1]) < np.array([len(text) for text in texts])[:, None]
    return ids, np.where(is_own, np.float32(0), PADDED)


def read_embedding(tensors: Mapping[str, Array]) -> Embedding:
    """The embedding of a BERT; a text alone is of the first of the two types there are."""
    places = tensors["embeddings.position_embeddings.weight"]
    return Embedding(
        tensors["embeddings.word_embeddings.weight"],
        places + tensors["embeddings.token_type_embeddings.weight"][0],
        Norm(tensors["embeddings.LayerNorm.weight"], tensors["embeddings.LayerNorm.bias"]),
    )


def tuned_places(tuned: Mapping[str, Array]) -> list[int]:
    """The places of the layers that `tuned` has a part of, in their order; see `read_layer`."""
    return sorted({int(name[5:].split(".")[0]) for name in tuned if name.startswith("layer")})


def read_layer(
    tensors: Mapping[str, Array], place: int, heads: int, tuned: Mapping[str, Array]
) -> Layer:
    """The layer at `place` of a BERT, with what tuning made of it where `tuned` has it.

    Tuned is what has `layer{place}.` before it: of a linear map `a` (out, rank) and `b` (rank, in),
    whose product is added to the weight, and the whole `bias`; of a norm, both vectors.
    """
    before, own = f"encoder.layer.{place}", f"layer{place}"

    def linear(name: str, short: str) -> Linear:
        weight = tensors[f"{before}.{name}.weight"]
        bias = tensors[f"{before}.{name}.bias"]
        if f"{own}.{short}.a" in tuned:
            weight = weight + tuned[f"{own}.{short}.a"] @ tuned[f"{own}.{short}.b"]
        return Linear(np.ascontiguousarray(weight.T), tuned.get(f"{own}.{short}.bias", bias))

    def norm(name: str, short: str) -> Norm:
        weight, bias = tensors[f"{before}.{name}.weight"], tensors[f"{before}.{name}.bias"]
        return Norm(
            tuned.get(f"{own}.{short}.weight", weight), tuned.get(f"{own}.{short}.bias", bias)
        )

    inputs = [linear(f"attention.self.{name}", name[0]) for name in ("query", "key", "value")]
    return Layer(
        Linear(
            np.concatenate([one.weight for one in inputs], axis=1),
            np.concatenate([one.bias for one in inputs]),
        ),
        linear("attention.output.dense", "o"),
        norm("attention.output.LayerNorm", "n1"),
        linear("intermediate.dense", "u"),
        linear("output.dense", "d"),
        norm("output.LayerNorm", "n2"),
        heads,
    )


def softmax(x: Array) -> Array:
    """Along the last axis, in place."""
    x -= x.max(-1, keepdims=True)
    np.exp(x, out=x)
    x /= x.sum(-1, keepdims=True)
    return x


def gelu(x: Array) -> Array:
    """`x` times the chance that a normal variable is below it, to within 1e-6.

    The error function is Abramowitz and Stegun's 7.1.26, whose tail is the same on both sides.
    """
    size = np.abs(x)
    t = 1 / (1 + np.float32(_ERF_AT / math.sqrt(2)) * size)
    tail = np.full_like(t, _ERF[0])
    for factor in _ERF[1:]:
        tail *= t
        tail += np.float32(factor)
    tail *= t
    tail *= np.exp(np.float32(-0.5) * size * size)
    tail *= size
    tail *= np.float32(0.5)
    return np.maximum(x, 0) - tail
