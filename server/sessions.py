"""Runs the sessions of this process: admission, one bot a session, its end, and the drain.

A session goes through `hold_place` -> `start` -> its task runs `Session.run` -> `_finish`. Its
place is free when the task is done, when the caller has been lost for a while (`line.py`), or when
it would not close within its bound and was abandoned.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from loguru import logger

from bots.errors import AtCapacity, CallRefused, Draining, SessionNotFound
from bots.record import EndReason, OnSessionEvent, SessionRecord
from bots.spec import BotSpec
from server.fabric import Operation
from server.line import RESUME_S, Line, LineState
from server.protocols import Connection, Session, SessionFactory

RETRY_AFTER_S = 10
"""When a caller who found no place should ask again."""
TICK_S = 0.25
"""How often waiting callers and closing sessions are looked at."""
CANCEL_S = 2.0
"""What a session that did not close gets to honour its cancellation."""
MAX_RECORDS = 500
"""Ended sessions whose record is kept."""


@dataclass(slots=True, eq=False)
class _Live:
    """A session that runs."""

    session: Session
    connection: Connection
    spec: BotSpec
    line: Line = field(default_factory=Line)
    is_resuming: bool = False
    task: asyncio.Task[None] | None = None
    ending: asyncio.Task[None] | None = None


HasRoom = Callable[[list[BotSpec], BotSpec], bool]
"""Whether this machine's models have room for a bot beside the live ones."""


class SessionManager:
    """The `Fabric` of one process.

    Args:
        session_factory: builds the session that `start` runs.
        capacity: sessions held at once, whatever they need.
        has_room: whether this machine's models have room for one more.
        close_s: what a session gets to close before it is abandoned.
        secret_for: the session secret of a session id.
        on_event: told of what happens in every session.
        on_ended: told of every session's record once, whichever way it ended.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        *,
        session_factory: SessionFactory,
        capacity: int,
        has_room: HasRoom,
        close_s: float,
        secret_for: Callable[[str], str],
        on_event: OnSessionEvent,
        on_ended: Callable[[SessionRecord], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.is_draining = False
        self.abandoned = 0
        self._build = session_factory
        self._capacity = capacity
        self._has_room = has_room
        self._close_s = close_s
        self._secret_for = secret_for
        self._on_event = on_event
        self._on_ended = on_ended
        self._clock = clock
        self._live: dict[str, _Live] = {}
        self._held: list[BotSpec] = []
        self._records: deque[SessionRecord] = deque(maxlen=MAX_RECORDS)

    # Admission

    def admit(self, spec: BotSpec) -> None:
        """See `Fabric.admit`."""
        if self.is_draining:
            raise Draining(
                "The server is shutting down.",
                retry_after_s=RETRY_AFTER_S,
                hint="Call again in a moment.",
            )
        taken = [live.spec for live in self._live.values() if live.line.has_place] + self._held
        if len(taken) >= self._capacity:
            raise _full("Every line is busy.")
        of_bot = sum(other.name == spec.name for other in taken)
        if spec.limits.sessions is not None and of_bot >= spec.limits.sessions:
            raise _full("Every line of this bot is busy.")
        if not self._has_room(taken, spec):
            raise _full("This machine is busy with other calls.")

    @contextmanager
    def hold_place(self, spec: BotSpec) -> Iterator[None]:
        """See `Fabric.hold_place`."""
        self.admit(spec)
        self._held.append(spec)
        try:
            yield
        finally:
            self._held.remove(spec)

    async def start(self, *, session_id: str, spec: BotSpec, connection: Connection) -> None:
        """See `Fabric.start`."""
        session = self._build(
            session_id=session_id,
            spec=spec,
            transport=connection.transport,
            transport_name=connection.name,
            on_event=self._on_event,
            session_secret=self._secret_for(session_id),
            resume_s=RESUME_S,
        )
        live = _Live(session, connection, spec)
        connection.on_lost = lambda: self._lost(live)
        connection.on_restored = lambda: self._restored(live)
        connection.on_gone = lambda reason: self._end(live, reason)
        self._live[session_id] = live
        live.task = asyncio.create_task(self._run(live), name=f"session-{session_id}")

    # Control

    async def resume(self, session_id: str) -> Connection:
        """See `Fabric.resume`."""
        live = self._find(session_id)
        self._require_resumable(live)
        return live.connection

    async def control(
        self, session_id: str, operation: Operation, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """See `Fabric.control`."""
        if operation is Operation.DESCRIBE:
            return self._describe_session(session_id)
        live = self._find(session_id)
        if operation is Operation.HANG_UP:
            self._end(live, str(body.get("reason", EndReason.CALLER_HUNG_UP)))
            return {}
        if operation is Operation.OFFER and body.get("restart_pc"):
            self._require_resumable(live)
        return await live.connection.control(operation, body)

    def list_sessions(self) -> list[dict[str, Any]]:
        """See `Fabric.list_sessions`."""
        return [self._describe_live(live) for live in self._live.values()]

    def describe(self) -> dict[str, Any]:
        """See `Fabric.describe`."""
        placed = sum(live.line.has_place for live in self._live.values())
        return {
            "capacity": self._capacity,
            "live": placed,
            "parked": len(self._live) - placed,
            "draining": self.is_draining,
            "abandoned": self.abandoned,
        }

    # Time and the end

    def tick(self) -> None:
        """Ends the sessions whose caller has been away for too long."""
        now_s = self._clock()
        for live in list(self._live.values()):
            if live.line.tick(now_s) is LineState.OVER and live.ending is None:
                self._end(live, EndReason.CONNECTION_LOST)

    async def run_ticks(self) -> None:
        """Ticks until cancelled."""
        while True:
            await asyncio.sleep(TICK_S)
            self.tick()

    async def drain(self, timeout_s: float, hurry: asyncio.Event | None = None) -> None:
        """Takes no new calls, waits for the live ones and ends those left after `timeout_s`.

        Setting `hurry` ends the waiting.
        """
        self.is_draining = True
        for live in list(self._live.values()):
            if not live.line.has_place:
                self._end(live, EndReason.CONNECTION_LOST)
        tasks = {live.task for live in self._live.values() if live.task}
        if tasks and timeout_s > 0:
            logger.info("Draining: {} live sessions have {:g} s", len(tasks), timeout_s)
            over = asyncio.create_task(asyncio.wait(tasks))
            hurried = asyncio.create_task((hurry or asyncio.Event()).wait())
            await asyncio.wait(
                {over, hurried}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED
            )
            for waiting in (over, hurried):
                waiting.cancel()
        for live in list(self._live.values()):
            self._end(live, EndReason.DRAIN)
        endings = {live.ending for live in self._live.values() if live.ending}
        if endings:
            await asyncio.wait(endings)

    def _lost(self, live: _Live) -> None:
        state = live.line.lose(self._clock())
        logger.info("The connection to the caller broke: {}", state)

    def _restored(self, live: _Live) -> None:
        """The caller is back, over a new connection or because the old one healed."""
        if not live.line.has_place:
            try:
                self.admit(live.spec)
            except AtCapacity:
                self._end(live, EndReason.CONNECTION_LOST)
                return
        live.line.restore(is_resume=live.is_resuming)
        live.is_resuming = False
        logger.info("The caller is back")

    def _end(self, live: _Live, reason: str) -> None:
        """Begins to end the session; a second call changes nothing."""
        if live.ending is None:
            live.connection.release()
            live.ending = asyncio.create_task(self._see_off(live, reason))

    async def _see_off(self, live: _Live, reason: str) -> None:
        """Stops the session, then cancels it, then abandons it; each step is bounded."""
        assert live.task is not None
        stopping = asyncio.create_task(live.session.stop(reason))
        done, _ = await asyncio.wait({live.task}, timeout=self._close_s)
        stopping.cancel()
        if not done:
            live.task.cancel()
            done, _ = await asyncio.wait({live.task}, timeout=CANCEL_S)
        if not done:
            live.session.record.is_abandoned = True
            await _bounded(live.connection.close(), CANCEL_S)
            self._finish(live)

    async def _run(self, live: _Live) -> None:
        with logger.contextualize(session_id=live.session.record.id):
            try:
                await live.session.run()
            except asyncio.CancelledError:
                logger.warning("The session was cancelled")
            except Exception as error:
                live.session.record.end_reason = EndReason.ERROR
                logger.opt(exception=error).error("The session failed")
            finally:
                await _bounded(live.connection.close(), CANCEL_S)
                self._finish(live)

    def _finish(self, live: _Live) -> None:
        record = live.session.record
        if self._live.pop(record.id, None) is None:
            return
        live.line.end()
        live.connection.release()
        record.ended_at = record.ended_at or time.time()
        record.end_reason = record.end_reason or EndReason.ERROR
        if record.is_abandoned:
            self.abandoned += 1
            logger.error("A session would not close and was abandoned; restart when convenient")
        self._records.append(record)
        self._on_ended(record)
        logger.bind(record=record.as_dict()).info(
            "Call ended: {} over {}, {:.0f} s, {} turns, {}",
            record.bot,
            record.transport,
            record.ended_at - record.started_at,
            len(record.turns),
            record.end_reason,
        )

    # Finding

    def _find(self, session_id: str) -> _Live:
        live = self._live.get(session_id)
        if live is None or live.ending is not None:
            raise SessionNotFound("No such call.", hint="It may have ended.")
        return live

    def _require_resumable(self, live: _Live) -> None:
        if not live.line.can_resume(self._clock()):
            raise CallRefused(
                "The call has been resumed once already.", status=409, code="resume_spent"
            )
        if not live.line.has_place:
            self.admit(live.spec)
        live.is_resuming = True

    def _describe_session(self, session_id: str) -> dict[str, Any]:
        live = self._live.get(session_id)
        if live is not None:
            return self._describe_live(live)
        for record in self._records:
            if record.id == session_id:
                return record.as_dict() | {"state": LineState.OVER}
        raise SessionNotFound("No such session.", hint=f"The last {MAX_RECORDS} are kept.")

    def _describe_live(self, live: _Live) -> dict[str, Any]:
        return live.session.record.as_dict() | {"state": live.line.state}


def _full(message: str) -> AtCapacity:
    return AtCapacity(
        message, retry_after_s=RETRY_AFTER_S, hint=f"Try again in {RETRY_AFTER_S} seconds."
    )


async def _bounded(closing: Any, timeout_s: float) -> None:
    """Waits for `closing` for at most `timeout_s`, and lets neither it nor its failure through."""
    task = asyncio.ensure_future(closing)
    done, _ = await asyncio.wait({task}, timeout=timeout_s)
    if not done:
        task.cancel()
    elif (error := task.exception()) is not None:
        logger.warning("Closing a connection failed: {}", type(error).__name__)
