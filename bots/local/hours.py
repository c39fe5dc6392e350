"""Which weekdays a question means that asks for one by the hours; pure, asked by lookup.py.

"Which day are you closed?" and "Is there an evening when you stay open longer?" name no day, and
all facts about hours are equally near to them. The hours themselves tell which day is meant. In
English only; in other languages no day is meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bots.local.subjects import Subjects
from processors.spoken_numbers import mentions

_SPAN = re.compile(r"\bopens?\b[^,.;]*? from (.+?) to (.+?)[.,;]*$", re.I)
_CLOSED = re.compile(r"\b(?:is|are|stays?) (?:closed|shut)\b", re.I)
_NOON, _DAY = 12 * 60, 24 * 60

_WHICH = r"\b(?:which|what|any|some|one|a|an|every|is there|are there|do you ever|ever)\b"
_SHUT = re.compile(
    rf"{_WHICH}.*\bdays?\b.*\b(?:closed|shut|not open)\b(?! (?:for|at|from|between)\b)"
    r"|\byou (?:ever )?(?:closed|shut)\b.*\b(?:any|which|what|some) days?\b"
    r"|\bwhen are you (?:closed|shut)\b",
    re.I,
)
_LATE = re.compile(
    rf"{_WHICH}.*\b(?:open|stay|there|come|in|by)\b.*\b(?:late|later|longer|evenings?|after work)\b"
    rf"|{_WHICH}.*\b(?:evenings?|late (?:day|night))\b.*\b(?:open|there|come|visit|in)\b"
    r"|\b(?:open|come|visit)\b.*\b(?:late|later|in the evenings?)\b.*\b(?:any|which|some|ever)\b"
    r"|\b(?:open|stay) (?:the )?latest\b",
    re.I,
)
_EARLY_END = re.compile(r"\b(?:clos\w+|shut\w*|finish\w*) (?:early|earlier|earliest)\b", re.I)
_EARLY_START = re.compile(r"\bopen\w* (?:early|earlier|earliest)\b", re.I)
_LONGEST = re.compile(r"\bopen (?:the )?longest\b|\blongest (?:day|hours)\b", re.I)


@dataclass(frozen=True, slots=True)
class Hours:
    """When a house is open, by its weekdays' names."""

    closed: frozenset[str]
    spans: Mapping[str, tuple[int, int]]
    """From when to when, in minutes from midnight."""

    def meant(self, question: str) -> frozenset[str]:
        """The days that `question` asks for by the hours; none where it does not, or where every
        day is alike."""
        if _SHUT.search(question):
            return self.closed
        for asks, measure in _MEASURES:
            if asks.search(question):
                return self._outstanding(measure)
        return frozenset()

    def _outstanding(self, measure: Callable[[tuple[int, int]], int]) -> frozenset[str]:
        values = {day: measure(span) for day, span in self.spans.items()}
        if len(set(values.values())) < 2:
            return frozenset()
        most = max(values.values())
        return frozenset(day for day, value in values.items() if value == most)


_MEASURES: tuple[tuple[re.Pattern[str], Callable[[tuple[int, int]], int]], ...] = (
    (_LONGEST, lambda span: span[1] - span[0]),
    (_EARLY_END, lambda span: -span[1]),
    (_EARLY_START, lambda span: -span[0]),
    (_LATE, lambda span: span[1]),
)


def hours_of(subjects: Subjects) -> Hours:
    """The hours that facts tell, each of one weekday."""
    closed: set[str] = set()
    spans: dict[str, tuple[int, int]] = {}
    told: list[str] = []
    if not subjects.language.startswith("en"):
        return Hours(frozenset(), {})
    for fact, days in zip(subjects.facts, subjects.days, strict=True):
        if len(days) != 1:
            continue
        (day,) = days
        found = _SPAN.search(fact)
        if found and (span := _span(found[1], found[2], subjects.language)):
            told.append(day)
            spans[day] = span
        elif _CLOSED.search(fact):
            told.append(day)
            closed.add(day)
    if len(told) > len(set(told)):
        # Of several things, a kitchen and a bar: which one is asked for is not known.
        return Hours(frozenset(), {})
    return Hours(frozenset(closed), spans)


def _span(start: str, end: str, language: str) -> tuple[int, int] | None:
    first, last = (_minutes(text, language) for text in (start, end))
    if first is None or last is None:
        return None
    return (first, last) if last > first else (first, last + _DAY)  # "to two in the morning"


def _minutes(text: str, language: str) -> int | None:
    """A time of day in minutes from midnight; None without morning, afternoon or the like."""
    for mention in mentions(text, language):
        times = [key[1:] for key in mention.keys if key[0] == "time" and key[-1] in ("am", "pm")]
        if len(times) == 1:
            hour, minute, half = (str(part) for part in times[0])
            return int(hour) % 12 * 60 + int(minute) + (_NOON if half == "pm" else 0)
    return None
