"""Waiting for something to become true, bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], bool], *, timeout_s: float = 5.0) -> None:
    """Return as soon as `condition` holds.

    Raises:
        TimeoutError: it does not hold within `timeout_s`.
    """
    async with asyncio.timeout(timeout_s):
        # The conditions are read from objects that have no event to wait for.
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
