"""The filler is a short, soft sound."""

from __future__ import annotations

import numpy as np
import pytest

from bots.filler import FILLER_HZ, filler

pytestmark = pytest.mark.unit


def test_it_is_short_soft_and_without_clicks() -> None:
    """Under a second, under an eighth of full scale, and silent at both ends."""
    samples = np.frombuffer(filler(), dtype="<i2")
    assert 0.4 * FILLER_HZ < len(samples) < FILLER_HZ
    assert 1_000 < np.abs(samples).max() < 4_100
    assert abs(samples[0]) < 10
    assert np.abs(np.diff(samples.astype(int))).max() < 700
