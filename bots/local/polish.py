"""From a model's samples to a clause that can stand beside any other: level, edges and the pause.

Models leave 0 to 330 ms of silence before a clause and up to 500 ms after it; the first would be
heard as latency, the second as hesitation. Both are cut, and the pause follows the punctuation.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Mono audio, shape (n_samples,), full scale is 1.0."""

TARGET_DBFS = -20.0
"""Loudness of every voice: RMS of its spoken parts."""
_CEILING = 0.94
_MAX_GAIN_DB = 12.0

_LEAD_MS = 20
_TAIL_MS = 40
_FADE_IN_MS = 4
_FADE_OUT_MS = 15
_WINDOW_MS = 5
# Below the loudest window: quieter than this is the model's floor, not a soft consonant.
_SILENCE_DB = -46.0

_PAUSES_MS = {
    ".": 260, "!": 260, "?": 260, "…": 260, ";": 180, ":": 160, ",": 110, "—": 130, "–": 130,
}  # fmt: skip
_PAUSE_MS = 30
_CLOSERS = "\"'”’»)]} \n"


def pause_ms(text: str) -> int:
    """The silence after `text`, by its last mark: a sentence 260 ms, a comma 110, nothing 30."""
    return _PAUSES_MS.get(text.rstrip(_CLOSERS)[-1:], _PAUSE_MS)


def gain_for(samples: Samples, rate_hz: int) -> float:
    """The factor that brings speech like `samples` to `TARGET_DBFS`, within 12 dB either way."""
    levels = _levels(samples, rate_hz)
    if not levels.size or levels.max() <= 0:
        return 1.0
    spoken = levels[levels > levels.max() * 10 ** (-30 / 20)]
    rms_dbfs = 20 * np.log10(float(np.sqrt(np.mean(spoken**2))))
    gain_db = float(np.clip(TARGET_DBFS - rms_dbfs, -_MAX_GAIN_DB, _MAX_GAIN_DB))
    return 10 ** (gain_db / 20)


def polish(samples: Samples, rate_hz: int, *, gain: float, after_ms: int) -> bytes:
    """One clause as PCM s16le mono: silence trimmed, levelled, faded at both ends, then a pause.

    Peaks are bent below full scale, not clipped. Silence or no samples give no bytes.
    """
    spoken = _trimmed(samples, rate_hz)
    if not spoken.size:
        return b""
    loud = _limited(spoken * np.float32(gain))
    _fade(loud, rate_hz)
    pcm = (loud * 32767.0).astype("<i2").tobytes()
    return pcm + b"\x00\x00" * (rate_hz * after_ms // 1000)


def _levels(samples: Samples, rate_hz: int) -> Samples:
    window = rate_hz * _WINDOW_MS // 1000
    count = len(samples) // window
    blocks = samples[: count * window].reshape(count, window)
    return np.sqrt(np.mean(blocks**2, axis=1, dtype=np.float32))


def _trimmed(samples: Samples, rate_hz: int) -> Samples:
    levels = _levels(samples, rate_hz)
    if not levels.size or levels.max() < 1e-4:
        return samples[:0]
    heard = np.flatnonzero(levels > levels.max() * 10 ** (_SILENCE_DB / 20))
    window = rate_hz * _WINDOW_MS // 1000
    start = max(0, int(heard[0]) * window - rate_hz * _LEAD_MS // 1000)
    end = (int(heard[-1]) + 1) * window + rate_hz * _TAIL_MS // 1000
    return samples[start:end]


def _limited(samples: Samples) -> Samples:
    """Linear up to two thirds of the ceiling, then bent so that it is never passed."""
    knee = _CEILING * 2 / 3
    room = _CEILING - knee
    size = np.abs(samples)
    bent = knee + room * np.tanh((size - knee) / room)
    return np.where(size > knee, np.sign(samples) * bent, samples).astype(np.float32)


def _fade(samples: Samples, rate_hz: int) -> None:
    rise = min(len(samples) // 2, rate_hz * _FADE_IN_MS // 1000)
    fall = min(len(samples) // 2, rate_hz * _FADE_OUT_MS // 1000)
    samples[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    samples[len(samples) - fall :] *= np.linspace(1, 0, fall, dtype=np.float32)
