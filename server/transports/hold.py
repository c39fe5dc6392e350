"""The bot's patience with a caller whose connection broke: audio waits here until they are back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Hold:
    """Open while the caller is there, shut while they are lost, released when nobody waits.

    `on_lost` and `on_restored` are called once a break.
    """

    def __init__(self, on_lost: Callable[[], None], on_restored: Callable[[], None]) -> None:
        self._on_lost = on_lost
        self._on_restored = on_restored
        self._open = asyncio.Event()
        self._open.set()
        self.is_released = False

    @property
    def is_lost(self) -> bool:
        """Whether `wait` would wait."""
        return not self._open.is_set()

    def lose(self) -> None:
        """The caller's connection broke."""
        if not self.is_lost and not self.is_released:
            self._open.clear()
            self._on_lost()

    def restore(self) -> None:
        """The caller is back, or has shown that they never left."""
        self._open.set()
        self._on_restored()

    def release(self) -> None:
        """The session is ending: whoever waits goes on, into nothing."""
        self.is_released = True
        self._open.set()

    async def wait(self) -> None:
        """Waits for the caller, or for the release."""
        await self._open.wait()


def ignore(*_: object) -> None:
    """What a connection tells nobody before its session listens."""
