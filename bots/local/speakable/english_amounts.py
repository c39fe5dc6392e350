"""English amounts: money, measures, fractions, ranges and bare numbers."""

from __future__ import annotations

import re

from bots.local.speakable.english_calendar import say_calendar
from bots.local.speakable.english_tables import (
    CURRENCIES,
    FRACTIONS,
    ISO_CURRENCIES,
    MAGNITUDES,
    UNITS,
)
from bots.local.speakable.numerals import cardinal, decimal, digits, grouped, pair, year

_Match = re.Match[str]


def say_number(text: str) -> str:
    whole, _, fraction = text.replace(",", "").partition(".")
    return decimal(whole, fraction, "en")


def say_amount(number: str, name: str, magnitude: str | None) -> str:
    one, many, cent, cents = CURRENCIES[name]
    if magnitude:
        return f"{say_number(number)} {MAGNITUDES[magnitude.lower()]} {many}"
    whole, _, fraction = number.replace(",", "").partition(".")
    if not fraction.strip("0"):
        return f"{cardinal(int(whole), 'en')} {one if int(whole) == 1 else many}"
    if len(fraction) > 2 or not cent:
        return f"{say_number(number)} {many}"
    small = int(fraction.ljust(2, "0"))
    tail = f"{cardinal(small, 'en')} {cent if small == 1 else cents}"
    if int(whole) == 0:
        return tail
    return f"{cardinal(int(whole), 'en')} {one if int(whole) == 1 else many} and {tail}"


def say_money(match: _Match) -> str:
    minus, name, number, magnitude = match.groups()
    return ("minus " if minus else "") + say_amount(number, say_currency(name), magnitude)


def say_money_after(match: _Match) -> str:
    return say_amount(match[1], say_currency(match[2]), None)


def say_money_range(match: _Match) -> str:
    name, low, high, magnitude = match.groups()
    if "." in low or "." in high:
        first, last = say_amount(low, name, None), say_amount(high, name, magnitude)
        return f"{first} to {last}"
    return f"{say_number(low)} to {say_amount(high, name, magnitude)}"


def say_currency(name: str) -> str:
    return ISO_CURRENCIES.get(name.strip(), name.strip())


def say_cents(match: _Match) -> str:
    return f"{say_number(match[1])} {'cent' if match[1] == '1' else 'cents'}"


def say_percent(match: _Match) -> str:
    return f"{say_signed(match[1])} percent"


def say_degrees(match: _Match) -> str:
    scale = {"C": " Celsius", "F": " Fahrenheit"}.get((match[2] or "").upper(), "")
    return f"{say_signed(match[1])} degree{'' if match[1] == '1' else 's'}{scale}"


def say_inches(match: _Match) -> str:
    """A double quote after a number, unless it closes a quotation."""
    if match.string[: match.start()].count('"') % 2:
        return match[0]
    return f"{say_number(match[1])} inch{'' if match[1] == '1' else 'es'}"


def say_unit(match: _Match) -> str:
    one, many = UNITS[match[2]]
    return f"{say_signed(match[1])} {one if match[1] == '1' else many}"


def say_unit_range(match: _Match) -> str:
    return f"{say_number(match[1])} to {match[2]}"


def say_signed(text: str) -> str:
    return f"minus {say_number(text[1:])}" if text.startswith("-") else say_number(text)


def say_fraction(match: _Match) -> str:
    whole, top, bottom = match[1], int(match[2]), int(match[3])
    if top == bottom and not whole:
        return f"{cardinal(top, 'en')} {cardinal(bottom, 'en')}"
    if bottom not in FRACTIONS or not 0 < top < bottom:
        if not whole and 1 <= top <= 12 and 1 <= bottom <= 31:
            return say_calendar(0, top, bottom, match[0])
        lead = f"{cardinal(int(whole), 'en')} " if whole else ""
        return f"{lead}{cardinal(top, 'en')} {'slash' if bottom > 31 else 'over'} " + cardinal(
            bottom, "en"
        )
    one, many = FRACTIONS[bottom]
    part = f"{'a' if whole else 'one'} {one}" if top == 1 else f"{cardinal(top, 'en')} {many}"
    return f"{cardinal(int(whole), 'en')} and {part}" if whole else part


def say_house(match: _Match) -> str:
    number = int(match[1])
    if number < 100 or match[1][0] == "0":
        return match[0]
    if number < 1000:
        high, low = divmod(number, 100)
        return f"{cardinal(high, 'en')} {pair(low) if low else 'hundred'}{match[2]}"
    return f"{year(number) if number < 10000 else digits(match[1], 'en')}{match[2]}"


def say_range(match: _Match) -> str:
    return f"{say_bare(match[1])} to {say_bare(match[2])}"


def say_bare(text: str) -> str:
    if text[0] == "0" and len(text) > 1:
        return digits(text, "en")
    if len(text) == 4 and 1100 <= int(text) <= 2099:
        return year(int(text))
    if len(text) > 6 and not text.endswith("000"):
        return grouped(text, "en")
    return cardinal(int(text), "en")


def say_plain(match: _Match) -> str:
    text = match[2]
    said = say_bare(text) if text.isdecimal() else say_number(text)
    return f"minus {said}" if match[1] else said


def say_dotted(text: str) -> str:
    return " point ".join(cardinal(int(part), "en") for part in text.split("."))


def say_feet(match: _Match) -> str:
    return f"{cardinal(int(match[1]), 'en')} foot {cardinal(int(match[2]), 'en')}"
