"""What a room does to sound, by construction: distance, reverberation, and the bot's own echo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve

Samples = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Echo:
    """The way from the caller's loudspeaker into their microphone: `response` holds its delay, its
    loss and its reverberation, one tap a sample."""

    response: Samples

    def of(self, played: Samples, length: int) -> Samples:
        """What the microphone gets in the last `length` samples of what was `played`."""
        heard = played[-(length + len(self.response) - 1) :]
        missing = length + len(self.response) - 1 - len(heard)
        return fftconvolve(np.pad(heard, (missing, 0)), self.response, mode="valid")


def reverberation(rng: np.random.Generator, rate_hz: int, *, direct: float) -> Samples:
    """The response of a room that decays by 60 dB in 0.2 to 0.6 s, of unit energy; `direct` is the
    share of the energy that comes straight."""
    decay_s = rng.uniform(0.2, 0.6)
    at_s = np.arange(int(decay_s * rate_hz)) / rate_hz
    tail = rng.normal(0, 1, len(at_s)) * np.exp(-6.9 * at_s / decay_s)
    # The first reflection comes from a wall, not from the mouth.
    tail[: int(rng.uniform(0.002, 0.01) * rate_hz)] = 0
    tail *= np.sqrt((1 - direct) / (tail**2).sum())
    tail[0] = np.sqrt(direct)
    return tail


def far_away(pcm: NDArray, rng: np.random.Generator, rate_hz: int) -> Samples:
    """Somebody on the other side of the room: reverberant, and dull."""
    heard = fftconvolve(pcm.astype(np.float64), reverberation(rng, rate_hz, direct=0.15))
    return np.convolve(heard, (0.25, 0.5, 0.25), mode="same")


def create_echo(rng: np.random.Generator, rate_hz: int, *, loss_db: float) -> Echo:
    """An echo that comes back after 40 to 250 ms and `loss_db` quieter than the bot is."""
    room = reverberation(rng, rate_hz, direct=0.5) * 10 ** (-loss_db / 20)
    return Echo(np.pad(room, (int(rng.uniform(0.04, 0.25) * rate_hz), 0)))
