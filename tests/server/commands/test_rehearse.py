"""`offhook rehearse`: the table of a bot's failures, without a key and without weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.errors import OffhookError
from server.commands import rehearse

pytestmark = pytest.mark.call

CHAINED = """\
prompt: You are brief.
stt: deepgram
llm: [cerebras, groq]
tts: {provider: elevenlabs, voice: nora}
"""


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine where nobody has an account."""
    for vendor in ("DEEPGRAM", "CEREBRAS", "GROQ", "ELEVENLABS"):
        monkeypatch.delenv(f"{vendor}_API_KEY", raising=False)
    monkeypatch.setenv("REHEARSAL_KEY", "")  # set by the command, taken back with the test


def run(folder: Path, text: str, **wanted: list[str]) -> int:
    (folder / "brief.yaml").write_text(text)
    options = {"only": [], "faults": [], **wanted}
    return rehearse.run("brief", folders=[folder], **options)


def test_the_backup_answers_and_a_lonely_model_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A chain of two comes through a refusal; then nobody is left, and an apology is heard."""
    assert run(tmp_path, CHAINED, only=["llm"], faults=["503"]) == 0
    printed = capsys.readouterr().out
    row = next(line for line in printed.splitlines() if "cerebras" in line and "503" in line)
    assert "groq" in row
    assert "nobody: " in printed and "all of them" in printed
    line = next(line for line in printed.splitlines() if "failures answered" in line)
    assert line.startswith("llm cerebras/gpt-oss-120b: 1 of 1 failures answered, later by ")
    assert line.endswith("words lost 0, twice 0.")


@pytest.mark.parametrize(
    ("wanted", "fix"), [({"only": ["lml"]}, "llm"), ({"faults": ["428"]}, "429")]
)
def test_a_kind_or_a_fault_that_is_none(
    tmp_path: Path, wanted: dict[str, list[str]], fix: str
) -> None:
    """Nothing is called before it is known what for."""
    with pytest.raises(OffhookError) as refused:
        run(tmp_path, CHAINED, **wanted)
    assert fix in str(refused.value)
    assert refused.value.code == "usage"
