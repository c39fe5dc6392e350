"""A caller who speaks numbered words to a chain of ears, and what the call heard of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipecat.frames.frames import (
    InputAudioRawFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.services.deepgram.stt import DeepgramSTTService

from bots.providers.deepgram_prerecorded import DeepgramPrerecordedSTTService
from emulators.deepgram import DeepgramEmulator
from emulators.word_tones import encode
from processors.fallback.ears import EarsMember
from processors.fallback.settings import ChainSettings
from tests.emulators.rig import Rig
from tests.fakes.waiting import PATIENCE_S

RATE_HZ = 16_000
FRAME_BYTES = 2 * RATE_HZ // 50
VAD_S = 0.2
QUICK = ChainSettings(stt_s=0.4, stall_s=0.2)


def streaming(vendor: DeepgramEmulator, **options: Any) -> EarsMember:
    """Pipecat's streaming Deepgram."""

    def create() -> DeepgramSTTService:
        settings = DeepgramSTTService.Settings(**options)
        return DeepgramSTTService(
            api_key="key", base_url=vendor.base_url, settings=settings, ttfs_p99_latency=0.35
        )

    return EarsMember(f"deepgram@{vendor.base_url}", f"stt {vendor.base_url}", create)


def segmented(vendor: DeepgramEmulator) -> EarsMember:
    """Deepgram over HTTP, which hears after the VAD's stop."""

    def create() -> DeepgramPrerecordedSTTService:
        return DeepgramPrerecordedSTTService(
            api_key="key", base_url=vendor.base_url, ttfs_p99_latency=0.4
        )

    return EarsMember(f"http@{vendor.base_url}", f"stt http {vendor.base_url}", create)


Member = Callable[[DeepgramEmulator], EarsMember]


class Caller:
    """Speaks `w1 w2 ...` on through a call; the transport's and the VAD's frames with it."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._pending = b""
        self.words: list[str] = []

    async def begins(self, count: int) -> None:
        """Say `count` words after a little silence; the VAD notices after 0.2 s of them."""
        pcm = self._next(count)
        head = int(VAD_S * RATE_HZ) * 2
        await self._send(bytes(RATE_HZ * 2 // 2) + pcm[:head])
        await self._rig.push(VADUserStartedSpeakingFrame(start_secs=VAD_S))
        await self._send(pcm[head:])

    async def goes_on(self, count: int) -> None:
        """Say so many more without a pause."""
        await self._send(self._next(count))

    async def ends(self) -> None:
        """Be silent until the VAD notices."""
        await self._send(bytes(int(VAD_S * RATE_HZ) * 2))
        await self._rig.push(VADUserStoppedSpeakingFrame(stop_secs=VAD_S))

    async def silent(self, length_s: float) -> None:
        """Say nothing for so long."""
        await self._send(bytes(int(length_s * RATE_HZ) * 2))

    async def says(self, count: int) -> None:
        await self.begins(count)
        await self.ends()

    async def coughs(self) -> None:
        """What the VAD takes for speech, and has no words."""
        await self._rig.push(VADUserStartedSpeakingFrame(start_secs=VAD_S))
        await self._send(bytes(RATE_HZ * 2 // 2))
        await self._rig.push(VADUserStoppedSpeakingFrame(stop_secs=VAD_S))

    async def is_heard(self, timeout_s: float = PATIENCE_S) -> None:
        """Wait until as many words were transcribed as were said."""
        count = len(self.words)
        await self._rig.wait_until(lambda: len(heard(self._rig)) >= count, timeout_s)

    def _next(self, count: int) -> bytes:
        new = [f"w{len(self.words) + n + 1}" for n in range(count)]
        self.words += new
        return encode(" ".join(new), RATE_HZ)

    async def _send(self, pcm: bytes) -> None:
        pcm = self._pending + pcm
        whole = len(pcm) // FRAME_BYTES * FRAME_BYTES
        for start in range(0, whole, FRAME_BYTES):
            frame = InputAudioRawFrame(pcm[start : start + FRAME_BYTES], RATE_HZ, 1)
            await self._rig.push(frame)
        self._pending = pcm[whole:]


def heard(rig: Rig) -> list[str]:
    """The words of all final transcripts, in order."""
    return " ".join(frame.text for frame in rig.all(TranscriptionFrame)).split()
