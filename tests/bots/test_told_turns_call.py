"""Whole calls of a bot that leaves the end of the turn to its ears: `turns: provider`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bots.load import load_bot
from bots.record import SessionRecord
from bots.spec import BotSpec
from bots.talk import talk_audio
from emulators.run import run_emulators
from emulators.server import Emulator
from emulators.word_tones import decode, encode
from tests.fakes.models import FakeModels

pytestmark = pytest.mark.call

LONG_S = 1.3
"""Longer than our own detector would wait in this call."""
MOST_GAP_MS = 2400
"""What ears that hang may cost in words, whoever takes them up."""
UNFINISHED = "w901 w902,"


def caller(pause_s: float) -> np.ndarray:
    """A caller who pauses inside of the turn."""
    pause = bytes(int(pause_s * 16_000) * 2)
    said = encode(UNFINISHED, 16_000) + pause + encode("w903 w904", 16_000)
    return np.frombuffer(said, np.int16)


def bot(folder: Path, vendors: dict[str, Emulator], ears: str) -> BotSpec:
    """A bot with ears that tell turns and, behind them, ears that do not."""
    key = {"api_key": {"env": "EMULATED_KEY"}}
    at = {name: {"base_url": vendor.base_url, **key} for name, vendor in vendors.items()}
    path = folder / "pirate.yaml"
    told = {
        "prompt": "You are a pirate.",
        "turns": "provider",
        "stt": [
            {"provider": ears, **at[ears]},
            {"provider": "deepgram-http", **at["deepgram"]},
        ],
        "llm": {"provider": "groq", **at["groq"]},
        "tts": {"provider": "http", "url": f"{vendors['house'].base_url}/speak", **key},
    }
    path.write_text(json.dumps(told))
    return load_bot(path).spec


async def call(
    folder: Path,
    *,
    ears: str = "deepgram-flux",
    pause_s: float = 0.0,
    fault: str | None = None,
    after_bytes: int = 40_000,
) -> tuple[SessionRecord, list[str], str]:
    """The record, the words that the caller heard, and what the brain was asked last."""
    async with run_emulators(dict.fromkeys((ears, "deepgram", "groq", "house"), 0)) as vendors:
        if fault:
            vendors[ears].fault(fault, operation="listen", after_bytes=after_bytes)
        spec = bot(folder, vendors, ears)
        models = FakeModels()
        try:
            record, transport = await talk_audio(spec, models, caller(pause_s))
        finally:
            await models.prober.close()
        asked = json.dumps([one.body for one in vendors["groq"].asked])
    samples, rate_hz = transport.recording()
    pcm = np.ascontiguousarray(samples[:, 1]).tobytes()
    return record, [word.text for word in decode(pcm, rate_hz) if word.is_whole], asked


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The emulators take any key but the wrong ones."""
    monkeypatch.setenv("EMULATED_KEY", "a-key")


ANSWER = [f"w{number}{'.' if number % 4 == 0 else ''}" for number in range(1, 9)]


@pytest.mark.parametrize(("ears", "pause_s"), [("deepgram-flux", LONG_S), ("assemblyai", 0.6)])
async def test_the_ears_hold_a_turn_open_and_end_it(
    tmp_path: Path, ears: str, pause_s: float
) -> None:
    """A pause that sounds unfinished splits nothing, and the whole turn is answered once."""
    record, heard, asked = await call(tmp_path, ears=ears, pause_s=pause_s)
    assert heard == ANSWER
    assert f"{UNFINISHED} w903 w904" in asked
    assert record.turn_ends == {"provider": 1}
    assert record.switches == []


@pytest.mark.parametrize("ears", ["deepgram-flux", "assemblyai"])
async def test_ears_that_die_leave_the_turn_to_our_own_detector(tmp_path: Path, ears: str) -> None:
    """The next in the chain does not tell turns: every word is there and the caller answered."""
    record, heard, asked = await call(tmp_path, ears=ears, fault="drop")
    assert heard == ANSWER
    assert f"{UNFINISHED} w903 w904" in asked
    assert record.switches and record.switches[0].to_name.startswith("deepgram-http")
    assert "provider" not in record.turn_ends


async def test_ears_that_stall_leave_the_turn_to_our_own_detector(tmp_path: Path) -> None:
    """The next hears both stretches of the turn again, and the caller is answered once."""
    record, heard, asked = await call(tmp_path, pause_s=LONG_S, fault="stall")
    assert heard == ANSWER
    assert f"{UNFINISHED} w903 w904" in asked
    assert record.switches and record.switches[0].to_name.startswith("deepgram-http")
    assert "provider" not in record.turn_ends


async def test_ears_that_hang_before_the_first_word_cost_no_second_turn(tmp_path: Path) -> None:
    """The turn waits for the words of the next ears, and is answered once."""
    record, heard, asked = await call(tmp_path, fault="hang", after_bytes=0)
    assert heard == ANSWER
    assert f"{UNFINISHED} w903 w904" in asked
    assert sum(record.turn_ends.values()) == 1
    assert record.switches and record.switches[0].gap_ms < MOST_GAP_MS
