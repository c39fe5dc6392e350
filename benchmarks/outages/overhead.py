"""What a healthy chain costs over its first member alone: time to the first token, and CPU.

Both take turns, so that whatever else the machine does falls on both; a figure is the median of the
differences between neighbours, with its 95 % interval, and the bare one against itself says what of
it is noise. CPU is that of the whole process, from before services are built until all are closed;
the vendors are in a process of their own.
"""

from __future__ import annotations

import asyncio
import math
import os
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

import numpy as np

from benchmarks.outages import bot, llm
from benchmarks.outages.vendors import Vendors
from bots.local.models import LocalModels
from bots.spec import BotSpec
from bots.talk import talk_audio
from emulators.word_tones import encode
from server.rehearsal.cast import KEY_VARIABLE

TURNS = 600
CALL_ROUNDS = 6
CALLS_AT_ONCE = 4
PER_CALL_S = 10.0
"""What CPU is told for: calls differ by a few ms in length."""


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


async def healthy_calls(
    vendors: Vendors, rounds: int = CALL_ROUNDS, at_once: int = CALLS_AT_ONCE
) -> dict[str, Any]:
    """Whole calls of a turn, all kinds as chains of two or bare, some at once. A/B/B/A rounds."""
    os.environ[KEY_VARIABLE] = "measured"
    await bot.pace(vendors)
    specs = {"bare": bot.bare(vendors), "offhook": bot.chained(vendors)}
    models = LocalModels()
    cpu_s: dict[str, list[float]] = {"bare": [], "offhook": []}
    try:
        for spec in specs.values():
            await models.prepare(spec)
            await _cpu_s(spec, models, at_once)
        for _ in range(rounds):
            for system in ("bare", "offhook", "offhook", "bare"):
                cpu_s[system].append(await _cpu_s(specs[system], models, at_once))
    finally:
        await models.close()
    firsts, seconds, chain = cpu_s["bare"][::2], cpu_s["bare"][1::2], cpu_s["offhook"]
    return {
        "calls a side": 2 * rounds * at_once,
        "at once": at_once,
        **_compared(
            "CPU ms in 10 s of a call",
            *([1000 * value for value in side] for side in (firsts, _means(chain), seconds)),
        ),
        "more CPU %": more_percent(cpu_s["bare"], chain),
    }


async def _cpu_s(spec: BotSpec, models: LocalModels, at_once: int) -> float:
    """CPU seconds of one of `at_once` calls, for PER_CALL_S of it."""
    caller = np.frombuffer(encode("w901 w902 w903 w904", 16_000), np.int16)
    begun_s, begun_cpu_s = time.perf_counter(), time.process_time()
    await asyncio.gather(*(talk_audio(spec, models, caller) for _ in range(at_once)))
    cpu_s, length_s = time.process_time() - begun_cpu_s, time.perf_counter() - begun_s
    return cpu_s / at_once / length_s * PER_CALL_S


def more_percent(bare: Sequence[float], chain: Sequence[float]) -> float:
    """What chains cost over their bare neighbours, as a share of what those do."""
    both = _means(bare)
    more = [ours - beside for ours, beside in zip(_means(chain), both, strict=True)]
    return round(statistics.median(more) / statistics.median(both) * 100, 1)


def _means(values: Sequence[float]) -> list[float]:
    """Of neighbours, which stand in one round."""
    return [(one + other) / 2 for one, other in zip(values[::2], values[1::2], strict=True)]


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
