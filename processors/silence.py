"""Bridges the wait for an answer: never longer than a bot allows between the caller and a sound.

caller    ...Saturday?|
filler                |<- max_silence ->|  ~ ~|         cut as soon as the answer comes
answer                                          |"Yes, we are open ..."
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from pipecat.audio.utils import create_file_resampler
from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    CancelFrame,
    EndFrame,
    Frame,
    FunctionCallCancelFrame,
    FunctionCallInProgressFrame,
    FunctionCallResultFrame,
    InterruptionFrame,
    OutputAudioRawFrame,
    TTSAudioRawFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor, FrameProcessorSetup

_CHUNK_S = 0.04
_BYTES_PER_SAMPLE = 2
_LEAD_S = 0.08
"""How far the filler is ahead of what is heard: what the answer has to wait for at most."""


class SilencePolicy:
    """When a filler is due: pure, times are seconds of one monotonic clock.

    `max_silence_s` counts from the end of the caller's turn; once a turn at most. While a tool runs
    that the answer waits for, the filler comes again and again, that long after what the bot said.
    """

    def __init__(self, max_silence_s: float = 3.0) -> None:
        self._max_silence_s = max_silence_s
        self._due_s: float | None = None
        self._tools: set[str] = set()
        self._is_bot_speaking = False

    @property
    def due_s(self) -> float | None:
        """When a filler is due; None while the bot owes no sound."""
        return self._due_s

    def caller_stopped(self, now_s: float) -> None:
        """The caller's turn is over: the bot owes a sound."""
        self._due_s = now_s + self._max_silence_s

    def sounded(self, now_s: float) -> None:
        """Something else is heard, such as a bot's own hold music: the wait begins behind it."""
        if self._due_s is not None:
            self._due_s = now_s + self._max_silence_s

    def relieve(self) -> None:
        """There is a sound, or the silence is the caller's again."""
        self._due_s = None

    def bot_started(self) -> None:
        """The bot is heard."""
        self._is_bot_speaking = True
        self.relieve()

    def bot_stopped(self, now_s: float) -> None:
        """The bot is silent; it still owes a sound if it has left to look something up."""
        self._is_bot_speaking = False
        if self._tools:
            self._due_s = now_s + self._max_silence_s

    def tool_started(self, call_id: str, now_s: float) -> None:
        """The answer waits for a tool."""
        self._tools.add(call_id)
        if self._due_s is None and not self._is_bot_speaking:
            self._due_s = now_s + self._max_silence_s

    def tool_ended(self, call_id: str) -> None:
        """The tool is done, or was given up."""
        self._tools.discard(call_id)

    def take(self, now_s: float) -> bool:
        """Whether to sound now; after a yes, not again before the caller's next turn, unless a tool
        goes on running."""
        if self._due_s is None or now_s < self._due_s:
            return False
        self._due_s = now_s + self._max_silence_s if self._tools else None
        return True


class SilenceGuard(FrameProcessor):
    """Plays a filler when the answer is late, and cuts it off when the answer comes.

    Stands right before the output transport and passes every frame on: the end of the caller's
    turn starts the wait, the bot's TTSAudioRawFrame, the caller's next turn, an interruption and
    the end of the call end it, and the filler with it. Other OutputAudioRawFrames, as of hold music
    that a processor of the bot's own plays, begin the wait anew. A FunctionCallInProgressFrame that
    the answer waits for starts it too, from either side, and again when the bot has said that it is
    looking.

    Emits the filler as plain OutputAudioRawFrames of 40 ms, at the pipeline's output rate and
    little ahead of the clock: the output plays them without taking the bot for speaking, and no
    text goes with them, so turns and conversation know nothing of it.

    Args:
        filler_pcm: what to play, PCM s16le, mono; nothing is played when it is empty.
        sample_rate_hz: of `filler_pcm`.
        max_silence_s: between the end of the caller's turn and some sound, in s.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        filler_pcm: bytes,
        sample_rate_hz: int,
        max_silence_s: float = 3.0,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._pcm = filler_pcm
        self._rate_hz = sample_rate_hz
        self._policy = SilencePolicy(max_silence_s)
        self._clock = clock
        self._bridge: asyncio.Task[None] | None = None

    async def setup(self, setup: FrameProcessorSetup) -> None:
        """Bring the filler to the output's rate."""
        await super().setup(setup)
        out_hz = setup.audio_out_sample_rate
        self._pcm = await create_file_resampler().resample(self._pcm, self._rate_hz, out_hz)
        self._rate_hz = out_hz

    async def cleanup(self) -> None:
        """End the wait or the filler."""
        await super().cleanup()
        await self._relieve()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Watch `frame` and pass it on."""
        await super().process_frame(frame, direction)
        self._watch_tools(frame)
        if direction is FrameDirection.DOWNSTREAM:
            await self._watch(frame)
        elif isinstance(frame, BotStartedSpeakingFrame):
            self._policy.bot_started()
        elif isinstance(frame, BotStoppedSpeakingFrame):
            self._policy.bot_stopped(self._clock())
            self._begin_to_wait()
        await self.push_frame(frame, direction)

    async def _watch(self, frame: Frame) -> None:
        if isinstance(frame, UserStoppedSpeakingFrame):
            await self._relieve()
            self._policy.caller_stopped(self._clock())
            self._begin_to_wait()
        elif isinstance(frame, _SOUNDS):
            await self._relieve()
        elif isinstance(frame, OutputAudioRawFrame):
            self._policy.sounded(self._clock())

    def _watch_tools(self, frame: Frame) -> None:
        # Either way: a processor behind this one that runs a tool tells of it upstream.
        if isinstance(frame, FunctionCallInProgressFrame):
            if frame.cancel_on_interruption:
                self._policy.tool_started(frame.tool_call_id, self._clock())
                self._begin_to_wait()
        elif isinstance(frame, (FunctionCallResultFrame, FunctionCallCancelFrame)):
            self._policy.tool_ended(frame.tool_call_id)

    def _begin_to_wait(self) -> None:
        if self._policy.due_s is not None and (self._bridge is None or self._bridge.done()):
            self._bridge = self.create_task(self._wait_and_play())

    async def _relieve(self) -> None:
        self._policy.relieve()
        bridge, self._bridge = self._bridge, None
        if bridge is not None and not bridge.done():
            await self.cancel_task(bridge)

    async def _wait_and_play(self) -> None:
        while (due_s := self._policy.due_s) is not None:
            if self._policy.take(self._clock()):
                await self._play()
            else:
                await asyncio.sleep(due_s - self._clock())

    async def _play(self) -> None:
        started_s = self._clock()
        step = round(self._rate_hz * _CHUNK_S) * _BYTES_PER_SAMPLE
        for number, start in enumerate(range(0, len(self._pcm), step)):
            ahead_s = number * _CHUNK_S - (self._clock() - started_s)
            if ahead_s > _LEAD_S:
                await asyncio.sleep(ahead_s - _LEAD_S)
            chunk = self._pcm[start : start + step]
            await self.push_frame(OutputAudioRawFrame(chunk, self._rate_hz, 1))


_SOUNDS = (
    TTSAudioRawFrame,
    UserStartedSpeakingFrame,
    InterruptionFrame,
    EndFrame,
    CancelFrame,
)
