"""Level, edges and pauses of a clause."""

from __future__ import annotations

import numpy as np
import pytest

from bots.local.polish import TARGET_DBFS, gain_for, pause_ms, polish
from tests.fakes.speech import tone

pytestmark = pytest.mark.unit

RATE_HZ = 16_000


def spoken(pcm: bytes) -> np.ndarray:
    return np.frombuffer(pcm, "<i2").astype(np.float32) / 32767


def test_silence_around_a_clause_is_cut() -> None:
    """300 ms of lead becomes 20, 500 ms of tail becomes 40."""
    quiet = np.zeros(RATE_HZ, np.float32)
    clause = np.concatenate([quiet[:4800], tone(1.0, RATE_HZ), quiet[:8000]])
    samples = spoken(polish(clause, RATE_HZ, gain=1.0, after_ms=0))
    assert len(samples) == pytest.approx(RATE_HZ * 1.06, abs=RATE_HZ * 0.01)
    assert np.abs(samples[: RATE_HZ // 100]).max() < 0.001


def test_the_pause_follows_the_clause() -> None:
    """The silence asked for is there, to the sample."""
    short = polish(tone(0.5, RATE_HZ), RATE_HZ, gain=1.0, after_ms=0)
    long = polish(tone(0.5, RATE_HZ), RATE_HZ, gain=1.0, after_ms=250)
    assert long == short + b"\x00\x00" * 4000


def test_edges_do_not_click() -> None:
    """A clause that starts and ends loud begins and ends at nothing."""
    samples = spoken(polish(np.full(RATE_HZ, 0.5, np.float32), RATE_HZ, gain=1.0, after_ms=0))
    assert abs(samples[0]) < 0.01
    assert abs(samples[-1]) < 0.01
    assert np.abs(np.diff(samples)).max() < 0.02


@pytest.mark.parametrize("level", [0.08, 0.2, 0.5])
def test_every_voice_comes_to_one_loudness(level: float) -> None:
    """Quiet and loud models end at the same RMS."""
    source = tone(1.0, RATE_HZ, level=level)
    samples = spoken(polish(source, RATE_HZ, gain=gain_for(source, RATE_HZ), after_ms=0))
    rms_dbfs = 20 * np.log10(np.sqrt(np.mean(samples[800:-800] ** 2)))
    assert rms_dbfs == pytest.approx(TARGET_DBFS, abs=0.5)


def test_peaks_are_bent_not_clipped() -> None:
    """A peak far past full scale stays below it, and keeps its order."""
    samples = spoken(polish(tone(0.2, RATE_HZ, level=3.0), RATE_HZ, gain=1.0, after_ms=0))
    assert 0.85 < np.abs(samples).max() < 0.95


def test_gain_is_bounded() -> None:
    """A whisper is not blown up to its noise."""
    assert gain_for(tone(1.0, RATE_HZ, level=0.001), RATE_HZ) == pytest.approx(10 ** (12 / 20))
    assert gain_for(np.zeros(RATE_HZ, np.float32), RATE_HZ) == 1.0


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.zeros(9600, np.float32)])
def test_silence_gives_nothing(samples: np.ndarray) -> None:
    """No sound, no bytes, no pause."""
    assert polish(samples, RATE_HZ, gain=1.0, after_ms=250) == b""


def test_a_sentence_rests_longer_than_a_clause() -> None:
    """The pause follows the last mark, quotes and white space aside."""
    assert pause_ms('He left." ') == pause_ms("Really?") > pause_ms("Yes, ") > pause_ms("on")
