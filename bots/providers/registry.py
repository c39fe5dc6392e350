"""The providers that a bot can name: which Pipecat service each is and what it needs.

One row a provider and kind. `bots.providers.stt`, `llm` and `tts` build services from these rows;
`bots.providers.check` holds a bot's YAML against them. Nothing of Pipecat is imported here.
"""

from __future__ import annotations

from dataclasses import dataclass

from bots.spec import KINDS, Kind


@dataclass(frozen=True, slots=True)
class ProviderEntry:
    """A provider of one kind."""

    name: str
    kind: Kind
    import_path: str
    """The service's class, as `module:Class`."""
    needs_module: str
    """The top-level module that the service imports; absent when its extra is not installed."""
    extra: str = ""
    """The extra of pipecat-ai that brings `needs_module`."""
    env_var: str | None = None
    """The variable that holds its key; None needs no key."""
    default_model: str | None = None
    """None: chosen by `bots.providers.embedded` for the language and the machine."""
    base_url_argument: str = ""
    """The constructor's argument for `base_url`; empty takes none."""
    base_url_schemes: tuple[str, ...] = ("http", "https")
    is_keyless_elsewhere: bool = False
    """Whether no key is needed, and none sent unless named, once `base_url` is given."""
    needs_voice: bool = False
    settings_of: str = ""
    """The class whose `Settings` say what `settings` may hold; empty takes none."""
    passes_extra: bool = False
    """Whether the service sends the `extra` of its settings on to its vendor."""

    @property
    def is_local(self) -> bool:
        """Whether it runs in this process and its children, with no network."""
        return self.name == "local"


_OPENAI_LLM = "pipecat.services.openai.llm:OpenAILLMService"
_CEREBRAS_LLM = "pipecat.services.cerebras.llm:CerebrasLLMService"
_DEEPGRAM_STT = "pipecat.services.deepgram.stt:DeepgramSTTService"
_ELEVENLABS_TTS = "pipecat.services.elevenlabs.tts:ElevenLabsTTSService"

_ROWS = (
    ProviderEntry("local", "stt", "bots.local.stt:LocalSTTService", "faster_whisper"),
    ProviderEntry(
        "deepgram",
        "stt",
        _DEEPGRAM_STT,
        "deepgram",
        extra="deepgram",
        env_var="DEEPGRAM_API_KEY",
        default_model="nova-3-general",
        base_url_argument="base_url",
        base_url_schemes=("http", "https", "ws", "wss"),
        settings_of=_DEEPGRAM_STT,
        passes_extra=True,
    ),
    ProviderEntry(
        "local",
        "llm",
        "bots.local.brain:LocalLLMService",
        "xllamacpp",
        settings_of=_OPENAI_LLM,
    ),
    ProviderEntry(
        "openai",
        "llm",
        _OPENAI_LLM,
        "openai",
        extra="openai",
        env_var="OPENAI_API_KEY",
        default_model="gpt-4.1",
        base_url_argument="base_url",
        is_keyless_elsewhere=True,
        settings_of=_OPENAI_LLM,
        passes_extra=True,
    ),
    ProviderEntry(
        "cerebras",
        "llm",
        _CEREBRAS_LLM,
        "openai",
        extra="cerebras",
        env_var="CEREBRAS_API_KEY",
        default_model="gpt-oss-120b",
        base_url_argument="base_url",
        settings_of=_CEREBRAS_LLM,
        passes_extra=True,
    ),
    ProviderEntry("local", "tts", "bots.local.tts:LocalTTSService", "hibari"),
    ProviderEntry(
        "elevenlabs",
        "tts",
        _ELEVENLABS_TTS,
        "websockets",
        extra="elevenlabs",
        env_var="ELEVENLABS_API_KEY",
        default_model="eleven_flash_v2_5",
        base_url_argument="url",
        base_url_schemes=("ws", "wss"),
        needs_voice=True,
        settings_of=_ELEVENLABS_TTS,
    ),
)

PROVIDERS: dict[tuple[Kind, str], ProviderEntry] = {(row.kind, row.name): row for row in _ROWS}


def names(kind: Kind) -> list[str]:
    """The providers of a kind, `local` first."""
    return [row.name for row in _ROWS if row.kind == kind]


def kinds_of(name: str) -> list[Kind]:
    """The kinds a provider of that name serves, empty for an unknown one."""
    return [kind for kind in KINDS if (kind, name) in PROVIDERS]
