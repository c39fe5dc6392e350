"""Whether two questions are the same word for word; used by bots/fact_checks.py and match.py."""

from __future__ import annotations

import re
from functools import lru_cache

from bots.wording import wording
from processors.turn_words import WORDS

_APOSTROPHES = re.compile("['’]")
_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=8192)
def bare(question: str, language: str) -> str:
    """A question's words alone: without case, punctuation, hesitations and courtesies.

    "Um, hello, what's a check-up, please?" and "Whats a check up" are the same.
    """
    code = language.partition("-")[0].lower()
    text = re.sub(rf"\b(?:{wording(language).courtesies})\b", " ", question.lower())
    hesitations = WORDS[code].hesitations if code in WORDS else frozenset[str]()
    words = _WORD.findall(_APOSTROPHES.sub("", text))
    return " ".join(word for word in words if word not in hesitations)
