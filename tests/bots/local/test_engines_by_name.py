"""Whisper, Kokoro and Piper by their own names: from YAML to words, on their real weights."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bots.load import load_bot
from bots.local import weights
from bots.local.models import LocalModels
from bots.local.stt import LocalSTTService
from bots.local.tts import LocalTTSService
from bots.providers.build import build_stt, build_tts, member_name
from bots.spec import BotSpec
from processors.fallback.stt import FallbackSTT

pytestmark = [pytest.mark.call, pytest.mark.alone]

LINE = "When do you open on Saturday?"


def bot(folder: Path, **keys: object) -> BotSpec:
    """A bot through the loader; its brain is somebody else's server."""
    llm = {"provider": "openai", "model": "m", "base_url": "http://localhost:9/v1"}
    path = folder / "bot.yaml"
    path.write_text(json.dumps({"prompt": "Hi.", "llm": llm, **keys}))
    return load_bot(path, {}).spec


async def test_named_engines_hear_what_named_engines_say(tmp_path: Path) -> None:
    """One model a process: `whisper/tiny.en` and `local` are the same ears in one chain."""
    spec = bot(tmp_path, stt=["whisper/tiny.en", "local"], tts=["kokoro", "piper"])
    models = LocalModels()
    assert set(models.needs([spec])) == {"whisper-tiny.en", "kokoro", "piper-joe"}
    assert not models.is_loaded(spec)
    try:
        await models.prepare(spec)
        assert models.is_loaded(spec)
        ears = models.ears(spec, spec.stt[0])
        assert ears is models.ears(spec)
        for member in spec.tts:
            voice = models.voice(spec, member)
            pcm = np.frombuffer(await voice.synthesize(LINE), np.int16)
            assert "saturday" in (await ears.transcribe(pcm, voice.sample_rate_hz)).lower()
        assert isinstance(build_stt(spec, models), FallbackSTT)
    finally:
        await models.close()


async def test_weights_of_ones_own_are_named_by_their_path(tmp_path: Path) -> None:
    """Relative to the bot's file; people are shown the last part of it."""
    (tmp_path / "base").symlink_to(weights.path("whisper-base"))
    (tmp_path / "kokoro").symlink_to(weights.path("kokoro"))
    spec = bot(
        tmp_path,
        language="es",
        stt="whisper/./base",
        tts={"provider": "kokoro", "model": "./kokoro", "voice": "em_alex"},
    )
    models = LocalModels()
    assert models.needs([spec]) == []
    try:
        await models.prepare(spec)
        assert isinstance(build_stt(spec, models), LocalSTTService)
        assert isinstance(build_tts(spec, models), LocalTTSService)
        voice = models.voice(spec, spec.tts[0])
        said = np.frombuffer(await voice.synthesize("Abrimos el sábado a las diez."), np.int16)
        heard = await models.ears(spec, spec.stt[0]).transcribe(said, voice.sample_rate_hz)
        assert "sábado" in heard.lower()
        assert member_name("stt", spec.stt[0], spec) == "whisper/base"
    finally:
        await models.close()
