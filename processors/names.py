"""Finds names that nobody has said; used by number_guard.py.

A small model that is asked for the director makes one up. A name is a word with a capital inside a
sentence, in languages that write only names so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from processors.relevance import stem

NAMING_LANGUAGES = frozenset({"en", "es", "fr", "it", "nl", "pt"})
"""Languages in which a capital inside a sentence tells a name; German writes every noun so."""

# Not the first word of a clause, nor one after a mark that a sentence may begin behind.
_NAME = re.compile(r"(?<=[^\W\d_][^\W\d_,;] |[^\W\d_], )[A-ZÀ-Þ][^\W\d_]{2,}")
_WORD = re.compile(r"[^\W\d_]{3,}")


def words_known(texts: Iterable[str]) -> frozenset[str]:
    """The words that `texts` vouch for, as stems."""
    return frozenset(stem(word.lower()) for text in texts for word in _WORD.findall(text))


def strange_names(clause: str, known: Collection[str], language: str = "en") -> list[str]:
    """The names in `clause` that are not among the `known` words."""
    if language.partition("-")[0] not in NAMING_LANGUAGES:
        return []
    return [name for name in _NAME.findall(clause) if stem(name.lower()) not in known]
