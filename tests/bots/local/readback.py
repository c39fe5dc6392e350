"""Reads a voice back: what whisper hears of a sentence that a local voice spoke."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import soxr

from bots.local import weights
from bots.local.voices import Voice, find_voice, load_voice
from bots.local.whisper import WhisperEars

_EARS_HZ = 16_000
_MARGIN = np.zeros(_EARS_HZ // 4, np.int16)


def load(name: str, language: str = "en") -> Voice:
    """The real voice `name`, from the weights on this machine."""
    entry = find_voice(language, name)
    return load_voice(entry, weights.path(entry.weights[0]) if entry.weights else None)


async def heard(voice: Voice, texts: Sequence[str]) -> list[str]:
    """What whisper makes of each of `texts`, spoken by `voice`."""
    model = "whisper-tiny.en" if voice.language == "en" else "whisper-base"
    ears = WhisperEars.load(weights.path(model), voice.language, threads=2)
    try:
        return [await ears.transcribe(await _speech(voice, text)) for text in texts]
    finally:
        ears.close()


async def _speech(voice: Voice, text: str) -> np.ndarray:
    pcm = np.frombuffer(await voice.synthesize(text), "<i2")
    at_ears = soxr.resample(pcm.astype(np.float32), voice.sample_rate_hz, _EARS_HZ)
    return np.concatenate([_MARGIN, at_ears.astype(np.int16), _MARGIN])
