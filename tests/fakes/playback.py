"""An output whose caller hears as many seconds as the test says, and a conversation behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from pipecat.frames.frames import (
    InterruptionFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    OutputAudioRawFrame,
    StartFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams

from processors.fallback.tts import FallbackTTS
from processors.heard.ledger import HeardLedger, Lag, no_lag
from processors.heard.line import Tally
from processors.heard.marks import LineMarker
from tests.emulators.rig import Rig, running
from tests.fakes.waiting import until

CHUNK_S = 0.04


class SteppedOutput(BaseOutputTransport):
    """Writes a piece of audio for each one granted with `play`; waits before the next."""

    def __init__(self) -> None:
        super().__init__(TransportParams(audio_out_enabled=True))
        self.pcm = bytearray()
        self._granted = asyncio.Semaphore(0)
        self._wants_more = False

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        self._wants_more = True
        await self._granted.acquire()
        self._wants_more = False
        self.pcm += frame.audio
        return True

    def play(self, seconds: float) -> None:
        """Let so much more be heard, in pieces of CHUNK_S."""
        for _ in range(round(seconds / CHUNK_S)):
            self._granted.release()

    def is_waiting(self) -> bool:
        """Whether there is audio that waits to be heard."""
        return self._wants_more

    @property
    def played_s(self) -> float:
        """How much was heard."""
        return len(self.pcm) / 2 / self.sample_rate


@dataclass
class Listening:
    """A voice, the output and what the conversation knows of it."""

    rig: Rig
    output: SteppedOutput
    context: LLMContext
    tally: Tally

    async def reply(self, text: str) -> None:
        """Have `text` said as a model's reply."""
        tokens = [LLMTextFrame(text[at : at + 4]) for at in range(0, len(text), 4)]
        await self.rig.push(LLMFullResponseStartFrame(), *tokens, LLMFullResponseEndFrame())

    async def play(self, seconds: float) -> None:
        """Hear so much more, and wait until it is heard."""
        until_s = self.output.played_s + seconds
        self.output.play(seconds)
        await until(lambda: self.output.played_s >= until_s - 0.001)
        # What was written last is pushed on before the output takes up the next piece.
        await until(self.output.is_waiting)

    async def interrupt(self) -> None:
        """The caller cuts the bot off."""
        seen = len(self.rig.all(InterruptionFrame))
        await self.rig.push(InterruptionFrame())
        await self.rig.wait_for(InterruptionFrame, seen + 1)

    @property
    def said(self) -> list[Any]:
        """What the conversation holds of the bot, a message each."""
        return [
            message.get("content")
            for message in self.context.get_messages()
            if isinstance(message, dict) and message["role"] == "assistant"
        ]


@asynccontextmanager
async def listening(voice: FrameProcessor, *, lag: Lag = no_lag) -> AsyncIterator[Listening]:
    """`voice` before a stepped output, with the ledger round it."""
    tally, output, context = Tally(), SteppedOutput(), LLMContext()
    marker = LineMarker(tally, is_placed=isinstance(voice, FallbackTTS))
    ledger = HeardLedger(output, tally, lag=lag)
    memory = LLMContextAggregatorPair(context).assistant()
    async with running(Pipeline([voice, marker, output, ledger, memory])) as rig:
        try:
            yield Listening(rig, output, context, tally)
        finally:
            output.play(60.0)
