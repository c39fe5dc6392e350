"""One utterance of the bot on its way through the voices of a TTS chain: pure, no clock, no I/O.

utterance   one two three four
attempt 1   one two thr|             dropped: "three" is said again
attempt 2               three four
frames      Started, audio..., audio..., Stopped: once; each word's text once, when it is heard
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from functools import partial

from pipecat.frames.frames import (
    AggregatedTextFrame,
    AggregatedTextProgressFrame,
    Frame,
    LLMAssistantPushAggregationFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
)
from pipecat.utils.text.base_text_aggregator import TextType

from processors.fallback.failure import Failure
from processors.fallback.timing import Place, PlacedWord, Timing

_NS = 1_000_000_000
_WHOLE_SHARE = 0.5
"""A voice that ends in order has left something out only if it said less than this part ..."""
_LEAST_LEFT_S = 0.5
"""... and if so much is missing."""
_SLACK_S = 0.12
"""A last word's end is reckoned, not reported: so much may be missing and nothing is."""


class Attempt(Timing):
    """One voice's try at the text of an utterance from character `begins` on.

    `base_s` is how much of the utterance's audio came from other voices before; `shift_ns` is when
    the first of its own is played, by the pipeline's clock; `ends_s` is when what came back of it
    is judged, with `failure` if it failed.
    """

    def __init__(self, member: int, begins: int, unit_s: float | None, base_s: float = 0.0) -> None:
        super().__init__(unit_s, base_s)
        self.member = member
        self.begins = begins
        self.stretch: int | None = None
        self.shift_ns = 0
        self.is_finished = False
        self.ends_s: float | None = None
        self.failure: Failure | None = None
        self.released = 0
        self._due_s: float | None = None
        self._due_audio_s = 0.0

    def sounds(self, length_s: float, now_s: float) -> None:
        """So much more audio has come out."""
        if self._due_s is None:
            self._due_s = now_s
        self.audio_s += length_s

    def rests(self, now_s: float) -> None:
        """The voice owes nothing now."""
        self._due_s, self._due_audio_s = now_s, self.audio_s

    def keeps_up_till_s(self, now_s: float) -> float:
        """Until when the audio since the voice last rested would sound, at most till now.

        A voice that trickles is behind the clock as surely as one that has stopped.
        """
        due_s = now_s if self._due_s is None else self._due_s
        return min(now_s, due_s + self.audio_s - self._due_audio_s)

    @property
    def is_due(self) -> bool:
        """Whether the voice owes audio: it has taken up text that is not said yet, or all of it."""
        if self.is_finished or self.stretch is None:
            return True
        return self.spoken.expected_s(self.spoken.limit) - self.audio_s > _SLACK_S

    @property
    def is_through(self) -> bool:
        """Whether all that the voice was given has sounded, as far as its audio tells."""
        return self.audio_s > 0 and self._left_s() <= _SLACK_S

    @property
    def is_cut_short(self) -> bool:
        """Whether a voice that says it is through has left out a good part of the text."""
        left_s = self._left_s()
        return left_s > _LEAST_LEFT_S and self.audio_s < _WHOLE_SHARE * (self.audio_s + left_s)

    @property
    def resumes(self) -> int:
        """Where in the utterance the next voice goes on: the start of the first unheard word."""
        heard = self.spoken.heard(self.audio_s)
        words = self.spoken.words
        return self.begins + (words[heard].start if heard < len(words) else len(self.spoken.text))

    def take_up(self, piece: str) -> tuple[int, int]:
        """The voice is about to say `piece`; returns its place in the utterance."""
        start = self.spoken.limit
        end = self.spoken.find(piece, start)
        self.spoken.take_up(end)
        return self.begins + start, self.begins + end

    def _left_s(self) -> float:
        return self.spoken.expected_s(len(self.spoken.text)) - self.audio_s


@dataclass(frozen=True, slots=True)
class _Segment:
    start: int
    end: int
    id: int


@dataclass
class Utterance:
    """What is said in one go: a reply, or a line of its own.

    Attributes:
        append_to_context: whether the words become part of the conversation.
        is_reply: whether a model's reply frames stand around it; a line of its own commits itself.
        interruptible: whether the caller can cut it off.
        text_type: of the sentences announced to the page.
        is_closed: whether all of its text is there.
        is_lost: whether every voice has failed on it.
        audio_s: how much audio of it was pushed on.
    """

    append_to_context: bool = True
    is_reply: bool = True
    interruptible: bool = True
    text_type: TextType | str = TextType.SENTENCE
    text: str = ""
    is_closed: bool = False
    is_lost: bool = False
    attempt: Attempt | None = None
    resumes: int = 0
    last_pts: int = 0
    audio_s: float = 0.0
    context_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    _is_started: bool = False
    _announced: int = 0
    _segments: list[_Segment] = field(default_factory=list)

    @property
    def rest(self) -> str:
        """What no voice has said yet, as known when the last one was dropped."""
        return self.text[self.resumes :]

    def announce(self, start: int, end: int) -> list[Frame]:
        """`text[start:end]` is about to be said; told once, whichever voice takes it up."""
        start = max(start, self._announced)
        sentence = self.text[start:end].strip()
        if not sentence:
            return []
        self._announced = end
        frame = AggregatedTextFrame(sentence, self.text_type, raw_text=sentence)
        frame.append_to_context = False
        frame.context_id = self.context_id
        frame.will_be_spoken = True
        self._segments.append(_Segment(start, end, frame.id))
        return [self._own(frame)]

    def start(self) -> list[Frame]:
        """The first audio is there."""
        if self._is_started:
            return []
        self._is_started = True
        return [self._own(TTSStartedFrame(self.context_id, self.append_to_context))]

    def release(self, attempt: Attempt, heard: int | None = None) -> list[Frame]:
        """The text of the words that have sounded since the last call, each with its time."""
        spoken = attempt.spoken
        heard = spoken.heard(attempt.audio_s) if heard is None else heard
        frames: list[Frame] = []
        for number in range(attempt.released, heard):
            word = spoken.words[number]
            at_ns = attempt.shift_ns + round(spoken.starts_s(number) * _NS)
            self.last_pts = max(self.last_pts, at_ns, 1)
            start, end = attempt.begins + word.start, attempt.begins + word.end
            frames += self._word(start, end, partial(attempt.place, number))
        attempt.released = max(attempt.released, heard)
        return frames

    def stop(self) -> list[Frame]:
        """The utterance is over."""
        if not self._is_started:
            return []
        stopped = TTSStoppedFrame(self.context_id)
        if self.last_pts:
            stopped.pts = self.last_pts
        frames: list[Frame] = [self._own(stopped)]
        if self.append_to_context and not self.is_reply:
            commit = LLMAssistantPushAggregationFrame()
            # Behind the last word, which waits for its time in the output.
            commit.pts = self.last_pts + 1 if self.last_pts else None
            frames.append(self._own(commit))
        return frames

    def _word(self, start: int, end: int, place: Place) -> list[Frame]:
        segment = next((s for s in self._segments if s.start <= start < s.end), None)
        frame = PlacedWord(self.text[start:end], TextType.WORD, place=place)
        frame.context_id = self.context_id
        frame.append_to_context = self.append_to_context
        frame.includes_inter_frame_spaces = self.text[end : end + 1].strip() != ""
        frame.pts = self.last_pts
        if segment is None:
            return [self._own(frame)]
        frame.segment_id = segment.id
        progress = AggregatedTextProgressFrame(
            segment_id=segment.id,
            context_id=self.context_id,
            text=self.text[segment.start : segment.end].strip(),
            text_type=self.text_type,
            accumulated_text=self.text[segment.start : end].lstrip(),
            remaining_text=self.text[end : segment.end].rstrip(),
        )
        progress.pts = self.last_pts
        return [self._own(frame), self._own(progress)]

    def _own(self, frame: Frame) -> Frame:
        frame.interruptible = self.interruptible
        return frame
