"""Piper: the second English voice, an optional package."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import onnxruntime
import pytest

from bots.errors import OffhookError, WeightsError
from bots.local.voices import find_voice, load_voice
from tests.bots.local import readback


@pytest.mark.unit
def test_without_the_package_the_error_names_the_install_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """piper-tts is GPL and stays a choice."""
    monkeypatch.setitem(sys.modules, "piper", None)
    with pytest.raises(OffhookError) as caught:
        load_voice(find_voice("en", "joe"), tmp_path)
    assert caught.value.code == "extra_missing"
    assert 'pip install "offhook[voices]"' in caught.value.hint


@pytest.mark.unit
@pytest.mark.parametrize("has_folder", [True, False])
def test_without_the_model_the_error_says_how_to_get_it(tmp_path: Path, has_folder: bool) -> None:
    """An empty cache is no traceback."""
    pytest.importorskip("piper")
    with pytest.raises(WeightsError) as caught:
        load_voice(find_voice("en", "joe"), tmp_path if has_folder else None)
    assert "offhook models pull" in caught.value.hint


@pytest.mark.alone
@pytest.mark.call
async def test_joe_is_understood() -> None:
    """A code, a time and a price arrive in the second voice too; in one take, always the same."""
    onnxruntime.set_seed(1)
    voice = readback.load("joe")
    texts = ["Your code is AB-4471.", "We open at 9:30 am.", "It costs $12.50."]
    code, opening, price = await readback.heard(voice, texts)
    assert re.search(r"B\W*4\W*4\W*7\W*1", code, re.IGNORECASE)
    assert re.search(r"9\W?30", opening)
    assert re.search(r"12\W?50", price)
