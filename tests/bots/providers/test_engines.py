"""Models of this machine by their own names: what is checked before they are loaded."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bots.complaint import Complaint
from bots.providers import check
from bots.providers.registry import PROVIDERS
from bots.spec import Kind, ProviderSpec
from tests.fakes.tiny_parakeet import write_tiny_parakeet

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def all_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where every extra is installed."""
    for key, row in list(PROVIDERS.items()):
        if row.runs_here:
            monkeypatch.setitem(PROVIDERS, key, replace(row, needs_module="json"))


def found(kind: Kind, provider: str, language: str = "en", **more: str) -> list[Complaint]:
    """What is said about a provider of a bot in `language`."""
    spec = ProviderSpec.model_validate({"provider": provider, **more})
    return check.check_provider(kind, spec, language, {})


def codes(kind: Kind, provider: str, language: str = "en", **more: str) -> list[str]:
    """The same by code."""
    return [one.code for one in found(kind, provider, language, **more)]


def piper_file(folder: Path, family: str) -> str:
    """The two files of a Piper voice, as far as they are read before it is loaded."""
    path = folder / "de_DE-thorsten-high.onnx"
    path.write_bytes(b"")
    path.with_name(f"{path.name}.json").write_text(json.dumps({"language": {"family": family}}))
    return str(path)


def test_what_has_pinned_weights_needs_nothing_said() -> None:
    """The default model is the one for the language, the default voice the first of it."""
    cases: list[tuple[Kind, str, str]] = [
        ("stt", "whisper", "en"),
        ("stt", "whisper", "fr"),
        ("tts", "kokoro", "es"),
        ("tts", "piper", "en"),
    ]
    filled = [
        check.with_defaults(kind, ProviderSpec(provider=name), language)
        for kind, name, language in cases
    ]
    assert [(one.model, one.voice) for one in filled] == [
        ("tiny.en", None),
        ("base", None),
        ("kokoro", "ef_dora"),
        ("joe", "joe"),
    ]
    assert codes("stt", "whisper") == codes("tts", "kokoro", "es") == codes("tts", "piper") == []


@pytest.mark.parametrize(
    ("kind", "provider", "fix"),
    [
        ("stt", "parakeet", "hf download"),
        ("stt", "moonshine", "moonshine_voice.download"),
        ("tts", "silero", "models.silero.ai"),
    ],
)
def test_what_has_none_says_where_they_are_to_be_had(kind: Kind, provider: str, fix: str) -> None:
    """Nothing is fetched behind anybody's back."""
    (said,) = found(kind, provider)
    assert said.code == "model_missing"
    assert fix in said.fix


@pytest.mark.parametrize(
    ("kind", "provider"),
    [("stt", "whisper"), ("stt", "parakeet"), ("stt", "moonshine"), ("tts", "kokoro"),
     ("tts", "piper"), ("tts", "silero")],
)  # fmt: skip
def test_files_that_are_not_there_are_told(kind: Kind, provider: str, tmp_path: Path) -> None:
    """By the last part of the path, with what fetches them."""
    (said,) = found(kind, provider, model=str(tmp_path / "small"), voice="x")[-1:]
    assert said.code == "weights_absent"
    assert "`small`" in said.cause
    assert said.fix


def test_a_folder_s_name_says_what_it_knows(tmp_path: Path) -> None:
    """Parakeet v2 is English, v3 is not; a Moonshine has the language in its name."""
    v2, v3 = (write_tiny_parakeet(tmp_path / f"parakeet-tdt-0.6b-{v}") for v in ("v2", "v3"))
    assert codes("stt", "parakeet", model=str(v2)) == []
    assert codes("stt", "parakeet", "es", model=str(v2)) == ["model_language"]
    assert codes("stt", "parakeet", "es", model=str(v3)) == []
    moonshine = tmp_path / "base-es" / "quantized"
    moonshine.mkdir(parents=True)
    for name in ("encoder_model.ort", "tokenizer.bin"):
        (moonshine / name).write_bytes(b"")
    assert codes("stt", "moonshine", "es", model=str(moonshine)) == []
    assert codes("stt", "moonshine", model=str(moonshine)) == ["model_language"]


def test_a_voice_speaks_its_own_language(tmp_path: Path) -> None:
    """Piper's from its JSON, Silero's from its name, Kokoro's from the voice's first letter."""
    path = piper_file(tmp_path, "de")
    assert codes("tts", "piper", "de", model=path) == []
    assert codes("tts", "piper", model=path) == ["model_language"]
    assert codes("tts", "piper", "fr") == ["model_language"]
    silero = tmp_path / "v4_ru.pt"
    silero.write_bytes(b"")
    assert codes("tts", "silero", "ru", model=str(silero), voice="xenia") == []
    assert codes("tts", "silero", "ru", model=str(silero)) == ["voice_missing"]
    assert codes("tts", "silero", model=str(silero), voice="xenia") == ["model_language"]
    assert "local_voice" in codes("tts", "kokoro", voice="ef_dora")


def test_a_voice_that_is_none_is_told(tmp_path: Path) -> None:
    """With the nearest one; a Piper file is a voice already."""
    (said,) = found("tts", "kokoro", voice="af_hart")
    assert "`af_heart`" in said.fix
    assert codes("tts", "piper", "de", model=piper_file(tmp_path, "de"), voice="x") == [
        "voice_place"
    ]


def test_a_missing_extra_is_an_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside whatever else is wrong."""
    row = replace(PROVIDERS["stt", "parakeet"], needs_module="no_such_module")
    monkeypatch.setitem(PROVIDERS, ("stt", "parakeet"), row)
    said = found("stt", "parakeet")
    assert [one.code for one in said] == ["extra_missing", "model_missing"]
    assert said[0].fix == 'Run `pip install "offhook[parakeet]"`.'
