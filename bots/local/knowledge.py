"""A bot's facts, taken apart for matching; pure, used by bots/local/match.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from bots.local.asking import Kind, wanted
from bots.local.lexicon import Lexicon
from bots.local.question import Asked
from bots.local.subjects import Subjects
from bots.phrasing import bare


@dataclass(frozen=True)
class Knowledge:
    """A bot's facts, and how callers ask for them."""

    facts: tuple[str, ...]
    language: str = "en"
    weekdays: tuple[str, ...] = ()
    character: str = ""
    """The bot's prompt: its words are known, but answer nothing."""
    asked: tuple[tuple[str, ...], ...] = ()
    """Of each of the `facts`, in their order, how callers ask for it; empty where nobody said."""

    @cached_property
    def lexicon(self) -> Lexicon:
        """The words of the facts."""
        return Lexicon(self.facts, self.weekdays, self.character)

    @cached_property
    def subjects(self) -> Subjects:
        """What each fact is about."""
        return Subjects(self.facts, self.language, self.weekdays)

    def strange_words(self, asked: Asked) -> tuple[str, ...]:
        """The words of a question that no fact has, which may mean the same as one that does."""
        words = dict.fromkeys(
            [*self.lexicon.contents(asked.text), *self.lexicon.contents(asked.before)]
        )
        return tuple(word for word in words if not self.lexicon.said(word).sayers)

    def kind(self, asked: Asked) -> Kind | None:
        """The kind of answer that is wanted, None where any will do."""
        return wanted(asked.text, self.language) or wanted(asked.before, self.language)

    def asked_word_for_word(self, asked: Asked) -> int | None:
        """The fact whose author has this very question under it."""
        place = self._questions.get(bare(asked.text, self.language))
        if place is None or (asked.before and not self.lexicon.contents(asked.text)):
            return None  # "How long does it take?" is about what was talked of before
        days = self.subjects.days[place]
        return place if not asked.days or not days or asked.days & days else None

    @cached_property
    def _questions(self) -> Mapping[str, int]:
        return {
            words: place
            for place, questions in enumerate(self.asked)
            for question in questions
            if (words := bare(question, self.language))
        }
