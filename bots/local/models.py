"""The local models of one process: each loaded once, shared by every session, warmed per bot.

`prepare` is what a new or changed bot goes through before it serves: its weights are there, its
models are loaded, and its prompt is in the brain's cache. A session then only picks them up.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from loguru import logger

from bots.errors import OffhookError, ProviderError
from bots.facts import Brief, shape_small
from bots.local import weights
from bots.local.brain import choose_brain
from bots.local.ears import EarsEntry, LoadedEars, find_ears, load_ears
from bots.local.llama import LlamaServer
from bots.local.lookup import knowledge_of
from bots.local.matching import WEIGHTS as MATCHING
from bots.local.matching import helps
from bots.local.prompt_store import PromptStore
from bots.local.recall import Recall, load_recall
from bots.local.stt import Ears
from bots.local.voices import Voice, VoiceEntry, engine_voice, find_voice, load_voice
from bots.providers.embedded import is_model_file
from bots.providers.engines import is_engine
from bots.providers.vetting import FAILING, Unwell, Vetting
from bots.spec import KINDS, BotSpec, Kind, ProviderSpec
from processors.fallback.breaker import Health
from processors.fallback.member import health_key
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


class LocalModels:
    """Ears, voices and brains by name, and the VAD. Every method is safe to call at once.

    Args:
        calls: local calls to hold at once; the brain keeps a prompt cache for each.
        asks_vendors: whether a bot's keys, models and voices are asked about when it is prepared.
    """

    def __init__(self, *, calls: int = 1, asks_vendors: bool = False) -> None:
        self.speech = SpeechModels()
        self.prober = Prober(Health())
        self.vetting = Vetting()
        self._asks_vendors = asks_vendors
        self._lines: dict[tuple[VoiceEntry, str], LastResort] = {}
        self._calls = calls
        self._ears: dict[EarsEntry, LoadedEars] = {}
        self._voices: dict[VoiceEntry, Voice] = {}
        self._brains: dict[str, LlamaServer] = {}
        self._recalls: dict[str, Recall | None] = {}
        self._warm_versions: set[str] = set()
        self._loading: dict[Any, asyncio.Lock] = {}

    # Before a call

    async def prepare(self, spec: BotSpec) -> None:
        """Load and warm what `spec` needs here, while its vendors are asked about their part.

        Raises:
            WeightsError: model files are missing and no source has them.
            OffhookError: a model does not load.
        """
        asking = asyncio.create_task(self._ask_vendors(spec))
        try:
            await self._load(spec)
            await asking
        finally:
            asking.cancel()
        self._warm_versions.add(spec.version)

    async def _ask_vendors(self, spec: BotSpec) -> None:
        if self._asks_vendors:
            await asyncio.gather(*(self.vetting.look(variant) for variant in variants(spec)))

    async def _load(self, spec: BotSpec) -> None:
        await self._once("speech", {}, lambda: asyncio.to_thread(self.speech.load))
        for variant in variants(spec):
            for ears in _ears_entries(variant):
                await self._load_ears(ears)
            for voice in _voice_entries(variant):
                await self._load_voice(voice)
            await self._render_last_resort(variant)
            if variant.local("llm"):
                brain = await self._load_brain(variant)
                told = brief(variant)
                tokens = await brain.warm(told.messages())
                logger.debug("{}: {} tokens of its prompt were read", spec.name, tokens)
                if recall := await self._load_recall():
                    await recall.learn(knowledge_of(told))

    def is_warm(self, spec: BotSpec) -> bool:
        """Whether this version's prompt is in the brain's cache too: its first answer is quick."""
        return spec.version in self._warm_versions

    def is_loaded(self, spec: BotSpec) -> bool:
        """Whether a call can start: an edited prompt needs warming, not loading."""
        return all(
            all(ears in self._ears for ears in _ears_entries(variant))
            and all(voice in self._voices for voice in _voice_entries(variant))
            and self._has_last_resort(variant)
            and (variant.local("llm") is None or brain_name(variant) in self._brains)
            for variant in variants(spec)
        )

    def _has_last_resort(self, spec: BotSpec) -> bool:
        wanted = spec.fallback.last_resort
        return wanted is None or (voice_entry(spec), wanted.say) in self._lines

    def is_well(self, kind: Kind, provider: ProviderSpec) -> bool:
        """Whether a provider answers, as far as the calls of this process know."""
        key = health_key(kind, provider.provider, provider.base_url or provider.url)
        return self.prober.health.breaker(key).is_closed(time.monotonic())

    def unwell(self, specs: Iterable[BotSpec]) -> set[Unwell]:
        """The providers of these bots that no call relies on now, and why."""
        found: set[Unwell] = set()
        shapes = [variant for spec in specs for variant in variants(spec)]
        for kind in KINDS:
            for one in (one for shape in shapes for one in shape.chain(kind)):
                if refusal := self.vetting.refusal(kind, one):
                    found.add(Unwell(kind, one.provider, refusal.code))
                elif not self.is_well(kind, one):
                    found.add(Unwell(kind, one.provider, FAILING))
        return found

    def refused_stage(self, spec: BotSpec) -> str | None:
        """The stage nobody is left for, since every vendor refuses; None when a call can begin."""
        try:
            self.vetting.fit(spec)
        except ProviderError as error:
            return error.stage
        return None

    def needs(self, specs: Iterable[BotSpec]) -> list[str]:
        """The weights, by name, that these bots use; in the order in which calls need them."""
        names: list[str] = []
        for variant in (variant for spec in specs for variant in variants(spec)):
            names += [ears.model for ears in _ears_entries(variant) if ears.is_pinned]
            for voice in _voice_entries(variant):
                names.extend(voice.weights)
            if variant.local("llm") and not is_model_file(brain_name(variant)):
                names.append(brain_name(variant))
        return list(dict.fromkeys(names))

    def wants(self, specs: Iterable[BotSpec]) -> list[str]:
        """Those that these bots need, and those without which calls are answered less well."""
        specs = list(specs)
        local = (one for spec in specs for one in variants(spec) if one.local("llm"))
        is_helped = any(one.facts and helps(one.language[0]) for one in local)
        return [*self.needs(specs), *([MATCHING] if is_helped else [])]

    # During a call

    def ears(self, spec: BotSpec, provider: ProviderSpec | None = None) -> Ears:
        """The loaded ears of `spec`: those of `provider`, a member of its stt, else `local`'s."""
        return self._have(self._ears, ears_entry(spec, provider), "ears")

    def voice(self, spec: BotSpec, provider: ProviderSpec | None = None) -> Voice:
        """The loaded voice of `spec`: that of `provider`, a member of its tts, else `local`'s."""
        return self._have(self._voices, voice_entry(spec, provider), "voice")

    def last_resort(self, spec: BotSpec) -> LastResort | None:
        """What is heard when nobody of a chain is left; None when the bot names nothing."""
        wanted = spec.fallback.last_resort
        if wanted is None:
            return None
        line = self._have(self._lines, (voice_entry(spec), wanted.say), "last resort")
        return replace(line, interruptible="last_resort" not in spec.interruption.protect)

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
        await self.vetting.close()
        await asyncio.gather(*(brain.stop() for brain in self._brains.values()))
        for ears in self._ears.values():
            ears.close()
        self.speech.close()

    # Loading

    async def _load_ears(self, entry: EarsEntry) -> LoadedEars:
        async def load() -> LoadedEars:
            # One model of a kind hears every language it knows.
            for loaded, ears in self._ears.items():
                if (loaded.engine, loaded.model) == (entry.engine, entry.model):
                    return ears.for_language(entry.language)
            return await asyncio.to_thread(load_ears, entry, threads=model_threads())

        async with self._loading.setdefault((entry.engine, entry.model), asyncio.Lock()):
            return await self._once(entry, self._ears, load)

    async def _load_voice(self, entry: VoiceEntry) -> Voice:
        async def load() -> Voice:
            path = weights.path(entry.weights[0]) if entry.weights else None
            return await asyncio.to_thread(load_voice, entry, path, threads=1)

        return await self._once(entry, self._voices, load)

    async def _render_last_resort(self, spec: BotSpec) -> None:
        """Speak the last resort's line once, now: when it is needed, nothing else may work."""
        wanted = spec.fallback.last_resort
        if wanted is None:
            return
        voice = self._voices[voice_entry(spec)]

        async def render() -> LastResort:
            return LastResort(await voice.synthesize(wanted.say), voice.sample_rate_hz)

        await self._once((voice_entry(spec), wanted.say), self._lines, render)

    async def _load_brain(self, spec: BotSpec) -> LlamaServer:
        name = brain_name(spec)

        async def load() -> LlamaServer:
            path = Path(name) if is_model_file(name) else weights.path(name)
            brain = LlamaServer(
                path, sessions=self._calls, threads=model_threads(), store=PromptStore()
            )
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


def ears_entry(spec: BotSpec, provider: ProviderSpec | None = None) -> EarsEntry:
    """Which ears `provider` means for `spec`; without one, those that `local` has."""
    return find_ears(provider or spec.local("stt"), spec.language[0])


def voice_entry(spec: BotSpec, provider: ProviderSpec | None = None) -> VoiceEntry:
    """Which voice `provider` means for `spec`; without one, the one that `local` has."""
    language = spec.language[0]
    if provider is not None and is_engine("tts", provider.provider):
        return engine_voice(provider, language)
    local = spec.local("tts")
    return find_voice(language, (local.voice or local.model) if local else None)


def _ears_entries(spec: BotSpec) -> list[EarsEntry]:
    """All ears of this machine that the bot's stt names, in its order."""
    return [ears_entry(spec, one) for one in spec.stt if _runs_here("stt", one)]


def _voice_entries(spec: BotSpec) -> list[VoiceEntry]:
    """All voices of this machine that the bot needs; the last resort's line has `local`'s."""
    entries = [voice_entry(spec, one) for one in spec.tts if _runs_here("tts", one)]
    if spec.fallback.last_resort is not None:
        entries.append(voice_entry(spec))
    return list(dict.fromkeys(entries))


def _runs_here(kind: Kind, provider: ProviderSpec) -> bool:
    return provider.provider == "local" or is_engine(kind, provider.provider)


def brain_name(spec: BotSpec) -> str:
    """Which local brain thinks for `spec`: what it names, else what this machine can carry."""
    local = spec.local("llm")
    return (local and local.model) or choose_brain(memory_bytes(), cores())


def brief(spec: BotSpec) -> Brief:
    """What the local brain is told before a call of `spec`."""
    facts = [one.fact for one in spec.facts]
    asked = [one.asked for one in spec.facts]
    return shape_small(spec.prompt, facts, spec.language[0], spec.opening(), asked)
