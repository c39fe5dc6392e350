"""What of a text one voice has said so far, from its audio: pure, used by the TTS chain.

    text      one        two   three
    marks     0.00       0.31                  what the voice itself reported: word starts, ends
    audio     |==============|                 0.45 s given out
    heard     one|                             "two" lasts till about 0.62 s: it is said again

Between two marks and past the last one, words take their share of the letters, at the pace of the
marks, else of the voice's earlier speech.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

DEFAULT_UNIT_S = 0.05
"""Length of a letter: English at 165 words a minute."""

_WORD_UNITS = 2.5
"""What a word lasts beside its letters, in letters: short words are spoken more slowly."""
_EXACT_S = 0.01
"""Audio may end so much before a word's reckoned end and the word still be whole."""
_DRAWN_OUT = 1.3
"""A word that lasts longer than so many times its share has a pause behind it."""
_PACE_UNITS = 12.0
"""Marks that span fewer letters say nothing about the pace: a short word and a pause."""

# Scripts without spaces are cut at each character.
_UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}][^\w\s]*|[^\s{_UNSPACED}]+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word's place in a text: `text[start:end]`, with the marks that stand at it."""

    start: int
    end: int

    @property
    def span(self) -> slice:
        """For `text[word.span]`."""
        return slice(self.start, self.end)


class Spoken:
    """A text that one voice is saying; `unit_s` is its pace as known before, s a letter."""

    def __init__(self, unit_s: float | None = None) -> None:
        self._known_unit_s = unit_s or DEFAULT_UNIT_S
        self._text = ""
        self._limit = 0
        self._words: list[Word] = []
        self._units: list[float] = [0.0]
        self._marks: list[tuple[float, float]] = []

    @property
    def text(self) -> str:
        """All that the voice was asked to say."""
        return self._text

    @property
    def words(self) -> list[Word]:
        """The words of `text`, in order."""
        return self._words

    @property
    def limit(self) -> int:
        """How much of `text` the voice has taken up, in characters."""
        return self._limit

    def extend(self, text: str) -> None:
        """Ask for more; a word may be continued."""
        self._text += text
        resume = self._words[-1].start if self._words else 0
        if self._words:
            self._words.pop()
            self._units.pop()
        for match in _WORD.finditer(self._text, resume):
            self._words.append(Word(match.start(), match.end()))
            self._units.append(self._units[-1] + _units(match.group()))

    def find(self, piece: str, begin: int) -> int:
        """Where `piece` ends in `text`, searched from character `begin`.

        A piece that is not there as written (a voice's own spelling) takes its length.
        """
        piece = piece.strip()
        at = self._text.find(piece, begin)
        if at < 0 or at - begin > len(piece) + 20:
            at = begin + len(self._text[begin:]) - len(self._text[begin:].lstrip())
        return min(at + len(piece), len(self._text))

    def take_up(self, chars: int) -> None:
        """The voice has begun on `text[:chars]`: nothing beyond can have been said."""
        self._limit = max(self._limit, chars)

    def mark(self, chars: int, at_s: float) -> None:
        """The voice reports that `text[:chars]` is said once `at_s` of its audio is."""
        units = self._units[self._count_before(chars)]
        if self._marks and (units <= self._marks[-1][0] or at_s <= self._marks[-1][1]):
            return
        self._marks.append((units, at_s))

    @property
    def unit_s(self) -> float | None:
        """The pace that the marks show, in s a letter; None while they show none."""
        if not self._marks:
            return None
        first, last = self._marks[0], self._marks[-1]
        if len(self._marks) == 1:
            first = (0.0, 0.0)
        units = last[0] - first[0]
        return (last[1] - first[1]) / units if units >= _PACE_UNITS else None

    def starts_s(self, word: int) -> float:
        """When the word of this number begins, in s of the voice's audio."""
        return self._time_s(self._units[word])

    def ends_s(self, word: int) -> float:
        """When the word of this number ends."""
        return self._time_s(self._units[word + 1])

    def voiced(self, word: int) -> tuple[float, float]:
        """When the word of this number begins and ends, without the pause behind it."""
        start_s, next_s = self.starts_s(word), self.ends_s(word)
        units = self._units[word + 1] - self._units[word]
        longest_s = _DRAWN_OUT * units * (self.unit_s or self._known_unit_s)
        return start_s, min(next_s, start_s + longest_s)

    def heard(self, audio_s: float) -> int:
        """How many words are whole within the first `audio_s` of the voice's audio."""
        most = self._count_before(self._limit)
        return bisect_right(range(most), audio_s + _EXACT_S, key=self.ends_s)

    def expected_s(self, chars: int) -> float:
        """How long `text[:chars]` lasts."""
        return self._time_s(self._units[self._count_before(chars)])

    def _count_before(self, chars: int) -> int:
        return bisect_right(self._words, chars, key=lambda word: word.end)

    def _time_s(self, units: float) -> float:
        before = (0.0, 0.0)
        for mark in self._marks:
            if units <= mark[0]:
                share = (units - before[0]) / (mark[0] - before[0]) if mark[0] > before[0] else 1.0
                return before[1] + share * (mark[1] - before[1])
            before = mark
        return before[1] + (units - before[0]) * (self.unit_s or self._known_unit_s)


def has_words(text: str) -> bool:
    """Whether there is anything in `text` to say."""
    return any(char.isalnum() for char in text)


def _units(word: str) -> float:
    return len(word) + _WORD_UNITS if has_words(word) else 0.0
