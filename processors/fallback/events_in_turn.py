"""One event at a time: what happens in a chain of ears, in the order in which it became known."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from loguru import logger

Event = Callable[[], Coroutine[Any, Any, None]]


class EventsInTurn:
    """Runs events one after another, and `tick` whenever nothing came till `wakes_s`.

    Args:
        tick: time has passed.
        after: every event, `tick` too.
        wakes_s: when `tick` is next needed, by `clock`; asked before each wait.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        tick: Event,
        after: Event,
        wakes_s: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self._tick, self._after, self._wakes_s, self._clock = tick, after, wakes_s, clock
        self._events: asyncio.Queue[Event] = asyncio.Queue()

    def put(self, event: Event) -> None:
        """Have `event` run after those that wait."""
        self._events.put_nowait(event)

    async def run(self) -> None:
        """Run what comes, for ever; an event that raises is logged and does not end it."""
        while True:
            event: Event = self._tick
            try:
                async with asyncio.timeout(max(0.0, self._wakes_s() - self._clock())):
                    event = await self._events.get()
            except TimeoutError:
                pass
            try:
                await event()
                await self._after()
            except Exception as error:
                logger.exception("The chain of ears failed: {}", type(error).__name__)

    async def caught_up(self, timeout_s: float) -> None:
        """Wait until all that waits now has run, but no longer than `timeout_s`."""
        told = asyncio.Event()

        async def mark() -> None:
            told.set()

        self.put(mark)
        waiting = asyncio.create_task(told.wait())
        await asyncio.wait({waiting}, timeout=timeout_s)
        waiting.cancel()
