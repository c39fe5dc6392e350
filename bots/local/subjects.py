"""What each of a bot's facts is about: its day, the kind of answer it holds, its thing; pure.

Used by bots/local/match.py, where a fact that is near in meaning or in words may still be of
another day, or give the price of another thing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from bots.local.asking import Kind, offered
from bots.local.lexicon import Word, share
from processors.relevance import content_words, days_named

HALF = 0.5
"""A fact that says this share of a question's words is about the same thing."""

_PRICED = re.compile(r"^(.{2,80}?) (?:costs?|takes?) (.*)")
_RELATIVE = re.compile(r" (?:that|which|who) ")


@dataclass(frozen=True)
class Subjects:
    """The subjects of facts, by their places."""

    facts: tuple[str, ...]
    language: str
    weekdays: tuple[str, ...]

    @cached_property
    def days(self) -> tuple[frozenset[str], ...]:
        """The weekdays that each fact names."""
        return tuple(days_named(fact, self.weekdays) for fact in self.facts)

    def by_kind(self, place: int, kind: Kind | None) -> int:
        """1 if a fact holds the kind of answer that is wanted, -1 if not, 0 if any will do."""
        if kind is None:
            return 0
        return 1 if kind in offered(self.facts[place], self.language) else -1

    def compared(
        self, order: Sequence[int], words: Sequence[Word], kind: Kind | None
    ) -> Sequence[int]:
        """The two facts that a comparison is between: together they say all, and neither alone."""
        if kind is None or not all(word.sayers for word in words):
            return ()
        held = [place for place in order if self.by_kind(place, kind) > 0 and share(words, place)]
        shares = [frozenset(word for word in words if place in word.sayers) for place in held]
        for second in range(1, len(held)):
            first = shares[0]
            if first | shares[second] == frozenset(words) and first - shares[second]:
                is_pair = bool(shares[second] - first)
                return (held[0], held[second]) if is_pair else ()
        return ()

    def is_about(self, place: int, words: Sequence[Word]) -> bool:
        """Whether the thing that the fact gives a price or a length of was named."""
        head, _ = self._subject(place)
        return not head or any(head in word.forms for word in words)

    def is_silent(self, order: Sequence[int], words: Sequence[Word], kind: Kind | None) -> bool:
        """Whether the wanted kind of answer is given of other things only."""
        if kind not in (Kind.PRICE, Kind.LENGTH, Kind.SIZE):
            return False
        best = order[0]
        if self.by_kind(best, kind) < 0:
            return all(
                share(words, place) < HALF for place in order if self.by_kind(place, kind) > 0
            )
        # "What does a new wheel cost?" is not about pads that cost so much a wheel.
        head, predicate = self._subject(best)
        return not self.is_about(best, words) and any(
            best in word.sayers and word.forms & predicate and head not in word.forms
            for word in words
        )

    def _subject(self, place: int) -> tuple[str, frozenset[str]]:
        """What a fact gives a price or a length of, in a word, and what else it says of it."""
        parts = _PRICED.match(self.facts[place])
        if parts is None:
            return "", frozenset()
        subject, predicate = parts.groups()
        words = content_words(_RELATIVE.split(subject)[0])
        own = frozenset(content_words(subject))
        return words[-1] if words else "", frozenset(content_words(predicate)) - own
