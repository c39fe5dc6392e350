"""The local models of one process: each loaded once, shared by every session, warmed per bot.

`prepare` is what a new or changed bot goes through before it serves: its weights are there, its
models are loaded, and its prompt is in the brain's cache. A session then only picks them up.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from loguru import logger

from bots.errors import OffhookError
from bots.facts import Brief, shape_small
from bots.local import weights
from bots.local.brain import choose_brain
from bots.local.llama import LlamaServer
from bots.local.recall import Recall, load_recall
from bots.local.stt import Ears
from bots.local.voices import Voice, VoiceEntry, find_voice, load_voice
from bots.local.whisper import WhisperEars
from bots.providers.embedded import default_model, is_model_file
from bots.spec import BotSpec
from processors.fallback.breaker import Health
from processors.fallback.probes import Prober
from processors.fallback.tts import LastResort
from processors.speech_models import SpeechModels

Loaded = TypeVar("Loaded")


def cores() -> int:
    """The processor cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_bytes() -> int:
    """The physical memory of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def model_threads() -> int:
    """Threads one model may use: both cores of a small machine, never more than four."""
    return max(1, min(4, cores()))


def variants(spec: BotSpec) -> Iterator[BotSpec]:
    """The bot as it is by default, and on each transport with overrides of its own."""
    yield spec
    yield from spec.via.values()


def _speaks_here(spec: BotSpec) -> bool:
    """Whether the local voice is needed: as one of the voices, or for the last resort's line."""
    return spec.local("tts") is not None or spec.fallback.last_resort is not None


class LocalModels:
    """Ears, voices and brains by name, and the VAD. Every method is safe to call at once.

    Args:
        calls: local calls to hold at once; the brain keeps a prompt cache for each.
    """

    def __init__(self, *, calls: int = 1) -> None:
        self.speech = SpeechModels()
        self.prober = Prober(Health())
        self._lines: dict[tuple[VoiceEntry, str], LastResort] = {}
        self._calls = calls
        self._ears: dict[tuple[str, str], WhisperEars] = {}
        self._voices: dict[VoiceEntry, Voice] = {}
        self._brains: dict[str, LlamaServer] = {}
        self._recalls: dict[str, Recall | None] = {}
        self._warm_versions: set[str] = set()
        self._loading: dict[Any, asyncio.Lock] = {}

    # Before a call

    async def prepare(self, spec: BotSpec) -> None:
        """Load and warm all that `spec` needs locally; nothing for a bot that is all cloud.

        Raises:
            WeightsError: model files are missing and no source has them.
            OffhookError: a model does not load.
        """
        await self._once("speech", {}, lambda: asyncio.to_thread(self.speech.load))
        for variant in variants(spec):
            if variant.local("stt"):
                await self._load_ears(variant)
            if _speaks_here(variant):
                await self._load_voice(variant)
                await self._render_last_resort(variant)
            if variant.local("llm"):
                brain = await self._load_brain(variant)
                told = brief(variant)
                await brain.warm(told.messages())
                if recall := await self._load_recall():
                    await recall.learn(told.facts)
        self._warm_versions.add(spec.version)

    def is_warm(self, spec: BotSpec) -> bool:
        """Whether this version's prompt is in the brain's cache too: its first answer is quick."""
        return spec.version in self._warm_versions

    def is_loaded(self, spec: BotSpec) -> bool:
        """Whether a call can start: an edited prompt needs warming, not loading."""
        return all(
            (variant.local("stt") is None or ears_key(variant) in self._ears)
            and (not _speaks_here(variant) or self._has_voice(variant))
            and (variant.local("llm") is None or brain_name(variant) in self._brains)
            for variant in variants(spec)
        )

    def _has_voice(self, spec: BotSpec) -> bool:
        wanted = spec.fallback.last_resort
        entry = voice_entry(spec)
        has_line = wanted is None or (entry, wanted.say) in self._lines
        return entry in self._voices and has_line

    def needs(self, specs: Iterable[BotSpec]) -> list[str]:
        """The weights, by name, that these bots use; in the order in which calls need them."""
        names: list[str] = []
        for variant in (variant for spec in specs for variant in variants(spec)):
            if variant.local("stt"):
                names.append(ears_weights(variant))
            if _speaks_here(variant):
                names.extend(voice_entry(variant).weights)
            if variant.local("llm") and not is_model_file(brain_name(variant)):
                names.append(brain_name(variant))
        return list(dict.fromkeys(names))

    # During a call

    def ears(self, spec: BotSpec) -> Ears:
        """The loaded ears of `spec`."""
        return self._have(self._ears, ears_key(spec), "ears")

    def voice(self, spec: BotSpec) -> Voice:
        """The loaded voice of `spec`."""
        return self._have(self._voices, voice_entry(spec), "voice")

    def last_resort(self, spec: BotSpec) -> LastResort | None:
        """What is heard when nobody of a chain is left; None when the bot names nothing."""
        wanted = spec.fallback.last_resort
        if wanted is None:
            return None
        return self._have(self._lines, (voice_entry(spec), wanted.say), "last resort")

    def brain(self, spec: BotSpec) -> LlamaServer:
        """The running brain of `spec`."""
        return self._have(self._brains, brain_name(spec), "brain")

    def recall(self) -> Recall | None:
        """What finds the fact that a question means, None where this machine cannot."""
        return self._recalls.get("recall")

    async def close(self) -> None:
        """Stop the brains and release the workers."""
        if recall := self.recall():
            recall.close()
        await self.prober.close()
        await asyncio.gather(*(brain.stop() for brain in self._brains.values()))
        for ears in self._ears.values():
            ears.close()
        self.speech.close()

    # Loading

    async def _load_ears(self, spec: BotSpec) -> WhisperEars:
        name, language = key = ears_key(spec)

        async def load() -> WhisperEars:
            # One whisper of a kind hears every language it knows.
            for (loaded_name, _), ears in self._ears.items():
                if loaded_name == name:
                    return ears.for_language(language)
            path = weights.path(name)
            return await asyncio.to_thread(
                WhisperEars.load, path, language, threads=model_threads()
            )

        async with self._loading.setdefault(name, asyncio.Lock()):
            return await self._once(key, self._ears, load)

    async def _load_voice(self, spec: BotSpec) -> Voice:
        entry = voice_entry(spec)

        async def load() -> Voice:
            path = weights.path(entry.weights[0]) if entry.weights else None
            return await asyncio.to_thread(load_voice, entry, path, threads=1)

        return await self._once(entry, self._voices, load)

    async def _render_last_resort(self, spec: BotSpec) -> None:
        """Speak the last resort's line once, now: when it is needed, nothing else may work."""
        wanted = spec.fallback.last_resort
        if wanted is None:
            return
        voice = self.voice(spec)

        async def render() -> LastResort:
            return LastResort(await voice.synthesize(wanted.say), voice.sample_rate_hz)

        await self._once((voice_entry(spec), wanted.say), self._lines, render)

    async def _load_brain(self, spec: BotSpec) -> LlamaServer:
        name = brain_name(spec)

        async def load() -> LlamaServer:
            path = Path(name) if is_model_file(name) else weights.path(name)
            brain = LlamaServer(path, sessions=self._calls, threads=model_threads())
            await brain.start()
            return brain

        return await self._once(name, self._brains, load)

    async def _load_recall(self) -> Recall | None:
        return await self._once("recall", self._recalls, lambda: asyncio.to_thread(load_recall))

    async def _once(
        self, key: Any, loaded: dict[Any, Loaded], load: Callable[[], Awaitable[Loaded]]
    ) -> Loaded:
        """What `load` gives for `key`, loading it at most once however many ask at once."""
        async with self._loading.setdefault(key, asyncio.Lock()):
            if key not in loaded:
                logger.debug("Loading {}", key)
                loaded[key] = await load()
            return loaded[key]

    @staticmethod
    def _have(loaded: dict[Any, Loaded], key: Any, what: str) -> Loaded:
        try:
            return loaded[key]
        except KeyError:
            raise OffhookError(
                f"The local {what} is not loaded.",
                hint="Wait until /ready says so, or see the log for why it did not load.",
                code="not_warm",
            ) from None


def ears_weights(spec: BotSpec) -> str:
    """Which whisper hears `spec`: tiny.en for English, base for every other language."""
    local = spec.local("stt")
    return (local and local.model) or default_model("stt", spec.language[0]) or "whisper-base"


def ears_key(spec: BotSpec) -> tuple[str, str]:
    """Which ears hear `spec`: their weights and their language."""
    return ears_weights(spec), spec.language[0]


def voice_entry(spec: BotSpec) -> VoiceEntry:
    """Which local voice speaks for `spec`."""
    local = spec.local("tts")
    return find_voice(spec.language[0], (local.voice or local.model) if local else None)


def brain_name(spec: BotSpec) -> str:
    """Which local brain thinks for `spec`: what it names, else what this machine can carry."""
    local = spec.local("llm")
    return (local and local.model) or choose_brain(memory_bytes(), cores())


def brief(spec: BotSpec) -> Brief:
    """What the local brain is told before a call of `spec`."""
    return shape_small(spec.prompt, spec.facts, spec.language[0], spec.opening())
