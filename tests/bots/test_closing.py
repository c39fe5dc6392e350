"""A pipeline is closed in bounded time, however it behaves."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from pipecat.frames.frames import EndFrame, Frame
from pipecat.pipeline.worker import PipelineWorker

from bots import closing
from bots.closing import close

pytestmark = pytest.mark.unit


class Worker:
    """A pipeline that heeds an EndFrame, a cancellation, both or neither."""

    def __init__(self, *, ends: bool, cancels: bool) -> None:
        self.asked: list[str] = []
        self._ends = ends
        self._cancels = cancels
        self._closed = asyncio.Event()

    async def run(self) -> None:
        await self._closed.wait()

    async def queue_frame(self, frame: Frame) -> None:
        assert isinstance(frame, EndFrame)
        self.asked.append("end")
        if self._ends:
            self._closed.set()

    async def cancel(self, **said: Any) -> None:
        self.asked.append(f"cancel: {said['reason']}")
        if self._cancels:
            self._closed.set()


@pytest.mark.parametrize(
    ("ends", "cancels", "has_listener", "asked", "has_closed"),
    [
        (True, True, True, ["end"], True),
        (False, True, True, ["end", "cancel: drain"], True),
        (True, True, False, ["cancel: drain"], True),
        (False, False, True, ["end", "cancel: drain"], False),
    ],
)
async def test_a_pipeline_is_ended_else_cancelled_else_abandoned(
    monkeypatch: pytest.MonkeyPatch,
    ends: bool,
    cancels: bool,
    has_listener: bool,
    asked: list[str],
    has_closed: bool,
) -> None:
    """Nobody waits for what a gone caller would have heard; what heeds nothing is let go."""
    monkeypatch.setattr(closing, "CLOSE_TIMEOUT_S", 0.01)
    worker = Worker(ends=ends, cancels=cancels)
    running = asyncio.create_task(worker.run())
    closed = await close(cast(PipelineWorker, worker), running, "drain", has_listener=has_listener)
    assert (closed, worker.asked) == (has_closed, asked)
    await asyncio.wait({running})
    assert running.cancelled() is not has_closed
