"""Ears over a recogniser that takes a whole utterance: Parakeet and Moonshine, as Whisper's are.

pcm -> silent? -> "" ; longer than 28 s? -> pieces -> the model, on its own thread -> text
"""

from __future__ import annotations

import time
from typing import Protocol, Self

import numpy as np

from bots.errors import WeightsError
from bots.languages import LANGUAGES
from bots.local import hearing
from bots.local.hearing import RATE_HZ
from bots.local.lane import Lane
from bots.local.utterance_ears import Samples, UtteranceEars


class Recogniser(Protocol):
    """A loaded model: an utterance in, its words out, on the calling thread."""

    @property
    def name(self) -> str:
        """Of its files, for people."""
        ...

    @property
    def languages(self) -> frozenset[str] | None:
        """The languages it knows; None is every one, told apart by itself."""
        ...

    def hear(self, samples: Samples) -> str:
        """The words of `samples` (mono, 16 kHz, -1..1, up to 28 s)."""
        ...


class RecogniserEars(UtteranceEars):
    """Transcribes utterances with a model that all calls share; blocks for a pass when made."""

    def __init__(
        self, model: Recogniser, language: str, *, lane: Lane | None = None, typical_s: float = 0.0
    ) -> None:
        """Raises:
        WeightsError: the model does not know the language.
        """
        if model.languages is not None and language not in model.languages:
            known = ", ".join(LANGUAGES.get(one, one) for one in sorted(model.languages))
            raise WeightsError(
                f"{model.name} does not know {LANGUAGES.get(language, language)}.",
                hint=f"It knows {known}.",
                code="unknown_language",
            )
        super().__init__(model.name, language, lane or Lane())
        self._model = model
        self.typical_s = typical_s or self._warm_up()

    def for_language(self, language: str) -> Self:
        """Ears for another language on the same model and thread.

        Raises:
            WeightsError: the model does not know the language.
        """
        if language == self.language:
            return self
        return type(self)(self._model, language, lane=self._lane, typical_s=self.typical_s)

    def _piece(self, samples: Samples) -> str:
        return "" if hearing.loudness(samples).is_silence else self._model.hear(samples).strip()

    def _warm_up(self) -> float:
        """Run the model as a call will; returns the seconds that 4 s of audio take."""
        hum = np.random.default_rng(0).normal(0, 0.02, 4 * RATE_HZ).astype(np.float32)
        self._model.hear(hum)
        began_s = time.perf_counter()
        self._model.hear(hum)
        return max(time.perf_counter() - began_s, 1e-3)
