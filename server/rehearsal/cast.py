"""Who plays whom in a rehearsal: every member of a bot's chains, and the emulator in its place.

A provider that has no emulator is played by another vendor's, so that the others can be rehearsed
with somebody behind them; it is not made to fail itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bots.providers.build import member_name
from bots.spec import KINDS, BotSpec, Kind, ProviderSpec, SecretRef
from emulators.anthropic import AnthropicEmulator
from emulators.assemblyai import AssemblyAIEmulator
from emulators.cartesia import CartesiaEmulator
from emulators.cerebras import CerebrasEmulator
from emulators.deepgram import DeepgramEmulator
from emulators.deepgram_flux import DeepgramFluxEmulator
from emulators.elevenlabs import ElevenLabsEmulator
from emulators.gemini import GeminiEmulator
from emulators.groq import GroqEmulator
from emulators.house import HouseEmulator
from emulators.openai import OpenAIEmulator
from emulators.outages import Outage
from emulators.server import Emulator, Pace

KEY_VARIABLE = "REHEARSAL_KEY"
"""The variable that the rehearsed members read their key from; its value opens nothing."""

PACE = Pace(first_byte_ms=200, chunk_ms=30)
"""A quick vendor's."""

_EMULATORS: dict[tuple[Kind, str], type[Emulator]] = {
    ("stt", "deepgram"): DeepgramEmulator,
    ("stt", "deepgram-http"): DeepgramEmulator,
    ("stt", "deepgram-flux"): DeepgramFluxEmulator,
    ("stt", "assemblyai"): AssemblyAIEmulator,
    ("llm", "cerebras"): CerebrasEmulator,
    ("llm", "openai"): OpenAIEmulator,
    ("llm", "groq"): GroqEmulator,
    ("llm", "anthropic"): AnthropicEmulator,
    ("llm", "google"): GeminiEmulator,
    ("tts", "elevenlabs"): ElevenLabsEmulator,
    ("tts", "cartesia"): CartesiaEmulator,
    ("tts", "openai"): OpenAIEmulator,
    ("tts", "http"): HouseEmulator,
}
_STAND_INS: dict[Kind, ProviderSpec] = {
    "stt": ProviderSpec(provider="deepgram"),
    "llm": ProviderSpec(provider="openai", model="stand-in"),
    "tts": ProviderSpec(provider="http"),
}
_MID_BYTES: dict[Kind, int] = {"stt": 40_000, "llm": 10, "tts": 40_000}
_MID_DOCUMENT_BYTES = 40
_WITHOUT_STREAM = frozenset({"deepgram-http"})


@dataclass(frozen=True, slots=True)
class Role:
    """A member of one of the bot's chains.

    Attributes:
        name: the provider, as the bot's record names it.
        provider: what is built in its place, but for its address.
        is_played: whether its own vendor is emulated; otherwise another's stands in.
    """

    kind: Kind
    number: int
    name: str
    provider: ProviderSpec
    is_played: bool

    @property
    def mid_bytes(self) -> int:
        """How much of an answer passes before it fails in the middle."""
        if self.provider.provider in _WITHOUT_STREAM:
            return _MID_DOCUMENT_BYTES
        return _MID_BYTES[self.kind]


Cast = Mapping[Kind, Sequence[Role]]


def cast(spec: BotSpec) -> Cast:
    """The members of the bot's chains, each with who plays it."""
    return {
        kind: [
            _member(kind, number, member_name(kind, one, spec), one)
            for number, one in enumerate(spec.chain(kind))
        ]
        for kind in KINDS
    }


def _member(kind: Kind, number: int, name: str, provider: ProviderSpec) -> Role:
    is_played = (kind, provider.provider) in _EMULATORS
    played = provider if is_played else _STAND_INS[kind]
    changes: dict[str, object] = {"api_key": SecretRef(env=KEY_VARIABLE)}
    if played.provider == "http":
        # A house voice's further fields are its own; the emulated one knows none of them.
        changes["settings"] = {}
    return Role(kind, number, name, played.model_copy(update=changes), is_played)


class Stage:
    """The emulators of one rehearsed call, one a member, so that each fails alone."""

    def __init__(self, cast: Cast, emulators: Mapping[tuple[Kind, int], Emulator]) -> None:
        self._cast = cast
        self._emulators = emulators
        self._urls: dict[tuple[Kind, int], str] = {}

    def fail(self, member: Role, outage: Outage) -> None:
        """Let the member's vendor fail from now on; call before `spec` for faults of an address."""
        emulator = self._emulators[member.kind, member.number]
        if outage.kind.is_of_address:
            self._urls[member.kind, member.number] = emulator.faulty_url(outage.kind)
        else:
            emulator.fault(outage.kind, **outage.details)

    def spec(self, spec: BotSpec) -> BotSpec:
        """The bot with its chains at the emulators, waiting for the caller to speak."""
        chains = {
            kind: tuple(self._provider(member) for member in members)
            for kind, members in self._cast.items()
        }
        return spec.model_copy(update={**chains, "greeting": None})

    def asked(self, kind: Kind) -> list[Any]:
        """The bodies of what the vendors of a kind were asked, oldest first."""
        asked = [
            (emulator.started_s + one.at_s, one.body)
            for (its_kind, _), emulator in self._emulators.items()
            for one in emulator.asked
            if its_kind == kind
        ]
        return [body for _, body in sorted(asked, key=lambda one: one[0])]

    def _provider(self, member: Role) -> ProviderSpec:
        place = (member.kind, member.number)
        url = self._urls.get(place, self._emulators[place].base_url)
        if member.provider.provider == "http":
            return member.provider.model_copy(update={"url": f"{url}/speak"})
        return member.provider.model_copy(update={"base_url": url})


@asynccontextmanager
async def staged(cast: Cast) -> AsyncIterator[Stage]:
    """Emulators for all members, until the block ends."""
    emulators: dict[tuple[Kind, int], Emulator] = {}
    async with AsyncExitStack() as stack:
        for members in cast.values():
            for member in members:
                emulator = _EMULATORS[member.kind, member.provider.provider](pace=PACE)
                emulators[member.kind, member.number] = await stack.enter_async_context(emulator)
        yield Stage(cast, emulators)
