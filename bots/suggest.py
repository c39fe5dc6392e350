"""'Did you mean': the nearest of the words that exist, for messages about one that does not."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, or None when nothing is near enough to be meant."""
    choices = list(known)
    by_lower = {choice.lower(): choice for choice in reversed(choices)}
    close = get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str], *, noun: str) -> str:
    """A sentence that mends a wrong word: the nearest known one, else all there are."""
    choices = list(known)
    near = nearest(word, choices)
    if near is not None:
        return f"Did you mean `{near}`?"
    if not choices:
        return f"There are no {noun} here."
    return f"{noun.capitalize()}: {', '.join(choices)}."
