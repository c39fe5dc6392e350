"""What healthy chains cost a whole call over their first members alone, in CPU.

Calls of both kinds go on at once in one event loop, and each step of the loop is charged to the
call in whose context it runs: what else the machine does falls on neighbours alike. They begin one
after another, in an order that is drawn for each round, and their audio comes evenly spread: of
calls at one moment the first pays for the processor's caches. Every half second of a call is
compared with the same half second of those beside it; its figure is the median over the rounds, so
that a disturbed one counts for nothing. The vendors are in a process of their own.
"""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.kept_lines import KeptLines
from benchmarks.outages import bot
from benchmarks.outages.vendors import Vendors
from bots.local.models import LocalModels
from bots.spec import BotSpec
from bots.talk import talk_audio
from emulators.word_tones import encode
from server.rehearsal.cast import KEY_VARIABLE

ROUNDS = 42
"""Some nine minutes; each is kept, and one that was measured is not measured again."""
CALLS_A_SIDE = 3
"""At once, of each side."""
APART_S = 0.2 + 0.02 / 9
"""Between the beginnings of two: audio comes every 20 ms, and they share that out."""
SLICE_S = 0.5
SLICES = 18
"""Of a call of nine seconds; the last one is open."""
SIDES: tuple[str, ...] = ("bare", "chain", "bare again")

Round = dict[str, Any]
"""CPU ms of each side, by slices of a call, and "no call's"."""
Rounds = KeptLines[Round]


@dataclass
class _Bill:
    """CPU seconds of one call, by slices of its age."""

    begun_s: float = field(default_factory=time.perf_counter)
    slices_s: list[float] = field(default_factory=lambda: [0.0] * SLICES)


_bill: ContextVar[_Bill] = ContextVar("bill")


async def healthy_calls(rounds: Rounds, vendors: Vendors) -> dict[str, Any]:
    """Whole calls of a turn, all kinds as chains of two or bare; `rounds` has those made before."""
    os.environ[KEY_VARIABLE] = "measured"
    await bot.pace(vendors)
    bare = bot.bare(vendors)
    specs = dict(zip(SIDES, (bare, bot.chained(vendors), bare), strict=True))
    models = LocalModels()
    try:
        for spec in specs.values():
            await models.prepare(spec)
        await _round(specs, models, 0)
        for number in range(len(rounds.all), ROUNDS):
            rounds.add(await _round(specs, models, number))
    finally:
        await models.close()
    return figures(rounds.all)


def figures(rounds: Sequence[Round]) -> dict[str, Any]:
    """CPU of a bare call, and what a chain and another bare call have over it."""
    bare, chain, again = (np.array([one[side] for one in rounds]) for side in SIDES)
    both = (bare + again) / 2
    whole_ms = float(_typical(both) + np.median([one["no call's"] for one in rounds]))
    more, noise = chain - both, bare - again
    return {
        "calls a side": CALLS_A_SIDE * len(rounds),
        "at once": CALLS_A_SIDE * len(SIDES),
        "bare CPU ms a call of 9 s": round(whole_ms),
        "chain over bare, CPU ms": _with_interval(more, 1.0),
        "chain over bare, %": _with_interval(more, 100 / whole_ms),
        "bare over bare, %": _with_interval(noise, 100 / whole_ms),
    }


def _typical(slices_ms: NDArray[np.float64]) -> np.float64:
    """The sum over a call's slices of each one's median, of shape (rounds, slices)."""
    return np.median(slices_ms, axis=0).sum()


def _with_interval(slices_ms: NDArray[np.float64], scale: float) -> str:
    """`1.2 (0.8 to 1.6)`: with the bootstrap's 95 % interval over the rounds."""
    chance = np.random.default_rng(0)
    drawn = chance.integers(len(slices_ms), size=(2000, len(slices_ms)))
    low, high = np.percentile([_typical(slices_ms[one]) for one in drawn], [2.5, 97.5]) * scale
    return f"{_typical(slices_ms) * scale:.1f} ({low:.1f} to {high:.1f})"


async def _round(specs: dict[str, BotSpec], models: LocalModels, number: int) -> Round:
    """CPU ms of a call of each side by slices, and what in the process belongs to no call."""
    gc.collect()
    caller = np.frombuffer(encode("w901 w902 w903 w904", 16_000), np.int16)
    order: list[str] = np.random.default_rng(number).permutation(SIDES * CALLS_A_SIDE).tolist()

    async def call(place: int, side: str) -> list[float]:
        await asyncio.sleep(place * APART_S)
        bill = _Bill()
        _bill.set(bill)
        await talk_audio(specs[side], models, caller)
        return bill.slices_s

    with _charging():
        begun_s = time.process_time()
        bills = await asyncio.gather(*(call(place, side) for place, side in enumerate(order)))
        process_s = time.process_time() - begun_s
    of_sides = {
        side: np.mean([bill for bill, of in zip(bills, order, strict=True) if of == side], axis=0)
        for side in SIDES
    }
    return {
        **{side: [round(ms, 2) for ms in slices * 1000] for side, slices in of_sides.items()},
        "no call's": round((process_s - float(np.sum(bills))) / len(bills) * 1000, 1),
    }


@contextmanager
def _charging() -> Iterator[None]:
    """Let each step of the loop be charged to the call in whose context it runs."""
    run = asyncio.Handle._run

    def charged(self: asyncio.Handle) -> None:
        bill = self._context.get(_bill)
        begun_s = time.thread_time()
        run(self)
        if bill is not None:
            spent_s = time.thread_time() - begun_s
            age = int((time.perf_counter() - bill.begun_s) / SLICE_S)
            bill.slices_s[min(age, SLICES - 1)] += spent_s

    asyncio.Handle._run = charged
    try:
        yield
    finally:
        asyncio.Handle._run = run
