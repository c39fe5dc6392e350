"""One call: connect, greet, run, end, record."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

from loguru import logger
from pipecat.frames.frames import (
    EndFrame,
    ErrorFrame,
    Frame,
    InterruptionFrame,
    LLMMessagesAppendFrame,
    LLMRunFrame,
    TTSSpeakFrame,
)
from pipecat.observers.user_bot_latency_observer import UserBotLatencyObserver
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.frameworks.rtvi.frames import RTVIServerMessageFrame
from pipecat.transports.base_transport import BaseTransport
from pipecat.utils.errors import ErrorCategory
from pipecat.workers.runner import WorkerRunner

from bots.closing import close
from bots.failures import Failures, category_of, is_permanent
from bots.journal import Journal
from bots.lag import lag_of
from bots.latency import turn_record
from bots.local.models import LocalModels
from bots.phrases import phrases
from bots.pipeline import BotPipeline, build_pipeline, model_names
from bots.providers.release import release
from bots.record import EndReason, OnSessionEvent, SessionRecord
from bots.spec import KINDS, BotSpec
from bots.speech_to_speech import needs_a_start, said_by_the_model, speaker
from bots.stages import stage_of
from bots.timers import Timers
from processors.fallback.events import AVOIDED, ProviderSwitched
from processors.interruption import FloorEvent
from processors.turn_detection import TurnEnded

CONNECT_TIMEOUT_S = 30.0
"""A session nobody has joined by then ends as never_connected."""
READY_GRACE_S = 2.0
"""A client that speaks no RTVI is greeted this long after it connected."""
IDLE_TIMEOUT_S = 300.0
"""Without a word from either side for this long, the call has been forgotten."""
REACH_TIMEOUT_S = 10.0
"""How long a call that cannot go on waits for its caller to connect and be told so."""


class BotSession:
    """One run of a bot with one caller.

    Args:
        session_id: unguessable, unique, ours (a transport's own id stays inside it).
        spec: what the bot was when the call began; an edit of its file never reaches this call.
        transport: a Pipecat transport, not yet started.
        transport_name: webrtc, websocket, ...: selects the spec's `via` overrides.
        models: the process's loaded local models.
        on_event: told of each connect, greeting, turn, error and end; must not block.
        session_secret: handed to the page so that it can resume and hang up.
        resume_s: how long a lost caller may come back, for the page to know.
    """

    def __init__(
        self,
        *,
        session_id: str,
        spec: BotSpec,
        transport: BaseTransport,
        transport_name: str,
        models: LocalModels,
        on_event: OnSessionEvent | None = None,
        session_secret: str | None = None,
        resume_s: float = 30.0,
    ) -> None:
        self.id = session_id
        self.spec = spec.for_transport(transport_name)
        self.record = SessionRecord(
            id=session_id,
            bot=spec.name,
            bot_version=spec.version,
            transport=transport_name,
            started_at=time.time(),
        )
        self._transport = transport
        self._models = models
        self._journal = Journal(self.record, on_event or (lambda event: None), self._send)
        self._session_secret = session_secret
        self._resume_s = resume_s
        self._phrases = phrases(self.spec.language[0])
        self._failures = Failures(self._phrases, self.spec.fallback.last_resort)
        self._ending = asyncio.Event()
        self._is_greeted = False
        self._is_reached = asyncio.Event()
        self._is_lost = False
        self._timers = Timers()
        self._worker: PipelineWorker | None = None

    async def run(self) -> SessionRecord:
        """Run the call to its end and return its record. Never raises for what happens in a call.

        Raises:
            OffhookError: the call could not start, e.g. a local model is missing.
        """
        with logger.contextualize(session_id=self.id):
            try:
                self.spec, left_out = self._models.vetting.fit(self.spec)
                pipeline = build_pipeline(
                    self.spec,
                    self._transport,
                    self._models,
                    on_switch=self._switched,
                    on_exhausted=self._lost_its_voice,
                    on_floor=self._overheard,
                    on_turn_ended=self._turn_ended,
                    on_quiet=lambda: self._end(EndReason.CALLER_QUIET),
                    lag=lag_of(self.record.transport),
                )
            except BaseException:
                self._end(EndReason.FAILED_TO_START)
                self._finish()
                raise
            for one in left_out:
                names = str(one.member), str(one.instead)
                self._switched(ProviderSwitched(one.kind, *names, AVOIDED))
            try:
                with self._models.prober.lend(pipeline.members):
                    await self._run(pipeline)
            finally:
                self._timers.cancel()
                await release(pipeline.services)
                self._journal.heard(pipeline.tally)
                self._finish()
            return self.record

    async def stop(self, reason: str) -> None:
        """Begin ending the call; the close is bounded (`bots/closing.py`). Safe to repeat."""
        self._end(reason)

    async def say(self, text: str, *, in_context: bool = False, is_protected: bool = False) -> None:
        """Speak `text` after what is being said; to its end, if it `is_protected`."""
        if self._worker is None:
            return
        if speaker(self.spec) is not None:
            asked: list[Any] = said_by_the_model(text)
            await self._worker.queue_frame(LLMMessagesAppendFrame(asked, run_llm=True))
            return
        frame = TTSSpeakFrame(text, append_to_context=in_context)
        frame.interruptible = not is_protected
        await self._worker.queue_frame(frame)

    # The run

    async def _run(self, pipeline: BotPipeline) -> None:
        latency = UserBotLatencyObserver()
        worker = self._worker = PipelineWorker(
            pipeline.pipeline,
            params=PipelineParams(
                audio_in_sample_rate=pipeline.audio_in_sample_rate_hz,
                audio_out_sample_rate=pipeline.audio_out_sample_rate_hz,
                enable_metrics=True,
            ),
            observers=[latency],
            enable_turn_tracking=False,
            idle_timeout_secs=IDLE_TIMEOUT_S,
            cancel_on_idle_timeout=False,
            conversation_id=self.id,
        )
        self._listen(worker, latency)
        # One runner a session: Pipecat's runner cancels every root worker it has, not only ours.
        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(worker)
        running = asyncio.create_task(runner.run())
        ending = asyncio.create_task(self._ending.wait())
        self._timers.after(CONNECT_TIMEOUT_S, self._end_if_nobody_came())
        try:
            await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                await self._close(worker, running)
            elif failure := running.exception():
                logger.error("The pipeline failed: {}", type(failure).__name__)
        except asyncio.CancelledError:
            self._end(EndReason.ERROR)
            await self._close(worker, running)
            raise
        finally:
            ending.cancel()

    async def _close(self, worker: PipelineWorker, running: asyncio.Task[None]) -> None:
        reason = str(self.record.end_reason)
        has_listener = reason not in (
            EndReason.CALLER_HUNG_UP,
            EndReason.CONNECTION_LOST,
            EndReason.BAD_MESSAGE,
            EndReason.NEVER_CONNECTED,
        )
        if has_listener:
            await self._journal.page("end", reason=reason)
        if not await close(worker, running, reason, has_listener=has_listener):
            self.record.is_abandoned = True

    def _listen(self, worker: PipelineWorker, latency: UserBotLatencyObserver) -> None:
        """Tie the transport's, the worker's and the observer's events to this session."""

        @self._transport.event_handler("on_client_connected")
        async def on_client_connected(*_: Any) -> None:
            self._connected()

        @self._transport.event_handler("on_client_disconnected")
        async def on_client_disconnected(*_: Any) -> None:
            self._end(EndReason.CALLER_HUNG_UP)

        @worker.rtvi.event_handler("on_client_ready")
        async def on_client_ready(*_: Any) -> None:
            await self._introduce()
            await self._greet()

        @worker.event_handler("on_idle_timeout")
        async def on_idle_timeout(*_: Any) -> None:
            self._end(EndReason.IDLE)

        @worker.event_handler("on_pipeline_error")
        async def on_pipeline_error(_: Any, frame: ErrorFrame) -> None:
            await self._failed(frame)

        @worker.event_handler("on_setup_timeout")
        async def on_setup_timeout(*_: Any) -> None:
            self._end(EndReason.FAILED_TO_START)

        @worker.event_handler("on_pipeline_finished")
        async def on_pipeline_finished(_: Any, frame: Frame) -> None:
            if isinstance(frame, EndFrame):
                # Ended from inside before anyone asked for it: the page said disconnect-bot.
                self._end(EndReason.CALLER_HUNG_UP)

        @latency.event_handler("on_latency_breakdown")
        async def on_latency_breakdown(_: Any, breakdown: Any) -> None:
            if turn := turn_record(breakdown):
                await self._journal.answered(turn)

        @latency.event_handler("on_first_bot_speech_latency")
        async def on_first_bot_speech_latency(_: Any, latency_s: float) -> None:
            self._journal.greeted(latency_s * 1000)

    # What happens in a call

    def _connected(self) -> None:
        if self.record.connected_at is not None:
            return
        self._journal.connected()
        self._timers.after(READY_GRACE_S, self._greet())
        self._timers.after(self.spec.limits.duration_s, self._time_is_up())

    async def _introduce(self) -> None:
        """Tell the page what it is talking to and how to come back to it."""
        await self._journal.page(
            "session",
            session_id=self.id,
            session_secret=self._session_secret,
            resume_s=self._resume_s,
            bot=self.spec.name,
            bot_title=self.spec.title or self.spec.name,
            models=model_names(self.spec),
            duration_s=self.spec.limits.duration_s,
        )

    async def _until_reached(self) -> None:
        """Until there is a page to be told, else its caller is left to guess why it was cut off."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REACH_TIMEOUT_S):
                await self._is_reached.wait()

    async def _greet(self) -> None:
        self._is_reached.set()
        if self._is_greeted or self._is_lost or self._ending.is_set():
            return
        self._is_greeted = True
        greeting = self.spec.opening()
        if greeting:
            is_protected = "greeting" in self.spec.interruption.protect
            await self.say(greeting, in_context=True, is_protected=is_protected)
        elif self._worker and needs_a_start(self.spec):
            await self._worker.queue_frame(LLMRunFrame())

    async def _failed(self, frame: ErrorFrame) -> None:
        stage = stage_of(frame.processor)
        await self._failed_at(stage, category_of(frame), is_for_good=is_permanent(frame))

    async def _failed_at(self, stage: str, category: ErrorCategory, *, is_for_good: bool) -> None:
        """Count an error and do something about it: a call never goes silent on a failure."""
        self._journal.failed(stage, category.value)
        response = self._failures.response(
            stage,
            # Who hears and speaks by itself can say no apology for itself.
            is_permanent=is_for_good or speaker(self.spec) is not None,
            is_alone=stage not in KINDS or len(self.spec.chain(stage)) == 1,
            has_answered=bool(self.record.turns),
            now_s=time.monotonic(),
        )
        if response.ends:
            self._is_lost = True
            await self._until_reached()
        if response.notice:
            await self._journal.notice(*response.notice)
        if response.says:
            is_last = bool(self.spec.fallback.last_resort) and stage in ("llm", "stt")
            is_protected = is_last and "last_resort" in self.spec.interruption.protect
            await self.say(response.says, is_protected=is_protected)
        if response.ends:
            logger.error("The {} does not work ({}); the call ends", stage, category.value)
            self._end(response.ends)

    def _turn_ended(self, ended: TurnEnded) -> None:
        self._timers.after(0, self._journal.turn_ended(ended))

    def _switched(self, switch: ProviderSwitched) -> None:
        self._timers.after(0, self._journal.switched(switch))

    def _overheard(self, event: FloorEvent) -> None:
        self._timers.after(0, self._journal.overheard(event))

    async def _lost_its_voice(self) -> None:
        """No voice is left; the line that was rendered before the call is on its way."""
        if reason := self._failures.without_anyone():
            self._end(reason)

    async def _time_is_up(self) -> None:
        await self._journal.notice("duration_limit", "The call has reached its time limit.")
        if self._worker:
            # A long answer would use up the time to say goodbye.
            await self._worker.queue_frame(InterruptionFrame())
        await self.say(self._phrases.time_is_up)
        self._end(EndReason.DURATION_LIMIT)

    async def _end_if_nobody_came(self) -> None:
        if self.record.connected_at is None:
            self._end(EndReason.NEVER_CONNECTED)

    # Bookkeeping

    def _end(self, reason: str) -> None:
        if self.record.end_reason is None:
            self.record.end_reason = str(reason)
            self._is_reached.set()
            self._ending.set()

    def _finish(self) -> None:
        if self.record.ended_at is None:
            self._end(EndReason.ERROR)
            self._journal.ended()

    async def _send(self, data: dict[str, Any]) -> None:
        """A message to the page, over whatever the transport has for messages."""
        if self._worker:
            frame: Frame = RTVIServerMessageFrame(data=data)
            await self._worker.queue_frame(frame)
