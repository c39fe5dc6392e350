"""From a bot's `stt`, `llm` and `tts` to the Pipecat services of one session.

A cloud service is built from its registry row alone: class, key, settings. The local ones take a
model that the process has loaded already.
"""

from __future__ import annotations

import importlib
import os
from datetime import datetime
from typing import Any, TypeVar

from pipecat.services.ai_service import AIService
from pipecat.services.llm_service import LLMService
from pipecat.services.stt_service import STTService
from pipecat.services.tts_service import TTSService
from pipecat.transcriptions.language import Language

from bots.errors import ProviderError
from bots.facts import shape_large
from bots.local.brain import LocalLLMService
from bots.local.models import LocalModels, brief
from bots.local.stt import LocalSTTService
from bots.local.tts import LocalTTSService
from bots.providers.registry import PROVIDERS, ProviderEntry
from bots.spec import BotSpec, Kind, ProviderSpec

Service = TypeVar("Service", bound=AIService)


def build_stt(spec: BotSpec, models: LocalModels) -> STTService:
    """The ears of a session.

    Raises:
        ProviderError: its package or its key is missing.
    """
    if spec.stt.provider == "local":
        return LocalSTTService(models.ears(spec))
    return _cloud("stt", spec.stt, STTService, language=Language(spec.language[0]))


def build_llm(spec: BotSpec, models: LocalModels, now: datetime) -> LLMService[Any]:
    """The brain of a session; `now` is the caller's wall clock, for "are you open today?".

    Raises:
        ProviderError: its package or its key is missing.
    """
    if spec.llm.provider == "local":
        settings = LocalLLMService.Settings.from_mapping(dict(spec.llm.settings))
        return LocalLLMService(models.brain(spec), brief(spec), settings=settings)
    instruction = shape_large(spec.prompt, spec.facts, spec.language[0], now)
    return _cloud("llm", spec.llm, LLMService, system_instruction=instruction)


def build_tts(spec: BotSpec, models: LocalModels) -> TTSService:
    """The voice of a session.

    Raises:
        ProviderError: its package or its key is missing.
    """
    if spec.tts.provider == "local":
        return LocalTTSService(models.voice(spec))
    return _cloud("tts", spec.tts, TTSService, language=Language(spec.language[0]))


def _cloud(
    kind: Kind, provider: ProviderSpec, service_type: type[Service], **known: Any
) -> Service:
    """A cloud service by its registry row; `known` are settings that the bot itself decides."""
    entry = PROVIDERS[kind, provider.provider]
    service_class = _import(entry)
    values: dict[str, Any] = {**known, **provider.settings}
    extra = values.pop("extra", {})
    if provider.model or entry.default_model:
        values["model"] = provider.model or entry.default_model
    if provider.voice:
        values["voice"] = provider.voice
    settings = service_class.Settings.from_mapping(values)
    settings.extra.update(extra)
    arguments: dict[str, Any] = {"settings": settings}
    if entry.env_var:
        arguments["api_key"] = _key(entry, provider)
    if provider.base_url:
        arguments[entry.base_url_argument] = provider.base_url
    service = service_class(**arguments)
    assert isinstance(service, service_type)
    return service


def _import(entry: ProviderEntry) -> Any:
    module, _, name = entry.import_path.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except ImportError as error:
        raise ProviderError(
            f"{entry.name} ({entry.kind}) needs a package that is not installed.",
            provider=entry.name,
            stage=entry.kind,
            category="invalid_request",
            hint=f'Run `pip install "pipecat-ai[{entry.extra}]"`.',
        ) from error


def _key(entry: ProviderEntry, provider: ProviderSpec) -> str:
    """The provider's key; a keyless OpenAI-compatible server gets a word in its place."""
    is_elsewhere = provider.base_url is not None and entry.is_keyless_elsewhere
    default = None if is_elsewhere else entry.env_var  # the vendor's key is not for other servers
    variable = provider.api_key.env if provider.api_key else default
    key = os.environ.get(variable or "", "")
    if key or provider.base_url:
        return key or "none"
    raise ProviderError(
        f"{entry.name} ({entry.kind}) has no key.",
        provider=entry.name,
        stage=entry.kind,
        category="authentication",
        hint=f"Set {variable} in the environment or in .env.",
    )
