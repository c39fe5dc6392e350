"""Times and dates as English words: "9:30 a.m.", "11/21/2026", "the 80s"."""

from __future__ import annotations

import re

from bots.local.speakable.english_names import say_stop
from bots.local.speakable.english_tables import MONTH_NAMES, MONTHS
from bots.local.speakable.numerals import cardinal, ordinal, pair, year

_Match = re.Match[str]


def say_clock(hour: int, minute: int, half: str) -> str:
    if not half and (hour > 12 or hour == 0):
        half = "A" if hour in (0, 24) else "P"
    hour = (hour - 1) % 12 + 1
    said = cardinal(hour, "en")
    if minute:
        said += f" {pair(minute)}"
    elif not half:
        said += " o'clock"
    return said + (f" {half.upper()}M" if half else "")


def say_time(match: _Match) -> str:
    hour, minute, second, half = match.groups()
    said = say_clock(int(hour), int(minute), half or "")
    if second:
        said += f" and {cardinal(int(second), 'en')} second" + ("" if int(second) == 1 else "s")
    return said + say_stop(match)


def say_hour(match: _Match) -> str:
    return say_clock(int(match[1]), 0, match[2]) + say_stop(match)


def say_time_range(match: _Match) -> str:
    return f"{match[1]} to {match[2]}"


def say_written_year(text: str | None) -> str:
    return f", {year(int(text))}" if text else ""


def say_month_day(match: _Match) -> str:
    month, day, last, written = match.groups()
    if not 1 <= int(day) <= 31:
        return match[0]
    said = f"{MONTHS[month]} {ordinal(int(day), 'en')}"
    said += f" to {ordinal(int(last), 'en')}" if last else ""
    return said + say_written_year(written)


def say_day_month(match: _Match) -> str:
    day, month, written = match.groups()
    if not 1 <= int(day) <= 31:
        return match[0]
    return f"the {ordinal(int(day), 'en')} of {MONTHS[month]}{say_written_year(written)}"


def say_calendar(number: int, month: int, day: int, whole: str) -> str:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return whole
    said = f"{MONTH_NAMES[month - 1]} {ordinal(day, 'en')}"
    return said + (say_written_year(str(number)) if number else "")


def say_iso_date(match: _Match) -> str:
    return say_calendar(int(match[1]), int(match[2]), int(match[3]), match[0])


def say_slash_date(match: _Match) -> str:
    month, day, written = int(match[1]), int(match[2]), int(match[3])
    if month > 12:
        month, day = day, month
    return say_calendar(written + 2000 if written < 100 else written, month, day, match[0])


def say_decade(match: _Match) -> str:
    figures = match[1]
    said = year(int(figures)) if len(figures) == 4 else cardinal(int(figures), "en")
    return (said[:-1] + "ies") if said.endswith("y") else said + "s"
