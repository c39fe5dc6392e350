"""Sounds from a caller's side for benchmarks/barge_in.py, and how they are made comparable."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from benchmarks.room import Echo

RATE_HZ = 16_000
CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "offhook/benchmarks"
BANDS = ("wide", "telephone")

Pcm = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Clip:
    """PCM s16 mono at RATE_HZ from its first audible sample on; `kind` says what it is.

    `lead_s`: for how long the bot has been speaking when it begins. `own_dbfs`: the caller's own
    level, where the call has heard it before. `echo`: what the microphone gets of the bot.
    `language`: the call's.
    """

    kind: str
    source: str
    name: str
    pcm: Pcm
    lead_s: float = 1.5
    own_dbfs: float | None = None
    echo: Echo | None = None
    language: str = "en"


def to_level(pcm: NDArray, dbfs: float) -> Pcm:
    """At a level of the audible part of it."""
    samples = np.asarray(pcm, np.float64)
    loud = np.abs(samples) > np.abs(samples).max(initial=1e-9) / 10
    rms = np.sqrt((samples[loud] ** 2).mean()) if loud.any() else 1.0
    return np.clip(samples / rms * 32768 * 10 ** (dbfs / 20), -32768, 32767).astype(np.int16)


def in_band(pcm: Pcm, band: str) -> Pcm:
    """As it comes over a telephone line, or as it is."""
    if band == "wide":
        return pcm
    narrow = soxr.resample(pcm, RATE_HZ, 8000)
    x = np.clip(narrow / 32768, -1, 1)
    law = np.round(np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256) * 127) / 127
    back = np.sign(law) * (256 ** np.abs(law) - 1) / 255
    return soxr.resample((back * 32767).astype(np.int16), 8000, RATE_HZ)


def audible(pcm: Pcm, dbfs: float = -45.0) -> Pcm:
    """From its first to its last frame of 10 ms that is louder than `dbfs`."""
    frames = pcm[: len(pcm) // 160 * 160].reshape(-1, 160).astype(np.float64)
    loud = np.flatnonzero(np.sqrt((frames**2).mean(axis=1)) > 32768 * 10 ** (dbfs / 20))
    return pcm[loud[0] * 160 : (loud[-1] + 1) * 160] if loud.size else pcm
