"""Takes the words out of the bot's audio and marks in it where a line begins, before the output.

from the voice   Started  audio  "we"  audio  "are"  Stopped  Commit
to the output    Started  MARK   audio audio         Stopped  Commit
on the side      line: we (0.0-0.2 s), are (0.2-0.4 s)              -> processors.heard.ledger
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pipecat.frames.frames import (
    AggregatedTextFrame,
    AggregatedTextProgressFrame,
    ControlFrame,
    Frame,
    InterruptionFrame,
    LLMAssistantPushAggregationFrame,
    LLMFullResponseEndFrame,
    TTSAudioRawFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from processors.fallback.timing import PlacedWord
from processors.heard.line import Line, Tally, Word
from processors.heard.reckoned import ReckonedWords


@dataclass
class LineMark(ControlFrame):
    """The audio of `line` follows: it keeps its place among the audio that waits in the output."""

    line: Line = field(default_factory=lambda: Line(None))


@dataclass
class _Open:
    """A line that the voice is at."""

    line: Line
    reckoned: ReckonedWords
    is_marked: bool = False


class LineMarker(FrameProcessor):
    """Keeps the words of the bot's audio for the ledger behind the output.

    Stands behind the voice. Swallows TTSTextFrame and AggregatedTextProgressFrame, downstream, and
    keeps them as words of their context's `Line`. Emits a LineMark ahead of each context's audio.
    Passes all else on, and takes their presentation times off the announcements of sentences, the
    ends of replies and the orders to commit, which then keep their place among the audio in the
    output: it may wait there, and the clock does not. An order to commit goes behind the audio it
    is about. An interruption drops the lines that it may cut.

    Args:
        tally: counts the words given to the voice.
        is_placed: whether the words come placed (a chain of voices), else they are reckoned.
    """

    def __init__(self, tally: Tally, *, is_placed: bool) -> None:
        super().__init__()
        self._tally = tally
        self._is_placed = is_placed
        self._open: dict[str | None, _Open] = {}
        self._commit: LLMAssistantPushAggregationFrame | None = None
        self._last_pts = 0
        self._unit_s: float | None = None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Take words out of the stream, and pass the rest on."""
        await super().process_frame(frame, direction)
        if direction is FrameDirection.UPSTREAM:
            await self.push_frame(frame, direction)
            return
        match frame:
            case TTSTextFrame():
                self._take_word(frame)
            case AggregatedTextProgressFrame():
                self._take_progress(frame)
            case TTSStartedFrame() | TTSAudioRawFrame():
                await self._give(frame)
            case TTSStoppedFrame():
                await self._stop(frame)
            case LLMAssistantPushAggregationFrame() if self._open:
                frame.pts = None
                self._commit = frame
            case InterruptionFrame():
                self._interrupt()
                await self.push_frame(frame)
            case AggregatedTextFrame():
                self._announce(frame)
                await self.push_frame(frame)
            case LLMFullResponseEndFrame() | LLMAssistantPushAggregationFrame():
                frame.pts = None
                await self.push_frame(frame)
            case _:
                await self.push_frame(frame)

    def _opened(self, frame: AggregatedTextFrame | TTSStartedFrame | TTSAudioRawFrame) -> _Open:
        known = self._open.get(frame.context_id)
        if known is None:
            line = Line(frame.context_id, interruptible=frame.interruptible)
            known = self._open[frame.context_id] = _Open(line, ReckonedWords(self._unit_s))
        return known

    def _announce(self, frame: AggregatedTextFrame) -> None:
        frame.pts = None
        if not frame.will_be_spoken:
            return
        if self._is_placed:
            self._tally.generated += len(frame.text.split())
            return
        opened = self._opened(frame)
        words = opened.reckoned.announce(frame)
        self._tally.generated += len(words)
        for word in words:
            opened.line.add(word)

    def _take_word(self, frame: TTSTextFrame) -> None:
        opened = self._open.get(frame.context_id)
        if opened is None:
            return
        if not isinstance(frame, PlacedWord):
            if frame.pts:
                self._begin(opened)
                self._last_pts = frame.pts
            opened.reckoned.report(frame)
            return
        opened.line.append_to_context = frame.append_to_context
        word = Word(
            frame.text, frame.place, frame.includes_inter_frame_spaces or False, frame.segment_id
        )
        opened.line.add(word)

    def _begin(self, opened: _Open) -> None:
        # As the service itself does: from its first audio on, but not before its last word.
        opened.reckoned.begin(max(self.get_clock().get_time(), self._last_pts))

    def _take_progress(self, frame: AggregatedTextProgressFrame) -> None:
        opened = self._open.get(frame.context_id)
        if self._is_placed and opened and (word := opened.line.last_word):
            frame.pts = None
            word.progress = frame

    async def _give(self, frame: TTSStartedFrame | TTSAudioRawFrame) -> None:
        opened = self._opened(frame)
        if isinstance(frame, TTSStartedFrame):
            opened.line.append_to_context = frame.append_to_context
        else:
            length_s = frame.num_frames / frame.sample_rate
            self._begin(opened)
            opened.line.give(length_s)
            opened.reckoned.sounds(length_s)
        if not opened.is_marked:
            opened.is_marked = True
            mark = LineMark(opened.line)
            mark.interruptible = opened.line.interruptible
            await self.push_frame(mark)
        await self.push_frame(frame)

    async def _stop(self, frame: TTSStoppedFrame) -> None:
        opened = self._open.pop(frame.context_id, None)
        if opened:
            opened.line.close()
            self._unit_s = opened.reckoned.unit_s or self._unit_s
        frame.pts = None
        await self.push_frame(frame)
        commit, self._commit = self._commit, None
        if commit:
            await self.push_frame(commit)

    def _interrupt(self) -> None:
        self._open = {
            key: opened for key, opened in self._open.items() if not opened.line.interruptible
        }
        if not self._open:
            self._commit, self._last_pts = None, 0
