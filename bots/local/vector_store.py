"""Vectors of a bot's facts and questions, kept on disk by bots/local/array_store.py: in
`<cache>/vectors`, float32, a row of length 1 a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from loguru import logger

from bots.local.array_store import ArrayStore

FILES_KEPT = 4096
"""Two a bot and one a fact with questions, of 2 to 250 kB."""
UNIT_ERROR = 0.01
"""How far the length of a row may be from 1 before the file counts as damaged."""

Vectors = np.ndarray[Any, Any]
Reading = Literal["query", "passage"]


class VectorStore:
    """The folder of vectors. Every method blocks, none raises for a bad disk.

    Args:
        model: the name and version of what makes the vectors.
        cache: the folder that holds it beside the weights.
    """

    def __init__(self, model: str, cache: Path | None = None) -> None:
        self._store = ArrayStore("vectors", FILES_KEPT, cache)
        self.root = self._store.root
        self._model = model

    def fetch(self, reading: Reading, texts: Sequence[str]) -> Vectors | None:
        """The vectors of these texts, in their order, if they are kept and whole."""
        arrays = self._store.fetch([self._model, reading, *texts])
        if arrays is None:
            return None
        vectors = arrays.get("rows")
        if vectors is not None and vectors.ndim == 2 and len(vectors) == len(texts):
            lengths = np.linalg.norm(vectors, axis=1)
            if np.abs(lengths - 1.0).max() <= UNIT_ERROR:
                return vectors
        logger.info("Vectors kept on disk are damaged, they are made anew")
        return None

    def keep(self, reading: Reading, texts: Sequence[str], vectors: Vectors) -> None:
        """Have the vectors of these texts at the next start too."""
        self._store.keep([self._model, reading, *texts], rows=vectors.astype(np.float32))
