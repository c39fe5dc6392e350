"""A running pipeline round a conversation, fed by hand: frames from wherever, as a test likes."""

from __future__ import annotations

import asyncio
from typing import Any, Self

from pipecat.frames.frames import Frame, TranscriptionFrame, VADUserStoppedSpeakingFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.workers.runner import WorkerRunner

from tests.fakes.listener import Heard


class HandFed:
    """Runs while it is entered; `heard` stands behind the processors."""

    def __init__(self, context: LLMContext, *processors: FrameProcessor) -> None:
        self.context = context
        self.heard = Heard()
        self.worker = PipelineWorker(Pipeline([*processors, self.heard]), enable_rtvi=False)

    async def __aenter__(self) -> Self:
        self._runner = WorkerRunner(handle_sigint=False)
        await self._runner.add_workers(self.worker)
        self._running = asyncio.create_task(self._runner.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.worker.cancel()
        await self._running

    async def give(self, *frames: Frame) -> None:
        """Frames at the head of the pipeline."""
        for frame in frames:
            await self.worker.queue_frame(frame)

    async def hear(self, words: str) -> None:
        """The VAD's stop and the ears' final."""
        await self.give(VADUserStoppedSpeakingFrame(stop_secs=0.0))
        transcript = TranscriptionFrame(words, "caller", "2026-01-01T00:00:00Z", finalized=True)
        await self.give(transcript)

    @property
    def said(self) -> list[str]:
        """The conversation."""
        messages: list[Any] = self.context.get_messages()
        return [message["content"] for message in messages]
