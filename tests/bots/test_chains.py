"""Chains, voices by name and waits: from the file to the spec."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.load import LoadedBot, load_bot
from bots.providers.build import chain_settings
from bots.spec import chain_text

pytestmark = pytest.mark.unit

VENDORS = ("CARTESIA", "CEREBRAS", "DEEPGRAM", "ELEVENLABS", "GOOGLE")
KEYS = {f"{vendor}_API_KEY": "a-key" for vendor in VENDORS}
VOICES = (
    "voices:\n  nora:\n    en: {provider: elevenlabs, voice: x}\n"
    "    es: {provider: cartesia, voice: y}\n"
)


def load(tmp_path: Path, text: str) -> LoadedBot:
    """A bot of that text."""
    path = tmp_path / "pirate.yaml"
    path.write_text(f"prompt: Hi\n{text}")
    return load_bot(path, KEYS)


@pytest.mark.parametrize(
    ("written", "chain"),
    [
        ("cerebras", ["cerebras/gpt-oss-120b"]),
        ("{provider: cerebras, model: m}", ["cerebras/m"]),
        ("[cerebras/m, local]", ["cerebras/m", "local"]),
        ("[{provider: google}, cerebras, local]",
         ["google/gemini-3.6-flash", "cerebras/gpt-oss-120b", "local"]),
    ],
)  # fmt: skip
def test_a_chain_is_a_word_a_map_or_a_list(tmp_path: Path, written: str, chain: list[str]) -> None:
    """The order is the order of preference, and every member has its defaults."""
    spec = load(tmp_path, f"llm: {written}\n").spec
    assert [str(one) for one in spec.llm] == chain
    assert chain_text(spec.llm) == ", then ".join(chain)
    assert (spec.local("llm") is not None) == ("local" in chain)


def test_a_named_voice_speaks_each_language_its_own_way(tmp_path: Path) -> None:
    """By the transport's language, at the place in the chain, with the origin of the voice."""
    bot = load(tmp_path, f"tts: [nora, local]\n{VOICES}via: {{websocket: {{language: es}}}}\n")
    assert [str(one) for one in bot.spec.tts] == ["elevenlabs/eleven_flash_v2_5", "local/hibari"]
    there = bot.spec.for_transport("websocket")
    assert [(one.provider, one.voice) for one in there.tts] == [
        ("cartesia", "y"),
        ("local", "ef_dora"),
    ]
    assert str(bot.origins["tts.0.voice"]) == "pirate.yaml:5"


def test_a_voice_comes_from_a_base_too(tmp_path: Path) -> None:
    """Voices merge by language; another provider starts one afresh."""
    (tmp_path / "base.yaml").write_text(VOICES)
    text = "extends: base.yaml\ntts: nora\nvoices: {nora: {en: {voice: z}, es: local}}\n"
    spec = load(tmp_path, text).spec
    assert [(one.provider, one.voice) for one in spec.tts] == [("elevenlabs", "z")]
    assert spec.voices["nora"]["es"].voice is None


def test_a_list_replaces_and_a_map_merges(tmp_path: Path) -> None:
    """A chain of a base is not merged into: it is one decision."""
    (tmp_path / "base.yaml").write_text("llm: [cerebras, local]\n")
    spec = load(tmp_path, "extends: base.yaml\nllm: [google]\n").spec
    assert [one.provider for one in spec.llm] == ["google"]


def test_waits_are_the_chains(tmp_path: Path) -> None:
    """The defaults are those that the shells have themselves."""
    plain = chain_settings(load(tmp_path, "").spec)
    assert (plain.first_token_s, plain.first_audio_s, plain.max_silence_s) == (1.5, 1.2, 3.0)
    assert plain.hedge_s is None
    text = "fallback: {first_token: 800ms, first_audio: 1s, hedge: 400ms, max_silence: 2s}\n"
    given = chain_settings(load(tmp_path, text).spec)
    assert (given.first_token_s, given.first_audio_s) == (0.8, 1.0)
    assert (given.hedge_s, given.max_silence_s) == (0.4, 2.0)
