"""A transport whose caller types: lines go in, the bot's words come out, and no audio is made."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pipecat.frames.frames import (
    AggregatedTextFrame,
    Frame,
    LLMConfigureOutputFrame,
    LLMFullResponseEndFrame,
    LLMMessagesAppendFrame,
    StartFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.transports.base_transport import BaseTransport


class _TextInput(FrameProcessor):
    """Emits LLMMessagesAppendFrame for each line, after telling the brain to skip the voice."""

    def __init__(self, owner: TextTransport) -> None:
        super().__init__()
        self._owner = owner

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)
        if isinstance(frame, StartFrame):
            await self.push_frame(LLMConfigureOutputFrame(skip_tts=True))
            await self._owner.connected()


class _TextOutput(FrameProcessor):
    """Shows each sentence (AggregatedTextFrame) that the voice skipped; swallows nothing.

    LLMFullResponseEndFrame ends an answer.
    """

    def __init__(self, owner: TextTransport) -> None:
        super().__init__()
        self._owner = owner

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, AggregatedTextFrame) and frame.skip_tts:
            self._owner.show(f"{frame.text.strip()} ")
        elif isinstance(frame, LLMFullResponseEndFrame):
            self._owner.answered.set()
        await self.push_frame(frame, direction)


class TextTransport(BaseTransport):
    """One caller at a keyboard; `show` gets the bot's words as they come."""

    def __init__(self, show: Callable[[str], None]) -> None:
        super().__init__()
        self.show = show
        self.is_connected = asyncio.Event()
        self.answered = asyncio.Event()
        self._input = _TextInput(self)
        self._output = _TextOutput(self)
        self._register_event_handler("on_client_connected")
        self._register_event_handler("on_client_disconnected")

    def input(self) -> FrameProcessor:
        """What the caller types."""
        return self._input

    def output(self) -> FrameProcessor:
        """What the caller reads."""
        return self._output

    async def ask(self, line: str) -> None:
        """Send a line and wait until the bot has answered it."""
        self.answered.clear()
        await self._input.push_frame(
            LLMMessagesAppendFrame([{"role": "user", "content": line}], run_llm=True)
        )
        await self.answered.wait()

    async def hang_up(self) -> None:
        """The caller leaves."""
        await self._call_event_handler("on_client_disconnected", self)

    async def connected(self) -> None:
        """The pipeline runs: the caller is there."""
        self.is_connected.set()
        await self._call_event_handler("on_client_connected", self)
