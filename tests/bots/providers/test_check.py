"""One provider of one bot: what is wrong with it, and what is filled in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bots.providers import check
from bots.providers.registry import PROVIDERS
from bots.spec import Kind, ProviderSpec, SecretRef

pytestmark = pytest.mark.unit


def codes(kind: Kind, environ: dict[str, str] | None = None, **spec: object) -> list[str]:
    """The codes of what is said about a provider of an English bot."""
    provider = ProviderSpec.model_validate({"provider": "local", **spec})
    return [one.code for one in check.check_provider(kind, provider, "en", environ or {})]


def test_a_missing_key_is_told_by_its_variable() -> None:
    """An empty one is missing too; one that is there, or of another name, is fine."""
    assert codes("stt", provider="deepgram") == ["key_missing"]
    assert codes("stt", {"DEEPGRAM_API_KEY": ""}, provider="deepgram") == ["key_missing"]
    assert codes("stt", {"DEEPGRAM_API_KEY": "x"}, provider="deepgram") == []
    own = {"provider": "deepgram", "api_key": SecretRef(env="OWN")}
    assert codes("stt", {"OWN": "x"}, **own) == []
    assert codes("stt", {"DEEPGRAM_API_KEY": "x"}, **own) == ["env_missing"]


def test_another_address_needs_a_key_only_from_its_vendor() -> None:
    """Any OpenAI-compatible server is keyless unless the bot names a key; a proxy is not."""
    url = "http://localhost:11434/v1"
    assert codes("llm", provider="openai", base_url=url, model="llama3") == []
    assert codes("llm", provider="cerebras", base_url=url) == ["key_missing"]


def test_an_own_voice_needs_its_address() -> None:
    """`url` and `base_url` are told apart: one is posted to, the other is a vendor's root."""
    url = "http://localhost:8080/speak"
    assert codes("tts", provider="http", url=url) == []
    assert codes("tts", provider="http") == ["url_missing"]
    assert codes("tts", provider="http", base_url=url) == ["base_url_place", "url_missing"]
    assert codes("llm", {"OPENAI_API_KEY": "x"}, provider="openai", url=url) == ["url_place"]
    key = SecretRef(env="OWN")
    assert codes("tts", {"OWN": "x"}, provider="http", url=url, api_key=key) == []


def test_a_region_is_needed_where_there_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """A `base_url` stands in for it."""
    row = replace(PROVIDERS["tts", "azure"], needs_module="json")
    monkeypatch.setitem(PROVIDERS, ("tts", "azure"), row)
    voice = {"provider": "azure", "voice": "en-US-AvaNeural"}
    environ = {"AZURE_SPEECH_API_KEY": "x"}
    assert codes("tts", environ, **voice) == ["region_missing"]
    assert codes("tts", environ, base_url="https://speech.local", **voice) == []
    assert codes("tts", environ | {"AZURE_SPEECH_REGION": "westeurope"}, **voice) == []


def test_an_extra_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first call fails on it."""
    row = replace(PROVIDERS["llm", "cerebras"], needs_module="no_such_module")
    monkeypatch.setitem(PROVIDERS, ("llm", "cerebras"), row)
    assert codes("llm", {"CEREBRAS_API_KEY": "x"}, provider="cerebras") == ["extra_missing"]


def test_a_voice_without_its_phonemes_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The `voices` extra is optional: piper-tts is GPL."""
    monkeypatch.setattr(check, "find_spec", lambda name: None)
    assert codes("tts", model="piper-joe") == ["voices_extra"]
    assert codes("tts", model="kokoro") == []
    assert codes("tts") == []


def test_a_model_file_must_be_there(tmp_path: Path) -> None:
    """By its path; what it holds is the brain's business."""
    path = tmp_path / "brain.gguf"
    assert codes("llm", model=str(path)) == ["model_file"]
    path.write_bytes(b"GGUF")
    assert codes("llm", model=str(path)) == []
    assert codes("llm", model=str(path.with_suffix(".bin"))) == ["model_format"]


def test_a_wrong_language_hides_nothing_else() -> None:
    """With the language unknown, what depends on it is left unsaid."""
    spec = ProviderSpec(provider="local", model="whisper-tiny.en", voice="x")
    assert [one.code for one in check.check_provider("stt", spec, None, {})] == ["voice_place"]
    spec = ProviderSpec(provider="local", voice="nobody")
    assert check.check_provider("tts", spec, None, {}) == []


@pytest.mark.parametrize(
    ("kind", "given", "language", "model", "voice", "env"),
    [
        ("stt", {}, "es", "whisper-base", None, None),
        ("tts", {}, "fr", "kokoro", "ff_siwis", None),
        ("tts", {"model": "piper-joe"}, "en", "piper-joe", "joe", None),
        ("tts", {"voice": "x", "provider": "elevenlabs"}, "en", "eleven_flash_v2_5", "x",
         "ELEVENLABS_API_KEY"),
        ("llm", {}, "en", None, None, None),
        ("llm", {"provider": "openai"}, "en", "gpt-4.1", None, "OPENAI_API_KEY"),
    ],
)  # fmt: skip
def test_defaults_are_filled_in(
    kind: Kind,
    given: dict[str, str],
    language: str,
    model: str | None,
    voice: str | None,
    env: str | None,
) -> None:
    """Model, voice and the key's variable, by provider and language."""
    spec = check.with_defaults(
        kind, ProviderSpec.model_validate({"provider": "local"} | given), language
    )
    key = spec.api_key.env if spec.api_key else None
    assert (spec.model, spec.voice, key) == (model, voice, env)
