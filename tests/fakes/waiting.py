"""Waiting for something to become true, bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PATIENCE_S = 20.0
"""How long a test waits for what must come: only a failed one waits so long, and a busy machine is
no failure."""


async def until(condition: Callable[[], bool], *, timeout_s: float = PATIENCE_S) -> None:
    """Return as soon as `condition` holds.

    Raises:
        TimeoutError: it does not hold within `timeout_s`.
    """
    async with asyncio.timeout(timeout_s):
        # The conditions are read from objects that have no event to wait for.
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
