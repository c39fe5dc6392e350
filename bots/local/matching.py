"""How well each fact answers a question by the tuned sentence model; bots/local/recall.py asks.

All facts are held against the question as they were read at boot (bots/local/told.py); the
likeliest are then read once more together with it (bots/local/reranker.py).

The model was tuned on English questions about businesses, so other bots do without. So does a
machine without its weights, and a copy of Offhook without what tuning made of them: facts are then
found as bots/local/recall.py and shared words find them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from loguru import logger

from bots.errors import WeightsError
from bots.local import weights
from bots.local.knowledge import Knowledge
from bots.local.last_used import LastUsed
from bots.local.question import Asked
from bots.local.reading_store import ReadingStore, halved
from bots.local.reranker import MOST_FACTS, Reranker
from bots.local.sentences import TUNED, Read, Sentences, Side
from bots.local.store import sha256_of
from bots.local.tensors import Array
from bots.local.told import Sheet, Told, score, stack

LANGUAGE = "en"
WEIGHTS = "minilm"
KEPT = 2048
"""Sets of texts that are kept as read: the facts of a bot are one, the questions under a fact one;
about 50 kB a set."""
LESS = 3.0
"""In nats, a fact that is not among the likeliest against the last of those."""
LEAST = -10.0
"""The log probability below which it makes no difference."""
SHEETS_KEPT = 64
"""Bots whose facts are kept side by side: those in service, and a few versions before them."""

Group = tuple[Side, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Matched:
    """What the model says of a question."""

    told: Told
    """Of every fact, read apart from the question."""
    ranked: Told
    """Of every fact, the likeliest of them read together with the question: log probabilities."""


class Matcher:
    """The tuned model of this process, and what it read of its bots. `read` and `told` block, and
    are called from one thread.

    Args:
        model: what reads texts apart.
        reranker: what reads a question with the likeliest facts.
        store: what is read of a bot is had from here, and kept here for the next start.
    """

    def __init__(
        self, model: Sentences, reranker: Reranker, store: ReadingStore | None = None
    ) -> None:
        self._model = model
        self._reranker = reranker
        self._store = store
        self._groups = LastUsed[Group, list[Read]](KEPT)
        self._sheets = LastUsed[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]], Sheet](
            SHEETS_KEPT
        )

    def unread(self, known: Knowledge) -> list[Group]:
        """What of a bot's facts and the questions under them is yet to be read: 6 ms a text, or
        none for what a start before has read."""
        return [group for group in _groups(known) if group not in self._groups]

    def read(self, group: Group) -> None:
        """Read some of a bot's texts."""
        side, texts = group
        read = None if self._store is None else self._store.fetch(side, texts)
        if read is None:
            read = halved(self._model.read(texts, side))
            if self._store is not None:
                self._store.keep(side, texts, read)
        self._groups[group] = read

    def matched(self, known: Knowledge, asked: Asked) -> Matched | None:
        """How well each fact answers; None until all of a bot is read."""
        sheet = self._sheet(known)
        if sheet is None:
            return None
        (question,) = self._model.read([asked.whole], Side.QUESTION)
        told = score(question, sheet, self._model.scales)
        places = np.argsort(-told.facts, kind="stable")[:MOST_FACTS]
        few = self._reranker.rank(question.states, [sheet.states[place] for place in places])
        return Matched(told, spread(few, places, len(known.facts)))

    def _sheet(self, known: Knowledge) -> Sheet | None:
        key = known.facts, known.asked
        if (sheet := self._sheets.get(key)) is not None:
            return sheet
        facts = self._groups.get((Side.FACT, known.facts))
        if facts is None or not _groups(known) or self.unread(known):
            return None
        under = (self._groups.get((Side.PHRASING, questions)) for questions in known.asked)
        sheet = stack(facts, [questions or [] for questions in under])
        self._sheets[key] = sheet
        return sheet


def spread(few: Told, places: Array, count: int) -> Told:
    """What is told of the facts at some `places` as log probabilities of all `count` facts: one
    that was not read is LESS likely than the least likely of those that were."""
    least = min(few.facts.min(), few.unknown) - LESS
    facts = np.full(count, least, np.float32)
    facts[places] = few.facts
    total = float(np.logaddexp.reduce(np.append(facts, few.unknown)))
    return Told(np.maximum(facts - total, LEAST), max(few.unknown - total, LEAST))


def _groups(known: Knowledge) -> list[Group]:
    if known.language != LANGUAGE or not known.facts:
        return []
    under = ((Side.PHRASING, questions) for questions in known.asked if questions)
    return [(Side.FACT, known.facts), *under]


def helps(language: str) -> bool:
    """Whether a bot that knows facts in `language` is better off with the weights."""
    return language == LANGUAGE and TUNED.is_file()


def load_matcher() -> Matcher | None:
    """Load the tuned model (0.2 s, 120 MB), None where a part of it is missing."""
    if not TUNED.is_file():
        return None
    try:
        folder = weights.path(WEIGHTS)
        model, reranker = Sentences.load(folder, TUNED), Reranker.load(folder, TUNED)
        hashes = [file.sha256 for file in weights.WEIGHTS[WEIGHTS].files]
        return Matcher(model, reranker, ReadingStore(" ".join([*hashes, sha256_of(TUNED)])))
    except (WeightsError, OSError, ValueError, KeyError) as error:
        logger.info("Facts are found without the tuned sentence model: {}", error)
        return None
