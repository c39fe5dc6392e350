"""What a healthy chain of models costs over its first member alone: time to the first token, CPU.

Both take turns, so that whatever else the machine does falls on both; a figure is the median of the
differences between neighbours, with its 95 % interval, and the bare one against itself says what of
it is noise. CPU is that of the whole process; the vendors are in a process of their own.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

from benchmarks.outages import llm
from benchmarks.outages.vendors import Vendors

TURNS = 600


async def healthy_turns(vendors: Vendors, turns: int = TURNS) -> dict[str, Any]:
    """A healthy chain of models beside two bare ones, asked in turn, each in a call of its own."""
    for vendor in ("cerebras", "openai"):
        await vendors.recover(vendor)
        await vendors.pace(vendor, first_byte_ms=0, chunk_ms=0)
    first_ms: tuple[list[float], ...] = ([], [], [])
    cpu_ms: tuple[list[float], ...] = ([], [], [])
    async with AsyncExitStack() as stack:
        calls = [
            await stack.enter_async_context(
                llm.calling(system, vendors, vendors.base_url("cerebras"))
            )
            for system in ("bare", "offhook", "bare")
        ]
        for call in calls:
            await call.ask()
        for turn in range(turns):
            for side in [(turn + place) % 3 for place in range(3)]:
                begun_s = time.process_time()
                times = await calls[side].ask()
                assert times is not None
                first_ms[side].append(times[0] * 1000)
                cpu_ms[side].append((time.process_time() - begun_s) * 1000)
    return {
        "turns a side": turns,
        **_compared("first token ms", *first_ms),
        **_compared("CPU ms a turn", *cpu_ms),
    }


def _compared(
    what: str, bare: Sequence[float], chain: Sequence[float], again: Sequence[float]
) -> dict[str, Any]:
    """A chain over the mean of the two bare ones beside it, and those over each other."""
    both = [(one + other) / 2 for one, other in zip(bare, again, strict=True)]
    more = [ours - beside for ours, beside in zip(chain, both, strict=True)]
    noise = [one - other for one, other in zip(bare, again, strict=True)]
    return {
        f"bare {what}": round(statistics.median(both), 2),
        f"chain over bare, {what}": between(more),
        f"bare over bare, {what}": between(noise),
    }


def between(values: Sequence[float]) -> str:
    """The median and the 95 % interval of it, by rank: `0.12 (0.08 to 0.15)`."""
    ranked = sorted(values)
    outside = max(0, math.floor(len(ranked) / 2 - 0.98 * math.sqrt(len(ranked))))
    low, high = ranked[outside], ranked[-1 - outside]
    return f"{statistics.median(ranked):.2f} ({low:.2f} to {high:.2f})"
