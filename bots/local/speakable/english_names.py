"""English abbreviations in full: titles, streets, weekdays and the usual short forms."""

from __future__ import annotations

import re

from bots.local.speakable.english_tables import ABBREVIATIONS, ADDRESS_WORDS, TITLES, WEEKDAYS

_Match = re.Match[str]


def say_stop(match: _Match) -> str:
    """The full stop of a token whose last dot also ends the sentence: "at 12 Main St."."""
    rest = match.string[match.end() :]
    ends = match[0].endswith(".") and (not rest.strip() or re.match(r'\s+["\']?[A-Z]', rest))
    return "." if ends else ""


def say_abbreviation(match: _Match) -> str:
    return ABBREVIATIONS[match[1].lower()] + say_stop(match)


def say_title(match: _Match) -> str:
    return f"{TITLES[match[1]]} "


def say_street(match: _Match) -> str:
    return f"{match[1]}{ADDRESS_WORDS[match[2]]}{say_stop(match)}"


def say_weekday(match: _Match) -> str:
    return WEEKDAYS[match[1] or match[2]] + say_stop(match)
