"""What `local` says it has is what the embedded models have."""

from __future__ import annotations

import pytest

from bots.local.voices import VOICES, find_voice
from bots.local.weights import WEIGHTS
from bots.providers import embedded

pytestmark = pytest.mark.unit


def test_every_local_model_has_weights() -> None:
    """By the same name; hibari brings its own."""
    names = {name for models in embedded.LOCAL_MODELS.values() for name in models}
    assert names - set(WEIGHTS) == {"hibari"}


def test_the_local_voices_are_those_that_can_be_loaded() -> None:
    """Neither more nor fewer, each with its language and its need for piper-tts."""
    declared = {
        (voice, language, language in model.phonemized)
        for model in embedded.LOCAL_MODELS["tts"].values()
        for language, voices in (model.voices or {}).items()
        for voice in voices
    }
    there = {(one.name, one.language, one.needs_extra) for one in VOICES.values()}
    assert declared == there


@pytest.mark.parametrize("language", embedded.spoken_languages())
def test_the_default_voice_is_the_same_on_both_sides(language: str) -> None:
    """What `explain` prints is what speaks."""
    model = embedded.default_model("tts", language)
    assert model is not None
    assert embedded.default_voice(model, language) == find_voice(language).name


def test_ears_follow_the_language() -> None:
    """English has ears of its own; a brain is chosen for the machine."""
    assert embedded.default_model("stt", "en") == "whisper-tiny.en"
    assert embedded.default_model("stt", "de") == "whisper-base"
    assert embedded.default_model("tts", "de") is None
    assert embedded.default_model("llm", "en") is None


@pytest.mark.parametrize(
    ("model", "is_file"),
    [("qwen2.5-0.5b", False), ("x.gguf", True), ("/models/x.GGUF", True), ("a/b", True)],
)
def test_a_path_is_told_from_a_name(model: str, is_file: bool) -> None:
    """By its ending or its folders."""
    assert embedded.is_model_file(model) is is_file
