"""A whole call of a bot that hears and speaks by itself: Pipecat's own service, the emulator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bots.load import load_bot
from bots.record import EndReason
from bots.spec import BotSpec
from bots.talk import talk_audio
from bots.wav import WavTransport
from emulators.openai_realtime import OpenAIRealtimeEmulator
from emulators.script import Reply, Script
from emulators.word_tones import decode, encode
from tests.fakes.models import FakeModels

pytestmark = pytest.mark.call

CALLER = np.frombuffer(encode("w901 w902 w903 w904", 16_000), np.int16)
REPLIES = [Reply(text="w11 w12."), Reply(text="w21 w22 w23 w24.")]


def bot(folder: Path, vendor: OpenAIRealtimeEmulator, **more: Any) -> BotSpec:
    """A bot at the emulator."""
    llm = {"provider": "openai-realtime", "base_url": vendor.base_url, "voice": "marin"}
    path = folder / "bot.yaml"
    path.write_text(json.dumps({"prompt": "You sell hats.", "llm": llm, **more}))
    return load_bot(path, {"OPENAI_API_KEY": "a-key"}).spec


def heard(transport: WavTransport) -> list[str]:
    """The words that reached the caller, in their order, whole ones only."""
    samples, rate_hz = transport.recording()
    pcm = np.ascontiguousarray(samples[:, 1]).tobytes()
    return [word.text for word in decode(pcm, rate_hz) if word.is_whole]


async def test_it_greets_hears_and_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The greeting is asked for, the caller's words are heard, the answer is whole."""
    monkeypatch.setenv("OPENAI_API_KEY", "a-key")
    async with OpenAIRealtimeEmulator(script=Script(replies=list(REPLIES))) as vendor:
        spec = bot(tmp_path, vendor, greeting="Hello there.")
        record, transport = await talk_audio(spec, FakeModels(), CALLER)
        session = vendor.sessions[-1]
    assert heard(transport) == ["w11", "w12.", "w21", "w22", "w23", "w24."]
    assert record.end_reason == EndReason.CALLER_HUNG_UP
    assert record.errors == []
    assert session.instructions and session.instructions.startswith("You sell hats.")
    assert session.audio and session.audio.output and session.audio.output.voice == "marin"


async def test_a_refused_key_ends_the_call_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nobody else to speak, so nobody is left listening to silence."""
    monkeypatch.setenv("OPENAI_API_KEY", "wrong")
    async with OpenAIRealtimeEmulator() as vendor:
        record, _ = await talk_audio(bot(tmp_path, vendor), FakeModels(), CALLER)
    assert record.end_reason == EndReason.FAILED_TO_START
    assert [error.split(":")[0] for error in record.errors] == ["llm"]
