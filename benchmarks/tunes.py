"""Music by makers of sound: strings, an organ, a whistle, drums."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from benchmarks.clips import RATE_HZ


def plucked(rng: np.random.Generator) -> NDArray[np.float64]:
    """Strings, by Karplus and Strong, in broken chords."""
    root_hz = rng.uniform(110, 220)
    parts = []
    for step in (0, 4, 7, 12, 7, 4, 0, 5, 9, 12):
        period = int(RATE_HZ / (root_hz * 2 ** (step / 12)))
        burst = np.zeros(int(0.3 * RATE_HZ))
        burst[:period] = rng.uniform(-1, 1, period)
        taps_back = np.zeros(period + 2)
        taps_back[0], taps_back[period], taps_back[period + 1] = 1, -0.498, -0.498
        parts.append(lfilter([1], taps_back, burst))
    return np.concatenate(parts)


def organ(rng: np.random.Generator) -> NDArray[np.float64]:
    """Held chords of harmonics that beat slowly."""
    at_s = np.arange(3 * RATE_HZ) / RATE_HZ
    out = np.zeros(len(at_s))
    for step in (0, rng.choice([3, 4]), 7):
        hz = rng.uniform(130, 150) * 2 ** (step / 12)
        for harmonic in range(1, 7):
            beat = 1 + 0.3 * np.sin(2 * np.pi * rng.uniform(3, 6) * at_s)
            out += beat * np.sin(2 * np.pi * hz * harmonic * at_s + rng.uniform(0, 6)) / harmonic
    return out


def whistled(rng: np.random.Generator) -> NDArray[np.float64]:
    """One voice without words: a tune with vibrato."""
    notes = rng.choice([0, 2, 4, 5, 7, 9, 11, 12], 8)
    hz = np.repeat(rng.uniform(500, 900) * 2 ** (notes / 12), int(0.35 * RATE_HZ))
    at_s = np.arange(len(hz)) / RATE_HZ
    hz = hz * (1 + 0.01 * np.sin(2 * np.pi * 5.5 * at_s))
    return np.sin(2 * np.pi * np.cumsum(hz) / RATE_HZ) + rng.normal(0, 0.03, len(hz))


def drums(rng: np.random.Generator) -> NDArray[np.float64]:
    """A beat: a drum that falls in pitch, and noise between."""
    beat = int(RATE_HZ * rng.uniform(0.2, 0.3))
    at_s = np.arange(beat) / RATE_HZ
    kick = np.sin(2 * np.pi * (60 * at_s - 8 * np.exp(-30 * at_s))) * np.exp(-12 * at_s)
    snare = rng.normal(0, 0.6, beat) * np.exp(-18 * at_s)
    return np.concatenate([kick, snare * 0.3, snare, kick, kick, snare * 0.3, snare, snare * 0.5])


def bells(rng: np.random.Generator) -> NDArray[np.float64]:
    """Struck bars whose overtones are no harmonics."""
    parts = []
    for _ in range(8):
        at_s = np.arange(int(0.35 * RATE_HZ)) / RATE_HZ
        hz = rng.uniform(400, 800) * 2 ** (rng.choice([0, 2, 4, 7, 9, 12]) / 12)
        bars = (np.sin(2 * np.pi * hz * ratio * at_s) / ratio for ratio in (1, 2.76, 5.4))
        parts.append(sum(bars, np.zeros(len(at_s))) * np.exp(-at_s * 7))
    return np.concatenate(parts)


def arpeggio(rng: np.random.Generator) -> NDArray[np.float64]:
    """An old video game: square waves, note after note."""
    root_hz, beat = rng.uniform(180, 320), int(RATE_HZ * rng.uniform(0.09, 0.16))
    at_s = np.arange(beat) / RATE_HZ
    notes = (root_hz * 2 ** (step / 12) for step in rng.choice([0, 3, 4, 7, 12, 15, 16], 24))
    return np.concatenate([np.sign(np.sin(2 * np.pi * hz * at_s)) for hz in notes])


def strings(rng: np.random.Generator) -> NDArray[np.float64]:
    """A section that swells: sawtooths a little out of tune."""
    at_s = np.arange(3 * RATE_HZ) / RATE_HZ
    out = np.zeros(len(at_s))
    for step in (0, 7, 12, 16):
        for _ in range(3):
            hz = rng.uniform(128, 132) * 2 ** (step / 12)
            out += 2 * ((hz * at_s + 0.002 * np.sin(2 * np.pi * 5 * at_s)) % 1) - 1
    return lfilter([0.15], [1, -0.85], out) * np.hanning(len(at_s))


def walking_bass(rng: np.random.Generator) -> NDArray[np.float64]:
    """A low line and a cymbal."""
    beat = int(RATE_HZ * rng.uniform(0.3, 0.45))
    at_s = np.arange(beat) / RATE_HZ
    parts = []
    for step in rng.choice([0, 2, 3, 5, 7, 8, 10], 8):
        hz = 65 * 2 ** (step / 12)
        bass = np.sin(2 * np.pi * hz * at_s) + 0.4 * np.sin(4 * np.pi * hz * at_s)
        cymbal = np.diff(rng.normal(0, 0.25, beat), prepend=0) * np.exp(-at_s * 25)
        parts.append(bass * np.exp(-at_s * 4) + cymbal)
    return np.concatenate(parts)


def choir(rng: np.random.Generator) -> NDArray[np.float64]:
    """Voices that hold a chord on one vowel."""
    at_s = np.arange(3 * RATE_HZ) / RATE_HZ
    out = np.zeros(len(at_s))
    for step in (0, rng.choice([3, 4]), 7, 12):
        vibrato = 1 + 0.008 * np.sin(2 * np.pi * rng.uniform(4.5, 6) * at_s + rng.uniform(0, 6))
        hz = rng.uniform(150, 190) * 2 ** (step / 12) * vibrato
        out += np.diff(np.floor(np.cumsum(hz / RATE_HZ)), prepend=0)
    for hz, width_hz in ((700, 110), (1100, 150), (2600, 200)):
        r = np.exp(-np.pi * width_hz / RATE_HZ)
        out = lfilter([1 - r], [1, -2 * r * np.cos(2 * np.pi * hz / RATE_HZ), r * r], out)
    return np.asarray(out)


def accordion(rng: np.random.Generator) -> NDArray[np.float64]:
    """Reeds two by two, a little apart, in waltz time."""
    beat = int(RATE_HZ * rng.uniform(0.25, 0.35))
    at_s = np.arange(beat) / RATE_HZ
    root_hz = rng.uniform(200, 300)
    parts = []
    for step in rng.choice([0, 2, 4, 5, 7, 9, 12], 9):
        hz = root_hz * 2 ** (step / 12)
        reeds = (np.sign(np.sin(2 * np.pi * hz * off * at_s)) for off in (1, 1.008, 2))
        parts.append(sum(reeds, np.zeros(beat)) * np.sqrt(np.hanning(beat)))
    return np.asarray(lfilter([0.3], [1, -0.7], np.concatenate(parts)))


def marimba(rng: np.random.Generator) -> NDArray[np.float64]:
    """A ringing telephone's tune: wooden bars."""
    beat = int(RATE_HZ * rng.uniform(0.12, 0.2))
    at_s = np.arange(beat) / RATE_HZ
    notes = rng.uniform(350, 550) * 2 ** (rng.choice([0, 4, 7, 9, 12, 16], 18) / 12)
    bars = (np.sin(2 * np.pi * hz * at_s) + 0.4 * np.sin(8 * np.pi * hz * at_s) for hz in notes)
    return np.concatenate([bar * np.exp(-at_s * 16) for bar in bars])


def synthesizer(rng: np.random.Generator) -> NDArray[np.float64]:
    """A dance track: a bass drum on each beat, a sawtooth line whose filter opens."""
    beat = int(RATE_HZ * rng.uniform(0.4, 0.5))
    at_s = np.arange(beat) / RATE_HZ
    kick = 2 * np.sin(2 * np.pi * (50 * at_s - 6 * np.exp(-25 * at_s))) * np.exp(-9 * at_s)
    parts = []
    for number, step in enumerate(rng.choice([0, 3, 5, 7, 10], 7)):
        saw = 2 * ((110 * 2 ** (step / 12) * at_s) % 1) - 1
        pole = 0.97 - 0.08 * number
        parts.append(kick + lfilter([1 - pole], [1, -pole], saw))
    return np.concatenate(parts)
