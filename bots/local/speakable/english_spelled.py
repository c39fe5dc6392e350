"""Spelled out in English: e-mail, web and IP addresses, phone numbers, codes."""

from __future__ import annotations

import re

from bots.local.speakable.english_amounts import say_number
from bots.local.speakable.english_tables import SYMBOLS
from bots.local.speakable.numerals import cardinal, digits, grouped

_Match = re.Match[str]


def say_host(text: str) -> str:
    spoken = []
    for char in re.findall(r"\d+|[^\W\d_]+|[^\w]|_", text):
        if char.isdecimal():
            spoken.append(cardinal(int(char), "en") if len(char) < 3 else digits(char, "en"))
        else:
            spoken.append(SYMBOLS.get(char, char))
    return " ".join(" ".join(spoken).split())


def say_email(match: _Match) -> str:
    return f"{say_host(match[1])} at {say_host(match[2])}"


def say_url(match: _Match) -> str:
    return say_host(match[1].rstrip("/"))


def say_ip(match: _Match) -> str:
    return " dot ".join(digits(part, "en") for part in match[0].split("."))


def say_phone(match: _Match) -> str:
    number, extension = match[1], match[2]
    groups = re.findall(r"\d+", number)
    said = ", ".join(grouped(group, "en") for group in groups)
    said = f"plus {said}" if number.startswith("+") else said
    return said + (f", extension {digits(extension, 'en')}" if extension else "")


def say_named_code(match: _Match) -> str:
    link = (match[2] or "").lower()
    link = "number " if link.startswith(("n", "#")) else f"{link} ".lstrip()
    return f"{match[1]} {link}{grouped(match[3], 'en')}"


def say_hash(match: _Match) -> str:
    figures = match[1]
    small = len(figures) < 3 and figures[0] != "0"
    return f"number {cardinal(int(figures), 'en') if small else grouped(figures, 'en')}"


def say_digit_groups(match: _Match) -> str:
    groups = match[0].split("-")
    joint = " " if max(map(len, groups)) == 1 else ", "
    return joint.join(digits(group, "en") for group in groups)


def say_short_number(match: _Match) -> str:
    return match[1] + digits(match[2], "en")


def say_code(match: _Match) -> str:
    token = match[0]
    parts = re.findall(r"\d+|[^\W\d_]+", token)
    letters = [part for part in parts if not part.isdecimal()]
    spelled = [part for part in letters if say_is_spelled(part)]
    if not spelled:
        return " ".join(say_number(part) if part.isdecimal() else part for part in parts)
    short = len(parts) == 2 and max(map(len, parts)) < 3 and len(letters[0]) == 1
    said = before = ""
    for part in parts:
        if part.isdecimal():
            counted = short and part[0] != "0"
            word = cardinal(int(part), "en") if counted else grouped(part, "en")
        else:
            word = " ".join(part.upper()) if part in spelled else part
        said += (", " if len(part) > 2 or len(before) > 2 else " ") + word if said else word
        before = part
    return said


def say_is_spelled(part: str) -> bool:
    return len(part) < 3 or (part.isupper() and len(part) < 5)
