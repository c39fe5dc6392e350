"""hibari, the default English voice: 14 MB in its wheel, 28 ms to the first audio, 24 kHz."""

from __future__ import annotations

import re
from typing import Self

import numpy as np
import onnxruntime
from hibari import SAMPLE_RATE, Hibari

from bots.local.polish import Samples

# The reader takes a capital A inside a sentence for the article; in a spelled code it is a letter.
_LETTER_A = re.compile(r"(?<=[\w,] )A\b(?!\w|['’])|\bA\b(?=,|\s[B-Z]\b)")
_SPELLED_A = "[A](/ˈA/)"


def mark_letters(words: str) -> str:
    """`words` with the letter A of spelled codes marked by its sound, in hibari's notation."""
    return _LETTER_A.sub(_SPELLED_A, words)


class HibariModel:
    """The voice `heart`. Deterministic: the same words give the same samples."""

    sample_rate_hz: int = SAMPLE_RATE

    def __init__(self, hibari: Hibari) -> None:
        self._hibari = hibari

    @classmethod
    def load(cls, *, threads: int = 1) -> Self:
        """Load the model and the reader from the wheel; about a second."""
        return cls(Hibari(threads=threads))

    def render(self, words: str, options: onnxruntime.RunOptions) -> Samples:
        """`words` as samples at 24 kHz; ends between two sentences when told to."""
        parts: list[Samples] = []
        for part in self._hibari.stream(mark_letters(words), seed=0):
            if options.terminate:
                break
            parts.append(part)
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)
