"""Tells by its words which facts a text is about; used by bots/facts.py and the number guard.

Words count by how few facts have them, so that "the practice" says little and "whitening" much.
Words that no fact has count most: a question made of them is about something else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

_WORD = re.compile(r"[^\W\d_]{3,}")
_DULL = """
the and are you your our for from that this with what when where which who how does can could would
will have has had was were there here not but any about into than then its let know tell please they
them just much many get got did hello thanks good morning say
"""
STEM = 6
"""Letters of a stem at most."""
_DULL_WORDS = frozenset(_DULL.split())
_ENDINGS = ("ings", "ing", "ies", "ied", "ed", "es", "s")


def telling_words(text: str) -> frozenset[str]:
    """The words of `text` that say what it is about, as stems: "opening" and "opens" are one."""
    words = (word.lower() for word in _WORD.findall(text))
    return frozenset(stem(word) for word in words if word not in _DULL_WORDS)


def content_words(text: str) -> list[str]:
    """The words of `text` that may tell one fact from another, in lower case and in order."""
    words = (word.lower() for word in _WORD.findall(text))
    return [word for word in words if word not in _DULL_WORDS and stem(word) not in _VAGUE]


def stem(word: str) -> str:
    """Crude, and enough to hold one fact against another: "cancelled" and "cancellation" meet."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    if word[-1] in "ey" and len(word) > 3:
        word = word[:-1]
    return word[:STEM]


_VAGUE = telling_words(
    """
    day name time number today tonight tomorrow way kind thing call same need want like think long
    yes sure sorry right still moment speaking talking
    one two three four five six seven eight nine ten eleven twelve
    """
)
"""Say nothing about what is asked for."""


def relevance(facts: tuple[str, ...], question: str) -> list[float]:
    """How much of a question's weight each fact carries, 0 to 1, in the order of `facts`."""
    asked = telling_words(question) - _VAGUE
    weights = _weights(facts, asked)
    total = sum(weights.values()) or 1.0
    return [sum(weights[word] for word in asked & words) / total for words in _words_of(facts)]


def days_named(text: str, weekdays: Sequence[str]) -> frozenset[str]:
    """The weekdays in `text`, as in `weekdays`: "on Sundays" names Sunday."""
    words = {word.lower() for word in _WORD.findall(text)}
    return frozenset(day for day in weekdays if {day.lower(), f"{day.lower()}s"} & words)


def _weights(facts: tuple[str, ...], words: Iterable[str]) -> dict[str, float]:
    known = _words_of(facts)
    return {
        word: math.log(1 + len(facts) / (1 + sum(word in fact for fact in known)))
        for word in sorted(words)
    }


@lru_cache(maxsize=64)
def _words_of(facts: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    return tuple(telling_words(fact) for fact in facts)
