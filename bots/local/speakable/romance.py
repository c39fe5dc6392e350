"""Spanish, French, Italian and Portuguese read aloud: one set of rules, a table of words for each.

Decimal comma, day before month, the 24-hour clock. Gender is kept where the ear would trip (the
hours), not everywhere.
"""

from __future__ import annotations

import re
from functools import cache

from bots.local.speakable.numerals import cardinal, decimal, digits, ordinal
from bots.local.speakable.patterns import CODE, DASH, any_of, uncaptured
from bots.local.speakable.romance_tables import TONGUES, Tongue

LANGUAGES = tuple(TONGUES)

_Match = re.Match[str]

_NUM = r"\d{1,3}(?:[. \u202f]\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?"
_CURRENCY = r"US\$|R\$|[$€£]|EUR\b|USD\b|GBP\b|BRL\b"


def words(text: str, language: str) -> str:
    """`text` with figures, addresses and abbreviations as words of `language`."""
    return _Reader(TONGUES[language]).read(text)


class _Reader:
    """The rules in the words of one tongue; holds no state between texts."""

    def __init__(self, tongue: Tongue) -> None:
        self.tongue = tongue
        self.code = tongue.code

    def read(self, text: str) -> str:
        patterns = _patterns(self.code)
        for name, pattern in patterns:
            text = pattern.sub(getattr(self, name), text)
        return text

    # -- addresses, phones, codes
    def host(self, text: str) -> str:
        parts: list[str] = re.findall(r"\d+|[^\W\d_]+|[^\w]|_", text)
        said: list[str] = [
            digits(part, self.code) if part.isdecimal() else self.tongue.symbols.get(part, part)
            for part in parts
        ]
        return " ".join(" ".join(said).split())

    def email(self, match: _Match) -> str:
        return f"{self.host(match[1])} {self.tongue.symbols['@']} {self.host(match[2])}"

    def url(self, match: _Match) -> str:
        return self.host(match[1].rstrip("/"))

    def phone(self, match: _Match) -> str:
        groups = re.findall(r"\d+", match[0])
        said = ", ".join(self._phone_group(group) for group in groups)
        return f"{self.tongue.symbols['+']} {said}" if match[0].startswith("+") else said

    def _phone_group(self, group: str) -> str:
        paired = self.tongue.phone_in_pairs and len(group) == 2 and group[0] != "0"
        return cardinal(int(group), self.code) if paired else digits(group, self.code)

    def token(self, match: _Match) -> str:
        parts = re.findall(r"\d+|[^\W\d_]+", match[0])
        said = []
        for part in parts:
            if part.isdecimal():
                short = len(part) < 3 and part[0] != "0"
                said.append(cardinal(int(part), self.code) if short else digits(part, self.code))
            else:
                spelled = part.isupper() and len(part) < 5
                said.append(" ".join(part) if spelled else part)
        return (", " if len(match[0]) > 3 else " ").join(said)

    # -- times and dates
    def time(self, match: _Match) -> str:
        hour, minute = int(match[1]), int(match[2] or 0)
        said = self.tongue.hour(hour)
        if not minute:
            return said
        if self.code == "pt":
            said = said.rsplit(" ", 1)[0]
        half = self.tongue.half if minute == 30 and hour <= 12 else ""
        return f"{said} {half or self.tongue.minutes(cardinal(minute, self.code))}"

    def time_range(self, match: _Match) -> str:
        return f"{match[1]} {self.tongue.to} "

    def date(self, match: _Match) -> str:
        day, month, year = int(match[1]), int(match[2]), int(match[3])
        if not (1 <= day <= 31 and 1 <= month <= 12):
            return match[0]
        return self._calendar(day, self.tongue.months[month - 1], year)

    def iso_date(self, match: _Match) -> str:
        year, month, day = int(match[1]), int(match[2]), int(match[3])
        if not (1 <= day <= 31 and 1 <= month <= 12):
            return match[0]
        return self._calendar(day, self.tongue.months[month - 1], year)

    def day_month(self, match: _Match) -> str:
        day = int(match[1])
        if not 1 <= day <= 31:
            return match[0]
        first = self.tongue.first if day == 1 else cardinal(day, self.code)
        return f"{first}{match[2]}"

    def _calendar(self, day: int, month: str, year: int) -> str:
        first = self.tongue.first if day == 1 else cardinal(day, self.code)
        joint = self.tongue.date_joint
        full = year + 2000 if year < 100 else year
        return f"{first}{joint}{month}{joint}{cardinal(full, self.code)}"

    # -- money and measures
    def money(self, match: _Match) -> str:
        return self._amount(match[2], match[1])

    def money_after(self, match: _Match) -> str:
        return self._amount(match[1], match[2])

    def _amount(self, number: str, symbol: str) -> str:
        one, many, cents = self.tongue.currencies[symbol.strip()]
        whole, fraction = self._parts(number)
        name = one if int(whole) == 1 else many
        said = f"{cardinal(int(whole), self.code)} {name}"
        if not fraction.strip("0"):
            return said
        small = cardinal(int(fraction[:2].ljust(2, "0")), self.code)
        if int(whole) == 0:
            return f"{small} {cents}"
        return f"{said} {self.tongue.money_joint} {small}" + (
            "" if self.code == "fr" else f" {cents}"
        )

    def percent(self, match: _Match) -> str:
        return f"{self._number(match[1])} {self.tongue.percent}"

    def degrees(self, match: _Match) -> str:
        return f"{self._number(match[1])} {self.tongue.degrees}"

    def unit(self, match: _Match) -> str:
        one, many = self.tongue.units[match[2]]
        return f"{self._number(match[1])} {one if match[1] == '1' else many}"

    # -- plain
    def abbreviation(self, match: _Match) -> str:
        return self.tongue.abbreviations[match[1].lower()]

    def rank(self, match: _Match) -> str:
        word = ordinal(int(match[1]), self.code)
        if match[2][-1] in "aªA" and word.endswith("o"):
            return word[:-1] + "a"
        return word

    def range(self, match: _Match) -> str:
        first, last = (self._number(part) for part in match.groups())
        return f"{first} {self.tongue.to} {last}"

    def number(self, match: _Match) -> str:
        minus = f"{self.tongue.minus} " if match[1] else ""
        return minus + self._number(match[2])

    def leftover(self, match: _Match) -> str:
        return f" {digits(match[0], self.code)} "

    def symbol(self, match: _Match) -> str:
        return f" {self.tongue.said[match[0].strip()]} "

    def _number(self, text: str) -> str:
        whole, fraction = self._parts(text)
        if not fraction and len(whole) > 1 and (whole[0] == "0" or len(whole) > 7):
            return digits(whole, self.code)
        return decimal(whole, fraction, self.code)

    @staticmethod
    def _parts(text: str) -> tuple[str, str]:
        """The whole part and the fraction; a point before exactly three digits parts thousands."""
        text = text.replace(" ", "").replace("\u202f", "")
        if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", text):
            text = text.replace(".", "")
        whole, _, fraction = text.replace(",", ".").partition(".")
        return whole, fraction


@cache
def _patterns(code: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    tongue = TONGUES[code]
    clock = r"([01]?\d|2[0-4])(?::|\s?h\s?)([0-5]\d)(?:\s?h\b)?(?![\d:])"
    rules: list[tuple[str, str]] = [
        ("email", r"\b([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)"),
        ("url", r"\b(?:https?://(?:www\.)?|www\.)([^\s,;!?)]*[\w/])"),
        (
            "url",
            r"\b([a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|es|fr|it|pt|br|mx|eu|io)"
            r"(?:/[\w./-]*\w)?)\b",
        ),
        ("iso_date", r"(?<![\w-])([12]\d{3})-(\d{2})-(\d{2})(?![\w-])"),
        ("date", r"(?<![\w/])(\d{1,2})/(\d{1,2})/([12]\d{3}|\d{2})(?![\w/])"),
        ("day_month", rf"\b(\d{{1,2}})(?:er|º|o)?((?: de)? (?:{any_of(tongue.months)})\b)"),
        (
            "phone",
            r"(?<![\w.,])(?:\+\d{1,3}(?:[\s.-]?\(?\d{1,5}\)?){2,6}|0\d(?:[\s.]\d{2}){4}|"
            r"\(?\d{2,3}\)?(?:[\s-]\d{2,4}){2,3}|\(\d{2}\)\s?\d{4,5}-\d{4}|\d{9,11})(?![\w-])",
        ),
        (
            "time_range",
            rf"(?<![\d:.,])({uncaptured(clock)}|\d{{1,2}}\s?h){DASH}(?=\d{{1,2}}(?::\d|\s?h))",
        ),
        ("time", rf"(?<![\d:.,]){clock}"),
        ("time", r"(?<![\d:.,])([01]?\d|2[0-4])()\s?h(?:oras|eures|rs)?\b"),
        ("abbreviation", rf"(?<![\w.])({any_of(tongue.abbreviations)})(?!\w)"),
        ("money", rf"({_CURRENCY})\s?({_NUM})"),
        ("money_after", rf"(?<![\w.,])({_NUM})\s?({_CURRENCY})"),
        ("percent", rf"(?<![\w.,])({_NUM})\s?%"),
        ("degrees", rf"(?<![\w.,])({_NUM})\s?°\s?C?\b"),
        ("unit", rf"(?<![\w.,])({_NUM})\s?({any_of(tongue.units)})(?![\w'])"),
        ("rank", r"(?<![\w.,])(\d+)\.?(ers?|ère|re|ème|e|[ºªoa])\b"),
        ("token", CODE),
        ("range", rf"(?<![\w.,-])({_NUM}){DASH}({_NUM})(?![\w-])"),
        ("number", rf"(?<![\w-])(-)?({_NUM})(?!\d)"),
        ("leftover", r"\d+"),
        ("symbol", r"\s?[&+=%@](?!\w*\d)\s?"),
    ]
    insensitive = {"abbreviation", "day_month"}
    return tuple(
        (name, re.compile(pattern, re.IGNORECASE if name in insensitive else 0))
        for name, pattern in rules
    )
