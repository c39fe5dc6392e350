"""What a provider is, for the table in `bots.providers.registry` and all that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bots.spec import Kind


@dataclass(frozen=True, slots=True)
class TurnDetection:
    """Of ears that find the end of a turn themselves, for `turns: provider`."""

    is_always: bool
    """Whether they do in any case: their words come only then."""
    arguments: Mapping[str, Any]
    """The constructor's, that hand them the turn."""
    eager_argument: str = ""
    """The constructor's, for a likely end told before the sure one; empty has none."""
    wait_setting: str = ""
    """The setting that bounds, in ms, how long a silence can leave a turn open."""
    wait_ms: int = 0
    """That bound where the bot sets none."""
    tells_on: bool = False
    """Whether interim transcripts go on through that silence."""

    def wait_s(self, settings: Mapping[str, Any]) -> float:
        """The bound, with the bot's `settings`."""
        return float(settings.get(self.wait_setting) or self.wait_ms) / 1000


@dataclass(frozen=True, slots=True)
class ProviderEntry:
    """A provider of one kind."""

    name: str
    kind: Kind
    import_path: str
    """The service's class, as `module:Class`."""
    needs_module: str
    """The module that the service imports; absent when its extra is not installed."""
    extra: str = ""
    """The extra of Offhook that brings `needs_module`; empty comes with Offhook itself."""
    env_var: str | None = None
    """The variable that holds its key; None needs no key."""
    key_argument: str = "api_key"
    """The constructor's argument for the key; Google's is a path to a file of credentials."""
    takes_key: bool = False
    """Whether a provider without `env_var` can be given an `api_key` all the same."""
    region_env: str | None = None
    """The variable that holds its `region`, which `base_url` stands in for."""
    turns: TurnDetection | None = None
    """How its ears tell when the caller has finished; None: they do not."""
    default_model: str | None = None
    """None: no model is chosen, or by `bots.providers.embedded` for language and machine."""
    english_model: str | None = None
    """The model of a bot in English, where `default_model` is for the other languages."""
    needs_model: bool = False
    base_url_argument: str = ""
    """The constructor's argument for `base_url`; empty takes none."""
    base_url_schemes: tuple[str, ...] = ("http", "https")
    url_argument: str = ""
    """The constructor's argument for `url`, which is needed then; empty takes none."""
    is_keyless_elsewhere: bool = False
    """Whether no key is needed, and none sent unless named, once `base_url` is given."""
    needs_voice: bool = False
    rate_hz: int | None = None
    """The one rate a voice speaks at, where its service would label it as the pipeline's."""
    language_setting: str = "language"
    """The setting that takes the bot's language; any other than `language` takes a list of one."""
    languages: frozenset[str] | None = None
    """What it knows, where that is few; None is not told here."""
    settings_of: str = ""
    """The class whose `Settings` say what `settings` may hold; empty takes none."""
    passes_extra: bool = False
    """Whether the service sends the `extra` of its settings on to its vendor."""
    unsent: tuple[str, ...] = ("top_k",)
    """Settings that the service's class declares and that it never sends."""

    runs_here: bool = False
    """Whether it is a model of this machine, shared by the calls of the process."""
    hears_and_speaks: bool = False
    """Whether it is a speech-to-speech model: an llm that needs neither stt nor tts."""
    what: str = ""
    """What it is, in a few words for docs/providers.md."""
    emulator: str = ""
    """The vendor's name in `emulators`, where the row's own protocol is emulated."""
    live: str = "not run"
    """What is known of it with its vendor, or with real weights, for docs/providers.md."""

    @property
    def is_local(self) -> bool:
        """Whether it is Offhook's own embedded default."""
        return self.name == "local"

    @property
    def install_line(self) -> str:
        """What brings the package that is missing."""
        return f'pip install "offhook[{self.extra}]"' if self.extra else "pip install offhook"


def pipecat(name: str, kind: Kind, service: str, needs_module: str, **rest: Any) -> ProviderEntry:
    """A row of a service of Pipecat's own, which takes settings."""
    path = f"pipecat.services.{service}"
    return ProviderEntry(name, kind, path, needs_module, settings_of=path, **rest)


def own(name: str, kind: Kind, service: str, needs_module: str, **rest: Any) -> ProviderEntry:
    """A row of a service of Offhook's, which Pipecat has not or which makes one of its own fit."""
    path = f"bots.providers.{service}"
    return ProviderEntry(name, kind, path, needs_module, settings_of=path, **rest)


def here(name: str, kind: Kind, needs_module: str, **rest: Any) -> ProviderEntry:
    """A row of a model that runs on this machine, behind the service that `local` has."""
    service = f"bots.local.{kind}:Local{kind.upper()}Service"
    return ProviderEntry(name, kind, service, needs_module, runs_here=True, **rest)


SOCKETS = ("ws", "wss")
ALL_SCHEMES = ("http", "https", "ws", "wss")

AZURE_SPEECH: dict[str, Any] = {
    "needs_module": "azure.cognitiveservices.speech",
    "extra": "azure",
    "env_var": "AZURE_SPEECH_API_KEY",
    "region_env": "AZURE_SPEECH_REGION",
    "base_url_argument": "private_endpoint",
    "base_url_schemes": ALL_SCHEMES,
}
"""What the rows of Azure's ears and voices share: one resource, with its key and its region."""
