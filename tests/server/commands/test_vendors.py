"""`offhook voices`, `offhook check --online` and the doctor's, as they are typed."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bots.load import load_bot
from emulators.cerebras import CerebrasEmulator
from emulators.elevenlabs import ElevenLabsEmulator
from emulators.server import Emulator
from server import cli
from server.doctor.finding import State
from server.doctor.vendors import check_vendors

pytestmark = pytest.mark.wire


@contextmanager
def running(emulator: Emulator) -> Iterator[Emulator]:
    """The emulator on a loop of its own: a command has one too."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(emulator.start(), loop).result(5)
        yield emulator
    finally:
        asyncio.run_coroutine_threadsafe(emulator.stop(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def typed(*arguments: str) -> int:
    """The exit of a command."""
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    return int(caught.value.code or 0)


def test_the_voices_of_a_key_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Id, languages and name; a wrong key is one line."""
    with running(ElevenLabsEmulator()) as vendor:
        monkeypatch.setenv("ELEVENLABS_API_KEY", "a-key")
        assert typed("voices", "elevenlabs", "--base-url", vendor.base_url) == 0
        assert capsys.readouterr().out.split() == [
            *("luis-voice-id", "any", "Luis"),
            *("nora-voice-id", "any", "Nora"),
        ]
        monkeypatch.setenv("ELEVENLABS_API_KEY", "wrong")
        assert typed("voices", "elevenlabs", "--base-url", vendor.base_url) == 1
        assert capsys.readouterr().err == (
            "error: elevenlabs refuses the key. "
            "Set a good ELEVENLABS_API_KEY in the environment or in .env.\n"
        )


def test_voices_that_are_here_need_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By language; a provider that is none is told with those there are, a key by its variable."""
    assert typed("voices", "local", "--language", "es") == 0
    assert capsys.readouterr().out.startswith("ef_dora")
    assert typed("voices", "piper") == 0
    assert capsys.readouterr().out == "joe  en        US English, male\n"
    assert typed("voices", "elevenlab") == 2
    assert "Did you mean `elevenlabs`?" in capsys.readouterr().err
    assert typed("voices", "piper", "--language", "spanish") == 2
    monkeypatch.delenv("CARTESIA_API_KEY", raising=False)
    assert typed("voices", "cartesia") == 1
    assert "CARTESIA_API_KEY is not set" in capsys.readouterr().err


def test_check_asks_the_vendor_only_when_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same file holds offline and is refused online, at its place."""
    monkeypatch.setenv("CEREBRAS_API_KEY", "a-key")
    path = tmp_path / "bot.yaml"
    with running(CerebrasEmulator()) as vendor:
        llm = {"provider": "cerebras", "model": "gpt-oss-12b", "base_url": vendor.base_url}
        path.write_text(json.dumps({"prompt": "Hi.", "llm": llm}))
        assert typed("check", str(path)) == 0
        capsys.readouterr()
        assert typed("check", "--online", str(path)) == 2
        assert capsys.readouterr().err == (
            f"{path}:1:51: cerebras has no model `gpt-oss-12b` for this key. "
            "Did you mean `gpt-oss-120b`?\n"
        )


def test_the_doctor_says_what_goes_with_each_key(tmp_path: Path) -> None:
    """Good, refused, and what a bot wants that is not there; who is not set is not asked."""
    assert [one.state for one in check_vendors([], {})] == [State.OK]
    with running(CerebrasEmulator()) as vendor:
        path = tmp_path / "bot.yaml"
        llm = {"provider": "cerebras", "base_url": vendor.base_url, "api_key": {"env": "OWN"}}
        path.write_text(json.dumps({"prompt": "Hi.", "llm": {**llm, "model": "gpt-oss-12b"}}))
        good, wrong = {"OWN": "a-key"}, {"OWN": "wrong"}
        spec = load_bot(path, good).spec
        assert [str(one) for one in check_vendors([spec], good)] == [
            "ok    vendors     cerebras (llm) takes the key in OWN: 3 models.",
            "fail  vendors     bot: cerebras has no model `gpt-oss-12b` for this key. "
            "Did you mean `gpt-oss-120b`?",
        ]
        assert [str(one) for one in check_vendors([spec], wrong)] == [
            "fail  vendors     cerebras (llm) refuses the key in OWN. "
            "Set a good one in the environment or in .env."
        ]
