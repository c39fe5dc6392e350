"""The chain of three vendors in a real call, each primary killed in the middle of a turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bots.wav import write_wav
from emulators.anthropic import AnthropicEmulator
from emulators.cartesia import CartesiaEmulator
from emulators.cerebras import CerebrasEmulator
from emulators.deepgram import DeepgramEmulator
from emulators.elevenlabs import ElevenLabsEmulator
from emulators.gemini import GeminiEmulator
from emulators.house import HouseEmulator
from emulators.openai import OpenAIEmulator
from emulators.script import numbered_reply
from emulators.server import Emulator, Pace
from emulators.word_count import count_words
from emulators.word_tones import decode, encode
from tests.fakes.caller_page import SAMPLE_RATE_HZ, CallerPage, chromium
from tests.fakes.emulated import Do, beside
from tests.fakes.offhook_process import OffhookProcess

pytestmark = pytest.mark.browser

BOT = """\
prompt: You are brief.
answer: {link: true}
stt:
  - {provider: deepgram, base_url: "%(deepgram)s"}
  - {provider: deepgram-http, base_url: "%(deepgram)s"}
llm:
  - {provider: cerebras, base_url: "%(cerebras)s"}
  - {provider: google, base_url: "%(google)s"}
  - {provider: anthropic, base_url: "%(anthropic)s"}
  - {provider: openai, base_url: "%(openai)s", model: gpt-4.1}
tts:
  - {provider: http, url: "%(house)s/speak", api_key: {env: HOUSE_KEY}}
  - {provider: cartesia, base_url: "%(cartesia)s", voice: nora-voice-id}
  - {provider: elevenlabs, base_url: "%(elevenlabs)s", voice: nora}
"""
KEYS = ("DEEPGRAM", "CEREBRAS", "GOOGLE", "ANTHROPIC", "CARTESIA", "ELEVENLABS")
ASKED = ("w901 w902 w903 w904 w905 w906", "w911 w912 w913 w914 w915 w916")
FIRST_TURN_S = 3.0
SECOND_TURN_S = 18.0
"""The first answer is over after ten seconds, and the vendors must be dead by then."""


@pytest.fixture
def vendors() -> dict[str, Emulator]:
    """Every vendor of the chain, answering as quickly as a quick one does."""
    emulators: list[type[Emulator]] = [
        *(DeepgramEmulator, CerebrasEmulator, GeminiEmulator, AnthropicEmulator, OpenAIEmulator),
        *(HouseEmulator, CartesiaEmulator, ElevenLabsEmulator),
    ]
    pace = Pace(first_byte_ms=100, chunk_ms=30)
    return {emulator.vendor: emulator(pace=pace) for emulator in emulators}


@pytest.fixture
def do(vendors: dict[str, Emulator]) -> Iterator[Do]:
    """The vendors at work."""
    with beside(list(vendors.values())) as do:
        yield do


@pytest.fixture
def offhook(vendors: dict[str, Emulator], do: Do, tmp_path: Path) -> Iterator[OffhookProcess]:
    """A server with the one bot."""
    bots = tmp_path / "bots"
    bots.mkdir()
    urls = {name: vendor.base_url for name, vendor in vendors.items()}
    (bots / "trio.yaml").write_text(BOT % urls)
    keys = {f"{name}_API_KEY": "a-key" for name in KEYS} | {"HOUSE_KEY": "a-key"}
    with OffhookProcess(bots, tmp_path / "server.log", environ=keys) as process:
        process.wait_ready()
        yield process


@pytest.fixture
def microphone(tmp_path: Path) -> Path:
    """The caller speaks, and once more when the first answer is over."""
    parts = [np.zeros(round(FIRST_TURN_S * SAMPLE_RATE_HZ), np.int16)]
    for text in ASKED:
        said = np.frombuffer(encode(text, SAMPLE_RATE_HZ), np.int16)
        rest = round((SECOND_TURN_S - FIRST_TURN_S) * SAMPLE_RATE_HZ) - len(said)
        parts += [said, np.zeros(rest, np.int16)]
    write_wav(tmp_path / "two.wav", np.concatenate(parts), SAMPLE_RATE_HZ)
    return tmp_path / "two.wav"


def kill_all_primaries(vendors: dict[str, Emulator]) -> None:
    """Each dies in the middle of what it does next, and stays away."""
    vendors["deepgram"].fault("drop", operation="listen", after_bytes=30_000, times=1)
    vendors["deepgram"].fault("503", operation="connect")
    vendors["cerebras"].fault("drop", after_bytes=14)
    vendors["house"].fault("drop", after_bytes=40_000)


def at_work(caller: CallerPage) -> list[str]:
    """Who hears, thinks and speaks, as the page says now."""
    names = caller.page.get_by_test_id("models").locator("dd").all_inner_texts()
    return [name.split("/")[0] for name in names if "then" not in name]


def wait_for_answer(caller: CallerPage, turn: int) -> None:
    """Until the answer of that turn has been said to its last word, and what came of it is told."""
    last = numbered_reply(turn).split()[-1]
    caller.page.get_by_test_id("transcript-bot").filter(has_text=last).first.wait_for(
        timeout=60_000
    )
    listening = "[data-testid=agent-state][data-state=listening]"
    caller.page.locator(listening).first.wait_for(timeout=30_000)
    caller.page.wait_for_timeout(1500)


def test_each_primary_dies_in_the_call_and_every_word_is_heard_once(
    offhook: OffhookProcess, vendors: dict[str, Emulator], do: Do, microphone: Path
) -> None:
    """Two spoken turns; in the second, ears, brain and voice each die and are each replaced."""
    with chromium(offhook.url, microphone) as caller:
        caller.call("trio", transport="websocket")
        wait_for_answer(caller, 0)
        assert at_work(caller) == []
        do(lambda: kill_all_primaries(vendors))
        wait_for_answer(caller, 1)
        shown, asked = at_work(caller), caller.said_by_caller()
        pcm = caller.heard().tobytes()
        (session,) = offhook.sessions()
        record = offhook.get(f"/api/sessions/{session['id']}")
        caller.hang_up()
    script = [*numbered_reply(0).split(), *numbered_reply(1).split()]
    count = count_words(script, decode(pcm, SAMPLE_RATE_HZ))
    assert count.is_exact, count
    # A busy browser's microphone drops samples, and a word with them; no word is told twice.
    told, said = " ".join(asked).split(), " ".join(ASKED).split()
    assert [word for word in said if word in told] == told
    assert len(told) >= len(said) - 2
    assert shown == ["deepgram-http", "google", "cartesia"]
    assert {one["stage"] for one in record["switches"]} == {"stt", "llm", "tts"}
