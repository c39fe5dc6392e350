"""What the tuned sentence model has read of a bot's texts; kept by bots/local/array_store.py.

    <cache>/readings/<key>.npz      a set of texts, float16
        pooled      (texts, 384)
        tokens      (tokens of all texts, 128)
        weights     (tokens of all texts,)
        states      (tokens of all texts, 384), of questions under a fact (0, 384)
        lengths     (texts,): the tokens of each

The key has the hashes of the weights, so that a model tuned anew reads anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from loguru import logger

from bots.local.array_store import ArrayStore
from bots.local.sentences import Read, Side
from bots.local.tensors import Array

FILES_KEPT = 4096
"""One a bot and one a fact with questions, of 5 to 400 kB."""


class ReadingStore:
    """The folder of readings. Every method blocks, none raises for a bad disk.

    Args:
        model: what the weights are, by their hashes.
        cache: the folder that holds it beside the weights.
    """

    def __init__(self, model: str, cache: Path | None = None) -> None:
        self._store = ArrayStore("readings", FILES_KEPT, cache)
        self.root = self._store.root
        self._model = model

    def fetch(self, side: Side, texts: Sequence[str]) -> list[Read] | None:
        """Each text as it was read, in their order, if that is kept and whole."""
        arrays = self._store.fetch([self._model, side.name, *texts])
        if arrays is None:
            return None
        if _is_whole(arrays, len(texts)):
            return _apart(arrays)
        logger.info("Readings kept on disk are damaged, the texts are read anew")
        return None

    def keep(self, side: Side, texts: Sequence[str], read: Sequence[Read]) -> None:
        """Have these texts as read at the next start too."""
        self._store.keep([self._model, side.name, *texts], **_joined(read))


def halved(read: Sequence[Read]) -> list[Read]:
    """`read` as it comes back from the store, so that every start answers the same."""
    return _apart(_joined(read))


def _joined(read: Sequence[Read]) -> dict[str, Array]:
    return {
        "pooled": np.array([one.pooled for one in read], np.float16),
        "tokens": np.concatenate([one.tokens for one in read]).astype(np.float16),
        "weights": np.concatenate([one.weights for one in read]).astype(np.float16),
        "states": np.concatenate([one.states for one in read]).astype(np.float16),
        "lengths": np.array([len(one.tokens) for one in read], np.int32),
    }


def _apart(arrays: dict[str, Array]) -> list[Read]:
    ends = np.cumsum(arrays["lengths"])[:-1]
    pooled = arrays["pooled"].astype(np.float32)
    tokens = np.split(arrays["tokens"].astype(np.float32), ends)
    weights = np.split(arrays["weights"].astype(np.float32), ends)
    states = arrays["states"].astype(np.float32)
    apart = np.split(states, ends) if len(states) else [states] * len(pooled)
    return [Read(*one) for one in zip(pooled, tokens, weights, apart, strict=True)]


def _is_whole(arrays: dict[str, Array], texts: int) -> bool:
    if {name: array.ndim for name, array in arrays.items()} != _DIMENSIONS:
        return False
    lengths = arrays["lengths"]
    total = lengths.sum()
    return (
        len(arrays["pooled"]) == len(lengths) == texts
        and len(arrays["tokens"]) == len(arrays["weights"]) == total
        and len(arrays["states"]) in (0, total)
        and bool(lengths.min() > 0)
        and all(bool(np.isfinite(array).all()) for array in arrays.values())
    )


_DIMENSIONS = {"pooled": 2, "tokens": 2, "weights": 1, "states": 2, "lengths": 1}
