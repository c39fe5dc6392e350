"""Chains of real Pipecat voices and emulated vendors, and what a caller hears of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from pipecat.frames.frames import (
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.services.cartesia.tts import CartesiaTTSService
from pipecat.services.elevenlabs.tts import ElevenLabsTTSService
from pipecat.services.openai.tts import OpenAITTSService
from pipecat.services.tts_service import TTSService

from bots.providers.http_tts import HouseTTSService
from emulators.cartesia import CartesiaEmulator
from emulators.elevenlabs import ElevenLabsEmulator
from emulators.house import HouseEmulator
from emulators.openai import OpenAIEmulator
from emulators.server import Emulator
from emulators.word_count import WordCount, count_words
from emulators.word_tones import decode
from processors.fallback.breaker import Health
from processors.fallback.events import ProviderSwitched
from processors.fallback.member import Member
from processors.fallback.settings import ChainSettings
from processors.fallback.tts import FallbackTTS
from tests.emulators.rig import Rig, running

RATE_HZ = 24_000

SHORT = ChainSettings(first_audio_s=0.4, stall_s=0.3)

VENDORS: dict[str, type[Emulator]] = {
    "elevenlabs": ElevenLabsEmulator,
    "cartesia": CartesiaEmulator,
    "openai": OpenAIEmulator,
    "house": HouseEmulator,
}


def service(vendor: Emulator) -> TTSService:
    """The vendor's Pipecat service."""
    match vendor:
        case ElevenLabsEmulator():
            return ElevenLabsTTSService(
                api_key="key",
                url=vendor.base_url,
                settings=ElevenLabsTTSService.Settings(voice="nora"),
            )
        case CartesiaEmulator():
            return CartesiaTTSService(
                api_key="key",
                url=vendor.base_url,
                settings=CartesiaTTSService.Settings(voice="nora"),
            )
        case OpenAIEmulator():
            voice = OpenAITTSService(api_key="key", base_url=vendor.base_url, sample_rate=24_000)
            voice._client = voice._client.with_options(max_retries=0)
            return voice
        case HouseEmulator():
            return HouseTTSService(url=f"{vendor.base_url}/speak", api_key="key")
    raise TypeError(vendor)


@dataclass
class Stage:
    """A chain in a pipeline of its own, and the vendors behind it."""

    vendors: list[Emulator]
    tts: FallbackTTS
    rig: Rig
    switches: list[ProviderSwitched]
    rate_hz: int

    @property
    def primary(self) -> Emulator:
        """The vendor of the first member."""
        return self.vendors[0]

    async def speak(self, line: str) -> None:
        """Have `line` said as a line of its own, to its end."""
        stops = len(self.rig.all(TTSStoppedFrame))
        await self.rig.push(TTSSpeakFrame(line))
        await self.rig.wait_for(TTSStoppedFrame, stops + 1)

    async def reply(self, text: str) -> None:
        """Have `text` said as a model's reply, token by token, to its end."""
        ends = len(self.rig.all(LLMFullResponseEndFrame))
        tokens = [LLMTextFrame(token) for token in pieces(text)]
        await self.rig.push(LLMFullResponseStartFrame(), *tokens, LLMFullResponseEndFrame())
        await self.rig.wait_for(LLMFullResponseEndFrame, ends + 1)

    def count(self, text: str) -> WordCount:
        """What became of the words of `text` in all that was heard so far."""
        pcm = b"".join(frame.audio for frame in self.rig.all(TTSAudioRawFrame))
        return count_words(text.split(), decode(pcm, self.rate_hz))

    @property
    def words(self) -> list[str]:
        """The text that went on to the conversation."""
        return [f.text for f in self.rig.all(TTSTextFrame) if f.append_to_context]


def pieces(text: str) -> list[str]:
    """`text` in tokens as a model sends them."""
    return [text[at : at + 4] for at in range(0, len(text), 4)]


@asynccontextmanager
async def chain(
    *names: str,
    settings: ChainSettings = SHORT,
    health: Health | None = None,
    vendors: Sequence[Emulator] = (),
    out_hz: int = RATE_HZ,
    **options: Any,
) -> AsyncIterator[Stage]:
    """A running chain of the named vendors' services."""
    async with AsyncExitStack() as stack:
        started = list(vendors)
        for name in names:
            started.append(await stack.enter_async_context(VENDORS[name]()))
        services = [service(vendor) for vendor in started]
        members = [
            Member(name=f"{v.vendor}-{i}", key=f"tts {v.vendor} {i}", service=s)
            for i, (v, s) in enumerate(zip(started, services, strict=True))
        ]
        switches: list[ProviderSwitched] = []
        tts = FallbackTTS(
            members, health or Health(), settings, on_switch=switches.append, **options
        )
        rig = await stack.enter_async_context(running(tts, out_hz=out_hz))
        for one in services:
            if isinstance(one, OpenAITTSService):
                stack.push_async_callback(one._client.close)
        yield Stage(started, tts, rig, switches, out_hz)
