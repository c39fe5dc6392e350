"""Which ears a bot's provider means, and those ears loaded: Whisper, Parakeet or Moonshine.

find_ears(provider, "es") -> EarsEntry -> load_ears(entry, threads) -> Ears -> LocalSTTService
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, cast

from bots.local import weights
from bots.local.stt import Ears
from bots.local.whisper import WhisperEars
from bots.providers import embedded, engines
from bots.spec import ProviderSpec

Engine = Literal["whisper", "parakeet", "moonshine"]


class LoadedEars(Ears, Protocol):
    """Ears that a process holds."""

    def close(self) -> None:
        """Free the model's thread."""
        ...


@dataclass(frozen=True, slots=True)
class EarsEntry:
    """Ears that can be loaded; those of one engine and model share it, whatever their language."""

    engine: Engine
    model: str
    """The name of pinned weights, or the path of the bot's own."""
    language: str
    is_pinned: bool

    @property
    def name(self) -> str:
        """The model for people, without the path of this machine."""
        return Path(self.model).name


def find_ears(provider: ProviderSpec | None, language: str) -> EarsEntry:
    """What a provider of stt that runs here loads; None is `local` with nothing said."""
    if provider is None or provider.provider == "local":
        model = (provider and provider.model) or embedded.default_model("stt", language)
        return EarsEntry("whisper", model or "whisper-base", language, is_pinned=True)
    model = provider.model or engines.default_model("stt", provider.provider, language) or ""
    pinned = engines.ENGINES["stt", provider.provider].pinned
    engine = cast(Engine, provider.provider)
    return EarsEntry(engine, pinned.get(model, model), language, is_pinned=model in pinned)


def load_ears(entry: EarsEntry, *, threads: int) -> LoadedEars:
    """Load and warm the model of `entry`; blocks for a second and more.

    Raises:
        WeightsError: the weights are missing, broken, or do not know the language.
    """
    path = weights.path(entry.model) if entry.is_pinned else Path(entry.model)
    if entry.engine == "whisper":
        return WhisperEars.load(path, entry.language, threads=threads)
    from bots.local.recogniser import RecogniserEars

    module = importlib.import_module(f"bots.local.{entry.engine}")
    if entry.engine == "parakeet":
        return RecogniserEars(module.ParakeetModel.load(path, threads=threads), entry.language)
    return RecogniserEars(module.MoonshineModel.load(path), entry.language)
