"""How much of a known synthesis a recording has: by correlation of their spectra, no recogniser.

recording   ......|we are op en on satur|..........      a codec, a jitter buffer, a volume between
synthesis         |we are open on saturday from ten|
                  onset                cut  ->  1.62 s

The two are aligned piece by piece, in order; one may stand alone on either side (a gap, a loss).
"""

from __future__ import annotations

import itertools

import numpy as np
import soxr
from numpy.typing import NDArray

RATE_HZ = 16_000
HOP_S = 0.01
_WINDOW_S = 0.02
_BANDS_HZ = np.geomspace(150, 3600, 33)
_FLOOR = 30.0
"""Mean magnitude of s16 samples below which nothing is said."""
_ALONE = 0.5
"""What a piece without its like costs; an unlike pair costs up to 2, an exact one nothing."""

Samples = NDArray[np.int16]


def heard_s(recording: Samples, recorded_hz: int, synthesis: Samples, made_hz: int) -> float:
    """How far into `synthesis` the recording goes, in s; 0 if it has nothing of it."""
    heard, heard_level = _spectra(recording, recorded_hz)
    made, _ = _spectra(synthesis, made_hz)
    sounding = np.flatnonzero(heard_level > _FLOOR)
    if not len(sounding):
        return 0.0
    # A pause inside, or a gap in the transmission, has nothing to be aligned with.
    costs = 1.0 - heard[sounding] @ made.T
    ends = _cheapest(costs)
    return int(np.argmin(ends)) * HOP_S + _WINDOW_S / 2


def _cheapest(costs: NDArray[np.float64]) -> list[float]:
    """What it costs to have the whole recording end at each number of pieces of the synthesis."""
    before = [_ALONE * count for count in range(costs.shape[1] + 1)]
    for row in costs.tolist():
        now = [before[0] + _ALONE]
        for number, cost in enumerate(row):
            pair, skip = before[number] + cost, min(before[number + 1], now[number]) + _ALONE
            now.append(min(pair, skip))
        before = now
    return before


def _spectra(samples: Samples, rate_hz: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A unit vector of band levels a piece, and how loud each piece is."""
    sound = soxr.resample(samples.astype(np.float64), rate_hz, RATE_HZ)
    window, hop = round(_WINDOW_S * RATE_HZ), round(HOP_S * RATE_HZ)
    if len(sound) < window:
        return np.zeros((0, len(_BANDS_HZ) - 1)), np.zeros(0)
    pieces = np.lib.stride_tricks.sliding_window_view(sound, window)[::hop]
    power = np.abs(np.fft.rfft(pieces * np.hanning(window), 512)) ** 2
    edges = np.searchsorted(np.fft.rfftfreq(512, 1 / RATE_HZ), _BANDS_HZ)
    bands = np.stack(
        [power[:, a : max(b, a + 1)].sum(axis=1) for a, b in itertools.pairwise(edges)], axis=1
    )
    # Roots, so that the loudest band does not speak for all.
    shape = bands**0.25
    shape -= shape.mean(axis=1, keepdims=True)
    shape /= np.linalg.norm(shape, axis=1, keepdims=True) + 1e-9
    return shape, np.abs(pieces).mean(axis=1)
