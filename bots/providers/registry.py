"""The providers that a bot can name: which Pipecat service each is and what it needs.

One row a provider and kind. `bots.providers.build` builds services from these rows;
`bots.providers.check` holds a bot's YAML against them. Nothing of Pipecat is imported here.
"""

from __future__ import annotations

from typing import Any

from bots.providers.entry import ProviderEntry
from bots.spec import KINDS, Kind


def _pipecat(name: str, kind: Kind, service: str, needs_module: str, **rest: Any) -> ProviderEntry:
    """A row of a service of Pipecat's own, which takes settings."""
    path = f"pipecat.services.{service}"
    return ProviderEntry(name, kind, path, needs_module, settings_of=path, **rest)


def _own(name: str, kind: Kind, service: str, needs_module: str, **rest: Any) -> ProviderEntry:
    """A row of a service that Offhook has and Pipecat has not."""
    path = f"bots.providers.{service}"
    return ProviderEntry(name, kind, path, needs_module, settings_of=path, **rest)


def _here(name: str, kind: Kind, needs_module: str, **rest: Any) -> ProviderEntry:
    """A row of a model that runs on this machine, behind the service that `local` has."""
    service = f"bots.local.{kind}:Local{kind.upper()}Service"
    return ProviderEntry(name, kind, service, needs_module, runs_here=True, **rest)


_SOCKETS = ("ws", "wss")
_ALL_SCHEMES = ("http", "https", "ws", "wss")

_ROWS = (
    _here("local", "stt", "faster_whisper"),
    _here("whisper", "stt", "faster_whisper"),
    _here("parakeet", "stt", "onnx_asr", extra="parakeet"),
    _here("moonshine", "stt", "moonshine_voice", extra="moonshine"),
    _pipecat(
        "deepgram",
        "stt",
        "deepgram.stt:DeepgramSTTService",
        "deepgram",
        env_var="DEEPGRAM_API_KEY",
        default_model="nova-3-general",
        base_url_argument="base_url",
        base_url_schemes=_ALL_SCHEMES,
        passes_extra=True,
    ),
    _own(
        "deepgram-http",
        "stt",
        "deepgram_prerecorded:DeepgramPrerecordedSTTService",
        "aiohttp",
        env_var="DEEPGRAM_API_KEY",
        default_model="nova-3-general",
        base_url_argument="base_url",
        base_url_schemes=_ALL_SCHEMES,
        passes_extra=True,
    ),
    _pipecat(
        "openai",
        "stt",
        "openai.stt:OpenAISTTService",
        "openai",
        env_var="OPENAI_API_KEY",
        default_model="gpt-transcribe",
        base_url_argument="base_url",
        is_keyless_elsewhere=True,
    ),
    _pipecat(
        "groq",
        "stt",
        "groq.stt:GroqSTTService",
        "openai",
        env_var="GROQ_API_KEY",
        default_model="whisper-large-v3-turbo",
        base_url_argument="base_url",
    ),
    _pipecat(
        "assemblyai",
        "stt",
        "assemblyai.stt:AssemblyAISTTService",
        "websockets",
        env_var="ASSEMBLYAI_API_KEY",
        default_model="universal-3-6-pro",
        base_url_argument="api_endpoint_base_url",
        base_url_schemes=_SOCKETS,
    ),
    _pipecat(
        "azure",
        "stt",
        "azure.stt:AzureSTTService",
        "azure.cognitiveservices.speech",
        extra="azure",
        env_var="AZURE_SPEECH_API_KEY",
        region_env="AZURE_SPEECH_REGION",
        base_url_argument="private_endpoint",
        base_url_schemes=_ALL_SCHEMES,
    ),
    _pipecat(
        "google",
        "stt",
        "google.stt:GoogleSTTService",
        "google.cloud.speech_v2",
        extra="cloud",
        env_var="GOOGLE_APPLICATION_CREDENTIALS",
        key_argument="credentials_path",
        default_model="latest_long",
        language_setting="languages",
    ),
    ProviderEntry(
        "local",
        "llm",
        "bots.local.brain:LocalLLMService",
        "xllamacpp",
        settings_of="pipecat.services.openai.llm:OpenAILLMService",
        runs_here=True,
    ),
    _pipecat(
        "openai",
        "llm",
        "openai.llm:OpenAILLMService",
        "openai",
        env_var="OPENAI_API_KEY",
        default_model="gpt-4.1",
        base_url_argument="base_url",
        is_keyless_elsewhere=True,
        passes_extra=True,
    ),
    _pipecat(
        "cerebras",
        "llm",
        "cerebras.llm:CerebrasLLMService",
        "openai",
        env_var="CEREBRAS_API_KEY",
        default_model="gpt-oss-120b",
        base_url_argument="base_url",
        passes_extra=True,
    ),
    _pipecat(
        "anthropic",
        "llm",
        "anthropic.llm:AnthropicLLMService",
        "anthropic",
        extra="cloud",
        env_var="ANTHROPIC_API_KEY",
        default_model="claude-sonnet-4-6",
        base_url_argument="client",
        passes_extra=True,
        unsent=("frequency_penalty", "presence_penalty", "seed"),
    ),
    _pipecat(
        "google",
        "llm",
        "google.llm:GoogleLLMService",
        "google.genai",
        extra="cloud",
        env_var="GOOGLE_API_KEY",
        default_model="gemini-3.6-flash",
        base_url_argument="http_options",
        passes_extra=True,
        unsent=("frequency_penalty", "presence_penalty"),
    ),
    _pipecat(
        "groq",
        "llm",
        "groq.llm:GroqLLMService",
        "openai",
        env_var="GROQ_API_KEY",
        default_model="openai/gpt-oss-120b",
        base_url_argument="base_url",
        passes_extra=True,
    ),
    _pipecat(
        "together",
        "llm",
        "together.llm:TogetherLLMService",
        "openai",
        env_var="TOGETHER_API_KEY",
        default_model="zai-org/GLM-5.2",
        base_url_argument="base_url",
        passes_extra=True,
    ),
    _pipecat(
        "openrouter",
        "llm",
        "openrouter.llm:OpenRouterLLMService",
        "openai",
        env_var="OPENROUTER_API_KEY",
        default_model="openai/gpt-4.1",
        base_url_argument="base_url",
        passes_extra=True,
    ),
    _pipecat(
        "ollama",
        "llm",
        "ollama.llm:OLLamaLLMService",
        "openai",
        needs_model=True,
        base_url_argument="base_url",
        passes_extra=True,
    ),
    _here("local", "tts", "hibari"),
    _here("kokoro", "tts", "onnxruntime"),
    _here("piper", "tts", "piper", extra="voices"),
    _here("silero", "tts", "silero", extra="silero"),
    _pipecat(
        "elevenlabs",
        "tts",
        "elevenlabs.tts:ElevenLabsTTSService",
        "websockets",
        env_var="ELEVENLABS_API_KEY",
        default_model="eleven_flash_v2_5",
        base_url_argument="url",
        base_url_schemes=_SOCKETS,
        needs_voice=True,
    ),
    _pipecat(
        "cartesia",
        "tts",
        "cartesia.tts:CartesiaTTSService",
        "websockets",
        env_var="CARTESIA_API_KEY",
        default_model="sonic-3.6",
        base_url_argument="url",
        base_url_schemes=_SOCKETS,
        needs_voice=True,
    ),
    _pipecat(
        "deepgram",
        "tts",
        "deepgram.tts:DeepgramTTSService",
        "websockets",
        env_var="DEEPGRAM_API_KEY",
        base_url_argument="base_url",
        base_url_schemes=_SOCKETS,
        needs_voice=True,
    ),
    _pipecat(
        "openai",
        "tts",
        "openai.tts:OpenAITTSService",
        "openai",
        env_var="OPENAI_API_KEY",
        default_model="gpt-4o-mini-tts",
        base_url_argument="base_url",
        rate_hz=24_000,
        is_keyless_elsewhere=True,
    ),
    _pipecat(
        "azure",
        "tts",
        "azure.tts:AzureTTSService",
        "azure.cognitiveservices.speech",
        extra="azure",
        env_var="AZURE_SPEECH_API_KEY",
        region_env="AZURE_SPEECH_REGION",
        base_url_argument="private_endpoint",
        base_url_schemes=_ALL_SCHEMES,
        needs_voice=True,
    ),
    _pipecat(
        "google",
        "tts",
        "google.tts:GoogleTTSService",
        "google.cloud.texttospeech_v1",
        extra="cloud",
        env_var="GOOGLE_APPLICATION_CREDENTIALS",
        key_argument="credentials_path",
        needs_voice=True,
    ),
    _own(
        "http",
        "tts",
        "http_tts:HouseTTSService",
        "aiohttp",
        takes_key=True,
        url_argument="url",
    ),
)

PROVIDERS: dict[tuple[Kind, str], ProviderEntry] = {(row.kind, row.name): row for row in _ROWS}


def names(kind: Kind) -> list[str]:
    """The providers of a kind, `local` first."""
    return [row.name for row in _ROWS if row.kind == kind]


def kinds_of(name: str) -> list[Kind]:
    """The kinds a provider of that name serves, empty for an unknown one."""
    return [kind for kind in KINDS if (kind, name) in PROVIDERS]
