"""Where a command writes is looked at before it works."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bots.errors import OffhookError
from server.commands.outfile import require_writable

pytestmark = pytest.mark.unit


def test_a_new_file_and_one_to_replace_are_fine(tmp_path: Path) -> None:
    """Neither is touched."""
    (tmp_path / "old.wav").write_text("kept")
    require_writable(tmp_path / "old.wav")
    require_writable(tmp_path / "new.wav")
    assert (tmp_path / "old.wav").read_text() == "kept"
    assert not (tmp_path / "new.wav").exists()


@pytest.mark.parametrize(
    ("name", "cause"),
    [("", "is a folder"), ("nowhere/out.wav", "There is no folder .*nowhere to write out.wav to")],
)
def test_what_cannot_be_written_is_refused(tmp_path: Path, name: str, cause: str) -> None:
    """In a sentence with its fix."""
    with pytest.raises(OffhookError, match=rf"{cause}\. Give another --out\."):
        require_writable(tmp_path / name)


def test_what_may_not_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the system says; root may write anywhere, so the question is answered for it here."""
    asked: list[Path] = []

    def refuse(path: Path, mode: int) -> bool:
        asked.append(path)
        return mode != os.W_OK

    monkeypatch.setattr(os, "access", refuse)
    with pytest.raises(OffhookError, match=r"out.wav may not be written\. Give another --out\."):
        require_writable(tmp_path / "out.wav")
    assert asked == [tmp_path]
