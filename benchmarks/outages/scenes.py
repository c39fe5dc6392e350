"""Whole scenes of an outage: recovery, everybody at once, twenty calls; and those of beside files.

Each takes the emulated vendors and gives its figures by name, with their units. Times are in ms
unless a name says otherwise.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from benchmarks.outages import bot, llm, tts
from benchmarks.outages.flapping import flapping
from benchmarks.outages.overhead import healthy_turns
from benchmarks.outages.vendors import Vendors
from bots.local.models import LocalModels
from bots.spec import BotSpec
from emulators.faults import FaultKind
from emulators.outages import Outage
from emulators.word_count import count_words as count_tones
from processors.fallback.breaker import Health
from processors.fallback.probes import Prober
from server.rehearsal.call import rehearse
from server.rehearsal.cast import KEY_VARIABLE, Cast, Role, cast

Figures = dict[str, Any]
Scene = Callable[[Vendors], Awaitable[Figures]]

SESSIONS = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """The figures of one scene."""

    scene: str
    figures: Figures


async def failback(vendors: Vendors) -> Figures:
    """The primary is down for 4 s; turns go on until it speaks again."""
    await bot.pace(vendors)
    prober = Prober(Health())
    lost = repeated = turns = 0
    async with tts.calling(
        "offhook", vendors, vendors.base_url("elevenlabs"), prober=prober
    ) as call:
        await call.reply()
        await vendors.fault("elevenlabs", "503", recovers_after_s=4.0)
        begun_s = time.perf_counter()
        while time.perf_counter() < begun_s + 40.0:
            await call.reply()
            count = count_tones(tts.TEXT.split(), call.listener.words)
            turns, lost = turns + 1, lost + len(count.lost)
            repeated += len(count.repeated)
            if turns > 1 and call.in_use == "elevenlabs":
                break
            await asyncio.sleep(0.5)
        back_s = time.perf_counter() - begun_s
    await prober.close()
    return {
        "turns": turns,
        "words lost": lost,
        "words twice": repeated,
        "down for s": 4.0,
        "back with the primary after s": round(back_s, 1),
    }


async def twenty_calls(vendors: Vendors) -> Figures:
    """Twenty sessions of one process ask, all at once, a model that hangs, and then comes back."""
    await bot.pace(vendors)
    prober = Prober(Health())
    waits: list[list[float]] = []
    at_recovery = 0
    async with AsyncExitStack() as stack:
        calls = [
            await stack.enter_async_context(
                llm.calling("offhook", vendors, vendors.base_url("cerebras"), prober=prober)
            )
            for _ in range(SESSIONS)
        ]
        await asyncio.gather(*(call.ask() for call in calls))
        before = len(await vendors.asked("cerebras"))
        await vendors.fault("cerebras", "hang", recovers_after_s=12.0)
        for _ in range(3):
            answers = await asyncio.gather(*(call.ask() for call in calls))
            waits.append([times[0] * 1000 for times in answers if times])
            await asyncio.sleep(0.5)
        during = len(await vendors.asked("cerebras")) - before
        until_s = time.perf_counter() + 40.0
        while time.perf_counter() < until_s and any(c.in_use != "cerebras" for c in calls):
            at_recovery = len(await vendors.asked("cerebras"))
            await asyncio.gather(*(call.ask() for call in calls))
            await asyncio.sleep(0.5)
        back = sum(call.in_use == "cerebras" for call in calls)
    await prober.close()
    return {
        "sessions": SESSIONS,
        "answered in the outage": f"{sum(map(len, waits))} of {3 * SESSIONS}",
        "first turn: first token p50 ms": round(statistics.median(waits[0])),
        "second turn: first token max ms": round(max(waits[1])),
        "third turn: first token max ms": round(max(waits[2])),
        "questions to the primary while down (20 turns, then probes)": during,
        "questions and probes to it before it was used again": at_recovery - before,
        "sessions back with it": back,
    }


async def all_kinds_at_once(vendors: Vendors) -> Figures:
    """A whole call in which ears, model and voice each die in the middle of what they do."""
    del vendors  # a rehearsed call brings its own, one a member
    spec, roles, models = await _rehearsed()
    try:
        await rehearse(spec, roles, models, [])
        healthy = await rehearse(spec, roles, models, [])
        first: list[Role] = [roles[kind][0] for kind in ("stt", "llm", "tts")]
        failing = [
            (role, Outage(FaultKind.DROP, "mid", {"after_bytes": role.mid_bytes})) for role in first
        ]
        outcome = await rehearse(spec, roles, models, failing)
        down = Outage(FaultKind.UNAVAILABLE, "before")
        everybody = [(role, down) for kind in ("llm", "tts") for role in roles[kind]]
        silent = await rehearse(spec, roles, models, everybody)
    finally:
        await models.close()
    gap_s = (outcome.last_s or 0) - (healthy.last_s or 0)
    return {
        "answered": outcome.is_answered,
        "words lost": outcome.lost,
        "words twice": outcome.repeated,
        "switches": len(outcome.switches),
        "gap ms": round(gap_s * 1000),
        "all models and voices down, last resort heard after ms": (
            None if silent.first_s is None else round(silent.first_s * 1000)
        ),
    }


async def _rehearsed() -> tuple[BotSpec, Cast, LocalModels]:
    os.environ[KEY_VARIABLE] = "rehearsed"
    spec = bot.rehearsed()
    models = LocalModels()
    await models.prepare(spec)
    return spec, cast(spec), models


SCENES: Mapping[str, Scene] = {
    "flapping": flapping,
    "failback": failback,
    "twenty calls": twenty_calls,
    "all kinds at once": all_kinds_at_once,
    "healthy turns": healthy_turns,
}
"""All but benchmarks/outages/calls.py, whose rounds are kept one by one."""
