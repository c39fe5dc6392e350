"""The bot's volume at the last step, chunk by chunk."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from processors.ducking import DuckingFilter
from processors.loudness import SILENCE_DBFS, level_dbfs

pytestmark = pytest.mark.unit

RATE_HZ = 16000


def chunk(seed: int = 0) -> bytes:
    """40 ms of noise, about -20 dBFS."""
    noise = np.random.default_rng(seed).normal(0, 3000, RATE_HZ // 25)
    return noise.astype(np.int16).tobytes()


async def mouth() -> DuckingFilter:
    """One that has been started."""
    made = DuckingFilter()
    await made.start(RATE_HZ)
    return made


async def test_it_changes_nothing_until_asked() -> None:
    """The very bytes go through."""
    one = await mouth()
    assert await one.filter(chunk()) == chunk()
    assert one.left_dbfs == pytest.approx(level_dbfs(chunk()))


async def test_a_duck_is_heard_in_the_next_chunk_and_comes_back_without_a_step() -> None:
    """-20 dB within 10 ms; up again over 60 ms; not one sample more or less."""
    one = await mouth()
    one.duck()
    ducked = await one.filter(chunk())
    tail = ducked[len(ducked) // 2 :]
    assert level_dbfs(tail) == pytest.approx(level_dbfs(chunk()[len(ducked) // 2 :]) - 20, abs=0.5)
    one.resume()
    rising = [await one.filter(chunk()) for _ in range(2)]
    assert level_dbfs(ducked) < level_dbfs(rising[0]) < level_dbfs(chunk())
    assert await one.filter(chunk()) == chunk()
    assert all(len(part) == len(chunk()) for part in (ducked, *rising))


async def test_a_pause_holds_the_chunk_in_hand_and_goes_on_with_it() -> None:
    """Nothing passes, nothing is lost, and no sound is reported meanwhile."""
    one = DuckingFilter(clock=iter(range(100)).__next__)
    await one.start(RATE_HZ)
    one.pause()
    held = asyncio.create_task(one.filter(chunk()))
    await asyncio.sleep(0)
    assert not held.done() and one.left_dbfs == SILENCE_DBFS
    one.resume()
    assert await held == chunk()


async def test_an_interruption_drops_the_chunk_in_hand_only() -> None:
    """What comes after the output was emptied is new, and as loud as ever."""
    one = await mouth()
    one.duck()
    await one.filter(chunk())
    one.cut()
    held = asyncio.create_task(one.filter(chunk()))
    await asyncio.sleep(0)
    assert not held.done()
    one.emptied()
    assert await held == b""
    assert await one.filter(chunk()) == chunk()


async def test_an_interruption_of_an_empty_output_drops_nothing_new() -> None:
    """No chunk was in hand: the next answer is whole."""
    one = await mouth()
    one.cut()
    one.emptied()
    assert await one.filter(chunk()) == chunk()


async def test_the_end_of_a_call_lets_go() -> None:
    """Neither a pause before nor one after the end holds anything."""
    one = await mouth()
    one.pause()
    held = asyncio.create_task(one.filter(chunk()))
    await asyncio.sleep(0)
    one.end()
    assert await held == chunk()
    one.pause()
    assert await one.filter(chunk()) == chunk()


async def test_a_cancelled_call_is_not_held() -> None:
    """A held chunk can be cancelled at once."""
    one = await mouth()
    one.pause()
    held = asyncio.create_task(one.filter(chunk()))
    await asyncio.sleep(0)
    held.cancel()
    with pytest.raises(asyncio.CancelledError):
        await held
