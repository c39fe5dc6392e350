"""Ears: FallbackSTT beside Pipecat's switcher with Failover, same services and settings.

The caller speaks numbered words at real time. First comes Deepgram's stream, then its HTTP API at
an emulator of its own, which answers FIRST_BYTE_MS after it was asked.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from pipecat.frames.frames import (
    Frame,
    InputAudioRawFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.pipeline.service_switcher import ServiceSwitcher, ServiceSwitcherStrategyFailover
from pipecat.pipeline.worker import PipelineParams
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.deepgram.stt import DeepgramSTTService
from pipecat.services.stt_service import STTService

from benchmarks.outages import piped
from benchmarks.outages.cases import Case, Result, System, cases, count_words
from benchmarks.outages.vendors import Vendors
from bots.providers.deepgram_prerecorded import DeepgramPrerecordedSTTService
from emulators.deepgram import DeepgramEmulator
from emulators.faults import FaultKind
from emulators.server import Pace
from emulators.word_tones import encode
from processors.fallback.breaker import Health
from processors.fallback.ears import EarsMember
from processors.fallback.settings import ChainSettings
from processors.fallback.stt import FallbackSTT

FIRST_BYTE_MS = 200
SETTINGS = ChainSettings()
TURN_TIMEOUT_S = 5.0
"""After the caller's last word, for the last transcript."""
RATE_HZ = 16_000
FRAME_S = 0.02
VAD_S = 0.2
WORDS = [f"w{number}" for number in range(1, 11)]

CASES = tuple(cases("stt", mid_bytes=40_000))


class Listener(FrameProcessor):
    """Notes the words that were heard and when the last of them came."""

    def __init__(self) -> None:
        super().__init__(enable_direct_mode=True)
        self.words: list[str] = []
        self.last_s = 0.0

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Look, and pass on."""
        await super().process_frame(frame, direction)
        if isinstance(frame, TranscriptionFrame) and frame.text.strip():
            self.words += frame.text.split()
            self.last_s = time.perf_counter()
        await self.push_frame(frame, direction)


class Call(piped.Call[Listener]):
    """A call in which somebody speaks to ears."""

    async def speak(self) -> float | None:
        """Say all words: seconds from the VAD's stop to the last of them; None if some are lost."""
        pcm = encode(" ".join(WORDS), RATE_HZ)
        pcm = bytes(RATE_HZ) + pcm + bytes(int(VAD_S * RATE_HZ) * 2)
        size = int(FRAME_S * RATE_HZ) * 2
        begun_s = time.perf_counter()
        for number, start in enumerate(range(0, len(pcm), size)):
            await self._worker.queue_frame(
                InputAudioRawFrame(pcm[start : start + size], RATE_HZ, 1)
            )
            if number == round((0.5 + VAD_S) / FRAME_S):
                await self._worker.queue_frame(VADUserStartedSpeakingFrame(start_secs=VAD_S))
            ahead_s = begun_s + (number + 1) * FRAME_S - time.perf_counter()
            await asyncio.sleep(max(0.0, ahead_s))
        stopped_s = time.perf_counter()
        await self._worker.queue_frame(VADUserStoppedSpeakingFrame(stop_secs=VAD_S))
        while time.perf_counter() < stopped_s + TURN_TIMEOUT_S:
            if set(WORDS) <= set(self.listener.words):
                await asyncio.sleep(0.3)  # for words that come twice
                return self.listener.last_s - stopped_s
            await asyncio.sleep(0.005)
        return None

    async def be_quiet(self, length_s: float) -> None:
        """Let the microphone run while nobody speaks."""
        frame = InputAudioRawFrame(bytes(int(FRAME_S * RATE_HZ) * 2), RATE_HZ, 1)
        begun_s = time.perf_counter()
        for number in range(round(length_s / FRAME_S)):
            await self._worker.queue_frame(replace(frame))
            ahead_s = begun_s + (number + 1) * FRAME_S - time.perf_counter()
            await asyncio.sleep(max(0.0, ahead_s))


@asynccontextmanager
async def calling(system: System | str, url: str) -> AsyncIterator[Call]:
    """A call on Deepgram's stream at `url`, with its HTTP API behind it unless "bare"."""
    async with DeepgramEmulator(pace=Pace(first_byte_ms=FIRST_BYTE_MS)) as backup:

        def first() -> STTService:
            return DeepgramSTTService(api_key="key", base_url=url)

        def second() -> STTService:
            return DeepgramPrerecordedSTTService(api_key="key", base_url=backup.base_url)

        if system == "offhook":
            members = [
                EarsMember("deepgram", "stt deepgram", first),
                EarsMember("deepgram-http", "stt deepgram-http", second),
            ]
            chain: FrameProcessor = FallbackSTT(members, Health(), SETTINGS)
        elif system == "pipecat":
            chain = ServiceSwitcher([first(), second()], ServiceSwitcherStrategyFailover)
        else:
            chain = first()
        listener = Listener()
        params = PipelineParams(audio_in_sample_rate=RATE_HZ)
        async with piped.piped(chain, listener, params=params) as worker:
            yield Call(worker, listener, chain)


async def healthy_s(vendors: Vendors) -> float | None:
    """Seconds from the VAD's stop to the last word of a healthy utterance."""
    await vendors.recover("deepgram")
    async with calling("bare", vendors.base_url("deepgram")) as call:
        return await call.speak()


async def measure(
    case: Case, system: System, number: int, vendors: Vendors, healthy_s: float | None
) -> Result:
    """The utterance that fails."""
    await vendors.break_down("deepgram", case)
    async with calling(system, vendors.faulty_url("deepgram", case)) as call:
        took_s = await call.speak()
        heard = call.listener.words
    await vendors.recover("deepgram")
    lost, repeated = count_words(WORDS, heard)
    gap_ms = None
    if took_s is not None and healthy_s is not None and not lost:
        gap_ms = round((took_s - healthy_s) * 1000, 1)
    return Result(case.name, system, number, not lost, lost, repeated, gap_ms, _allowed_ms(case))


def _allowed_ms(case: Case) -> float:
    """A healthy stream has the last word before the VAD's stop; the backup is asked at the stop."""
    backup_ms = VAD_S * 1000 + FIRST_BYTE_MS
    if case.is_outright or case.fault in (FaultKind.DROP, FaultKind.MALFORMED):
        return backup_ms
    return backup_ms + SETTINGS.stt_s * 1000
