"""`offhook graph`: the drawing comes from the real builder and needs no weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.errors import OffhookError
from server.commands import graph

pytestmark = pytest.mark.call

BOT = """\
prompt: You are brief.
processors:
  - {use: "tests.fakes.gain:Gain", before: tts, with: {factor: 2}}
via:
  websocket:
    tts: {provider: openai, model: voice, base_url: "http://localhost:1/v1", voice: alloy}
"""


def draw(folder: Path, transport: str, printed: pytest.CaptureFixture[str]) -> list[str]:
    """The stages of the drawing, without the lines between them."""
    (folder / "brief.yaml").write_text(BOT)
    graph.run("brief", transport=transport, folders=[folder])
    lines = printed.readouterr().out.splitlines()
    return [line for line in lines if line != "  |"]


def test_drawing_needs_no_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stages stand in the order of the audio, a bot's own processor among them."""
    monkeypatch.setenv("OFFHOOK_CACHE", str(tmp_path / "empty"))
    lines = draw(tmp_path, "webrtc", capsys)
    names = [line.split()[0] for line in lines]
    assert names == [
        *("input", "stt", "turn", "audio_gate", "llm", "number_guard"),
        *("Gain", "tts", "words", "silence", "output", "heard", "floor", "memory"),
        "commit",
    ]
    assert "LocalSTTService" in lines[1] and "LocalTTSService" in lines[7]


def test_drawing_is_of_one_transport(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`via` decides what stands in a place."""
    assert any("OpenAITTSService" in line for line in draw(tmp_path, "websocket", capsys))


def test_unknown_transport_is_refused(tmp_path: Path) -> None:
    """With the one that was meant."""
    with pytest.raises(OffhookError, match="no transport `websocet`") as refusal:
        graph.run("brief", transport="websocet", folders=[tmp_path])
    assert "websocket" in str(refusal.value.hint)
