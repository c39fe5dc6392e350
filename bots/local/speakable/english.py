"""English read aloud: addresses, times, dates, money, phone numbers, codes and plain numbers.

The rules run in order, from what has the most shape (a URL) to what has the least (a bare
number), so that each sees only what the earlier ones left.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bots.local.speakable.english_amounts import (
    say_bare,
    say_cents,
    say_degrees,
    say_dotted,
    say_feet,
    say_fraction,
    say_house,
    say_inches,
    say_money,
    say_money_after,
    say_money_range,
    say_number,
    say_percent,
    say_plain,
    say_range,
    say_unit,
)
from bots.local.speakable.english_calendar import (
    say_day_month,
    say_decade,
    say_hour,
    say_iso_date,
    say_month_day,
    say_slash_date,
    say_time,
    say_time_range,
)
from bots.local.speakable.english_names import (
    say_abbreviation,
    say_stop,
    say_street,
    say_title,
    say_weekday,
)
from bots.local.speakable.english_spelled import (
    say_code,
    say_digit_groups,
    say_email,
    say_hash,
    say_ip,
    say_named_code,
    say_phone,
    say_short_number,
    say_url,
)
from bots.local.speakable.english_tables import (
    ABBREVIATIONS,
    ADDRESS_WORDS,
    CODE_WORDS,
    CURRENCIES,
    ISO_CURRENCIES,
    MAGNITUDES,
    MONTHS,
    PER,
    TITLES,
    UNITS,
    WEEKDAYS,
)
from bots.local.speakable.numerals import digits, ordinal
from bots.local.speakable.patterns import CODE, DASH, any_of, uncaptured

_Match = re.Match[str]


_NUM = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_AP = r"(?:\s*([AaPp])(?:\.\s?[Mm]\.|\.?[Mm]\b))"
_HALF = uncaptured(_AP)
_MONTH = any_of(MONTHS)
_SYMBOL = any_of(CURRENCIES)
_ISO = any_of(ISO_CURRENCIES)
_MAGNITUDE = r"(?:\s?(thousand|million|billion|trillion|[kKmMbB]\b|bn\b))?"


def words(text: str) -> str:
    """`text` with every figure, address and abbreviation as English words."""
    for pattern, say in _RULES:
        text = pattern.sub(say, text)
    return text


_RULES: list[tuple[re.Pattern[str], Callable[[_Match], str] | str]] = [
    (re.compile(r"\b([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)"), say_email),
    (re.compile(r"\bhttps?://(?:www\.)?((?:[^\s,;!?)]|\?(?=\w))*[\w/])"), say_url),
    (re.compile(r"\bwww\.([\w-]+(?:\.[\w-]+)+(?:/[\w./-]*\w)?)"), say_url),
    (
        re.compile(
            r"\b([a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|io|co|ai|edu|gov|uk|dev|app|"
            r"info|example)(?:\.uk)?(?:/[\w./-]*\w)?)\b(?!@)",
            re.IGNORECASE,
        ),
        say_url,
    ),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"), say_ip),
    # phones
    (
        re.compile(
            r"(?<![\w.])(\+\d{1,3}(?:[\s.-]?\(?\d{1,5}\)?){2,6}|(?:1[\s.-])?(?:\(\d{3}\)\s?|"
            r"\d{3}[\s.-])\d{3}[\s.-]\d{4}|\d{3}[-.]\d{4}|0\d{2,4}(?:[\s-]\d{3,4}){2})"
            r"(?:,?\s*(?:ext\.?|extension|x)\s*(\d{1,6}))?(?![\w-])"
        ),
        say_phone,
    ),
    (
        re.compile(rf"\b([Bb]etween (?:{_SYMBOL})?(?:{_NUM})){DASH}(?=(?:{_SYMBOL})?\d)"),
        r"\1 and ",
    ),
    # times
    (
        re.compile(
            rf"(?<![\d:.,-])(\d{{1,2}}:[0-5]\d{_HALF}?|\d{{1,2}}{_HALF}){DASH}"
            rf"(?=\d{{1,2}}(?::[0-5]\d|{_HALF}))"
        ),
        r"\1 to ",
    ),
    (
        re.compile(rf"(?<![\d:.,$€£-])(\d{{1,2}}){DASH}(\d{{1,2}}{_HALF})"),
        say_time_range,
    ),
    (
        re.compile(rf"(?<![\d:.,])([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?(?![\d:]){_AP}?"),
        say_time,
    ),
    (re.compile(rf"(?<![\d:.,])(1[0-2]|0?[1-9])(?!\d){_AP}"), say_hour),
    (re.compile(r"\b([AaPp])\.\s?[Mm]\."), lambda m: f"{m[1].upper()}M{say_stop(m)}"),
    # abbreviations
    (
        re.compile(
            rf"(\d+\w{{0,2}} (?:[NSEW]\.? )?(?:[A-Z][\w']+ |\d+(?:st|nd|rd|th) ){{0,3}})"
            rf"({any_of(ADDRESS_WORDS)})\b\.?"
        ),
        say_street,
    ),
    (
        re.compile(
            rf"((?<!^)(?<![.!?] )\b(?!(?:Ask|See|Call|With|And|The)\b)[A-Z][a-z']+ )"
            rf"({any_of(ADDRESS_WORDS)})\b\.?(?!\s+[A-Z][a-z])"
        ),
        say_street,
    ),
    (re.compile(rf"\b({any_of(TITLES)})\b\.? (?=[A-Z])"), say_title),
    (re.compile(r"\b(Mr|Mrs|Ms|Dr|Prof)\. "), say_title),
    (re.compile(r"\band/or\b"), "and or"),
    (re.compile(r"\b([Nn]os?)\. ?(?=\d)"), "number "),
    (re.compile(rf"(?<![\w.])({any_of(ABBREVIATIONS)})(?!\w)", re.IGNORECASE), say_abbreviation),
    (re.compile(r"\b(Mon|Tues?|Thu(?:rs?)?|Fri)\b\.?"), say_weekday),
    # "Sun" and "Sat" are words too: days only where a day is likely.
    (re.compile(r"\b(Wed|Sat|Sun)\b(?:\.|(?=\s*[-–—&]|:?\s+\d))"), say_weekday),
    (re.compile(r"(?<=[-–—])(Wed|Sat|Sun)\b|(?<=\bon )(Wed|Sat|Sun)\b"), say_weekday),
    (
        re.compile(
            rf"\b({any_of(set(WEEKDAYS.values()))}){DASH}(?={any_of(set(WEEKDAYS.values()))})"
        ),
        r"\1 to ",
    ),
    # dates
    (re.compile(r"(?<![\w-])([12]\d{3})-(\d{2})-(\d{2})(?![\w-])"), say_iso_date),
    (re.compile(r"(?<![\w/])(\d{1,2})/(\d{1,2})/([12]\d{3}|\d{2})(?![\w/])"), say_slash_date),
    (
        re.compile(
            rf"\b({_MONTH})\b\.? (\d{{1,2}})(?:st|nd|rd|th)?(?:{DASH}(\d{{1,2}})"
            rf"(?:st|nd|rd|th)?)?\b(?![:%/.]\d)(?:,? ([12]\d{{3}})\b)?"
        ),
        say_month_day,
    ),
    (
        re.compile(
            rf"\b(?:[Tt]he )?(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({_MONTH})\b\.?"
            rf"(?:,? ([12]\d{{3}})\b)?"
        ),
        say_day_month,
    ),
    (re.compile(rf"\b({_MONTH})\b\.(?= [12]\d{{3}}\b)"), lambda m: MONTHS[m[1]]),
    (re.compile(r"(?<![\w])'?((?:1\d|20)?\d0)'?s\b"), say_decade),
    # money
    (
        re.compile(rf"({_SYMBOL})\s?({_NUM}){DASH}(?:{_SYMBOL})?\s?({_NUM}){_MAGNITUDE}(?![\w-])"),
        say_money_range,
    ),
    (re.compile(rf"(-)?((?:{_SYMBOL})|\b(?:{_ISO})\s?)\s?({_NUM}){_MAGNITUDE}"), say_money),
    (re.compile(rf"(?<![\w.])({_NUM})\s?({_SYMBOL}|(?:{_ISO})\b)"), say_money_after),
    (re.compile(rf"(?<![\w.])({_NUM})(?:\s?¢|c\b)"), say_cents),
    (re.compile(rf"(?<=[\w])\s?/\s?({any_of(PER)})\b"), lambda m: f" per {PER[m[1]]}"),
    # measures
    (
        re.compile(
            rf"(?<![\w.])({_NUM}){DASH}(?=(?:{_NUM})\s?(?:%|percent\b|°|(?:{any_of(UNITS)})"
            r"\b))"
        ),
        lambda m: f"{say_number(m[1])} to ",
    ),
    (re.compile(rf"(?<![\w.])(-?(?:{_NUM}))\s?%"), say_percent),
    (re.compile(rf"(?<![\w.])(-?(?:{_NUM}))\s?°\s?([CFcf])?\b"), say_degrees),
    (re.compile(rf"(?<![\w.])(-?(?:{_NUM}))\s?({any_of(UNITS)})(?![\w'])"), say_unit),
    (
        re.compile(rf"(?<![\w.])({_NUM})\s?({any_of(MAGNITUDES)})\b"),
        lambda m: f"{say_number(m[1])} {MAGNITUDES[m[2].lower()]}",
    ),
    (re.compile(r"(?<![\w.])(\d+)\"(?!\w)"), say_inches),
    # codes, ranks, fractions
    (re.compile(r"\bv\.? ?(\d+(?:\.\d+)*)(?!\w)"), lambda m: f"version {say_dotted(m[1])}"),
    (re.compile(r"\b(\d)'\s?(\d{1,2})(?:\"|''|\b)"), say_feet),
    (re.compile(r"(?<![\w.,])(\d{1,4})\s?[x×]\s?(?=\d)"), lambda m: f"{say_bare(m[1])} by "),
    (re.compile(rf"(?<![\w.,])({_NUM})[x×](?!\w)"), lambda m: f"{say_number(m[1])} times"),
    (
        re.compile(
            rf"\b({any_of(CODE_WORDS)})(?: (number|no\.?|#|is|code) ?|:? #?| )(\d{{3,}})"
            r"(?![\w.,:/-]*\d)",
            re.IGNORECASE,
        ),
        say_named_code,
    ),
    (re.compile(r"#\s?(\d+)\b"), say_hash),
    (re.compile(r"(?<![\w-])(?:\d+(?:-\d+){2,}|\d{5}-\d{4})(?![\w-])"), say_digit_groups),
    (re.compile(r"\b((?:[Cc]all|[Dd]ial|[Tt]ext) )(\d{3,6})\b(?![\w.,:-]*\d)"), say_short_number),
    (re.compile(r"(?<![\w.])(\d+)(?:st|nd|rd|th)\b"), lambda m: ordinal(int(m[1]), "en")),
    (re.compile(r"(?<![\w.-])24/7(?![\w/])"), "twenty-four seven"),
    (re.compile(r"(?<![\w./])(?:(\d+) )?(\d{1,2})/(\d{1,4})(?![\w/])"), say_fraction),
    (re.compile(r"(?<=\b[A-Z]{2} )\d{5}\b(?:-\d{4})?"), lambda m: digits(m[0], "en")),
    (re.compile(CODE), say_code),
    # plain numbers
    (
        re.compile(
            rf"(?<![\w.,])(\d{{3,5}})( (?:[NSEW]\.? )?(?:[A-Z][\w']+ |\w+(?:st|nd|rd|th) )"
            rf"{{1,3}}(?:{any_of(set(ADDRESS_WORDS.values()))})\b)"
        ),
        say_house,
    ),
    (re.compile(rf"(?<![\w.,-])(\d{{1,4}}){DASH}(\d{{1,4}})(?![\w-]|[.,]\d)"), say_range),
    (re.compile(r"(?<![\w.])\d+(?:\.\d+){2,}(?![\w.]*\d)"), lambda m: say_dotted(m[0])),
    (re.compile(rf"(?<![\w-])(-)?({_NUM})(?![\d])"), say_plain),
    (re.compile(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)"), " "),
    (re.compile(r"\d+"), lambda m: f" {say_bare(m[0])} "),
    # what is left of the symbols
    (re.compile(r"\bw/o\b"), "without"),
    (re.compile(r"\bw/(?=\s|\w)"), "with "),
    (re.compile(r"(?<=[^\W\d_])/(?=[^\W\d_])"), " or "),
    (re.compile(r"\s?&\s?"), " and "),
    (re.compile(r"\s?[+]\s?(?=\w)"), " plus "),
    (re.compile(r"\s?=\s?(?=\w)"), " equals "),
    (re.compile(r"\s@\s"), " at "),
    (re.compile(r"~\s?(?=\w)"), "about "),
    (re.compile(r"%"), " percent "),
]
