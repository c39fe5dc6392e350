"""Which voice speaks what, and what a loaded voice does under load and interruption."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest

from bots.errors import OffhookError
from bots.local.pinned import WEIGHTS
from bots.local.polish import pause_ms
from bots.local.voices import VOICES, LoadedVoice, VoiceEntry, find_voice, languages
from bots.providers.embedded import LOCAL_MODELS
from tests.fakes.speech import ToneModel

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("language", "name", "found"),
    [
        ("en", None, "heart"),
        ("en-GB", None, "heart"),
        ("en", "joe", "joe"),
        ("en", "piper-joe", "joe"),
        ("en", "hibari", "heart"),
        ("en", "kokoro", "af_heart"),
        ("es", None, "ef_dora"),
        ("es", "kokoro", "ef_dora"),
        ("fr", None, "ff_siwis"),
        ("it", None, "if_sara"),
        ("pt_BR", None, "pf_dora"),
        ("pt", "pm_alex", "pm_alex"),
    ],
)
def test_a_voice_is_found(language: str, name: str | None, found: str) -> None:
    """By its name, by its model's, or as the default of the language."""
    assert find_voice(language, name).name == found


@pytest.mark.parametrize(
    ("language", "name", "code", "hint"),
    [
        ("de", None, "no_local_voice", "Choose one of en, es, fr, it, pt"),
        ("en", "hart", "unknown_voice", "Did you mean heart?"),
        ("es", "zzz", "unknown_voice", "ef_dora, em_alex"),
        ("es", "heart", "voice_language", "ef_dora, em_alex"),
    ],
)
def test_a_voice_that_is_not_there_is_refused(
    language: str, name: str | None, code: str, hint: str
) -> None:
    """The error says what to write instead."""
    with pytest.raises(OffhookError) as caught:
        find_voice(language, name)
    assert caught.value.code == code
    assert hint in caught.value.hint


def test_every_voice_has_its_weights() -> None:
    """A voice that can be chosen can be pulled."""
    for entry in VOICES.values():
        for name in entry.weights:
            files = [file.name for file in WEIGHTS[name].files]
            assert any(file.endswith(".onnx") for file in files)
            assert entry.engine != "kokoro" or f"voices/{entry.name}.bin" in files


def test_the_checker_knows_the_same_voices() -> None:
    """What `offhook check` accepts is what loads."""
    checked = {
        (language, voice)
        for model in LOCAL_MODELS["tts"].values()
        for language, names in (model.voices or {}).items()
        for voice in names
    }
    assert checked == {(entry.language, entry.name) for entry in VOICES.values()}


def test_english_comes_first() -> None:
    """The languages of the local voices, in the order of the table."""
    assert languages() == ("en", "es", "fr", "it", "pt")


def test_entries_are_keys() -> None:
    """A process keeps its loaded voices by entry."""
    entry = find_voice("en")
    assert {entry: 1}[VoiceEntry(**{f: getattr(entry, f) for f in entry.__slots__})] == 1


async def test_a_voice_says_words_and_pauses() -> None:
    """Figures reach the model as words; the pause of the mark follows the sound."""
    model = ToneModel()
    voice = LoadedVoice("tone", "en", model)
    pcm = np.frombuffer(await voice.synthesize("At **9:30**."), "<i2")
    assert model.rendered[-1] == "At nine thirty."
    assert not pcm[-16 * pause_ms(".") :].any()
    assert np.abs(pcm).max() > 1000


async def test_what_cannot_be_said_is_no_sound() -> None:
    """An emoji alone never reaches the model."""
    model = ToneModel()
    voice = LoadedVoice("tone", "en", model)
    warm_ups = len(model.rendered)
    assert await voice.synthesize("👍 ") == b""
    assert len(model.rendered) == warm_ups


async def test_the_event_loop_goes_on_while_a_voice_speaks() -> None:
    """Synthesis is off the loop."""
    model = ToneModel()
    voice = LoadedVoice("tone", "en", model)
    model.hold = threading.Event()
    model.entered.clear()
    job = asyncio.create_task(voice.synthesize("Hello."))
    assert await asyncio.to_thread(model.entered.wait, 5)
    assert not job.done()
    model.hold.set()
    assert await job


async def test_an_interruption_frees_the_voice() -> None:
    """The clause under way is told to end, the one that waits is never begun."""
    model = ToneModel()
    voice = LoadedVoice("tone", "en", model)
    model.hold = threading.Event()
    model.entered.clear()
    first = asyncio.create_task(voice.synthesize("One."))
    second = asyncio.create_task(voice.synthesize("Two."))
    assert await asyncio.to_thread(model.entered.wait, 5)
    first.cancel()
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    model.hold = None
    assert await voice.synthesize("Three.")
    assert model.was_told_to_end
    assert model.rendered[-2:] == ["One.", "Three."]
