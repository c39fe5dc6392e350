"""The two calls the rest of the app makes: ensure, and path."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.errors import WeightsError
from bots.local import weights

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test of this file sees the machine's weights or fetches any."""
    monkeypatch.setenv("OFFHOOK_CACHE", str(tmp_path))
    monkeypatch.setenv("OFFHOOK_OFFLINE", "1")


def test_a_path_to_what_is_missing_names_the_command(tmp_path: Path) -> None:
    """An engine that finds no weights tells its user what to type."""
    with pytest.raises(WeightsError, match="4 of 4 files are missing") as caught:
        weights.path("whisper-tiny.en")
    assert "offhook models pull whisper-tiny.en" in caught.value.hint
    assert not any(tmp_path.iterdir())


def test_without_weights_and_without_a_source_the_fix_is_told() -> None:
    """Offline with an empty cache: one line, with the way out."""
    with pytest.raises(WeightsError, match=r"whisper-tiny\.en, piper-joe") as caught:
        weights.ensure(["whisper-tiny.en", "piper-joe"])
    assert "offhook models import" in caught.value.hint


def test_an_unknown_weight_is_refused() -> None:
    """With the nearest name."""
    with pytest.raises(WeightsError, match="whisper-base"):
        weights.ensure(["whisper-bass"])


def test_needing_nothing_needs_nothing() -> None:
    """A bot that is all cloud."""
    assert weights.ensure([]) == {}
