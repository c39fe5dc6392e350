"""Vectors of a bot's facts and questions, kept on disk from one start of the server to the next.

    <cache>/vectors/<key>.npy       float32, a row of length 1 a text

The key is a hash of the texts, of how they were read and by which version of the model. A file is
moved into place whole. It holds no text, yet what a text is about can be told from its vector; so
the folder is open to its owner alone. A caller's words are never kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from loguru import logger

from bots.local.store import cache_root

FILES_KEPT = 4096
"""Two a bot and one a fact with questions, of 2 to 250 kB; past that, what was used longest ago
goes."""
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
        self.root = (cache or cache_root()) / "vectors"
        self._model = model

    def fetch(self, reading: Reading, texts: Sequence[str]) -> Vectors | None:
        """The vectors of these texts, in their order, if they are kept and whole."""
        place = self._place(reading, texts)
        try:
            vectors: Vectors = np.load(place, allow_pickle=False)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, EOFError) as error:
            logger.info("Vectors kept on disk cannot be had, they are made anew: {}", error)
            return None
        is_whole = vectors.ndim == 2 and len(vectors) == len(texts)
        if not is_whole or np.abs(np.linalg.norm(vectors, axis=1) - 1.0).max() > UNIT_ERROR:
            logger.info("Vectors kept on disk are damaged, they are made anew: {}", place.name)
            return None
        with contextlib.suppress(OSError):  # a cache that is read-only serves as well
            os.utime(place)
        return vectors

    def keep(self, reading: Reading, texts: Sequence[str], vectors: Vectors) -> None:
        """Have the vectors of these texts at the next start too."""
        place = self._place(reading, texts)
        draft = place.with_suffix(f".{os.getpid()}")
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self.root.chmod(0o700)
            with draft.open("wb") as file:
                np.save(file, vectors.astype(np.float32), allow_pickle=False)
            draft.replace(place)
            self._forget_oldest()
        except OSError as error:
            logger.info("Vectors cannot be kept on disk, the next start makes them anew: {}", error)
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)

    def _place(self, reading: Reading, texts: Sequence[str]) -> Path:
        parts = json.dumps([self._model, reading, *texts])
        return self.root / f"{hashlib.sha256(parts.encode()).hexdigest()[:32]}.npy"

    def _forget_oldest(self) -> None:
        files = sorted(self.root.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in files[FILES_KEPT:]:
            path.unlink(missing_ok=True)
