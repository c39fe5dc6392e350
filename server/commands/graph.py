"""`offhook graph`: the processors of a bot's pipeline in their order, from the real builder."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import typer
from numpy.typing import NDArray

from bots.errors import OffhookError
from bots.folders import bot_folders, find_bot
from bots.load import load_bot
from bots.local.llama import LlamaServer
from bots.local.models import LocalModels, brain_name, ears_entry, voice_entry
from bots.local.stt import Ears
from bots.local.voices import Voice
from bots.pipeline import Stage, build_pipeline
from bots.spec import TRANSPORTS, BotSpec, ProviderSpec
from bots.suggest import did_you_mean
from bots.wav import WavTransport


def run(bot: str, *, transport: str, folders: Sequence[Path]) -> None:
    """Build the pipeline of `bot` for `transport` and print a line a processor.

    No local model is loaded: the weights need not be here.

    Raises:
        OffhookError: no such bot or transport, or a key that is not set.
    """
    if transport not in TRANSPORTS:
        hint = did_you_mean(transport, TRANSPORTS, noun="transports")
        raise OffhookError(f"There is no transport `{transport}`.", hint=hint, code="usage")
    spec = load_bot(find_bot(bot, bot_folders(folders))).spec.for_transport(transport)
    for line in drawing(asyncio.run(_stages(spec)), transport):
        typer.echo(line)


def drawing(stages: Sequence[Stage], transport: str) -> list[str]:
    """A line a stage: its name, the processor's class and where that class is from."""
    lines: list[str] = []
    for stage in stages:
        kind = type(stage.processor)
        made_of = f"{kind.__name__} ({kind.__module__})"
        if stage.name in ("input", "output"):
            made_of = f"the {transport} transport's {stage.name}"
        lines += ["  |", f"{stage.name:<14} {made_of}"]
    return lines[1:]


async def _stages(spec: BotSpec) -> tuple[Stage, ...]:
    # The way in is the caller's; what stands between its ends is the same over each.
    return build_pipeline(spec, WavTransport(), UnloadedModels()).stages


class UnloadedModels(LocalModels):
    """Models that have their names and nothing else: enough to build a pipeline, not to run it."""

    def ears(self, spec: BotSpec, provider: ProviderSpec | None = None) -> Ears:
        entry = ears_entry(spec, provider)
        return UnloadedEars(entry.name, entry.language)

    def voice(self, spec: BotSpec, provider: ProviderSpec | None = None) -> Voice:
        entry = voice_entry(spec, provider)
        return UnloadedVoice(entry.name, entry.language)

    def brain(self, spec: BotSpec) -> LlamaServer:
        return LlamaServer(Path(brain_name(spec)))


@dataclass
class UnloadedEars:
    """Ears that hear nothing."""

    name: str
    language: str
    typical_s: float = 0.0
    is_busy: bool = False

    async def transcribe(self, pcm: NDArray[np.int16], rate_hz: int) -> str:
        """No words."""
        return ""

    def for_language(self, language: str) -> Self:
        """The same ears in another language."""
        return replace(self, language=language)


@dataclass(frozen=True)
class UnloadedVoice:
    """A voice that says nothing."""

    name: str
    language: str
    sample_rate_hz: int = 24_000
    is_slow: bool = False

    async def synthesize(self, text: str) -> bytes:
        """No sound."""
        return b""
