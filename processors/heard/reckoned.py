"""The words of a voice that stands alone, placed in its audio by what it reports: pure.

A chain of voices places its words itself (`processors.fallback`). A single service announces each
sentence and then says when each word begins, or that a sentence is over, or nothing; between two
such marks words take their share of the letters.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from pipecat.frames.frames import AggregatedTextFrame, AggregatedTextProgressFrame, TTSTextFrame

from processors.fallback.timing import Timing
from processors.heard.line import Word


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    frame: AggregatedTextFrame


class ReckonedWords:
    """The words of one context of a service; `unit_s` is its pace so far, in s a letter."""

    def __init__(self, unit_s: float | None) -> None:
        self._timing = Timing(unit_s)
        self._began_ns: int | None = None

    @property
    def unit_s(self) -> float | None:
        """The pace that this context's marks show."""
        return self._timing.spoken.unit_s

    def announce(self, frame: AggregatedTextFrame) -> list[Word]:
        """The service is about to say `frame`; its words."""
        spoken = self._timing.spoken
        known, start = len(spoken.words), len(spoken.text)
        spoken.extend(frame.text.strip() + " ")
        spoken.take_up(len(spoken.text))
        sentence = _Sentence(start, len(spoken.text) - 1, frame)
        return [self._word(number, sentence) for number in range(known, len(spoken.words))]

    def begin(self, now_ns: int) -> None:
        """The first of the audio, or of its words: the service stamps words from here on."""
        if self._began_ns is None:
            self._began_ns = now_ns

    def sounds(self, length_s: float) -> None:
        """The service gives out more audio."""
        self._timing.audio_s += length_s

    def report(self, frame: TTSTextFrame) -> None:
        """The service says when a word begins, or that a sentence is over."""
        if frame.pts and self._began_ns is not None:
            # No word comes before the first of the audio, however late either was seen.
            self._began_ns = min(self._began_ns, frame.pts)
            self._timing.time_word(frame, self._began_ns)
        elif not frame.pts:
            self._timing.end_sentence(frame.text)

    def _word(self, number: int, sentence: _Sentence) -> Word:
        spoken = self._timing.spoken
        place, text = spoken.words[number], spoken.text
        progress = AggregatedTextProgressFrame(
            segment_id=sentence.frame.id,
            context_id=sentence.frame.context_id,
            text=text[sentence.start : sentence.end],
            text_type=sentence.frame.text_type,
            accumulated_text=text[sentence.start : place.end],
            remaining_text=text[place.end : sentence.end],
        )
        return Word(
            text[place.span],
            partial(self._timing.place, number),
            is_glued=text[place.end : place.end + 1].strip() != "",
            segment_id=sentence.frame.id,
            progress=progress,
        )
