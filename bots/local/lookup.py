"""Looks up what a bot's facts have on a caller's last words; asked by bots/local/brain.py.

A follow-up ("And on Sunday?", "How long does it take?") is looked up with the question it leans on,
and by itself too where it may stand alone, and "tomorrow" as the weekday that it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from bots.facts import Brief
from bots.local.asking import Kind, wanted
from bots.local.hours import hours_of
from bots.local.knowledge import Knowledge
from bots.local.match import Match, find_match
from bots.local.question import Asked, Likeness
from bots.local.recall import Recall
from bots.wording import wording
from processors.relevance import days_named

SHORT_WORDS = 6
"""Up to so many words that name nothing, a question leans on the one before."""
SHORT_WITH_DAY = 3
"""The same where a weekday is all that is named: "On Sunday?", not "Are you open on Sunday?"."""


def knowledge_of(told: Brief) -> Knowledge:
    """A bot's facts, taken apart."""
    weekdays = wording(told.language).weekdays
    return Knowledge(told.facts, told.language, weekdays, told.character, told.asked)


class Lookup:
    """What one bot knows, for one call."""

    def __init__(self, told: Brief, recall: Recall | None = None) -> None:
        """Look up in the facts of `told`, by sense too where there is a `recall`."""
        self._knowledge = knowledge_of(told)
        self._language = told.language
        self._recall = recall
        self._hours = hours_of(self._knowledge.subjects)

    async def find(self, questions: Sequence[str], now: datetime) -> Match:
        """What the facts have on the last of a call's `questions`, asked at `now`."""
        if not questions or not self._knowledge.facts:
            return Match()
        asked = self.asked(questions, now)
        found = await self._find(asked)
        if found.is_sure or not self._may_stand_alone(asked):
            return found
        alone = await self._find(self.asked(questions[-1:], now))
        return alone if alone.is_sure or alone.best_chance > found.best_chance else found

    async def _find(self, asked: Asked) -> Match:
        if self._recall is None:
            return find_match(self._knowledge, asked, Likeness())
        likeness = await self._recall.likeness(self._knowledge, asked)
        return find_match(self._knowledge, asked, likeness)

    def _may_stand_alone(self, asked: Asked) -> bool:
        """Whether a question that seems to lean on another may yet be whole: "Is there a bus that
        goes to you?" says "that", and names its thing."""
        found = self._leaning(asked.text)
        return bool(asked.before and found and found.start() > 0) and bool(
            self._knowledge.lexicon.contents(asked.text)
        )

    def asked(self, questions: Sequence[str], now: datetime) -> Asked:
        """The last question with what it leans on, and the days it is about."""
        words = wording(self._language)
        text, before = questions[-1], ""
        if self.leans(text, now):
            # The question before may itself lean on the one before that: "And on Sunday?"
            for earlier in reversed(questions[-3:-1]):
                before = f"{earlier} {before}".strip()
                if not self.leans(earlier, now):
                    break
        days = self._days(text, now)
        for earlier in reversed(questions[-3:-1] if before else ()):
            days = days or self._days(earlier, now)
            if days and re.search(rf"\b(?:{words.day_after})\b", text, re.I):
                names = words.weekdays
                days = frozenset(names[(names.index(day) + 1) % 7] for day in days)
                break
        return Asked(text, before, days, self._resolved(f"{before} {text}".strip(), days))

    def leans(self, text: str, now: datetime) -> bool:
        """Whether a question is about what was talked of: it says "it", or names nothing."""
        found = self._leaning(text)
        if found and not (found.start() == 0 and self._stands_alone(text[found.end() :])):
            return True
        if wanted(text, self._language) is Kind.PLACE:  # "Where are you?" names all it needs
            return False
        short = SHORT_WITH_DAY if self._days(text, now) else SHORT_WORDS
        return len(text.split()) <= short and not self._knowledge.lexicon.contents(text)

    def _leaning(self, text: str) -> re.Match[str] | None:
        """The first word that may mean what was talked of: "And", "it", "that"."""
        return re.search(wording(self._language).leaning, text, re.I)

    def _stands_alone(self, rest: str) -> bool:
        """Whether what follows "And" is a whole question: it names its thing, and what it asks."""
        return (
            not self._leaning(rest)
            and wanted(rest, self._language) is not None
            and bool(self._knowledge.lexicon.contents(rest))
        )

    def _days(self, text: str, now: datetime) -> frozenset[str]:
        """The weekdays that `text` names, or means by "today" and "tomorrow"."""
        words = wording(self._language)
        named = days_named(text, words.weekdays)
        if re.search(rf"\b(?:{words.weekend})\b", text, re.I):
            named |= frozenset(words.weekdays[5:])
        if (relative := self._relative(text)) is None:
            return named or self._hours.meant(text)
        _, ahead = relative
        if ahead or not named:
            named |= {words.weekdays[(now.weekday() + ahead) % 7]}
        return named

    def _relative(self, text: str) -> tuple[str, int] | None:
        """What names a day by its distance, as a pattern, and how many days it is ahead."""
        words = wording(self._language)
        for pattern, ahead in (
            (words.after_tomorrow, 2),
            (words.tomorrow, 1),
            (words.today_words, 0),
        ):
            if re.search(rf"\b(?:{pattern})\b", text, re.I):
                return pattern, ahead
        return None

    def _resolved(self, text: str, days: frozenset[str]) -> str:
        """`text` with the one day it is about by name: sentence models know no calendar."""
        words = wording(self._language)
        if not self._language.startswith("en") or len(days) != 1:
            return text
        (day,) = days
        if day in days_named(text, words.weekdays):
            return text
        if (relative := self._relative(text)) is None:
            return f"{text} On {day}."
        return re.sub(rf"\b(?:{relative[0]})\b", f"on {day}", text, count=1, flags=re.I)
