"""Parakeet through onnx-asr, on a model of a few hundred bytes: what is ours round the weights."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bots.errors import WeightsError
from bots.local.ears import EarsEntry, load_ears
from bots.local.parakeet import ParakeetModel
from tests.fakes.tiny_parakeet import write_tiny_parakeet

pytestmark = pytest.mark.unit

RATE_HZ = 16_000


def bursts(count: int, rate_hz: int = RATE_HZ) -> NDArray[np.int16]:
    """So many bursts of noise of half a second, with half a second of hiss round each."""
    random = np.random.default_rng(1)
    quiet, loud = random.normal(0, 1, rate_hz // 2), random.normal(0, 6000, rate_hz // 2)
    return np.concatenate([quiet, *[loud, quiet] * count]).astype(np.int16)


async def test_ears_are_loaded_from_a_folder_and_hear(tmp_path: Path) -> None:
    """At 16 kHz and at a telephone's rate; silence is not given to the model at all."""
    folder = write_tiny_parakeet(tmp_path / "parakeet-ctc-tiny")
    ears = load_ears(EarsEntry("parakeet", str(folder), "en", is_pinned=False), threads=1)
    try:
        assert await ears.transcribe(bursts(2), RATE_HZ) == "hi hi"
        assert await ears.transcribe(bursts(1, 8_000), 8_000) == "hi"
        assert await ears.transcribe(np.zeros(RATE_HZ, np.int16), RATE_HZ) == ""
        assert (ears.name, ears.language) == ("parakeet-ctc-tiny", "en")
        assert ears.typical_s > 0
    finally:
        ears.close()


async def test_calls_wait_their_turn_and_share_one_model(tmp_path: Path) -> None:
    """Ears for another language are the same model and the same thread."""
    folder = write_tiny_parakeet(tmp_path / "parakeet-tdt-0.6b-v3")
    english = load_ears(EarsEntry("parakeet", str(folder), "en", is_pinned=False), threads=1)
    try:
        spanish = english.for_language("es")
        both = await asyncio.gather(
            english.transcribe(bursts(1), RATE_HZ), spanish.transcribe(bursts(3), RATE_HZ)
        )
        assert both == ["hi", "hi hi hi"]
        assert english.for_language("en") is english
        with pytest.raises(WeightsError, match="does not know Japanese"):
            english.for_language("ja")
    finally:
        english.close()


def test_what_is_no_parakeet_is_told_with_its_fix(tmp_path: Path) -> None:
    """A folder of something else, and a file cut short."""
    with pytest.raises(WeightsError, match="hf download"):
        ParakeetModel.load(tmp_path)
    folder = write_tiny_parakeet(tmp_path / "cut")
    (folder / "model.onnx").write_bytes(b"\x00")
    with pytest.raises(WeightsError, match="cut does not load as a Parakeet"):
        ParakeetModel.load(folder)
