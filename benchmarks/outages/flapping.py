"""Providers that are ill for 5 s, well for 5 s, and so on, for three minutes of real time.

Ears, model and voice, each with a chain and a call of its own, all at the same time.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from typing import Any

from benchmarks.outages import bot, llm, stt, tts
from benchmarks.outages.cases import count_words
from benchmarks.outages.vendors import Vendors
from emulators.word_count import count_words as count_tones
from processors.fallback.breaker import Health
from processors.fallback.probes import Prober

FLAPS_S = 5.0
FLAPPING_S = 180.0
BETWEEN_S = 1.0
"""Between two turns."""

_Turn = tuple[int, int, float | None]
"""Words lost, words twice, and ms until the first of an answer, or the last of a transcript."""


async def flapping(vendors: Vendors) -> dict[str, Any]:
    """The primary ears, model and voice hang for 5 s, are well for 5 s, and so on."""
    await bot.pace(vendors)
    await vendors.recover("deepgram")
    until_s = time.perf_counter() + FLAPPING_S
    heard, thought, spoken, _ = await asyncio.gather(
        _hear(vendors, until_s), _think(vendors, until_s), _speak(vendors, until_s), _flap(vendors)
    )
    return {**_told("stt", heard), **_told("llm", thought), **_told("tts", spoken)}


async def _flap(vendors: Vendors) -> None:
    """Ill from when the first turn of each is over."""
    await asyncio.sleep(FLAPS_S)
    for vendor in ("deepgram", "cerebras", "elevenlabs"):
        lasts_s = FLAPPING_S - FLAPS_S
        await vendors.fault(vendor, "hang", flaps_s=FLAPS_S, recovers_after_s=lasts_s)


async def _hear(vendors: Vendors, until_s: float) -> list[_Turn]:
    turns: list[_Turn] = []
    async with stt.calling("offhook", vendors.base_url("deepgram")) as call:
        while time.perf_counter() < until_s:
            call.listener.words.clear()
            waited_s = await call.speak()
            await call.be_quiet(BETWEEN_S)
            lost, repeated = count_words(stt.WORDS, call.listener.words)
            turns.append((lost, repeated, None if waited_s is None else waited_s * 1000))
    return turns


async def _think(vendors: Vendors, until_s: float) -> list[_Turn]:
    turns: list[_Turn] = []
    prober, url = Prober(Health()), vendors.base_url("cerebras")
    async with llm.calling("offhook", vendors, url, prober=prober) as call:
        while time.perf_counter() < until_s:
            times = await call.ask()
            lost, repeated = count_words(llm.EXPECTED.split(), call.listener.text.split())
            turns.append((lost, repeated, times[0] * 1000 if times else None))
            await asyncio.sleep(BETWEEN_S)
    await prober.close()
    return turns


async def _speak(vendors: Vendors, until_s: float) -> list[_Turn]:
    turns: list[_Turn] = []
    prober, url = Prober(Health()), vendors.base_url("elevenlabs")
    async with tts.calling("offhook", vendors, url, prober=prober) as call:
        while time.perf_counter() < until_s:
            silence_s = await call.reply()
            count = count_tones(tts.TEXT.split(), call.listener.words)
            silence_ms = None if silence_s is None else silence_s * 1000
            turns.append((len(count.lost), len(count.repeated), silence_ms))
            await asyncio.sleep(BETWEEN_S)
    await prober.close()
    return turns


def _told(kind: str, turns: Sequence[_Turn]) -> dict[str, Any]:
    waits = [wait_ms for _, _, wait_ms in turns if wait_ms is not None]
    return {
        f"{kind} turns": len(turns),
        f"{kind} answered": sum(not lost for lost, _, _ in turns),
        f"{kind} words lost": sum(lost for lost, _, _ in turns),
        f"{kind} words twice": sum(repeated for _, repeated, _ in turns),
        f"{kind} silence p50 ms": round(statistics.median(waits)),
        f"{kind} silence max ms": round(max(waits)),
    }
