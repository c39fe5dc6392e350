"""What a provider is, for the table in `bots.providers.registry` and all that reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bots.spec import Kind


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
    default_model: str | None = None
    """None: no model is chosen, or by `bots.providers.embedded` for language and machine."""
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
    """The setting that takes the bot's language; `languages` takes a list of one."""
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
    """A row of a service that Offhook has and Pipecat has not."""
    path = f"bots.providers.{service}"
    return ProviderEntry(name, kind, path, needs_module, settings_of=path, **rest)


def here(name: str, kind: Kind, needs_module: str, **rest: Any) -> ProviderEntry:
    """A row of a model that runs on this machine, behind the service that `local` has."""
    service = f"bots.local.{kind}:Local{kind.upper()}Service"
    return ProviderEntry(name, kind, service, needs_module, runs_here=True, **rest)


SOCKETS = ("ws", "wss")
ALL_SCHEMES = ("http", "https", "ws", "wss")
