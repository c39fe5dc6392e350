"""An end-of-turn model that says what a test has it say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class FixedScorer:
    """Scores each pause with the next of `probabilities`, the last for ever."""

    def __init__(self, *probabilities: float) -> None:
        self._probabilities = list(probabilities)
        self.heard_samples: list[int] = []

    async def score(self, pcm: NDArray[np.int16], sample_rate_hz: int) -> float:
        """The next probability."""
        self.heard_samples.append(len(pcm))
        if len(self._probabilities) > 1:
            return self._probabilities.pop(0)
        return self._probabilities[0]
