"""From a bot's `stt`, `llm` and `tts` to the Pipecat services of one session.

A cloud service is built from its registry row alone: class, key, settings. The local ones take a
model that the process has loaded already.
"""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import PurePath
from types import MappingProxyType
from typing import Any, TypeVar

from pipecat.services.ai_service import AIService
from pipecat.services.llm_service import LLMService
from pipecat.services.stt_service import STTService
from pipecat.services.tts_service import TTSService
from pipecat.services.websocket_service import WebsocketService
from pipecat.transcriptions.language import Language

from bots.durations import seconds
from bots.errors import ProviderError
from bots.facts import shape_large
from bots.local.brain import LocalLLMService
from bots.local.models import LocalModels, brain_name, brief
from bots.local.stt import LocalSTTService
from bots.local.tts import LocalTTSService
from bots.providers.certificates import read_once, share_with_sockets
from bots.providers.entry import ProviderEntry, TurnDetection
from bots.providers.online import reach
from bots.providers.registry import PROVIDERS, hears_and_speaks
from bots.providers.settings import typed
from bots.spec import BotSpec, Kind, ProviderSpec
from processors.fallback.ears import EarsMember
from processors.fallback.events import OnSwitch
from processors.fallback.llm import FallbackLLM
from processors.fallback.member import Member, health_key
from processors.fallback.probes import Probe, probe_of
from processors.fallback.settings import ChainSettings
from processors.fallback.stt import FallbackSTT
from processors.fallback.tts import FallbackTTS, OnExhausted

Service = TypeVar("Service", bound=AIService)


def build_stt(
    spec: BotSpec, models: LocalModels, on_switch: OnSwitch | None = None
) -> STTService | FallbackSTT:
    """The ears of a session: a service, or a chain of them.

    Raises:
        ProviderError: its package or its key is missing.
    """
    if len(spec.stt) == 1:
        return _stt(spec.stt[0], spec, models)
    members = [
        EarsMember(
            member_name("stt", one, spec),
            _key_of("stt", one),
            partial(_stt, one, spec, models),
            is_local=PROVIDERS["stt", one.provider].runs_here,
            turn_wait_s=turn_wait_s(one, spec),
            tells_on=_tells_on(one, spec),
        )
        for one in spec.stt
    ]
    return FallbackSTT(members, models.prober.health, chain_settings(spec), on_switch)


def build_llm(
    spec: BotSpec, models: LocalModels, now: datetime, on_switch: OnSwitch | None = None
) -> LLMService[Any] | FallbackLLM:
    """The brain of a session: a service, or a chain of them; `now` is the caller's wall clock, for
    "are you open today?".

    Raises:
        ProviderError: its package or its key is missing.
    """
    services = [_llm(one, spec, models, now) for one in spec.llm]
    if len(services) == 1:
        return services[0]
    members = [
        Member(
            member_name("llm", one, spec),
            _key_of("llm", one),
            service,
            _sign_of_life(one, service),
            one.provider in PREFILLING,
        )
        for one, service in zip(spec.llm, services, strict=True)
    ]
    return FallbackLLM(members, models.prober.health, chain_settings(spec), on_switch=on_switch)


def build_tts(
    spec: BotSpec,
    models: LocalModels,
    on_switch: OnSwitch | None = None,
    on_exhausted: OnExhausted | None = None,
) -> TTSService | FallbackTTS:
    """The voice of a session: a service, or a chain of them with the last resort behind it.

    Raises:
        ProviderError: its package or its key is missing.
    """
    services = [_tts(one, spec, models) for one in spec.tts]
    last_resort = models.last_resort(spec)
    if len(services) == 1 and last_resort is None:
        return services[0]
    members = [
        Member(member_name("tts", one, spec), _key_of("tts", one), service)
        for one, service in zip(spec.tts, services, strict=True)
    ]
    return FallbackTTS(
        members,
        models.prober.health,
        chain_settings(spec),
        on_switch=on_switch,
        last_resort=last_resort,
        on_exhausted=on_exhausted,
    )


def _sign_of_life(provider: ProviderSpec, service: LLMService[Any]) -> Probe:
    """What is asked of a model while it is ill: a token of it, once its vendor is there at all."""
    answer = probe_of(service)

    async def probe() -> None:
        await reach("llm", provider, os.environ)
        await answer()

    return answer if PROVIDERS["llm", provider.provider].runs_here else probe


PREFILLING = frozenset({"local", "ollama"})
"""Models that go on with a half-said answer of another one as if it were their own."""


def chain_settings(spec: BotSpec) -> ChainSettings:
    """How long the bot waits for a provider."""
    given = spec.fallback
    return ChainSettings(
        first_token_s=seconds(given.first_token),
        first_audio_s=seconds(given.first_audio),
        max_silence_s=seconds(given.max_silence),
        hedge_s=None if given.hedge is None else seconds(given.hedge),
    )


def member_name(kind: Kind, provider: ProviderSpec, spec: BotSpec) -> str:
    """A member's name for people: no path of this machine is told."""
    if kind == "llm" and provider.provider == "local":
        return f"local/{PurePath(brain_name(spec)).name}"
    if provider.model and PROVIDERS[kind, provider.provider].runs_here:
        return f"{provider.provider}/{PurePath(provider.model).name}"
    return str(provider)


def _key_of(kind: Kind, provider: ProviderSpec) -> str:
    return health_key(kind, provider.provider, provider.base_url or provider.url)


def _stt(provider: ProviderSpec, spec: BotSpec, models: LocalModels) -> STTService:
    if PROVIDERS["stt", provider.provider].runs_here:
        return LocalSTTService(models.ears(spec, provider))
    arguments: dict[str, Any] = {}
    if turns := _turns(provider, spec):
        arguments |= turns.arguments
        if turns.eager_argument:
            arguments[turns.eager_argument] = spec.turns.speculate
    language = Language(spec.language[0])
    return _cloud("stt", provider, STTService, arguments, language=language)


def _turns(provider: ProviderSpec, spec: BotSpec) -> TurnDetection | None:
    """How the ears tell the end of a turn, if the bot leaves it to them and they can."""
    return PROVIDERS["stt", provider.provider].turns if spec.turns.is_left_to_ears else None


def turn_wait_s(provider: ProviderSpec, spec: BotSpec) -> float:
    """How long the ears may leave a turn open by themselves; 0 where it is not left to them."""
    turns = _turns(provider, spec)
    return turns.wait_s(provider.settings) if turns else 0.0


def _tells_on(provider: ProviderSpec, spec: BotSpec) -> bool:
    turns = _turns(provider, spec)
    return turns is not None and turns.tells_on


def _llm(
    provider: ProviderSpec, spec: BotSpec, models: LocalModels, now: datetime
) -> LLMService[Any]:
    if provider.provider == "local":
        settings = LocalLLMService.Settings.from_mapping(dict(provider.settings))
        return LocalLLMService(
            models.brain(spec),
            brief(spec),
            settings=settings,
            now=_clock(now),
            recall=models.recall(),
        )
    facts = [one.fact for one in spec.facts]
    instruction = shape_large(spec.prompt, facts, spec.language[0], now)
    if not hears_and_speaks(provider.provider):
        return _cloud("llm", provider, LLMService, system_instruction=instruction)
    spoken = Language(spec.language[0])
    return _cloud("llm", provider, LLMService, system_instruction=instruction, language=spoken)


def _tts(provider: ProviderSpec, spec: BotSpec, models: LocalModels) -> TTSService:
    if PROVIDERS["tts", provider.provider].runs_here:
        return LocalTTSService(models.voice(spec, provider))
    return _cloud("tts", provider, TTSService, language=Language(spec.language[0]))


def _clock(start: datetime) -> Callable[[], datetime]:
    """A clock that goes on from `start`, so that a long call knows the hour too."""
    began_s = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - began_s)


def _cloud(
    kind: Kind,
    provider: ProviderSpec,
    service_type: type[Service],
    more: Mapping[str, Any] = MappingProxyType({}),
    **known: Any,
) -> Service:
    """A service by its registry row; `more` are arguments of its constructor beside the row's, and
    `known` settings that the bot itself decides."""
    entry = PROVIDERS[kind, provider.provider]
    service_class = _import(entry)
    values: dict[str, Any] = {**known, **typed(service_class, provider.settings)}
    if entry.name == "openai-realtime":
        given = _session_properties(provider, values.pop("language"))
        values |= typed(service_class, {"session_properties": given})
        provider = provider.model_copy(update={"voice": None})
    extra = values.pop("extra", {})
    model = provider.model or entry.default_model
    if "language" in values and entry.language_setting != "language":
        language = values.pop("language")
        if model != entry.english_model:
            values[entry.language_setting] = [language]
    if model:
        values["model"] = model
    if provider.voice:
        values["voice"] = provider.voice
    settings = service_class.Settings.from_mapping(values)
    settings.extra.update(extra)
    arguments: dict[str, Any] = {**more, "settings": settings}
    if entry.env_var or provider.api_key:
        arguments[entry.key_argument] = _key(entry, provider)
    if entry.rate_hz:
        arguments["sample_rate"] = entry.rate_hz
    with read_once():
        arguments |= _address(entry, provider, arguments.get("api_key", ""))
        service = service_class(**arguments)
    if isinstance(service, WebsocketService):
        share_with_sockets(service)
    assert isinstance(service, service_type)
    return service


def _session_properties(provider: ProviderSpec, language: Language) -> dict[str, Any]:
    """OpenAI's session with the bot's language and voice in it, below what the bot itself sets."""
    own: dict[str, Any] = {"input": {"transcription": {"language": language.value}}}
    if provider.voice:
        own["output"] = {"voice": provider.voice}
    given = provider.settings.get("session_properties") or {}
    return _merged({"audio": own}, given)


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    both = {**below, **above}
    for key in below.keys() & above.keys():
        if isinstance(below[key], Mapping) and isinstance(above[key], Mapping):
            both[key] = _merged(below[key], above[key])
    return both


def _address(entry: ProviderEntry, provider: ProviderSpec, key: str) -> dict[str, Any]:
    """The argument that says where the provider is; nothing for its vendor's own place."""
    if provider.base_url:
        make = _ADDRESSES.get(entry.base_url_argument, _plain_address)
        return {entry.base_url_argument: make(provider.base_url, key)}
    if entry.url_argument:
        return {entry.url_argument: provider.url}
    return {"region": _region(entry, entry.region_env)} if entry.region_env else {}


def _plain_address(base_url: str, key: str) -> Any:
    return base_url


def _anthropic_client(base_url: str, key: str) -> Any:
    return importlib.import_module("anthropic").AsyncAnthropic(api_key=key, base_url=base_url)


def _google_options(base_url: str, key: str) -> Any:
    return importlib.import_module("google.genai.types").HttpOptions(base_url=base_url)


_ADDRESSES: dict[str, Callable[[str, str], Any]] = {
    "client": _anthropic_client,
    "http_options": _google_options,
}
"""Services that take another address inside an object of their vendor's SDK, by the argument."""


def _import(entry: ProviderEntry) -> Any:
    module, _, name = entry.import_path.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except ImportError as error:
        lacks, hint = "needs a package that is not installed", f"Run `{entry.install_line}`."
        raise _unready(entry, lacks, hint) from error


def _region(entry: ProviderEntry, variable: str) -> str:
    region = os.environ.get(variable, "")
    if region:
        return region
    raise _unready(entry, "has no region", f"Set {variable} in the environment or in .env.")


def _key(entry: ProviderEntry, provider: ProviderSpec) -> str:
    """The provider's key; a keyless OpenAI-compatible server gets a word in its place."""
    is_elsewhere = provider.base_url is not None and entry.is_keyless_elsewhere
    default = None if is_elsewhere else entry.env_var  # the vendor's key is not for other servers
    variable = provider.api_key.env if provider.api_key else default
    key = os.environ.get(variable or "", "")
    if key or provider.base_url:
        return key or "none"
    hint = f"Set {variable} in the environment or in .env."
    raise _unready(entry, "has no key", hint, category="authentication")


def _unready(
    entry: ProviderEntry, lacks: str, hint: str, *, category: str = "invalid_request"
) -> ProviderError:
    return ProviderError(
        f"{entry.name} ({entry.kind}) {lacks}.",
        provider=entry.name,
        stage=entry.kind,
        category=category,
        hint=hint,
    )
