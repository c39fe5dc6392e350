"""What the words of a turn say about its end: pure, from a transcript, interim or final.

"My number is five five five"   a number is under way         -> MORE
"I need a table for"            no sentence ends in "for"     -> MORE
"Do you accept cards?"          a question                    -> END
"Yes."                          a whole answer                -> END
"I have an appointment."        nothing in particular         -> NOTHING
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from processors.turn_words import WORDS, Words

LONGEST_NUMBERS = frozenset({10, 11, 12, 13, 16})
"""How many digits a telephone number or a card has in full; fewer may not be all."""
FEWEST_DIGITS = 3
"""A shorter run is a count or an hour, unless a number was announced."""
LATEST_TOPIC_WORDS = 14
"""A topic further back than this is over."""

_ENDS_OPEN = re.compile(r"(\.\.\.|…|[,;:—–-])\s*$")
_ASKS = re.compile(r"[?？؟]\s*$")
_EMAIL = re.compile(r"\S+@\S+\.\w{2,}\W*$")
_MONEY_OR_TIME = re.compile(r"([$€£₹%]\s*\d[\d.,]*|\d[\d.,]*\s*[$€£₹%]|\d{1,2}[:h]\d{2})\W*$")
_LETTERS = re.compile(r"(?:\b[A-Za-zÀ-ÿ]\b[\s.,-]*){2,}$")
_CAPITALS = re.compile(r"\b[A-ZÀ-ÖØ-Þ]{2,5}\W*$")
_IS = frozenset({"is", "es", "est", "c'est", "ist", "è", "é", "है"})
_CONSONANTS = frozenset("bcdfghjklmnpqrstvwxzñç")
_MARKS = ".,;:!?…\"'“”‘«»()[]{}¿¡।،؟？—–-"


class Announces(StrEnum):
    """What a turn's words let expect."""

    MORE = "more"
    NOTHING = "nothing"
    END = "end"


class Cue(NamedTuple):
    """What the words announce, and why: number, email, address, spelling, connective, hesitation,
    open, question, answer, thanks; "" for nothing."""

    announces: Announces
    why: str = ""


NOTHING = Cue(Announces.NOTHING)


def read_cue(text: str, language: str) -> Cue:
    """What `text`, the turn so far, announces; NOTHING in a language without words here."""
    words = WORDS.get(language)
    said = [part for part in map(_plain, text.split()) if part]
    if words is None or not said:
        return NOTHING
    under_way = _under_way(text, said, words)
    if under_way:
        return Cue(Announces.MORE, under_way)
    if said[-1] in words.hesitations:
        return Cue(Announces.MORE, "hesitation")
    if " ".join(said) in words.answers:
        return Cue(Announces.END, "answer")
    if any(_ends_in(said, phrase) for phrase in words.thanks):
        return Cue(Announces.END, "thanks")
    is_question = _ASKS.search(text) is not None
    if said[-1] in words.trailing or (said[-1] in words.leaning and not is_question):
        return Cue(Announces.MORE, "connective")
    if is_question:
        return Cue(Announces.END, "question")
    if _ENDS_OPEN.search(text):
        return Cue(Announces.MORE, "open")
    return NOTHING


def _under_way(text: str, said: list[str], words: Words) -> str:
    """What is being dictated and does not seem whole; "" for nothing."""
    recent = " ".join(said[-LATEST_TOPIC_WORDS:])
    if _is_email_open(text, said, recent, words):
        return "email"
    is_spelled = _has(recent, words.spelling_topics) and _CAPITALS.search(text) is not None
    if is_spelled or (_LETTERS.search(text) is not None and len(said) > 1):
        return "spelling"
    if _ends_in_spelling_word(said, words):
        return "spelling"
    run, count = _digits_at_the_end(said, words)
    is_number = run and not _MONEY_OR_TIME.search(text)
    if _has(recent, words.address_topics) and (is_number or _ends_in_street(said, words)):
        return "address"
    is_announced = _has(recent, words.number_topics)
    if _ends_in_topic(said, words.number_topics):
        return "number"
    fewest = 1 if is_announced else FEWEST_DIGITS
    if is_number and fewest <= count and count not in LONGEST_NUMBERS:
        return "number"
    return ""


def _is_email_open(text: str, said: list[str], recent: str, words: Words) -> bool:
    if _EMAIL.search(text):
        return False
    tail = said[-8:]
    dots = [index for index, word in enumerate(tail) if word in words.dot]
    signs = [index for index, word in enumerate(tail) if word in words.at or "@" in word]
    is_topic = _has(recent, words.email_topics)
    if not (is_topic or (dots and signs) or "@" in text):
        return False
    # Whole once something follows a dot that follows the sign.
    is_whole = any(sign < dot < len(tail) - 1 for sign in signs for dot in dots)
    return not is_whole


def _ends_in_spelling_word(said: list[str], words: Words) -> bool:
    """Whether the last letter was said as in "S as in Sam". A vowel may be a word of its own."""
    for phrase in words.as_in:
        parts = phrase.split()
        start = len(said) - len(parts) - 2
        if start >= 0 and said[start + 1 : -1] == parts and said[start] in _CONSONANTS:
            return True
    return False


def _ends_in_street(said: list[str], words: Words) -> bool:
    """Whether the words stop at a street, before its number or its town."""
    tail = said[-2:] if words.has_streets_first else said[-1:]
    if any(word in words.streets for word in tail):
        return True
    return words.has_streets_glued and said[-1].endswith(tuple(words.streets))


def _digits_at_the_end(said: list[str], words: Words) -> tuple[int, int]:
    """How many of the last words are figures, and how many digits they are."""
    run = count = 0
    for word in reversed(said):
        figures = re.sub(r"\D", "", word)
        if figures and re.fullmatch(r"[\d\-().+/]+", word):
            count += len(figures)
        elif word in words.digits:
            count += 1
        elif word in words.tens:
            count += 2
        else:
            break
        run += 1
    return run, count


def _ends_in_topic(said: list[str], topics: Iterable[str]) -> bool:
    """Whether the words stop right after "my number is", before its first digit."""
    return len(said) > 1 and said[-1] in _IS and said[-2] in topics


def _ends_in(said: list[str], phrase: str) -> bool:
    parts = phrase.split()
    return said[-len(parts) :] == parts


def _has(text: str, phrases: Iterable[str]) -> bool:
    return any(f" {phrase} " in f" {text} " for phrase in phrases)


def _plain(word: str) -> str:
    """Lower case, one kind of apostrophe, without the punctuation around it."""
    return word.casefold().replace("’", "'").strip(_MARKS)
