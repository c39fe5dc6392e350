"""Runs one real Pipecat service against an emulator and collects the frames it pushes."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from pipecat.frames.frames import (
    ErrorFrame,
    Frame,
    LLMContextFrame,
    LLMTextFrame,
    OutputAudioRawFrame,
    StartFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.workers.runner import WorkerRunner

from emulators.word_tones import decode
from tests.fakes.waiting import PATIENCE_S

AnyFrame = TypeVar("AnyFrame", bound=Frame)


class _Tap(FrameProcessor):
    def __init__(self, frames: list[Frame], arrived: asyncio.Condition, side: FrameDirection):
        super().__init__(enable_direct_mode=True)
        self._frames, self._arrived, self._side = frames, arrived, side

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if direction is self._side:
            async with self._arrived:
                self._frames.append(frame)
                self._arrived.notify_all()
        await self.push_frame(frame, direction)


class Rig:
    """A running pipeline of one service: push frames in, wait for what comes out."""

    def __init__(self, worker: PipelineWorker, frames: list[Frame], arrived: asyncio.Condition):
        self._worker, self._arrived = worker, arrived
        self.frames = frames

    async def push(self, *frames: Frame) -> None:
        """Queue `frames` at the head of the pipeline."""
        for frame in frames:
            await self._worker.queue_frame(frame)

    def all(self, kind: type[AnyFrame]) -> list[AnyFrame]:
        """The frames of `kind` so far, both directions."""
        return [frame for frame in self.frames if isinstance(frame, kind)]

    async def wait_for(
        self, kind: type[AnyFrame], count: int = 1, timeout_s: float = PATIENCE_S
    ) -> None:
        """Wait until `count` frames of `kind` have come; TimeoutError otherwise."""
        await self.wait_until(lambda: len(self.all(kind)) >= count, timeout_s)

    async def wait_until(self, is_so: Callable[[], bool], timeout_s: float = PATIENCE_S) -> None:
        """Wait until `is_so`, asked whenever a frame comes; TimeoutError otherwise."""
        async with asyncio.timeout(timeout_s), self._arrived:
            await self._arrived.wait_for(is_so)

    async def wait_for_error(self, text: str, timeout_s: float = PATIENCE_S) -> None:
        """Wait until an error frame says `text`; TimeoutError otherwise."""
        await self.wait_until(lambda: text in self.errors, timeout_s)

    async def stays_without(self, kind: type[Frame], for_s: float = 0.15) -> bool:
        """Whether no frame of `kind` comes for so long."""
        try:
            await self.wait_for(kind, len(self.all(kind)) + 1, for_s)
        except TimeoutError:
            return True
        return False

    async def ask(self, **context: Any) -> None:
        """Queue a conversation of one question, with `context` beside its messages."""
        question: Any = {"role": "user", "content": "When do you open?"}
        await self.push(LLMContextFrame(LLMContext([question], **context)))

    @property
    def said(self) -> str:
        """All text of a model."""
        return "".join(frame.text for frame in self.all(LLMTextFrame))

    @property
    def pcm(self) -> bytes:
        """All audio of a voice."""
        return b"".join(frame.audio for frame in self.all(OutputAudioRawFrame))

    def heard(self, rate_hz: int = 24_000) -> list[str]:
        """The whole words of the tones in that audio."""
        return [word.text for word in decode(self.pcm, rate_hz) if word.is_whole]

    @property
    def errors(self) -> str:
        """The messages of all error frames, a line each."""
        return "\n".join(frame.error for frame in self.all(ErrorFrame))


@asynccontextmanager
async def running(
    service: FrameProcessor, *, in_hz: int = 16_000, out_hz: int = 24_000
) -> AsyncIterator[Rig]:
    """A pipeline of `service` alone; cancelled on the way out."""
    frames: list[Frame] = []
    arrived = asyncio.Condition()
    source = _Tap(frames, arrived, FrameDirection.UPSTREAM)
    sink = _Tap(frames, arrived, FrameDirection.DOWNSTREAM)
    worker = PipelineWorker(
        Pipeline([source, service, sink]),
        cancel_on_idle_timeout=False,
        enable_rtvi=False,
        params=PipelineParams(audio_in_sample_rate=in_hz, audio_out_sample_rate=out_hz),
    )
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    running_task = asyncio.create_task(runner.run())
    rig = Rig(worker, frames, arrived)
    try:
        await rig.wait_for(StartFrame)
        yield rig
    finally:
        await worker.cancel()
        async with asyncio.timeout(10):
            await running_task
        # Pipecat's services of OpenAI's and Anthropic's clients leave them open.
        close = getattr(getattr(service, "_client", None), "close", None)
        if inspect.iscoroutinefunction(close):
            await close()
