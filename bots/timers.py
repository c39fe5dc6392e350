"""What is to happen later in a call, or beside it, and not at all once it is over."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class Timers:
    """The timers of one call."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Task[None]] = set()

    def after(self, delay_s: float, then: Coroutine[Any, Any, None]) -> None:
        """Run `then` in `delay_s`; 0 is at once, beside what runs now."""

        async def wait() -> None:
            await asyncio.sleep(delay_s)
            await then

        def done(timer: asyncio.Task[None]) -> None:
            self._waiting.discard(timer)
            then.close()  # else one that was never begun is warned of

        timer = asyncio.create_task(wait())
        self._waiting.add(timer)
        timer.add_done_callback(done)

    def cancel(self) -> None:
        """Drop what has not happened yet."""
        for timer in self._waiting:
            timer.cancel()
