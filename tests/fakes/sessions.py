"""Sessions without a bot: one that echoes the caller through a real pipeline, and awkward ones."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from pipecat.frames.frames import (
    EndFrame,
    Frame,
    InputAudioRawFrame,
    OutputAudioRawFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.processors.frameworks.rtvi.frames import RTVIServerMessageFrame
from pipecat.transports.base_transport import BaseTransport
from pipecat.workers.runner import WorkerRunner

from bots.record import EndReason, OnSessionEvent, SessionEvent, SessionRecord
from bots.spec import BotSpec
from server.transports.hold import ignore

RATE_HZ = 16_000


class Echo(FrameProcessor):
    """Says back what it hears."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, InputAudioRawFrame):
            frame = OutputAudioRawFrame(frame.audio, frame.sample_rate, frame.num_channels)
        await self.push_frame(frame, direction)


class EchoSession:
    """A session whose bot is an echo; it introduces itself as BotSession does."""

    def __init__(
        self,
        *,
        session_id: str,
        spec: BotSpec,
        transport: BaseTransport,
        transport_name: str,
        on_event: OnSessionEvent | None = None,
        session_secret: str | None = None,
        resume_s: float = 0,
    ) -> None:
        self.record = SessionRecord(
            session_id, spec.name, spec.version, transport_name, started_at=time.time()
        )
        self.connects = 0
        self._on_event = on_event
        self._ending = asyncio.Event()
        self._worker = PipelineWorker(
            Pipeline([transport.input(), Echo(), transport.output()]),
            params=PipelineParams(audio_in_sample_rate=RATE_HZ, audio_out_sample_rate=RATE_HZ),
        )

        @transport.event_handler("on_client_connected")
        async def connected(*_: Any) -> None:
            self.connects += 1
            self.record.connected_at = time.time()

        @transport.event_handler("on_client_disconnected")
        async def disconnected(*_: Any) -> None:
            await self.stop(EndReason.CALLER_HUNG_UP)

        @self._worker.rtvi.event_handler("on_client_ready")
        async def ready(*_: Any) -> None:
            data = {"type": "offhook/session", "session_secret": session_secret, "bot": spec.name}
            await self._worker.queue_frame(RTVIServerMessageFrame(data=data))

    async def run(self) -> SessionRecord:
        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(self._worker)
        running = asyncio.create_task(runner.run())
        ending = asyncio.create_task(self._ending.wait())
        await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if not running.done():
            if self.record.end_reason in (EndReason.DRAIN, EndReason.OPERATOR):
                await self._worker.queue_frame(EndFrame())
                await asyncio.wait({running}, timeout=1)
            await self._worker.cancel()
            await asyncio.wait({running}, timeout=5)
        if self._on_event:
            self._on_event(SessionEvent(self.record.id, "ended"))
        return self.record

    async def stop(self, reason: str) -> None:
        self.record.end_reason = self.record.end_reason or str(reason)
        self._ending.set()


class QuietSession:
    """A session that does nothing until it is stopped; `manner` says how it takes that."""

    def __init__(self, *, manner: str = "ends", **given: Any) -> None:
        self.record = SessionRecord(
            given["session_id"],
            given["spec"].name,
            given["spec"].version,
            given["transport_name"],
            started_at=time.time(),
        )
        self._manner = manner
        self._stopped = asyncio.Event()
        self.let_go = asyncio.Event()

    async def run(self) -> SessionRecord:
        if self._manner == "fails":
            raise RuntimeError("no such luck")
        await self._stopped.wait()
        while self._manner == "ignores everything" and not self.let_go.is_set():
            try:
                await self.let_go.wait()
            except asyncio.CancelledError:
                continue
        if self._manner == "ignores stop":
            await self.let_go.wait()
        return self.record

    async def stop(self, reason: str) -> None:
        self.record.end_reason = self.record.end_reason or str(reason)
        self._stopped.set()


class NoTransport(BaseTransport):
    """A transport that leads nowhere."""

    def input(self) -> FrameProcessor:
        return FrameProcessor()

    def output(self) -> FrameProcessor:
        return FrameProcessor()


class StillConnection:
    """A connection that carries nothing and notes what is asked of it."""

    name = "websocket"

    def __init__(self) -> None:
        self.on_lost: Callable[[], None] = ignore
        self.on_restored: Callable[[], None] = ignore
        self.on_gone: Callable[[EndReason], None] = ignore
        self.transport = NoTransport()
        self.asked: list[str] = []

    async def control(self, operation: Any, body: Any) -> dict[str, Any]:
        self.asked.append(str(operation))
        return {}

    def release(self) -> None:
        self.asked.append("release")

    async def close(self) -> None:
        self.asked.append("close")
