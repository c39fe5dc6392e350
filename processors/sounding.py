"""What words sound like, for ears that misspell them: "stuff" is a "stop", "baste" a "basta". Pure.

A rough spelling by ear, the same for all languages in Latin letters: vowels are one sound, and so
are the consonants that a telephone line or a recogniser takes for each other.
"""

from __future__ import annotations

from collections.abc import Iterable

from processors.edit_distance import edit_distance

_SOUNDS = {
    letter: sound
    for letters, sound in (
        ("aeiouy", "a"),
        ("bpfv", "p"),
        ("dt", "t"),
        ("ckgqj", "k"),
        ("szx", "s"),
        ("mn", "n"),
        ("h", ""),
    )
    for letter in letters
}
SOUNDS_AN_EDIT = 5
"""Of so many sounds one may be another, or missing; shorter words have to sound alike."""
_SHORTEST = 3


def sound_of(words: Iterable[str]) -> str:
    """The sounds of words without case and accents, run together."""
    spelt = ""
    for letter in "".join(words):
        sound = _SOUNDS.get(letter, letter)
        if sound != spelt[-1:]:
            spelt += sound
    return spelt


def nearest(heard: str, known: Iterable[str], sounds_an_edit: int = SOUNDS_AN_EDIT) -> int | None:
    """How many sounds of the nearest of `known` were misheard; None where it is like none.

    The first sound is never misheard: what begins otherwise is another word.
    """
    found = (edit_distance(heard, one) for one in known if _is_near(heard, one))
    allowed = len(heard) // sounds_an_edit
    return min((edits for edits in found if edits <= allowed), default=None)


def _is_near(heard: str, known: str) -> bool:
    is_long = len(heard) >= _SHORTEST and abs(len(heard) - len(known)) <= 1
    return is_long and heard[0] == known[:1]
