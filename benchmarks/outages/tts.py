"""Voices: FallbackTTS beside Pipecat's switcher with Failover, same services and settings."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pipecat.frames.frames import (
    Frame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TTSAudioRawFrame,
)
from pipecat.pipeline.service_switcher import ServiceSwitcher, ServiceSwitcherStrategyFailover
from pipecat.pipeline.worker import PipelineParams
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.cartesia.tts import CartesiaTTSService
from pipecat.services.elevenlabs.tts import ElevenLabsTTSService

from benchmarks.outages import piped
from benchmarks.outages.cases import Case, Result, System, cases
from benchmarks.outages.vendors import Vendors
from emulators.faults import FaultKind
from emulators.word_count import count_words
from emulators.word_tones import ToneDecoder, ToneWord
from processors.fallback.breaker import Health
from processors.fallback.member import Member
from processors.fallback.probes import Prober
from processors.fallback.settings import ChainSettings
from processors.fallback.tts import FallbackTTS

FIRST_BYTE_MS = 200
CHUNK_MS = 30
SETTINGS = ChainSettings()
TURN_TIMEOUT_S = 8.0
QUIET_S = 3.0
"""A turn that has sounded this long nothing after its end is over."""
RATE_HZ = 24_000

TEXT = "w1 w2 w3 w4 w5. w6 w7 w8 w9 w10."
CASES = tuple(cases("tts", mid_bytes=40_000))
_CLOSED_AT_ONCE = frozenset({FaultKind.DROP, FaultKind.MALFORMED})
_BYTES_PER_S = 2 * RATE_HZ


class Listener(FrameProcessor):
    """Plays the audio at real time, in mind: what was heard, and how long nothing was."""

    def __init__(self) -> None:
        super().__init__(enable_direct_mode=True)
        self.forget()

    def forget(self) -> None:
        """Before a turn."""
        self.words: list[ToneWord] = []
        self.heard_s = 0.0
        self.played_s = 0.0
        self.ended_s: float | None = None
        self._decoder = ToneDecoder(RATE_HZ)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Look, and pass on."""
        await super().process_frame(frame, direction)
        now_s = time.perf_counter()
        if isinstance(frame, TTSAudioRawFrame):
            self.words += self._decoder.feed(frame.audio)
            self.heard_s += len(frame.audio) / _BYTES_PER_S
            self.played_s = max(self.played_s, now_s) + len(frame.audio) / _BYTES_PER_S
        elif isinstance(frame, LLMFullResponseEndFrame):
            self.ended_s = now_s
        await self.push_frame(frame, direction)


class Call(piped.Call[Listener]):
    """A call in which a voice speaks."""

    async def reply(self) -> float | None:
        """Have TEXT said: seconds of silence till its last word; None without a sound."""
        listener = self.listener
        listener.forget()
        asked_s = time.perf_counter()
        text = [LLMTextFrame(TEXT[at : at + 4]) for at in range(0, len(TEXT), 4)]
        for frame in (LLMFullResponseStartFrame(), *text, LLMFullResponseEndFrame()):
            await self._worker.queue_frame(frame)
        while time.perf_counter() < asked_s + TURN_TIMEOUT_S:
            await asyncio.sleep(0.02)
            now_s = time.perf_counter()
            if not count_words(TEXT.split(), listener.words).lost:
                break
            if listener.ended_s and now_s > max(listener.ended_s, listener.played_s) + QUIET_S:
                break
        if not listener.heard_s:
            return None
        return listener.played_s - asked_s - listener.heard_s


@asynccontextmanager
async def calling(
    system: System | str, vendors: Vendors, url: str, prober: Prober | None = None
) -> AsyncIterator[Call]:
    """A call on ElevenLabs at `url`, with Cartesia behind it unless the system is "bare"."""
    first: Any = ElevenLabsTTSService(
        api_key="key", url=url, settings=ElevenLabsTTSService.Settings(voice="nora")
    )
    second: Any = CartesiaTTSService(
        api_key="key",
        url=vendors.base_url("cartesia"),
        settings=CartesiaTTSService.Settings(voice="nora"),
    )
    health = prober.health if prober else Health()
    if system == "offhook":
        members = [
            Member("elevenlabs", "tts elevenlabs", first),
            Member("cartesia", "tts cartesia", second),
        ]
        chain: FrameProcessor = FallbackTTS(members, health, SETTINGS)
    elif system == "pipecat":
        chain = ServiceSwitcher([first, second], ServiceSwitcherStrategyFailover)
    else:
        chain = first
    listener = Listener()
    params = PipelineParams(audio_out_sample_rate=RATE_HZ)
    async with piped.piped(chain, listener, params=params, prober=prober) as worker:
        yield Call(worker, listener, chain)


async def healthy_s(vendors: Vendors) -> float | None:
    """Seconds of silence in a healthy reply."""
    for vendor in ("elevenlabs", "cartesia"):
        await vendors.recover(vendor)
        await vendors.pace(vendor, first_byte_ms=FIRST_BYTE_MS, chunk_ms=CHUNK_MS)
    async with calling("bare", vendors, vendors.base_url("elevenlabs")) as call:
        await call.reply()
        return await call.reply()


async def measure(
    case: Case, system: System, number: int, vendors: Vendors, healthy_s: float | None
) -> Result:
    """A healthy turn, then one in which the vendor fails in the call."""
    async with calling(system, vendors, vendors.faulty_url("elevenlabs", case)) as call:
        if not case.fault.is_of_address:
            await call.reply()
        await vendors.break_down("elevenlabs", case)
        silence_s = await call.reply()
        count = count_words(TEXT.split(), call.listener.words)
    await vendors.recover("elevenlabs")
    gap_ms = None
    if silence_s is not None and healthy_s is not None and not count.lost:
        gap_ms = round((silence_s - healthy_s) * 1000, 1)
    return Result(
        case=case.name,
        system=system,
        round=number,
        is_answered=not count.lost,
        lost=len(count.lost),
        repeated=len(count.repeated),
        gap_ms=gap_ms,
        allowed_ms=_wait_ms(case) + FIRST_BYTE_MS,
    )


def _wait_ms(case: Case) -> float:
    if case.is_outright or case.fault in _CLOSED_AT_ONCE:
        return 0.0
    is_late = case.outage.when == "before" and case.fault is not FaultKind.DRIP
    return 1000 * (SETTINGS.first_audio_s if is_late else SETTINGS.stall_s)
