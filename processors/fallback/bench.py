"""The providers of one call that are connected: at most the one at work and one other.

`processors.fallback.listening` decides who sits here; this opens, feeds and closes them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any, Protocol

from pipecat.frames.frames import Frame, StartFrame, STTUpdateSettingsFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessorSetup
from pipecat.transcriptions.language import Language
from pipecat.utils.errors import ErrorCategory
from pipecat.utils.types import is_given

from processors.fallback.ears import Ears, EarsMember, Heard
from processors.fallback.kept import KeptAudio
from processors.fallback.overlap import Overlap


class Outside(Protocol):
    """What the processor in the pipeline does for its inside."""

    async def push_frame(
        self, frame: Frame, direction: FrameDirection = FrameDirection.DOWNSTREAM
    ) -> None: ...

    async def push_error(self, error_msg: str, *, category: ErrorCategory) -> None: ...

    async def broadcast_frame_instance(self, frame: Frame) -> None: ...

    def create_task(
        self, coroutine: Coroutine[Any, Any, None], name: str
    ) -> asyncio.Task[None]: ...

    async def cancel_task(self, task: asyncio.Task[None]) -> None: ...


class Bench:
    """The ears of one call.

    Args:
        members: the chain.
        kept: what they read.
        setup: the pipeline's.
        outside: for tasks, and to introduce who is at work.
        heard: told of every frame of every service here.
    """

    def __init__(
        self,
        members: Sequence[EarsMember],
        kept: KeptAudio,
        setup: FrameProcessorSetup,
        outside: Outside,
        heard: Heard,
    ) -> None:
        self.active: Ears | None = None
        self.other: Ears | None = None
        self._members = tuple(members)
        self._kept = kept
        self._setup = setup
        self._outside = outside
        self._heard = heard
        self._starting: asyncio.Future[StartFrame] = asyncio.get_running_loop().create_future()
        self._language: Language | str | None = None
        self._opening: dict[Ears, asyncio.Task[None]] = {}
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def seated(self) -> list[Ears]:
        """Whoever hears the caller."""
        return [ears for ears in (self.active, self.other) if ears is not None]

    async def started(self, frame: StartFrame) -> None:
        """The pipeline has started, and so may the services."""
        if not self._starting.done():
            self._starting.set_result(frame)
            await self.introduce()

    async def introduce(self) -> None:
        """Tell the turn's end how long the words of who is at work take."""
        if self.active and self._starting.done():
            await self._outside.broadcast_frame_instance(self.active.metadata)

    def open(self, number: int, said: Sequence[str]) -> Ears:
        """Begin to connect a provider, which will hear all that is kept and repeat `said`."""
        ears = Ears(number, self._members[number], self._kept, Overlap(said), self._heard)
        opening = ears.open(self._setup, self._starting, self._language)
        self._opening[ears] = self._outside.create_task(opening, name=f"open {number}")
        return ears

    def promote(self, number: int) -> Ears | None:
        """The other takes over, if it is member `number`."""
        if self.other is None or self.other.number != number:
            return None
        self.active, self.other = self.other, None
        return self.active

    def leave(self) -> None:
        """Nobody is at work."""
        active, self.active = self.active, None
        if active:
            self._close(active)

    def drop_other(self) -> None:
        """Only one listens."""
        other, self.other = self.other, None
        if other:
            self._close(other)

    async def feed(self, frame: Frame) -> None:
        """Give whoever hears the caller what was kept just now."""
        if self.active:
            await self.active.feed(frame)
        if self.other:
            await self.other.feed(frame)

    async def tell(self, frame: Frame) -> None:
        """Hand on a frame that services read beside audio."""
        for ears in self.seated:
            await ears.tell(frame)

    async def update(self, frame: STTUpdateSettingsFrame) -> None:
        """The provider at work takes all of it; those after it at least the language."""
        if frame.delta is not None and is_given(frame.delta.language):
            self._language = frame.delta.language
        if self.active:
            await self.active.tell(replace(frame, service=None))

    async def close(self) -> None:
        """Release every service; bounded, and safe to repeat."""
        self.leave()
        self.drop_other()
        if self._closing:
            await asyncio.wait(self._closing)

    def _close(self, ears: Ears) -> None:
        """Nothing more is taken from it; its sockets close beside the call."""
        ears.is_closed = True
        task = asyncio.get_running_loop().create_task(self._release(ears))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _release(self, ears: Ears) -> None:
        opening = self._opening.pop(ears, None)
        if opening and not opening.done():
            await self._outside.cancel_task(opening)
        await ears.close()
