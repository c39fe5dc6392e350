"""Finds the numbers, times and prices said in a text, however written; used by number_guard.py.

"$12.50" and "twelve dollars fifty", "9:30 am" and "half past nine in the morning" are one thing
said in two ways. A number becomes a few *keys*; two texts speak of the same number when they share
a key. What is bound to a unit keeps it: "15 dollars" is not "15 minutes", a bare "15" is either.
Number words are read in the languages text2num knows; times and units are read in English, and in
other languages every number is bare.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from text_to_num import alpha2digit

SPELLED_LANGUAGES = frozenset({"da", "de", "en", "es", "fr", "it", "nl", "pt"})
SMALL = 3
"""Up to here a spelled, unit-less number is a figure of speech: "one moment", "two options"."""

Key = tuple[object, ...]

_CENTURIES = range(13, 21)
"""What a year begins with when it is said in two halves."""
_UNIT_MINUTES = {"minute": 1, "hour": 60, "day": 1440, "week": 10080}
_UNIT_MONTHS = {"month": 1, "year": 12}
_DAYPART = r"(?:in\sthe\s(?:early\s|late\s)?(?:morning|afternoon|evening)|at\snight|tonight)"
_UNIT = r"(?:minute|hour|day|week|month|year)"
_N = r"\d+(?:\.\d+)?"
_PATTERN = re.compile(
    rf"""
    (?P<clock>\b\d{{1,2}}):(?P<clock_m>\d{{2}})\b(?:\s*(?P<clock_p>am|pm|{_DAYPART}))?
  | \bhalf\ past\ (?P<half>\d{{1,2}})\b(?:\s*(?P<half_p>{_DAYPART}|am|pm))?
  | \b(?:a\ )?(?P<rel_m>quarter|\d{{1,2}}(?=\ minutes|\ past|\ after))(?:\ minutes?)?
      \ (?P<rel>past|after|to|before)\ (?P<rel_h>\d{{1,2}})\b(?:\s*(?P<rel_p>{_DAYPART}|am|pm))?
  | \b(?P<pair_h>\d{{1,2}})[ ](?P<pair_m>[0-5]\d)\s*(?P<pair_p>am\b|pm\b|{_DAYPART}|o'clock)
  | \b(?P<hour>\d{{1,2}})\s*(?P<hour_p>am\b|pm\b|o'clock(?:\ {_DAYPART})?|{_DAYPART})
  | (?P<noon>\bnoon\b|\bmidday\b|\bmidnight\b)
  | [$€£]\s?(?P<sign>{_N})
  | \b(?P<money>{_N})\ (?:dollars?|euros?|pounds?|bucks)\b
      (?:\ (?:and\ )?(?P<cents>\d{{1,2}})(?:\ cents|\ pence)?\b(?!\ (?:per|%|am|pm)))?
  | \b(?P<only_cents>\d{{1,2}})\ (?:cents|pence)\b
  | \b(?P<percent>{_N})\s?(?:%|per\ ?cent\b)
  | \b(?P<some>half\ an|an?)\ (?P<some_unit>{_UNIT})\b(?P<some_half>\ and\ a\ half)?
  | \b(?P<many>{_N})(?P<many_half>\ and\ a\ half)?[ -](?P<many_unit>{_UNIT})s?\b
  | (?P<dozen>\bdozen\b)
  | (?P<run>\b\d+(?:st|nd|rd|th)?\b(?:[ ,.\-()]+\d+\b)+)
  | (?P<bare>{_N})
    """,
    re.VERBOSE,
)
_BEFORE_TIME = re.compile(r"\b(?:at|by|from|to|till|until|around|before|after|between)\s$")
_PLACE = re.compile(r"(?:st|nd|rd|th)?\s(?:floor|street|avenue|road)\b")


@dataclass(frozen=True, slots=True)
class Mention:
    """One number said: what it is called there, and the keys it goes by."""

    text: str
    keys: frozenset[Key]
    """As claimed: it is known if any of these is."""
    source_keys: frozenset[Key]
    """As evidence: what it makes known."""
    is_small: bool = False
    """A spelled, unit-less number up to SMALL."""


def mentions(text: str, language: str = "en") -> list[Mention]:
    """Every number in `text`, in order; never raises, whatever the text."""
    plain = _normalise(text, language)
    spelled = _normalise(text, "")
    return list(_scan(plain, spelled))


def known_keys(texts: Iterable[str], language: str = "en") -> frozenset[Key]:
    """The keys that the `texts` vouch for."""
    return frozenset(
        key for text in texts for mention in mentions(text, language) for key in mention.source_keys
    )


def ends_in_number(text: str, language: str = "en") -> bool:
    """Whether the last word of `text` is a number, which more words may complete."""
    last = text.split()[-1:]
    return bool(last) and _normalise(last[0], language)[-1:].isdigit()


def _normalise(text: str, language: str) -> str:
    text = text.lower().replace("’", "'").replace("–", "-").replace("—", " - ")
    text = re.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", text)
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
    if language in SPELLED_LANGUAGES:
        text = text.replace(" o'clock", " oclock")
        text = re.sub(r"\b(thousand|million),(?=\s[a-z])", r"\1", text)
        text = alpha2digit(text, language, 0.0).replace(" oclock", " o'clock")
        text = re.sub(r"(?<=\d )oh(?= \d)", "0", text)
    if language != "en":
        return text
    return re.sub(r"\b(point)(?= \d)", "0 point", text)


def _scan(text: str, as_written: str) -> Iterator[Mention]:
    for match in _PATTERN.finditer(text):
        groups = {name: value for name, value in match.groupdict().items() if value is not None}
        found = match.group()
        is_figure = not (
            _BEFORE_TIME.search(text[: match.start()]) or _PLACE.match(text, match.end())
        )
        if "run" in groups:
            yield from _run(found, as_written)
        elif "bare" in groups:
            bare = _bare(found, found, as_written)
            yield replace(bare, is_small=bare.is_small and is_figure)
        elif keys := _time(groups):
            yield _mention(found, keys)
        elif keys := _amount(groups):
            # "an hour" says nothing that needs a source, but is one for "sixty minutes".
            claims_nothing = groups.get("some") in ("a", "an") and "some_half" not in groups
            yield _mention(found, keys, is_small=claims_nothing)


def _mention(text: str, exact: tuple[Key, Decimal | None], is_small: bool = False) -> Mention:
    key, value = exact
    if value is None:
        claims, source = {key}, {key}
    else:
        claims, source = {key, ("bare", value)}, {key, ("any", value)}
    if key[0] == "time":
        hour, minute, period = key[1:]
        claims |= {("time", hour, minute, other) for other in ("am", "pm", None) if not period}
        claims |= {("time", hour, minute, None)}
    return Mention(text, frozenset(claims), frozenset(source), is_small)


def _time(groups: dict[str, str]) -> tuple[Key, Decimal | None] | None:
    """The key of a time of day, and its hour as a number when it is a full one."""
    if noon := groups.get("noon"):
        return ("time", 12, 0, "am" if noon == "midnight" else "pm"), Decimal(12)
    if "clock" in groups:
        hour, minute, period = int(groups["clock"]), int(groups["clock_m"]), groups.get("clock_p")
    elif "half" in groups:
        hour, minute, period = int(groups["half"]), 30, groups.get("half_p")
    elif "rel" in groups:
        minute = 15 if groups["rel_m"] == "quarter" else int(groups["rel_m"])
        hour, period = int(groups["rel_h"]), groups.get("rel_p")
        if groups["rel"] in ("to", "before"):
            hour, minute = hour - 1 or 12, 60 - minute
    elif "pair_h" in groups:
        hour, minute, period = int(groups["pair_h"]), int(groups["pair_m"]), groups.get("pair_p")
    elif "hour" in groups:
        hour, minute, period = int(groups["hour"]), 0, groups.get("hour_p")
    else:
        return None
    half = _half_of_day(hour, period or "")
    hour = hour % 12 or 12
    return ("time", hour, minute, half), Decimal(hour) if minute == 0 else None


def _half_of_day(hour: int, period: str) -> str | None:
    if hour == 0 or period == "am" or "morning" in period:
        return "am"
    if hour > 12 or period == "pm" or "noon" in period or "evening" in period:
        return "pm"
    if "night" in period:
        return "am" if hour == 12 or hour < 5 else "pm"
    return None


def _amount(groups: dict[str, str]) -> tuple[Key, Decimal | None] | None:
    """The key of a price, a share or a length of time, and its number as said."""
    if "sign" in groups:
        value = Decimal(groups["sign"])
        return ("money", value.normalize()), value.normalize()
    if "money" in groups:
        value = (Decimal(groups["money"]) + Decimal(groups.get("cents", "0")) / 100).normalize()
        return ("money", value), value
    if "only_cents" in groups:
        return ("money", (Decimal(groups["only_cents"]) / 100).normalize()), None
    if "percent" in groups:
        value = Decimal(groups["percent"]).normalize()
        return ("percent", value), value
    if "dozen" in groups:
        return ("any", Decimal(12)), Decimal(12)
    half = Decimal("0.5")
    if "some" in groups:
        value = half if groups["some"] == "half an" else Decimal(1)
        return _length(value + (half if "some_half" in groups else 0), groups["some_unit"]), None
    if "many" in groups:
        value = (Decimal(groups["many"]) + (half if "many_half" in groups else 0)).normalize()
        return _length(value, groups["many_unit"]), value
    return None


def _length(value: Decimal, unit: str) -> Key:
    if unit in _UNIT_MONTHS:
        return ("months", (value * _UNIT_MONTHS[unit]).normalize())
    return ("minutes", (value * _UNIT_MINUTES[unit]).normalize())


def _bare(text: str, number: str, as_written: str) -> Mention:
    value = Decimal(re.sub(r"\D+$", "", number)).normalize()
    is_spelled = re.search(rf"(?<!\d){re.escape(number)}(?!\d)", as_written) is None
    source: set[Key] = {("any", value), ("bare", value)}
    if "." not in number:
        source |= {("digits", digits) for digits in _substrings(number)}
        if value <= 24:  # "from nine to six in the evening": the nine is a time too
            hour = int(value) % 12 or 12
            source |= {("time", hour, 0, half) for half in ("am", "pm", None)}
    return Mention(
        text, frozenset({("any", value)}), frozenset(source), is_spelled and value <= SMALL
    )


def _run(text: str, as_written: str) -> Iterator[Mention]:
    """Numbers side by side: a telephone number or code, a time or price said short, or a list."""
    parts = re.findall(r"\d+", text)
    digits = "".join(parts)
    keys: set[Key] = set()
    singles = sum(len(part) == 1 for part in parts)
    if (len(digits) >= 4 and singles > 1) or (len(digits) >= 5 and len(parts[-1]) >= 3):
        # Said digit by digit it is one number, right only as a whole.
        whole: frozenset[Key] = frozenset({("digits", digits)})
        yield Mention(text, whole, frozenset(_run_sources(parts, digits)))
        return
    if len(parts) == 2 and len(parts[1]) == 2:
        hour, minute = int(parts[0]), int(parts[1])
        value = Decimal(f"{parts[0]}.{parts[1]}").normalize()
        # A price, a year or a house number, a time.
        keys |= {("money", value), ("any", value), ("any", Decimal(digits).normalize())}
        if 0 < hour <= 24 and minute < 60:
            keys |= {("time", hour % 12 or 12, minute, half) for half in ("am", "pm", None)}
        # "eighteen ninety-two" is a year, and no evidence for eighteen of anything.
        is_year = hour in _CENTURIES and minute not in (0, 15, 30, 45)
        pieces: set[Key] = set() if is_year else set(_run_sources(parts, digits))
        yield Mention(text, frozenset(keys), frozenset(keys | pieces))
        return
    for part in parts:
        yield _bare(text, part, as_written)


def _run_sources(parts: list[str], digits: str) -> Iterator[Key]:
    yield from (("digits", piece) for piece in _substrings(digits))
    yield from (("any", Decimal(part).normalize()) for part in parts)
    yield from (("bare", Decimal(part).normalize()) for part in parts)


def _substrings(digits: str) -> Iterator[str]:
    """Every piece of a number of three digits and more: part of it may be repeated."""
    digits = digits[:24]
    for start in range(len(digits)):
        for end in range(start + 3, len(digits) + 1):
            yield digits[start:end]
