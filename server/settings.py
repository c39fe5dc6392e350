"""What an operator sets: environment variables named OFFHOOK_*, read once at start.

`.env` in the working folder is read too and never overrides the environment. Bots have their own
secrets (`{env: X}` in YAML); `read_environment` gives the catalog the same merged view.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bots.errors import OffhookError
from bots.suggest import nearest

PREFIX = "OFFHOOK_"

Words = Annotated[tuple[str, ...], NoDecode]
"""A list written with commas: `OFFHOOK_ALLOWED_ORIGINS=https://a.example,https://b.example`."""


class SettingsError(OffhookError):
    """A setting that does not hold; the message names the variable (exit 2)."""

    code = "settings"


class Settings(BaseSettings):
    """Every setting of the server; the variable is the field's name in capitals after OFFHOOK_."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        use_attribute_docstrings=True,
    )

    host: str = "127.0.0.1"
    """Address to listen on. `0.0.0.0` opens the server to the network; use `tls` with it, since
    browsers give a microphone only to HTTPS or localhost."""

    port: int = Field(default=7860, ge=0, le=65535)
    """TCP port to listen on; 0 takes any free one."""

    bots: Annotated[tuple[Path, ...], NoDecode] = ()
    """Folders of bots, separated by commas. Empty: `./configs/bots`, then the bots shipped."""

    cache: Path | None = None
    """Folder of model weights and of prompts that were read. Empty: `$XDG_CACHE_HOME/offhook`
    or `~/.cache/offhook`."""

    offline: bool = False
    """Fetch no weights: those in the cache have to do."""

    capacity: int = Field(default=20, ge=1, le=10_000)
    """Sessions held at once; the next caller gets 503 and Retry-After."""

    local_capacity: int | None = Field(default=None, ge=1, le=10_000)
    """Sessions held at once by bots with a brain on this machine. Empty: one per 2 cores, and
    room for the ears and voices of the others."""

    secret: SecretStr | None = None
    """Key that signs tokens and session secrets, at least 16 characters. Empty: a random one, so
    tokens do not outlive the process or pass to another."""

    operator_key: SecretStr | None = None
    """Key of the operator routes, sent as `Authorization: Bearer`. Empty: they answer only to
    clients on this machine."""

    public_url: str | None = None
    """Address under which callers reach the server, such as `https://voice.example`, when a proxy
    stands before it."""

    trusted_proxies: Words = ()
    """Addresses or networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed."""

    allowed_origins: Words = ()
    """Web origins, besides the server's own, whose pages may call."""

    calls_per_minute: float = Field(default=10.0, gt=0, le=6000)
    """Calls one anonymous client may ask for in a minute, sustained."""

    calls_burst: int = Field(default=10, ge=1, le=1000)
    """Calls one anonymous client may ask for at once."""

    drain_s: float = Field(default=30.0, ge=0, le=3600)
    """Seconds that live sessions get after SIGTERM."""

    close_s: float = Field(default=12.0, gt=0, le=60)
    """Seconds a session gets to close before it is abandoned."""

    stun_urls: Words = ()
    """STUN servers for WebRTC behind NAT, such as `stun:stun.example:3478`."""

    turn_urls: Words = ()
    """TURN servers for WebRTC, such as `turn:turn.example:3478?transport=udp`."""

    turn_secret: SecretStr | None = None
    """Secret shared with the TURN servers (coturn's `static-auth-secret`)."""

    turn_ttl_s: int = Field(default=3600, ge=60, le=86_400)
    """Seconds a TURN credential is good for; longer than the longest call."""

    tls: bool = False
    """Serve HTTPS, with `tls_cert` and `tls_key` or else a self-signed certificate."""

    tls_cert: Path | None = None
    """Certificate chain in PEM."""

    tls_key: Path | None = None
    """Private key in PEM."""

    metrics_public: bool = False
    """Answer `/metrics` to anyone, not only to the operator."""

    log_format: Literal["auto", "json", "text"] = "auto"
    """`json` is a line a record; `auto` is `text` on a terminal and `json` elsewhere."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The lowest level that is logged."""

    @field_validator(
        "trusted_proxies", "allowed_origins", "stun_urls", "turn_urls", "bots", mode="before"
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("public_url", "allowed_origins")
    @classmethod
    def _require_web_address(cls, value: str | tuple[str, ...] | None) -> Any:
        addresses = (value,) if isinstance(value, str) else value or ()
        for address in addresses:
            if not address.startswith(("http://", "https://")):
                raise ValueError(f"{address!r} does not start with http:// or https://")
        if isinstance(value, str):
            return value.rstrip("/")
        return value and tuple(address.rstrip("/") for address in value)

    @field_validator("secret", "operator_key", "turn_secret")
    @classmethod
    def _require_length(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 16:
            raise ValueError("is shorter than 16 characters; `openssl rand -hex 32` makes one")
        return value

    @model_validator(mode="after")
    def _require_pairs(self) -> Settings:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError(
                "OFFHOOK_TLS_CERT and OFFHOOK_TLS_KEY are given together or not at all"
            )
        if self.turn_urls and self.turn_secret is None:
            raise ValueError("OFFHOOK_TURN_URLS needs OFFHOOK_TURN_SECRET")
        return self


def load_settings(env_file: Path | None = Path(".env"), **overrides: Any) -> Settings:
    """Reads the environment and `env_file`; `overrides` come from the command line and win.

    Raises:
        SettingsError: naming each variable that does not hold, and never its value.
    """
    try:
        return Settings(_env_file=env_file, **overrides)  # pyright: ignore[reportCallIssue]
    except ValidationError as error:
        problems = []
        for part in error.errors(include_input=False, include_url=False):
            name = "_".join(str(key) for key in part["loc"]).upper()
            cause = part["msg"].removeprefix("Value error, ")
            problems.append(f"{PREFIX}{name}: {cause}" if name else cause)
        raise SettingsError(
            "; ".join(problems) + ".", hint="docs/settings.md lists the settings."
        ) from None


def read_environment(
    env_file: Path | None = Path(".env"), environ: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The environment over `.env`: what bots' `{env: X}` is looked up in."""
    known = os.environ if environ is None else environ
    written = dotenv_values(env_file) if env_file and env_file.is_file() else {}
    return {key: value for key, value in written.items() if value is not None} | dict(known)


def find_unknown(environ: Mapping[str, str]) -> list[str]:
    """A sentence for each OFFHOOK_ variable that is no setting, with the nearest that is."""
    names = [name.upper() for name in Settings.model_fields]
    sentences = []
    for variable in sorted(environ):
        name = variable.removeprefix(PREFIX)
        if variable.startswith(PREFIX) and name not in names:
            near = nearest(name, names)
            hint = f" Did you mean {PREFIX}{near}?" if near else ""
            sentences.append(f"{variable} is not a setting.{hint}")
    return sentences
