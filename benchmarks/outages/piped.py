"""A chain, or what stands for one, in a running pipeline with a listener behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Generic, TypeVar

from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.workers.runner import WorkerRunner

from processors.fallback.llm import FallbackLLM
from processors.fallback.probes import Prober
from processors.fallback.tts import FallbackTTS

Listening = TypeVar("Listening", bound=FrameProcessor)


class Call(Generic[Listening]):
    """A running pipeline of one chain."""

    def __init__(self, worker: PipelineWorker, listener: Listening, chain: FrameProcessor) -> None:
        self._worker, self.listener, self._chain = worker, listener, chain

    @property
    def in_use(self) -> str:
        """Who answers; only for a chain of ours."""
        assert isinstance(self._chain, FallbackLLM | FallbackTTS)
        return self._chain.in_use.name


@asynccontextmanager
async def piped(
    chain: FrameProcessor,
    listener: FrameProcessor,
    *,
    params: PipelineParams | None = None,
    prober: Prober | None = None,
) -> AsyncIterator[PipelineWorker]:
    """The pipeline's worker until the block ends; `prober` asks the chain's ill members."""
    worker = PipelineWorker(
        Pipeline([chain, listener]),
        cancel_on_idle_timeout=False,
        enable_rtvi=False,
        params=params or PipelineParams(),
    )
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run())
    members = chain.members if isinstance(chain, FallbackLLM | FallbackTTS) else ()
    try:
        with prober.lend(members) if prober else nullcontext():
            yield worker
    finally:
        await worker.cancel()
        await asyncio.wait({running}, timeout=10)
