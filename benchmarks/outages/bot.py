"""The bot of whole calls: every stage at an emulated vendor, alone or as a chain."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.outages import llm
from benchmarks.outages.vendors import Vendors
from bots.load import load_bot
from bots.spec import BotSpec

_ALONE = """prompt: You are a pirate.
stt: [{provider: deepgram, base_url: "%(deepgram)s", api_key: {env: REHEARSAL_KEY}}%(stt)s]
llm: [{provider: cerebras, base_url: "%(cerebras)s", api_key: {env: REHEARSAL_KEY}}%(llm)s]
tts: [{provider: elevenlabs, voice: nora, base_url: "%(elevenlabs)s",
  api_key: {env: REHEARSAL_KEY}}%(tts)s]
"""
_BACKUPS = {
    "stt": ', {provider: deepgram-http, base_url: "%s", api_key: {env: REHEARSAL_KEY}}',
    "llm": ', {provider: groq, base_url: "%s", api_key: {env: REHEARSAL_KEY}}',
    "tts": ', {provider: cartesia, voice: nora, base_url: "%s", api_key: {env: REHEARSAL_KEY}}',
}
_LAST_RESORT = 'fallback: {last_resort: {say: "One moment, please."}}\n'


async def pace(vendors: Vendors) -> None:
    """Let all vendors be well, and as quick as quick ones are."""
    for vendor in ("cerebras", "openai", "elevenlabs", "cartesia"):
        await vendors.recover(vendor)
        await vendors.pace(vendor, first_byte_ms=llm.FIRST_BYTE_MS, chunk_ms=llm.CHUNK_MS)


def bare(vendors: Vendors) -> BotSpec:
    """One provider a stage."""
    return _load(_ALONE % {**_first(vendors), "stt": "", "llm": "", "tts": ""})


def chained(vendors: Vendors) -> BotSpec:
    """Two providers a stage."""
    backups = {
        "stt": vendors.base_url("deepgram"),
        "llm": vendors.base_url("groq"),
        "tts": vendors.base_url("cartesia"),
    }
    return _load(_ALONE % {**_first(vendors), **_behind(backups)})


def rehearsed() -> BotSpec:
    """Two a stage and a last resort, for a rehearsal, which puts emulators of its own there."""
    nowhere = {"deepgram": "http://nowhere", "cerebras": "http://nowhere/v1"}
    backups = {"stt": "http://nowhere", "llm": "http://nowhere", "tts": "ws://nowhere"}
    return _load(
        _ALONE % {**nowhere, "elevenlabs": "ws://nowhere", **_behind(backups)} + _LAST_RESORT
    )


def _first(vendors: Vendors) -> dict[str, str]:
    return {name: vendors.base_url(name) for name in ("deepgram", "cerebras", "elevenlabs")}


def _behind(urls: Mapping[str, str]) -> dict[str, str]:
    return {kind: _BACKUPS[kind] % url for kind, url in urls.items()}


def _load(text: str) -> BotSpec:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "pirate.yaml"
        path.write_text(text)
        return load_bot(path).spec
