"""`offhook turns`: a recording in, a picture and the turns' ends out; what is wrong in a line."""

from pathlib import Path

import numpy as np
import pytest

from bots.wav import write_wav
from server import cli

pytestmark = pytest.mark.unit

SPEECH = Path(__file__).parents[2] / "audio" / "open_on_saturday.wav"


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """The command's exit, output and errors."""
    with pytest.raises(SystemExit) as exit_:
        cli.main(["turns", *arguments])
    told = capsys.readouterr()
    return int(exit_.value.code or 0), told.out, told.err


def test_a_recording_is_drawn_and_its_ends_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without ears the model alone ends the one turn of a spoken question, and says so."""
    monkeypatch.setenv("OFFHOOK_CACHE", str(tmp_path / "no-weights"))
    (tmp_path / "deaf.yaml").write_text("prompt: Hello.\nturns: {words: false}\n", "utf-8")
    out = tmp_path / "call.svg"
    code, told, _ = run(
        str(SPEECH), "--bot", str(tmp_path / "deaf.yaml"), "--out", str(out), capsys=capsys
    )
    assert code == 0
    assert "turn ended by" in told and str(out) in told
    assert out.read_text("utf-8").startswith("<svg")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("missing.wav", None, "There is no file"),
        ("text.wav", b"no audio at all", "is not a WAV file"),
        ("short.wav", b"RIFF", "is not a WAV file."),
    ],
)
def test_what_is_no_recording_is_told_in_a_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: bytes | None,
    told: str,
) -> None:
    """No file, or none with audio in it."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    code, _, error = run(str(tmp_path / name), capsys=capsys)
    assert code != 0 and told in error and error.count("\n") == 1


def test_a_format_that_cannot_be_drawn_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """SVG and PNG are all there is."""
    write_wav(tmp_path / "call.wav", np.zeros(1600, np.int16), 16_000)
    code, _, error = run(str(tmp_path / "call.wav"), "--out", "call.gif", capsys=capsys)
    assert code == 2 and ".svg or .png" in error
