"""What a test's caller says: a male voice that is not the bot's, at 16 kHz."""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from bots.local import weights
from bots.local.voices import Voice, find_voice, load_voice
from bots.wav import write_wav

SAMPLE_RATE_HZ = 16000
Samples = NDArray[np.int16]


@cache
def _voice() -> Voice:
    entry = find_voice("en", "joe")
    return load_voice(entry, weights.path(entry.weights[0]), threads=1)


def say(text: str) -> Samples:
    """`text` spoken: PCM s16 mono at 16 kHz, shape (n_samples,)."""
    voice = _voice()
    spoken = np.frombuffer(asyncio.run(voice.synthesize(text)), np.int16)
    return soxr.resample(spoken, voice.sample_rate_hz, SAMPLE_RATE_HZ)


def silence(seconds: float) -> Samples:
    """Nothing, for `seconds`."""
    return np.zeros(round(seconds * SAMPLE_RATE_HZ), np.int16)


def microphone(path: Path, *parts: str | float) -> Path:
    """A WAV of texts spoken and pauses in seconds, in their order."""
    spoken = [say(part) if isinstance(part, str) else silence(part) for part in parts]
    write_wav(path, np.concatenate(spoken), SAMPLE_RATE_HZ)
    return path
