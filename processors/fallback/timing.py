"""When a voice says each word of a text, from its audio and from what it reports: pure.

A voice reports words as they begin, or a sentence once its audio is out, or nothing that helps.
The TTS chain reads from this what a failed voice has left to say, the heard ledger what the caller
has heard.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipecat.frames.frames import TTSTextFrame

from processors.fallback.spoken import Spoken, has_words

_NS = 1_000_000_000
_SENTENCE_SHARE = 0.4
"""Audio of a smaller part of a sentence's expected length does not end the sentence."""

Place = Callable[[], tuple[float, float]]
"""Where a word stands in the audio it was pushed on with, as far as is known by now: (start, end)
in s. It is asked when it matters, since a voice may report where a sentence ended only later."""


@dataclass
class PlacedWord(TTSTextFrame):
    """A word that knows where in its utterance's audio it stands."""

    place: Place = lambda: (0.0, 0.0)


class Timing:
    """A text one voice is saying, and the audio it has given out for it.

    `base_s` is where in the utterance's audio the first of this voice's stands.
    """

    def __init__(self, unit_s: float | None, base_s: float = 0.0) -> None:
        self.spoken = Spoken(unit_s)
        self.audio_s = 0.0
        self.base_s = base_s
        self._word_at = 0
        self._word_s = -1.0
        self._context_id: str | None = None
        self._context_s = 0.0
        self._ends_sentences = False

    def place(self, word: int) -> tuple[float, float]:
        """Where the word of this number stands in the utterance's audio, in s."""
        start_s, end_s = self.spoken.voiced(word)
        return self.base_s + start_s, self.base_s + end_s

    def time_word(self, frame: TTSTextFrame, began_ns: int) -> None:
        """The voice reports when a word begins; its clock read `began_ns` at its first audio."""
        if frame.context_id != self._context_id:
            # A service times the words of a further context from the last one's last word.
            self._context_s = 0.0 if self._context_id is None else self._word_s
            self._context_id = frame.context_id
        begin = self._word_at
        end = self.spoken.find(frame.text, begin)
        self._word_at = end
        at_s = ((frame.pts or 0) - began_ns) / _NS
        # Text that was never timed comes with the last word's time.
        if at_s > self._word_s:
            self._word_s = at_s
            self.spoken.mark(begin, at_s)

    def end_sentence(self, text: str) -> bool:
        """The voice reports that `text` is said; False if it ought to have sounded and did not.

        Services with a socket report it when they have sent the text off: that says nothing.
        """
        begin, end = self._word_at, self.spoken.find(text, self._word_at)
        self._word_at = end
        expected_s = self.spoken.expected_s(end) - self.spoken.expected_s(begin)
        had_s = self.audio_s - max(self._context_s, 0.0)
        if had_s >= _SENTENCE_SHARE * expected_s:
            self.spoken.mark(end, self.audio_s)
            self._context_s, self._ends_sentences = self.audio_s, True
            return True
        return had_s > 0 or not self._ends_sentences or not has_words(text)
