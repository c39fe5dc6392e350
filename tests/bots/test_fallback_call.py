"""A whole call through chains of three kinds, each primary broken: the caller hears it answered."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from loguru import logger

from bots.load import load_bot
from bots.local.models import LocalModels
from bots.record import EndReason
from bots.spec import BotSpec
from bots.talk import talk_audio
from bots.wav import WavTransport
from emulators.run import run_emulators
from emulators.server import Emulator
from emulators.word_tones import decode, encode
from server.logs import set_up_logs

pytestmark = pytest.mark.call

CALLER = np.frombuffer(encode("w901 w902 w903 w904", 16_000), np.int16)
Faults = dict[str, tuple[str, dict[str, Any]]]

VENDORS = ("deepgram", "cerebras", "groq", "elevenlabs", "house")


def bot(tmp_path: Path, vendors: dict[str, Emulator], fallback: str = "{}") -> BotSpec:
    """A bot whose every stage has a second provider, at the emulators' addresses."""
    at = {name: vendor.base_url for name, vendor in vendors.items()}
    key = "api_key: {env: EMULATED_KEY}"
    path = tmp_path / "pirate.yaml"
    path.write_text(
        f"""prompt: You are a pirate.
stt:
  - {{provider: deepgram, base_url: "{at["deepgram"]}", {key}}}
  - {{provider: deepgram-http, base_url: "{at["deepgram"]}", {key}}}
llm:
  - {{provider: cerebras, base_url: "{at["cerebras"]}", {key}}}
  - {{provider: groq, base_url: "{at["groq"]}", {key}}}
tts:
  - {{provider: elevenlabs, voice: nora, base_url: "{at["elevenlabs"]}", {key}}}
  - {{provider: http, url: "{at["house"]}/speak", {key}}}
fallback: {fallback}
"""
    )
    return load_bot(path).spec


def heard(transport: WavTransport) -> list[str]:
    """The words that reached the caller, in their order, whole ones only."""
    samples, rate_hz = transport.recording()
    pcm = np.ascontiguousarray(samples[:, 1]).tobytes()
    return [word.text for word in decode(pcm, rate_hz) if word.is_whole]


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The emulators take any key but the wrong ones."""
    monkeypatch.setenv("EMULATED_KEY", "a-key")


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Everything that is logged, at the level that logs most."""
    sink = StringIO()
    set_up_logs(form="json", level="DEBUG", sink=sink)
    yield sink
    logger.remove()
    logger.configure(patcher=lambda record: None)
    logging.captureWarnings(False)


BEFORE_ANYTHING: Faults = {
    "deepgram": ("503", {"operation": "connect"}),
    "cerebras": ("500", {}),
    "elevenlabs": ("503", {}),
}
IN_MID_SENTENCE: Faults = {
    "deepgram": ("drop", {"operation": "listen", "after_bytes": 20_000}),
    "cerebras": ("drop", {"after_bytes": 14}),
    "elevenlabs": ("drop", {"after_bytes": 40_000}),
}


@pytest.mark.parametrize("faults", [BEFORE_ANYTHING, IN_MID_SENTENCE])
async def test_every_primary_fails_and_the_turn_is_answered(
    tmp_path: Path, log: StringIO, faults: Faults
) -> None:
    """Heard, thought and spoken by the second of each, each switch on record, no word lost.

    And no word logged.
    """
    models = LocalModels()
    async with run_emulators(dict.fromkeys(VENDORS, 0)) as vendors:
        spec = bot(tmp_path, vendors)
        for vendor, (kind, details) in faults.items():
            vendors[vendor].fault(kind, **details)
        await models.prepare(spec)
        try:
            record, transport = await talk_audio(spec, models, CALLER)
        finally:
            await models.close()
    assert heard(transport) == [
        f"w{number}{'.' if number % 4 == 0 else ''}" for number in range(1, 9)
    ]
    assert {one.stage for one in record.switches} == {"stt", "llm", "tts"}
    assert record.end_reason == EndReason.CALLER_HUNG_UP
    assert "goes on with" in log.getvalue()
    assert not re.findall(r"\bw\d+\b", log.getvalue())


async def test_when_nobody_thinks_the_last_resort_is_said_and_done(tmp_path: Path) -> None:
    """The line comes through the voice that works, and then the bot hangs up."""
    models = LocalModels()
    async with run_emulators(dict.fromkeys(VENDORS, 0)) as vendors:
        spec = bot(tmp_path, vendors, "{last_resort: {say: w601 w602., do: hang_up}}")
        vendors["cerebras"].fault("500")
        vendors["groq"].fault("503")
        await models.prepare(spec)
        try:
            record, transport = await talk_audio(spec, models, CALLER)
        finally:
            await models.close()
    assert heard(transport) == ["w601", "w602."]
    assert record.end_reason == EndReason.LAST_RESORT
