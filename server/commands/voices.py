"""`offhook voices`: what a provider of tts can speak with, one voice a line."""

from __future__ import annotations

import asyncio
import os

import typer

from bots.errors import OffhookError, ProviderError
from bots.languages import LANGUAGES
from bots.local.voices import VOICES
from bots.providers.entry import ProviderEntry
from bots.providers.offers import VendorVoice, ask
from bots.providers.online import key_of
from bots.providers.registry import PROVIDERS, names
from bots.spec import ProviderSpec
from bots.suggest import did_you_mean


def run(provider: str, *, language: str | None, base_url: str | None) -> None:
    """Print the voices: id, languages, name.

    Raises:
        OffhookError: no such provider or language, no key, or a vendor that cannot be asked.
    """
    entry = PROVIDERS.get(("tts", provider))
    if entry is None:
        hint = did_you_mean(provider, names("tts"), noun="providers of tts")
        raise OffhookError(f"No provider of tts is called `{provider}`.", hint=hint, code="usage")
    if language is not None and language not in LANGUAGES:
        hint = "Write two letters, as in `en`."
        raise OffhookError(f"`{language}` is not a language code.", hint=hint, code="usage")
    found = _here(entry) if entry.runs_here else asyncio.run(_there(entry, base_url))
    spoken = [
        voice
        for voice in found
        if language is None or not voice.languages or language in voice.languages
    ]
    if not spoken:
        said = f" that speak {LANGUAGES[language]}" if language else ""
        typer.echo(f"{provider} has no voices{said}.")
    width = max((len(voice.id) for voice in spoken), default=0)
    for voice in spoken:
        languages = ",".join(voice.languages) or "any"
        typer.echo(f"{voice.id:<{width}}  {languages:<8}  {voice.name}".rstrip())


def _here(entry: ProviderEntry) -> list[VendorVoice]:
    return [
        VendorVoice(name, voice.description, (voice.language,))
        for name, voice in VOICES.items()
        if entry.is_local or voice.engine == entry.name
    ]


async def _there(entry: ProviderEntry, base_url: str | None) -> list[VendorVoice]:
    key = key_of(entry, ProviderSpec(provider=entry.name), os.environ)
    if key is None:
        raise ProviderError(
            f"{entry.name} needs a key, and {entry.env_var} is not set.",
            provider=entry.name,
            stage="tts",
            category="authentication",
            hint="Set it in the environment or in .env.",
        )
    offer = await ask(entry, key, base_url, os.environ.get(entry.region_env or "", ""))
    if offer is None or offer.voices is None:
        raise OffhookError(
            f"{entry.name} has no list of voices that can be asked for here.",
            hint="Its own pages name them"
            + ("." if entry.extra else ', or `pip install "offhook[cloud]"` brings its SDK.'),
        )
    return sorted(offer.voices, key=lambda voice: (voice.languages, voice.name))
