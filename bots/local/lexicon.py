"""The words of a bot's facts: who says which, and what a word of a question counts; pure.

bots/local/match.py weighs questions by it, bots/local/recall.py finds the words that mean the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from bots.local.asking import is_asking
from processors.relevance import content_words, days_named, stem

BEFORE_SHARE = 0.4
"""What a word of the question before counts, as a share of one of this question."""
COMMON = 0.25
"""A word that this share of the facts has tells them not apart: "the practice"."""

_NO_WORDS: Mapping[str, frozenset[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question: what it counts, and what it means."""

    weight: float
    sayers: frozenset[int]
    """The places of the facts that say it."""
    forms: frozenset[str]
    """How they do."""


@dataclass(frozen=True)
class Lexicon:
    """The words of one bot's facts."""

    facts: tuple[str, ...]
    weekdays: tuple[str, ...] = ()
    character: str = ""
    """The bot's prompt: its words are known, but answer nothing."""

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        """The words of the facts that tell them apart."""
        return tuple(word for word, places in self._places.items() if not self._is_common(places))

    @cached_property
    def words(self) -> tuple[frozenset[str], ...]:
        """Of each fact, the words that say something."""
        return tuple(frozenset(content_words(fact)) for fact in self.facts)

    def contents(self, text: str) -> list[str]:
        """The words of a question that say what it is about."""
        return [
            word
            for word in dict.fromkeys(content_words(text))
            if not is_asking(word)
            and not days_named(word, self.weekdays)
            and not self._is_common(self.said(word).sayers)
        ]

    def said(self, word: str, alike: Mapping[str, frozenset[str]] = _NO_WORDS) -> Word:
        """Who says `word`: literally if anybody does, else by its stem, else one that is alike."""
        forms = frozenset({word, f"{word}s", word.removesuffix("s")})
        sayers = self._with(forms)
        if not sayers:
            forms = self._by_stem.get(stem(word)) or alike.get(word, frozenset())
            sayers = self._with(forms)
        is_known = not sayers and stem(word) in self._character
        weight = 0.0 if is_known else math.log(1 + len(self.facts) / (1 + len(sayers)))
        return Word(weight, sayers, forms)

    def heard(self, text: str, alike: Mapping[str, frozenset[str]]) -> list[Word]:
        """The words of a question that count; `alike` has others that mean the same."""
        words = (self.said(word, alike) for word in self.contents(text))
        return [word for word in words if word.weight]

    def _is_common(self, sayers: frozenset[int]) -> bool:
        return len(sayers) > max(3, COMMON * len(self.facts))

    def _with(self, words: Iterable[str]) -> frozenset[int]:
        nobody = frozenset[int]()
        return nobody.union(*(self._places.get(word, nobody) for word in words))

    @cached_property
    def _places(self) -> Mapping[str, frozenset[int]]:
        """Each word of the facts, with the places of those that have it."""
        every = sorted({word for words in self.words for word in words})
        return {
            word: frozenset(place for place, own in enumerate(self.words) if word in own)
            for word in every
        }

    @cached_property
    def _by_stem(self) -> Mapping[str, frozenset[str]]:
        """Each stem of the facts, with its words."""
        found: dict[str, frozenset[str]] = {}
        for word in self._places:
            found[stem(word)] = found.get(stem(word), frozenset()) | {word}
        return found

    @cached_property
    def _character(self) -> frozenset[str]:
        return frozenset(map(stem, content_words(self.character)))


def share(words: Sequence[Word], place: int, before: Sequence[Word] = ()) -> float:
    """How much of the words' weight one fact says, 0 to 1; words of `before` count less."""
    counted = [*((word, 1.0) for word in words), *((word, BEFORE_SHARE) for word in before)]
    total = sum(word.weight * count for word, count in counted)
    said = sum(word.weight * count for word, count in counted if place in word.sayers)
    return said / total if total else 0.0
