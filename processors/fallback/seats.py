"""All seats of a chain of models: what every member must be told, and how they live and end."""

from __future__ import annotations

import asyncio
import contextlib
import copy
from collections.abc import Iterator, Sequence
from typing import Any

from loguru import logger
from pipecat.frames.frames import EndFrame, Frame, LLMUpdateSettingsFrame
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import (
    FrameDirection,
    FrameProcessor,
    FrameProcessorSetup,
)
from pipecat.services.llm_service import LLMService
from pipecat.utils.types import is_given

from processors.fallback.member import Member
from processors.fallback.seat import Seat, SeatEvents

_END_WAIT_S = 2.0
"""How long members may take to end; the pipeline's end waits for no provider."""


class Seats:
    """The seats in order of preference."""

    def __init__(self, members: Sequence[Member[LLMService[Any]]], chain: SeatEvents) -> None:
        self._seats = [Seat(index, member, chain) for index, member in enumerate(members)]

    def __getitem__(self, index: int) -> Seat:
        return self._seats[index]

    def __iter__(self) -> Iterator[Seat]:
        return iter(self._seats)

    async def set_up(self, setup: FrameProcessorSetup) -> None:
        """Set all services up; one that cannot be is found out when it is asked."""
        inner = copy.copy(setup)
        # Observers see a member's frames when the chain passes them on, not those it drops.
        inner.observer = None
        results = await asyncio.gather(
            *(seat.service.setup(inner) for seat in self), return_exceptions=True
        )
        for seat, result in zip(self, results, strict=True):
            if isinstance(result, Exception):
                logger.error("{} could not be set up: {!r}", seat.member.name, result)

    async def clean_up(self) -> None:
        """Release all services."""
        await asyncio.gather(*(seat.service.cleanup() for seat in self), return_exceptions=True)

    async def feed(self, frame: Frame, direction: FrameDirection) -> None:
        """Give all services a frame."""
        for seat in self:
            await seat.feed(frame, direction)

    async def end(self, frame: EndFrame, direction: FrameDirection) -> None:
        """Let all services end, and wait for them, but not for long."""
        ended = [asyncio.Event() for _ in self]
        for seat, event in zip(self, ended, strict=True):

            async def tell(*_: Any, event: asyncio.Event = event) -> None:
                event.set()

            await seat.feed(frame, direction, tell)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_WAIT_S):
                for event in ended:
                    await event.wait()

    async def update_settings(
        self,
        frame: LLMUpdateSettingsFrame,
        direction: FrameDirection,
        in_use: int,
        chain: FrameProcessor,
    ) -> None:
        """Give new settings to the service they name, else to all; a model is the one's in use."""
        meant = next((seat for seat in self if seat.service is frame.service), None)
        if meant:
            await meant.feed(frame, direction)
        elif frame.service is None and _names_model(frame):
            await self[in_use].feed(frame, direction)
        elif frame.service in (None, chain):
            await self.feed(frame, direction)

    async def infer(self, first: int, context: LLMContext, options: dict[str, Any]) -> str | None:
        """`run_inference` of the first service that answers, `first` before the others."""
        *others, last = sorted(self, key=lambda seat: (seat.index != first, seat.index))
        for seat in others:
            try:
                return await seat.service.run_inference(context, **options)
            except Exception as error:
                logger.warning("{} failed aside of a turn: {!r}", seat.member.name, error)
        return await last.service.run_inference(context, **options)


def _names_model(frame: LLMUpdateSettingsFrame) -> bool:
    """Whether the new settings name a model, which means one vendor's."""
    if frame.delta is not None:
        return is_given(frame.delta.model)
    return "model" in frame.settings
