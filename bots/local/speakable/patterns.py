"""Pieces that the rules of every language build their patterns from."""

from __future__ import annotations

import re
from collections.abc import Iterable

DASH = r"\s*[-–—]\s*"
"""Between the two ends of a range."""

CODE = r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[^\W\d_])[^\W_]+(?:-[^\W_]+)*(?![\w-])"
"""Letters and digits in one token: AB-4471."""


def any_of(words: Iterable[str]) -> str:
    """A pattern for one of `words`, the longest that fits."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def uncaptured(pattern: str) -> str:
    """`pattern` with its groups not numbered, to stand inside another one."""
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern)
