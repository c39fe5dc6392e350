"""What the local ears of every engine share: whole utterances in, words out, on one model's thread.

pcm -> 16 kHz, -1..1 -> longer than 28 s? -> pieces -> the engine, on its own thread -> text
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import soxr
from numpy.typing import NDArray

from bots.local import hearing
from bots.local.hearing import RATE_HZ
from bots.local.lane import Lane

Samples = NDArray[np.float32]


class UtteranceEars(ABC):
    """Transcribes utterances in one language with a model that all calls share.

    Args:
        name: of the model, for people.
        language: ISO 639-1.
        lane: the model's thread.
    """

    typical_s: float
    """Seconds this machine took for a 4 s utterance when the model was warmed."""

    def __init__(self, name: str, language: str, lane: Lane) -> None:
        self.name = name
        self.language = language
        self._lane = lane

    @property
    def is_busy(self) -> bool:
        """Whether the model is at work or has work waiting, for any call of the process."""
        return self._lane.is_busy

    async def transcribe(self, pcm: NDArray[np.int16], rate_hz: int = RATE_HZ) -> str:
        """The words of one utterance, "" when there are none. Waits its turn, off the event loop.

        Args:
            pcm: PCM s16, mono, shape (n_samples,), any length.
            rate_hz: of `pcm`; anything but 16 kHz is resampled on the model's thread.
        """
        return await self._lane.run(lambda: self._transcribe(pcm, rate_hz))

    def close(self) -> None:
        """Let the pass under way end, drop the rest, and free the thread."""
        self._lane.close()

    def _transcribe(self, pcm: NDArray[np.int16], rate_hz: int) -> str:
        samples = pcm.astype(np.float32) / 32768.0
        if rate_hz != RATE_HZ:
            samples = soxr.resample(samples, rate_hz, RATE_HZ)
        texts = (self._piece(piece) for piece in hearing.pieces(samples))
        return " ".join(text for text in texts if text)

    @abstractmethod
    def _piece(self, samples: Samples) -> str:
        """The words of up to 28 s, "" when there are none; on the model's thread."""
