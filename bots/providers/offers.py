"""What a vendor answers when it is asked about a key: is it good, and which models and voices go
with it. One cheap request each, which spends no token.

Through the vendor's own SDK where Offhook has it (Cerebras, Deepgram, ElevenLabs, Google's speech),
else over HTTP.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

import httpx

from bots.errors import ProviderError
from bots.providers import google_voices
from bots.providers.certificates import read_once
from bots.providers.entry import ProviderEntry

TIMEOUT_S = 15.0
MOST_PAGES = 20
"""Of a hundred voices each."""


@dataclass(frozen=True, slots=True)
class VendorVoice:
    """A voice that a key may use."""

    id: str
    name: str
    languages: tuple[str, ...] = ()
    """Two letters each; empty where the vendor does not say, or means every one."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What goes with a key. None is a vendor that has no such list, not an empty one."""

    models: frozenset[str] | None = None
    voices: tuple[VendorVoice, ...] | None = None


async def ask(
    entry: ProviderEntry,
    key: str,
    base_url: str | None,
    region: str,
    *,
    model: str | None = None,
    voice: str | None = None,
) -> Offer | None:
    """The offer that goes with `key`; None where the vendor cannot be asked.

    A `model` or `voice` that is in no list is looked up by itself, since lists leave aliases out.

    Raises:
        ProviderError: `authentication` the key is refused, `quota`, `rate_limit`, `server`, or
            `connectivity` nobody was reached.
    """
    inquiry = _inquiry(entry)
    if inquiry is None:
        return None
    try:
        for module in _SDKS.get(entry.name, ()):
            # A second of reading for some of them: not on the event loop, nor on the vendor's time.
            await asyncio.to_thread(importlib.import_module, module)
        with read_once():
            client = httpx.AsyncClient(timeout=TIMEOUT_S / 3, follow_redirects=False)
        async with asyncio.timeout(TIMEOUT_S), client as http:
            return await inquiry(_Asking(entry, http, key, base_url, region, model, voice))
    except ProviderError:
        raise
    except ImportError:
        return None  # the vendor's SDK is in the `cloud` extra, and the bot runs without it
    except Exception as error:  # three SDKs, three families of exceptions, one `status_code`
        if _is_of_scope(error):
            return None  # a key may be good for answers and not for lists
        raise _refusal(entry, error) from error


def can_ask(entry: ProviderEntry) -> bool:
    """Whether its vendor can be asked about a key."""
    return _inquiry(entry) is not None


def _inquiry(entry: ProviderEntry) -> Inquiry | None:
    return INQUIRIES.get((entry.kind, entry.name)) or INQUIRIES.get(("*", entry.name))


@dataclass(frozen=True, slots=True)
class _Asking:
    entry: ProviderEntry
    http: httpx.AsyncClient
    key: str
    base_url: str | None
    region: str
    model: str | None
    voice: str | None

    def root(self, default: str) -> str:
        """Where the vendor's HTTP API begins: a WebSocket's address has the same host."""
        if self.base_url is None:
            return default
        scheme, _, rest = self.base_url.partition("://")
        return f"{ {'ws': 'http', 'wss': 'https'}.get(scheme, scheme) }://{rest}".rstrip("/")

    def host(self, default: str) -> str:
        """The same without a path."""
        url = httpx.URL(self.root(default))
        return f"{url.scheme}://{url.netloc.decode()}"

    async def get(self, url: str, headers: dict[str, str], **query: str) -> Any:
        """The JSON of an answer; raises for an error status."""
        answer = await self.http.get(url, headers=headers, params=query)
        answer.raise_for_status()
        return answer.json()

    async def with_alias(self, found: Iterable[str], url: str, headers: dict[str, str]) -> Offer:
        """The models `found` at `url`, and the one asked about if the vendor knows it there."""
        models = frozenset(found)
        if self.model is None or self.model in models:
            return Offer(models)
        answer = await self.http.get(f"{url}/{self.model}", headers=headers)
        return Offer(models | {self.model} if answer.is_success else models)


Inquiry = Callable[[_Asking], Awaitable[Offer]]


async def _openai_compatible(asking: _Asking) -> Offer:
    """https://platform.openai.com/docs/api-reference/models/list, as others copy it."""
    url = f"{asking.root(_ROOTS[asking.entry.name])}/models"
    headers = {"Authorization": f"Bearer {asking.key}"}
    found = await asking.get(url, headers)
    listed = found["data"] if isinstance(found, dict) else found  # together answers a bare list
    return await asking.with_alias((str(one["id"]) for one in listed), url, headers)


_ROOTS = {
    "openai": "https://api.openai.com/v1",
    "groq": "https://api.groq.com/openai/v1",
    "together": "https://api.together.xyz/v1",
    "openrouter": "https://openrouter.ai/api/v1",
    "ollama": "http://localhost:11434/v1",
}


async def _openai_voices(asking: _Asking) -> Offer:
    """The voices are in no list of the API's, but in Pipecat's own."""
    known = importlib.import_module("pipecat.services.openai.tts").VALID_VOICES
    offer = await _openai_compatible(asking)
    is_elsewhere = asking.base_url is not None and "openai.com" not in asking.base_url
    return Offer(offer.models, None if is_elsewhere else _voices((n, n, ()) for n in known))


async def _realtime(asking: _Asking) -> Offer:
    """The same list as for chat; at another address it is not known where."""
    if asking.base_url is not None:
        return Offer()
    url, headers = f"{_ROOTS['openai']}/models", {"Authorization": f"Bearer {asking.key}"}
    found = await asking.get(url, headers)
    return await asking.with_alias((str(one["id"]) for one in found["data"]), url, headers)


async def _openrouter(asking: _Asking) -> Offer:
    """Its models are listed to anybody; https://openrouter.ai/docs/api-reference/api-keys/get
    tells of the key."""
    root = asking.root(_ROOTS["openrouter"])
    await asking.get(f"{root}/key", {"Authorization": f"Bearer {asking.key}"})
    return await _openai_compatible(asking)


async def _cerebras(asking: _Asking) -> Offer:
    root = asking.root("https://api.cerebras.ai/v1").removesuffix("/v1")
    client = importlib.import_module("cerebras.cloud.sdk").AsyncCerebras(
        api_key=asking.key,
        base_url=root,
        http_client=asking.http,
        max_retries=0,
        warm_tcp_connection=False,
    )
    return Offer(frozenset(str(one.id) for one in (await client.models.list()).data))


async def _deepgram_client(asking: _Asking) -> Any:
    """A client whose key is known to be good: the list of models is shown to anybody."""
    sdk = importlib.import_module("deepgram")
    # Flux's address is that of its socket, path and all.
    root = asking.root("https://api.deepgram.com").removesuffix("/v2/listen")
    socket = root.replace("http", "ws", 1)
    where = importlib.import_module("deepgram.environment").DeepgramClientEnvironment(
        base=root, production=socket, agent=socket, agent_rest=root
    )
    client = sdk.AsyncDeepgramClient(
        api_key=asking.key, environment=where, httpx_client=asking.http
    )
    await client.manage.v1.projects.list(request_options=_ONCE)
    return client


async def _deepgram_stt(asking: _Asking) -> Offer:
    client = await _deepgram_client(asking)
    listed = (await client.manage.v1.models.list(request_options=_ONCE)).stt or []
    # nova-3 is short for nova-3-general, and a version's own name is taken too.
    names = {name for one in listed for name in (one.canonical_name, one.architecture)}
    return Offer(frozenset(str(name) for name in names if name))


async def _deepgram_flux(asking: _Asking) -> Offer:
    """The key alone: the lists of models are of the first version of the API."""
    await _deepgram_client(asking)
    return Offer()


async def _deepgram_tts(asking: _Asking) -> Offer:
    client = await _deepgram_client(asking)
    listed = (await client.manage.v1.models.list(request_options=_ONCE)).tts or []
    return Offer(
        voices=_voices(
            (one.canonical_name, one.name or one.canonical_name, one.languages or ())
            for one in listed
        )
    )


_ONCE = {"max_retries": 0}


async def _elevenlabs(asking: _Asking) -> Offer:
    client = importlib.import_module("elevenlabs.client").AsyncElevenLabs(
        api_key=asking.key,
        base_url=asking.host("https://api.elevenlabs.io"),
        httpx_client=asking.http,
    )
    models = await client.models.list(request_options=_ONCE)
    voices: list[tuple[str, str, Iterable[str]]] = []
    token: str | None = None
    for _ in range(MOST_PAGES):
        page = await client.voices.search(
            page_size=100, next_page_token=token, request_options=_ONCE
        )
        for one in page.voices:
            verified = [spoken.language for spoken in one.verified_languages or ()]
            labelled = (one.labels or {}).get("language")
            voices.append((one.voice_id, one.name or "", [*verified, labelled or ""]))
        token = page.next_page_token
        if not page.has_more or token is None:
            break
    if asking.voice and asking.voice not in {key for key, _, _ in voices}:
        url = f"{asking.host('https://api.elevenlabs.io')}/v1/voices/{asking.voice}"
        answer = await asking.http.get(url, headers={"xi-api-key": asking.key})
        if answer.is_success:  # of the public library, and taken all the same
            voices.append((asking.voice, str(answer.json().get("name", "")), ()))
    return Offer(frozenset(str(one.model_id) for one in models), _voices(voices))


async def _cartesia(asking: _Asking) -> Offer:
    """https://docs.cartesia.ai/api-reference/voices/list"""
    url = f"{asking.host('https://api.cartesia.ai')}/voices"
    headers = {"X-API-Key": asking.key, "Cartesia-Version": "2026-03-01"}
    voices: list[tuple[str, str, Iterable[str]]] = []
    after: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        page = await asking.get(url, headers, limit="100", **after)
        voices += [(one["id"], one["name"], [one.get("language", "")]) for one in page["data"]]
        if not page.get("has_more") or not page["data"]:
            break
        after = {"starting_after": page["data"][-1]["id"]}
    return Offer(voices=_voices(voices))


async def _anthropic(asking: _Asking) -> Offer:
    """https://docs.anthropic.com/en/api/models-list"""
    url = f"{asking.root('https://api.anthropic.com')}/v1/models"
    headers = {"x-api-key": asking.key, "anthropic-version": "2023-06-01"}
    found = await asking.get(url, headers, limit="1000")
    return await asking.with_alias((str(one["id"]) for one in found["data"]), url, headers)


async def _gemini(asking: _Asking) -> Offer:
    """https://ai.google.dev/api/models#method:-models.list"""
    url = f"{asking.root('https://generativelanguage.googleapis.com')}/v1beta/models"
    headers = {"x-goog-api-key": asking.key}
    found = await asking.get(url, headers, pageSize="1000")
    names = (str(one["name"]).removeprefix("models/") for one in found.get("models", []))
    return await asking.with_alias(names, url, headers)


async def _assemblyai(asking: _Asking) -> Offer:
    """https://www.assemblyai.com/docs/api-reference/transcripts/list; it lists no models."""
    if asking.base_url is not None:
        return Offer()  # the socket's own host says nothing over HTTP
    url = "https://api.assemblyai.com/v2/transcript"
    await asking.get(url, {"Authorization": asking.key}, limit="1")
    return Offer()


async def _azure(asking: _Asking) -> Offer:
    """https://learn.microsoft.com/azure/ai-services/speech-service/rest-text-to-speech"""
    root = asking.host(f"https://{asking.region}.tts.speech.microsoft.com")
    url = f"{root}/cognitiveservices/voices/list"
    found = await asking.get(url, {"Ocp-Apim-Subscription-Key": asking.key})
    if asking.entry.kind == "stt":
        return Offer()
    return Offer(
        voices=_voices((one["ShortName"], one["LocalName"], [one["Locale"]]) for one in found)
    )


async def _google_tts(asking: _Asking) -> Offer:
    voices = await google_voices.list_voices(asking.entry, asking.key, TIMEOUT_S / 3)
    return Offer(voices=_voices(voices))


INQUIRIES: dict[tuple[str, str], Inquiry] = {
    ("*", "openai"): _openai_compatible,
    ("tts", "openai"): _openai_voices,
    ("*", "groq"): _openai_compatible,
    ("*", "together"): _openai_compatible,
    ("*", "openrouter"): _openrouter,
    ("*", "ollama"): _openai_compatible,
    ("*", "cerebras"): _cerebras,
    ("*", "deepgram"): _deepgram_stt,
    ("*", "deepgram-http"): _deepgram_stt,
    ("*", "deepgram-flux"): _deepgram_flux,
    ("tts", "deepgram"): _deepgram_tts,
    ("*", "elevenlabs"): _elevenlabs,
    ("*", "cartesia"): _cartesia,
    ("*", "anthropic"): _anthropic,
    ("llm", "google"): _gemini,
    ("tts", "google"): _google_tts,
    ("*", "gemini-live"): _gemini,
    ("*", "openai-realtime"): _realtime,
    ("*", "assemblyai"): _assemblyai,
    ("*", "azure"): _azure,
}
"""Who can be asked; Google's ears and a house voice have no list."""


_SDKS = {
    "cerebras": ("cerebras.cloud.sdk",),
    "deepgram": ("deepgram.manage.v1.client", "deepgram.environment"),
    "deepgram-http": ("deepgram.manage.v1.client", "deepgram.environment"),
    "deepgram-flux": ("deepgram.manage.v1.client", "deepgram.environment"),
    "elevenlabs": ("elevenlabs.client", "elevenlabs.voices.client", "elevenlabs.models.client"),
    "openai": ("pipecat.services.openai.tts",),
}


def _voices(found: Iterable[tuple[str, str, Iterable[str]]]) -> tuple[VendorVoice, ...]:
    return tuple(
        VendorVoice(key, name, tuple(dict.fromkeys(one[:2].lower() for one in languages if one)))
        for key, name, languages in found
    )


_CATEGORIES = {401: "authentication", 403: "authentication", 402: "quota", 429: "rate_limit"}


def _is_of_scope(error: Exception) -> bool:
    said = error.response.text if isinstance(error, httpx.HTTPStatusError) else str(error)
    return "scope" in said.lower() or "permission" in said.lower()


def _refusal(entry: ProviderEntry, error: Exception) -> ProviderError:
    """The error of whatever client asked, in our words: a vendor's message may quote the key."""
    status, hint = getattr(error, "status_code", None), ""
    if isinstance(error, httpx.HTTPStatusError):
        status = error.response.status_code
    if status is None and isinstance(code := getattr(error, "code", None), int):
        status = int(code)  # of Google's gRPC
    if status is None:
        is_read = isinstance(error, KeyError | TypeError | ValueError)
        category = "server" if is_read else "connectivity"
        message = f"{entry.name} could not be reached: {type(error).__name__}."
        if is_read:
            message = f"{entry.name} answered what is no list of models or voices."
    else:
        category = _CATEGORIES.get(status, "server")
        if entry.name == "google" and status == 400:
            category = "authentication"  # Gemini's word for a key that it does not know
        message = f"{entry.name} answered {status}."
        if category == "authentication":
            message = f"{entry.name} refuses the key."
            hint = f"Set a good {entry.env_var} in the environment or in .env."
    return ProviderError(
        message, provider=entry.name, stage=entry.kind, category=category, hint=hint
    )
