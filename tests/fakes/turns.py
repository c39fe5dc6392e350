"""What decides a turn's end in tests: a patience of round figures, and a model told what to say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from processors.patience import Patience

PATIENCE = Patience(
    shortest_s=0.2,
    longest_s=1.6,
    sure=0.5,
    telephone_sure=0.8,
    curve=1.0,
    more_s=0.6,
    done=0.5,
    rescore_s=0.2,
    transcript_s=1.0,
)


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
