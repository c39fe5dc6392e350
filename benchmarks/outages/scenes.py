"""Whole scenes of an outage: flapping, recovery, everybody at once, twenty calls, a healthy day.

Each takes the emulated vendors and gives its figures by name, with their units. Times are in ms
unless a name says otherwise.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.outages import llm, tts
from benchmarks.outages.cases import count_words
from benchmarks.outages.vendors import Vendors
from bots.load import load_bot
from bots.local.models import LocalModels
from bots.spec import BotSpec
from bots.talk import talk_audio
from emulators.faults import FaultKind
from emulators.outages import Outage
from emulators.word_count import count_words as count_tones
from emulators.word_tones import encode
from processors.fallback.breaker import Health
from processors.fallback.probes import Prober
from server.rehearsal.call import rehearse
from server.rehearsal.cast import KEY_VARIABLE, Role, cast

Figures = dict[str, Any]

FLAPS_S = 5.0
FLAPPING_S = 180.0
SESSIONS = 20
WORDS = llm.EXPECTED.split()

_BOT = """prompt: You are a pirate.
stt: [{provider: deepgram, base_url: "%(deepgram)s", api_key: {env: REHEARSAL_KEY}}%(stt)s]
llm: [{provider: cerebras, base_url: "%(cerebras)s", api_key: {env: REHEARSAL_KEY}}%(llm)s]
tts: [{provider: elevenlabs, voice: nora, base_url: "%(elevenlabs)s",
  api_key: {env: REHEARSAL_KEY}}%(tts)s]
"""
_BACKUPS = {
    "stt": ', {provider: deepgram-http, base_url: "%s", api_key: {env: REHEARSAL_KEY}}',
    "llm": ', {provider: groq, base_url: "%s", api_key: {env: REHEARSAL_KEY}}',
    "tts": ', {provider: cartesia, voice: nora, base_url: "%s", api_key: {env: REHEARSAL_KEY}}',
}


class Findings:
    """The figures of scenes in a file of JSON lines."""

    def __init__(self, path: Path) -> None:
        self._path = path
        lines = path.read_text().splitlines() if path.exists() else []
        self.all: list[dict[str, Any]] = [json.loads(line) for line in lines]

    def has(self, scene: str) -> bool:
        """Whether the scene was played already."""
        return any(finding["scene"] == scene for finding in self.all)

    def add(self, scene: str, figures: Figures) -> None:
        """Keep a scene's figures."""
        self.all.append({"scene": scene, "figures": figures})
        with self._path.open("a") as file:
            file.write(json.dumps(self.all[-1]) + "\n")


async def _pace(vendors: Vendors) -> None:
    for vendor in ("cerebras", "openai", "elevenlabs", "cartesia"):
        await vendors.recover(vendor)
        await vendors.pace(vendor, first_byte_ms=llm.FIRST_BYTE_MS, chunk_ms=llm.CHUNK_MS)


async def flapping(vendors: Vendors) -> Figures:
    """The primary model and voice hang for 5 s, are well for 5 s, and so on, for three minutes."""
    await _pace(vendors)
    models, voices = Prober(Health()), Prober(Health())
    thinking: list[tuple[int, int, float | None]] = []
    speaking: list[tuple[int, int, float | None]] = []

    async def think(until_s: float) -> None:
        async with llm.calling(
            "offhook", vendors, vendors.base_url("cerebras"), prober=models
        ) as call:
            await call.ask()
            while time.perf_counter() < until_s:
                times = await call.ask()
                lost, repeated = count_words(WORDS, call.listener.text.split())
                thinking.append((lost, repeated, times[0] * 1000 if times else None))
                await asyncio.sleep(1.0)

    async def speak(until_s: float) -> None:
        async with tts.calling(
            "offhook", vendors, vendors.base_url("elevenlabs"), prober=voices
        ) as call:
            await call.reply()
            while time.perf_counter() < until_s:
                silence_s = await call.reply()
                count = count_tones(tts.TEXT.split(), call.listener.words)
                silence_ms = None if silence_s is None else silence_s * 1000
                speaking.append((len(count.lost), len(count.repeated), silence_ms))
                await asyncio.sleep(1.0)

    for vendor in ("cerebras", "elevenlabs"):
        await vendors.fault(vendor, "hang", flaps_s=FLAPS_S, recovers_after_s=FLAPPING_S)
    until_s = time.perf_counter() + FLAPPING_S
    await asyncio.gather(think(until_s), speak(until_s))
    await asyncio.gather(models.close(), voices.close())
    return {**_turns("llm", thinking), **_turns("tts", speaking)}


def _turns(kind: str, turns: Sequence[tuple[int, int, float | None]]) -> Figures:
    waits = [wait_ms for _, _, wait_ms in turns if wait_ms is not None]
    return {
        f"{kind} turns": len(turns),
        f"{kind} answered": sum(not lost for lost, _, _ in turns),
        f"{kind} words lost": sum(lost for lost, _, _ in turns),
        f"{kind} words twice": sum(repeated for _, repeated, _ in turns),
        f"{kind} silence p50 ms": round(statistics.median(waits)),
        f"{kind} silence max ms": round(max(waits)),
    }


async def failback(vendors: Vendors) -> Figures:
    """The primary is down for 4 s; turns go on until it speaks again."""
    await _pace(vendors)
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
    await _pace(vendors)
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


async def _rehearsed() -> tuple[BotSpec, Any, LocalModels]:
    os.environ[KEY_VARIABLE] = "rehearsed"
    nowhere = {"deepgram": "http://nowhere", "cerebras": "http://nowhere/v1"}
    backups = {kind: _BACKUPS[kind] % "http://nowhere" for kind in ("stt", "llm")}
    backups["tts"] = _BACKUPS["tts"] % "ws://nowhere"
    text = _BOT % {**nowhere, "elevenlabs": "ws://nowhere", **backups}
    text += 'fallback: {last_resort: {say: "One moment, please."}}\n'
    spec = _load(text)
    models = LocalModels()
    await models.prepare(spec)
    return spec, cast(spec), models


def _load(text: str) -> BotSpec:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "pirate.yaml"
        path.write_text(text)
        return load_bot(path).spec


async def healthy_turns(vendors: Vendors, rounds: int = 5, turns: int = 60) -> Figures:
    """A healthy chain over a bare model: ms to the first token, CPU ms a turn. A/B/B/A rounds."""
    for vendor in ("cerebras", "openai"):
        await vendors.recover(vendor)
        await vendors.pace(vendor, first_byte_ms=0, chunk_ms=0)
    first_ms: dict[str, list[float]] = {"bare": [], "offhook": []}
    cpu_ms: dict[str, list[float]] = {"bare": [], "offhook": []}
    for _ in range(rounds):
        for system in ("bare", "offhook", "offhook", "bare"):
            async with llm.calling(system, vendors, vendors.base_url("cerebras")) as call:
                await call.ask()
                begun_cpu_s = time.process_time()
                firsts = [times[0] * 1000 for _ in range(turns) if (times := await call.ask())]
                cpu_ms[system].append((time.process_time() - begun_cpu_s) * 1000 / turns)
                first_ms[system].append(statistics.median(firsts))
    return {
        "turns a side": 2 * rounds * turns,
        **_compared("first token ms", first_ms),
        **_compared("CPU ms a turn", cpu_ms),
    }


async def healthy_calls(vendors: Vendors, rounds: int = 5) -> Figures:
    """Whole calls of a turn, all kinds as chains of two or bare: CPU s of the process. A/B/B/A.

    A call builds its services once, most of it certificates that each vendor's client reads for
    itself (25 ms), so a short one pays a larger share.
    """
    os.environ[KEY_VARIABLE] = "measured"
    await _pace(vendors)
    at = {name: vendors.base_url(name) for name in ("deepgram", "cerebras", "elevenlabs")}
    urls = {"stt": at["deepgram"], "llm": vendors.base_url("groq")}
    urls["tts"] = vendors.base_url("cartesia")
    chained = {kind: _BACKUPS[kind] % url for kind, url in urls.items()}
    specs = {
        "bare": _load(_BOT % {**at, "stt": "", "llm": "", "tts": ""}),
        "offhook": _load(_BOT % {**at, **chained}),
    }
    caller = np.frombuffer(encode("w901 w902 w903 w904", 16_000), np.int16)
    models = LocalModels()
    cpu_s: dict[str, list[float]] = {"bare": [], "offhook": []}
    try:
        for spec in specs.values():
            await models.prepare(spec)
            await talk_audio(spec, models, caller)
        for _ in range(rounds):
            for system in ("bare", "offhook", "offhook", "bare"):
                begun_s = time.process_time()
                await talk_audio(specs[system], models, caller)
                cpu_s[system].append(time.process_time() - begun_s)
    finally:
        await models.close()
    bare, ours = statistics.median(cpu_s["bare"]), statistics.median(cpu_s["offhook"])
    share = round((ours / bare - 1) * 100, 1)
    return {
        "calls a side": 2 * rounds,
        **_compared("CPU s a call", cpu_s),
        "more CPU %": share,
    }


def _compared(what: str, values: dict[str, list[float]]) -> Figures:
    """Medians of both, and of the bare one's first against its second halves as the noise."""
    bare = values["bare"]
    noise = statistics.median(bare[::2]) - statistics.median(bare[1::2])
    return {
        f"bare {what}": round(statistics.median(bare), 3),
        f"chain {what}": round(statistics.median(values["offhook"]), 3),
        f"bare against itself {what}": round(noise, 3),
    }


SCENES: dict[str, Callable[[Vendors], Awaitable[Figures]]] = {
    "flapping": flapping,
    "failback": failback,
    "twenty calls": twenty_calls,
    "all kinds at once": all_kinds_at_once,
    "healthy turns": healthy_turns,
    "healthy calls": healthy_calls,
}
