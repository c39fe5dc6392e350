"""One stretch of the bot's audio on its way out, and the words in it: pure, no clock, no I/O.

given out   |===========================|        by the voice, ahead of time
written     |================|                   by the output, at the pace of hearing
words       Yes,  we   are  open  on    Saturday.
heard       Yes,  we   are                       a word counts once the last of it was written
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from pipecat.frames.frames import AggregatedTextProgressFrame

from processors.fallback.timing import Place

_EXACT_S = 0.01
"""A word's end is reckoned, and audio is written in pieces: so much may be missing."""


@dataclass(slots=True)
class Word:
    """A word of a line, as it was written.

    Attributes:
        place: where it stands in the line's audio.
        is_glued: whether the next word follows without a space, as in Chinese.
        segment_id: of the sentence that was announced to the page.
        progress: how far that sentence is with this word, for the page.
    """

    text: str
    place: Place
    is_glued: bool = False
    segment_id: int | None = None
    progress: AggregatedTextProgressFrame | None = None


class Line:
    """What one context of a voice gives out: audio, and the words in it.

    Both ends work on it: the voice's adds words and audio, the output's tells what was written.
    """

    def __init__(self, context_id: str | None, *, interruptible: bool = True) -> None:
        self.context_id = context_id
        self.interruptible = interruptible
        self.append_to_context = True
        self.given_s = 0.0
        self.written_s = 0.0
        self._is_closed = False
        self._words: deque[Word] = deque()

    @property
    def is_over(self) -> bool:
        """Whether all of it was written."""
        return self._is_closed and self.written_s + _EXACT_S >= self.given_s

    @property
    def last_word(self) -> Word | None:
        """The word added last, while it is unheard."""
        return self._words[-1] if self._words else None

    def add(self, word: Word) -> None:
        """The voice has a further word to say, or has said it."""
        self._words.append(word)

    def give(self, length_s: float) -> None:
        """The voice has given out more audio."""
        self.given_s += length_s

    def close(self) -> None:
        """The voice is through: nothing more comes."""
        self._is_closed = True

    def wrote(self, length_s: float) -> None:
        """The output has written more of the audio."""
        self.written_s += length_s

    def heard(self) -> list[Word]:
        """The words that are out and were not returned before."""
        if self.is_over:
            return self.rest()
        words: list[Word] = []
        while self._words and self._words[0].place()[1] <= self.written_s + _EXACT_S:
            words.append(self._words.popleft())
        return words

    def rest(self) -> list[Word]:
        """All words that were not returned before: the line's last audio is behind us."""
        words = list(self._words)
        self._words.clear()
        return words


@dataclass(slots=True)
class Tally:
    """Words of the conversation in a call: counts, never the words."""

    generated: int = 0
    """Given to the voice."""
    heard: int = 0
    """Heard by the caller."""
