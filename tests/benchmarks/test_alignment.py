"""How much of a synthesis a recording has, found by correlation."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.alignment import heard_s
from emulators.word_tones import encode

pytestmark = pytest.mark.unit

TEXT = "we are open on saturday from ten to four"
MADE = np.frombuffer(encode(TEXT, 24_000), np.int16)


@pytest.mark.parametrize("cut_s", [0.3, 1.0, 2.2])
def test_a_cut_is_found_where_it_is(cut_s: float) -> None:
    """Behind silence, at another volume, to within two pieces."""
    part = MADE[: round(cut_s * 24_000)] // 3
    recording = np.concatenate([np.zeros(9_000, np.int16), part, np.zeros(9_000, np.int16)])
    assert heard_s(recording, 24_000, MADE, 24_000) == pytest.approx(cut_s, abs=0.03)


def test_gaps_are_not_taken_for_speech() -> None:
    """What stutters was heard no further than what there is of it."""
    pieces = np.split(MADE[: 24_000 * 2], 25)
    stuttering = np.concatenate([np.concatenate([one, np.zeros(480, np.int16)]) for one in pieces])
    assert heard_s(stuttering, 24_000, MADE, 24_000) == pytest.approx(2.0, abs=0.06)


def test_silence_has_nothing_of_it() -> None:
    """Nobody heard anything."""
    assert heard_s(np.zeros(24_000, np.int16), 24_000, MADE, 24_000) == 0.0
