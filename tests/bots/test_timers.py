"""What a call puts off happens in time, and not after its end."""

from __future__ import annotations

import asyncio

import pytest

from bots.timers import Timers

pytestmark = pytest.mark.unit


async def test_what_is_put_off_happens_in_order_of_time() -> None:
    """Each after its own delay, whatever was asked for first."""
    timers, done = Timers(), asyncio.Event()
    happened: list[str] = []

    async def happen(what: str) -> None:
        happened.append(what)
        if what == "later":
            done.set()

    timers.after(0.02, happen("later"))
    timers.after(0, happen("at once"))
    await asyncio.wait_for(done.wait(), 5)
    assert happened == ["at once", "later"]


@pytest.mark.filterwarnings("error")
async def test_nothing_happens_after_the_end() -> None:
    """What still waits is dropped, without a coroutine that nobody awaited."""
    timers = Timers()
    happened: list[str] = []

    async def happen() -> None:
        happened.append("too late")

    timers.after(0.01, happen())
    await asyncio.sleep(0)
    timers.after(0, happen())
    timers.cancel()
    dropped = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*dropped, return_exceptions=True)
    assert dropped and happened == []
