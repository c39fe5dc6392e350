"""Numbers as words in the five languages of the local voices, for the rules of each."""

from __future__ import annotations

import re
from functools import lru_cache

from num2words import num2words

# Past this a number is a string of digits to any listener, and num2words has no name for it.
_MAX_DIGITS = 15

_POINT = {"en": "point", "es": "coma", "fr": "virgule", "it": "virgola", "pt": "vírgula"}
_MINUS = {"en": "minus", "es": "menos", "fr": "moins", "it": "meno", "pt": "menos"}


@lru_cache(maxsize=4096)
def cardinal(number: int, language: str) -> str:
    """`number` as a count: 1250 -> "one thousand two hundred fifty"."""
    if number < 0:
        return f"{_MINUS[language]} {cardinal(-number, language)}"
    if number >= 10**_MAX_DIGITS:
        return digits(str(number), language)
    return _american(str(num2words(number, lang=_dialect(language))), language)


@lru_cache(maxsize=1024)
def ordinal(number: int, language: str) -> str:
    """`number` as a rank: 21 -> "twenty-first"."""
    if number >= 10**_MAX_DIGITS:
        return digits(str(number), language)
    return _american(str(num2words(number, lang=_dialect(language), to="ordinal")), language)


def year(number: int) -> str:
    """An English year or house number in pairs: 1999 -> "nineteen ninety-nine", 2026, 1200."""
    if 2000 <= number <= 2009:
        return cardinal(number, "en")
    high, low = divmod(number, 100)
    if high % 10 == 0 and low < 10:
        return cardinal(number, "en")
    return f"{cardinal(high, 'en')} {pair(low) if low else 'hundred'}"


def pair(number: int) -> str:
    """The last two figures of a time or a year: 5 -> "oh five", 30 -> "thirty"."""
    return f"oh {cardinal(number, 'en')}" if number < 10 else cardinal(number, "en")


def digits(text: str, language: str) -> str:
    """Each digit of `text` by itself: "4471" -> "four four seven one"."""
    return " ".join(cardinal(int(char), language) for char in text if char.isdecimal())


def grouped(text: str, language: str) -> str:
    """A long number read out: digit by digit, a short pause between groups of about three."""
    figures = "".join(char for char in text if char.isdecimal())
    if len(figures) == 10:
        groups = [figures[:3], figures[3:6], figures[6:]]
    elif len(figures) <= 4:
        groups = [figures]
    else:
        groups = re.findall(r"\d{1,3}(?=(?:\d{3})*$)", figures)
    return ", ".join(digits(group, language) for group in groups)


def decimal(whole: str, fraction: str, language: str) -> str:
    """A number with a fraction: ("3", "14") -> "three point one four"."""
    words = cardinal(int(whole), language)
    if not fraction:
        return words
    if language == "en" or fraction.startswith("0") or len(fraction) > 2:
        tail = digits(fraction, language)
    else:
        tail = cardinal(int(fraction), language)
    return f"{words} {_POINT[language]} {tail}"


def _dialect(language: str) -> str:
    return "pt_BR" if language == "pt" else language


def _american(words: str, language: str) -> str:
    if language != "en":
        return words
    return words.replace(" and ", " ").replace(",", "")
