"""Writes down each word of the bot as the caller hears it, behind the output.

output     MARK audio audio audio Stopped  ReplyEnd
heard                 "we"  "are"                        to the page, as it is written
context               "we"  "are"          ReplyEnd      the same, behind by the transport's lag
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

from pipecat.frames.frames import (
    AggregatedTextFrame,
    AggregatedTextProgressFrame,
    EndFrame,
    Frame,
    InterruptionFrame,
    SystemFrame,
    TTSAudioRawFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.utils.text.base_text_aggregator import TextType

from processors.heard.line import Line, Tally, Word
from processors.heard.marks import LineMark

Lag = Callable[[], float]
"""How far what the caller hears is behind what was written, in s, of what an interruption would
still throw away; a carrier that reports what it has played can tell it anew each time."""


def no_lag() -> float:
    """For a transport whose caller hears all that was written."""
    return 0.0


class HeardLedger(FrameProcessor):
    """Tells the conversation and the page of each word as its audio leaves.

    Stands right behind the output, which pushes on each piece of audio that it has written:
    TTSAudioRawFrames after a LineMark are counted, and each word of that line whose last sample is
    out becomes a TTSTextFrame for the conversation, `lag` later, and one for the page with its
    AggregatedTextProgressFrame, at once. Swallows LineMark and every other TTSTextFrame. Control
    and data frames keep their place behind the words that wait, system frames pass at once. An
    interruption drops the words that were not heard; what was heard is in the context already, as
    the aggregator commits then. An EndFrame lets all that was written count.

    It works in the tasks of the output, so that no queue stands between a word and its audio.

    Args:
        output: the transport's output; the page's words are pushed in its name.
        tally: counts the words heard.
        lag: of the transport.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        output: FrameProcessor,
        tally: Tally,
        *,
        lag: Lag = no_lag,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(enable_direct_mode=True)
        self._output = output
        self._tally = tally
        self._lag = lag
        self._clock = clock
        self._line: Line | None = None
        self._waiting: deque[tuple[float, Frame]] = deque()
        self._waiter: asyncio.Task[None] | None = None

    async def cleanup(self) -> None:
        """Stop waiting."""
        await super().cleanup()
        if self._waiter:
            await self.cancel_task(self._waiter)
            self._waiter = None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Count `frame` if it is audio, and pass it on."""
        await super().process_frame(frame, direction)
        if direction is FrameDirection.UPSTREAM:
            await self.push_frame(frame, direction)
            return
        match frame:
            case TTSTextFrame() | AggregatedTextProgressFrame():
                return
            case LineMark(line=line):
                await self._close_line()
                self._line = line
            case TTSAudioRawFrame():
                if self._line:
                    self._line.wrote(frame.num_frames / frame.sample_rate)
                    await self._tell(self._line, self._line.heard())
                await self.push_frame(frame)
            case TTSStoppedFrame():
                await self._close_line()
                await self._pass(frame)
            case InterruptionFrame():
                await self._interrupt(frame)
            case EndFrame():
                await self._let_out(all_of_it=True)
                await self.push_frame(frame)
            case SystemFrame():
                await self.push_frame(frame)
            case AggregatedTextFrame() if frame.will_be_spoken:
                await self.push_frame(frame)
            case _:
                await self._pass(frame)

    async def _close_line(self) -> None:
        line, self._line = self._line, None
        if line:
            await self._tell(line, line.rest())

    async def _tell(self, line: Line, words: list[Word]) -> None:
        for word in words:
            if line.append_to_context:
                self._tally.heard += 1
                await self._pass(_text(word, line, append_to_context=True))
            # Observers take what the caller hears from the output alone.
            await self._output.push_frame(_text(word, line, append_to_context=False))
            if word.progress:
                await self._output.push_frame(word.progress)

    async def _interrupt(self, frame: InterruptionFrame) -> None:
        line = self._line
        self._waiting = deque(item for item in self._waiting if not item[1].interruptible)
        if line and line.interruptible:
            self._line = None
        await self.push_frame(frame)
        if line and not line.interruptible and line.append_to_context:
            # The aggregator has closed the turn, and the line goes on.
            await self.push_frame(TTSStartedFrame(line.context_id, append_to_context=True))

    # Behind the lag

    async def _pass(self, frame: Frame) -> None:
        lag_s = self._lag()
        if not self._waiting and lag_s <= 0:
            await self.push_frame(frame)
            return
        due_s = self._clock() + lag_s if isinstance(frame, TTSTextFrame) else 0.0
        self._waiting.append((due_s, frame))
        if self._waiter is None or self._waiter.done():
            self._waiter = self.create_task(self._wait())

    async def _wait(self) -> None:
        while self._waiting:
            await self._let_out()
            if self._waiting:
                await asyncio.sleep(self._waiting[0][0] - self._clock())

    async def _let_out(self, *, all_of_it: bool = False) -> None:
        while self._waiting and (all_of_it or self._waiting[0][0] <= self._clock()):
            await self.push_frame(self._waiting.popleft()[1])


def _text(word: Word, line: Line, *, append_to_context: bool) -> TTSTextFrame:
    frame = TTSTextFrame(word.text, TextType.WORD, segment_id=word.segment_id)
    frame.context_id = line.context_id
    frame.append_to_context = append_to_context
    frame.includes_inter_frame_spaces = word.is_glued
    frame.interruptible = line.interruptible
    return frame
