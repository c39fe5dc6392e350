"""Bots whose llm hears and speaks by itself: what their YAML may say, and a call of one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pipecat.services.google.gemini_live.llm import GeminiLiveLLMService
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService

from bots.errors import ConfigError
from bots.load import load_bot
from bots.local.capacity import call_cores, share
from bots.pipeline import build_pipeline, model_names
from bots.spec import BotSpec
from bots.wav import WavTransport
from tests.fakes.models import FakeModels

pytestmark = pytest.mark.unit

KEYS = {"OPENAI_API_KEY": "a-key", "GOOGLE_API_KEY": "a-key"}


def load(folder: Path, **keys: Any) -> BotSpec:
    """A bot through the loader."""
    path = folder / "bot.yaml"
    path.write_text(json.dumps({"prompt": "You sell hats.", **keys}))
    return load_bot(path, KEYS).spec


def codes(folder: Path, **keys: Any) -> list[str]:
    """What is wrong with such a bot."""
    with pytest.raises(ConfigError) as caught:
        load(folder, **keys)
    return [problem.code for problem in caught.value.problems]


@pytest.mark.parametrize("name", ["openai-realtime", "gemini-live"])
def test_it_needs_neither_ears_nor_a_voice(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name is enough; nothing of this machine is loaded or counted for it."""
    for variable, key in KEYS.items():
        monkeypatch.setenv(variable, key)
    spec = load(tmp_path, llm=name, language="sw")  # no local voice speaks it, and none is needed
    assert (spec.stt, spec.tts) == ((), ())
    assert [share(spec, kind) for kind in ("stt", "llm", "tts")] == [0, 0, 0]
    assert call_cores(spec) == pytest.approx(0.1)
    assert FakeModels().needs([spec]) == []
    assert set(model_names(spec).values()) == {str(spec.llm[0])}
    stages = [one.name for one in build_pipeline(spec, WavTransport(), FakeModels()).stages]
    assert stages == ["input", "turn", "llm", "silence", "output", "memory"]


def test_openai_gets_language_and_voice_below_what_the_bot_sets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One tree of session properties: ours, and the bot's own over it."""
    monkeypatch.setenv("OPENAI_API_KEY", "a-key")
    own = {"session_properties": {"audio": {"output": {"speed": 1.1}}}}
    llm = {"provider": "openai-realtime", "voice": "marin", "settings": own}
    spec = load(tmp_path, llm=llm, language="es")
    service: Any = build_pipeline(spec, WavTransport(), FakeModels()).stages[2].processor
    assert isinstance(service, OpenAIRealtimeLLMService)
    session: Any = service._settings.session_properties
    assert (session.audio.output.voice, session.audio.output.speed) == ("marin", 1.1)
    assert session.audio.input.transcription.language == "es"
    assert session.instructions.startswith("You sell hats.")


def test_gemini_gets_language_and_voice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are settings of its service."""
    monkeypatch.setenv("GOOGLE_API_KEY", "a-key")
    spec = load(tmp_path, llm={"provider": "gemini-live", "voice": "Charon"}, language="es")
    service: Any = build_pipeline(spec, WavTransport(), FakeModels()).stages[2].processor
    assert isinstance(service, GeminiLiveLLMService)
    assert service._settings.voice == "Charon"
    assert str(service._settings.language).startswith("es")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"stt": "deepgram"}, "speech_stage"),
        ({"tts": "local"}, "speech_stage"),
        ({"fallback": {"first_token": "1s"}}, "speech_fallback"),
        ({"fallback": {"last_resort": {"say": "Bye."}}}, "speech_fallback"),
        ({"interruption": {"mode": "never"}}, "speech_turn"),
        ({"turns": "patient"}, "speech_turn"),
        ({"processors": [{"use": "tests.fakes.gain:Gain", "before": "tts"}]}, "speech_processor"),
    ],
)
def test_what_means_nothing_beside_it_is_told(
    more: dict[str, Any], code: str, tmp_path: Path
) -> None:
    """Not accepted and ignored."""
    assert code in codes(tmp_path, llm="openai-realtime", **more)


def test_nobody_stands_in_for_it(tmp_path: Path) -> None:
    """It is no member of a chain, and its key and settings are checked as anybody's."""
    assert codes(tmp_path, llm=["openai-realtime", "openai"]) == ["speech_chain"]
    assert codes(tmp_path, llm={"provider": "openai-realtime", "settings": {"seed": 1}}) == [
        "setting"
    ]
    off = {"session_properties": {"audio": {"input": {"turn_detection": False}}}}
    assert codes(tmp_path, llm={"provider": "openai-realtime", "settings": off}) == ["speech_turns"]
    (tmp_path / "bot.yaml").write_text('{"prompt": "Hi.", "llm": "openai-realtime"}')
    with pytest.raises(ConfigError, match="OPENAI_API_KEY is not set"):
        load_bot(tmp_path / "bot.yaml", {})


def test_a_base_s_stages_are_cleared_with_null(tmp_path: Path) -> None:
    """As any key of a base is."""
    (tmp_path / "_base.yaml").write_text("stt: deepgram\ntts: local\n")
    spec = load(tmp_path, extends="_base.yaml", llm="openai-realtime", stt=None, tts=None)
    assert (spec.stt, spec.tts) == ((), ())
