"""One voice of a TTS chain in its own closed circuit: text in, what it says out, nothing else.

    FallbackTTS -> [port] -> service -> [port] -> report(member, Said | Ended | Faulted | Closed)

The service believes that it stands in a pipeline. Observers and the worker do not see it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from loguru import logger
from pipecat.clocks.base_clock import BaseClock
from pipecat.frames.frames import (
    CancelFrame,
    ControlFrame,
    ErrorFrame,
    Frame,
    InterruptionFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    StartFrame,
    TTSAudioRawFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessorSetup
from pipecat.services.tts_service import TTSService, WebsocketTTSService

from processors.fallback.member import NotFree
from processors.fallback.port import Port

_PROBE = "Yes."
_STRIDE_NS = 10**15
"""Between the clock readings of two stretches: longer than any of them."""
_QUIET_S = 0.5
"""What a service gets to end what it was at."""
_CONNECT_S = 1.0
"""What a service gets to connect before a probe leaves it to another session."""
_CLOSE_S = 3.0
"""What a service gets to let go of its connection."""


@dataclass(frozen=True, slots=True)
class Said:
    """A frame that came out for stretch `stretch`."""

    stretch: int
    frame: Frame


@dataclass(frozen=True, slots=True)
class Ended:
    """The voice is through with stretch `stretch`."""

    stretch: int


@dataclass(frozen=True, slots=True)
class Faulted:
    """The service reported an error; `stretch` is the one it is on, None between two."""

    stretch: int | None
    error: ErrorFrame


@dataclass(frozen=True, slots=True)
class Closed:
    """The service lost its connection; the last stretch that was begun is `stretch`."""

    stretch: int


@dataclass(frozen=True, slots=True)
class Ready:
    """The service is set up and takes text."""


Report = Said | Ended | Faulted | Closed | Ready


@dataclass
class _Mark(ControlFrame):
    """Goes through a service's queues behind its audio: where a stretch begins and ends."""

    stretch: int = 0
    is_end: bool = False


class _StretchClock(BaseClock):
    """Stands still within a stretch, so that a word's `pts` is its place in the audio."""

    def __init__(self) -> None:
        self.now_ns = _STRIDE_NS

    def get_time(self) -> int:
        return self.now_ns

    def start(self) -> None:
        pass


class VoiceLine:
    """The service of one member, driven stretch by stretch.

    A stretch is one text said from its beginning to its end: `begin`, `say` as often as there is
    more, `finish`; `drop` gives it up. `report` is called for all that comes back, in order, and
    must not block.
    """

    def __init__(self, service: TTSService, report: Callable[[Report], None]) -> None:
        self.service = service
        self.is_connected = asyncio.Event()
        self._ready = asyncio.Event()
        self._report = report
        self._clock = _StretchClock()
        self._stretch = 0
        self._open: int | None = None
        self._start: StartFrame | None = None
        self._started = asyncio.Event()
        self._probe: asyncio.Future[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._source = Port(self._take_error)
        self._sink = Port(self._take)
        self._source.link(service)
        service.link(self._sink)
        service.add_event_handler("on_disconnected", self._disconnected)

    @property
    def is_ready(self) -> bool:
        """Whether the service takes text."""
        return self._ready.is_set()

    @property
    def began_ns(self) -> int:
        """The clock reading of the present stretch: words are stamped from here on."""
        return self._clock.now_ns

    def open(self, setup: FrameProcessorSetup) -> None:
        """Begin to connect; `is_connected` is set when that is over. Text waits for `start`."""
        self._run(self._set_up(replace(setup, clock=self._clock, observer=None)))

    def start(self, frame: StartFrame) -> None:
        """The pipeline has started."""
        self._start = frame
        self._started.set()

    async def begin(self) -> int:
        """A new stretch; call only when `is_ready`."""
        if self._probe is not None:
            probe, self._probe = self._probe, None
            await self.drop()
            if not probe.done():
                probe.set_exception(NotFree())
        return await self._begin()

    async def _begin(self) -> int:
        self._stretch += 1
        self._clock.now_ns = self._stretch * _STRIDE_NS
        await self._put(_Mark(stretch=self._stretch))
        await self._put(LLMFullResponseStartFrame())
        return self._stretch

    async def say(self, text: str) -> None:
        """More text of the stretch."""
        await self._put(LLMTextFrame(text))

    async def finish(self) -> None:
        """All text of the stretch has been given."""
        await self._put(LLMFullResponseEndFrame())
        await self._put(_Mark(stretch=self._stretch, is_end=True))

    async def drop(self, *, is_broken: bool = False) -> None:
        """Give the stretch up: nothing more of it is reported, and the vendor is told to stop.

        A connection that failed is let go of: Pipecat's services reconnect by themselves, but say
        nothing for seconds while they do.
        """
        self._open = None
        self._stretch += 1
        if is_broken and self._must_reconnect:
            self._renew()
        else:
            await self._put(InterruptionFrame())

    async def probe(self) -> None:
        """Ask for a word that nobody hears; raises if no audio of it comes before an error.

        A line in use needs no probe, and a stretch that begins takes the line away from one.

        Raises:
            NotFree: the line is in use, or not there yet.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CONNECT_S):
                await self._ready.wait()
        if not self.is_ready or self._open is not None or self._probe is not None:
            raise NotFree
        probe = self._probe = asyncio.get_running_loop().create_future()
        try:
            await self._begin()
            await self.say(_PROBE)
            await self.finish()
            await probe
        finally:
            if self._probe is probe:
                self._probe = None
                is_well = probe.done() and not probe.cancelled() and probe.exception() is None
                await self.drop(is_broken=not is_well)

    async def put(self, frame: Frame, direction: FrameDirection) -> None:
        """Let the service know of something that goes on in the call."""
        if self.is_ready:
            await self.service.queue_frame(frame, direction)

    async def close(self) -> None:
        """Let go of everything, within a bound."""
        self._ready.clear()
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_CLOSE_S)
        try:
            async with asyncio.timeout(_CLOSE_S):
                await self.service.cleanup()
        except TimeoutError:
            logger.warning("{} did not close within {} s", self.service, _CLOSE_S)

    async def _set_up(self, setup: FrameProcessorSetup) -> None:
        try:
            await self.service.setup(setup)
        except Exception as error:
            # The chain goes on without it; whoever asks for it finds it late.
            logger.error("{} could not be set up: {}", self.service, type(error).__name__)
            return
        finally:
            self.is_connected.set()
        await self._started.wait()
        assert self._start is not None
        await self.service.queue_frame(self._start)
        await self.service.set_usable(True)
        self._set_ready()

    @property
    def _must_reconnect(self) -> bool:
        return isinstance(self.service, WebsocketTTSService) or not self.service.is_usable

    def _renew(self) -> None:
        if self.is_ready:
            self._ready.clear()
            self._run(self._reconnect())

    async def _reconnect(self) -> None:
        """Have the service connect anew, with the next text; also one that wrote itself off."""
        assert self._start is not None
        is_quiet = asyncio.Event()

        async def interrupted(*_: object) -> None:
            is_quiet.set()

        await self.service.queue_frame(InterruptionFrame(), FrameDirection.DOWNSTREAM, interrupted)
        try:
            async with asyncio.timeout(_QUIET_S):
                await is_quiet.wait()
        except TimeoutError:
            logger.debug("{} is stuck in its connection", self.service)
        try:
            async with asyncio.timeout(_CLOSE_S):
                await self.service.cancel(CancelFrame())
        except TimeoutError:
            logger.warning("{} did not let go of its connection", self.service)
        await self.service.start(self._start)
        await self.service.set_usable(True)
        self._set_ready()

    def _set_ready(self) -> None:
        self._ready.set()
        self._report(Ready())

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _put(self, frame: Frame) -> None:
        await self.service.queue_frame(frame)

    def _take(self, frame: Frame, _: FrameDirection) -> None:
        if isinstance(frame, _Mark):
            if frame.stretch != self._stretch:
                return
            if self._probe is not None:
                if frame.is_end and not self._probe.done():
                    self._probe.set_exception(ConnectionError("no audio came"))
            elif frame.is_end:
                self._open = None
                self._report(Ended(frame.stretch))
            else:
                self._open = frame.stretch
        elif self._probe is not None:
            if isinstance(frame, TTSAudioRawFrame) and not self._probe.done():
                self._probe.set_result(None)
        elif self._open is not None:
            self._report(Said(self._open, frame))

    def _take_error(self, frame: Frame, _: FrameDirection) -> None:
        if not isinstance(frame, ErrorFrame):
            return
        if self._probe is not None:
            if not self._probe.done():
                self._probe.set_exception(frame.exception or ConnectionError(frame.error))
            return
        if self._open is None and self._must_reconnect:
            self._renew()
        self._report(Faulted(self._open, frame))

    def _disconnected(self, *_: object) -> None:
        # Also after the end: a service that lost its connection may say first that it is through.
        self._report(Closed(self._stretch))
