"""Silero's voices, through torch as their own package has them (the `silero` extra), 48 kHz.

A model of theirs is a torch package, which is code: load only a file that you trust.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Self

import numpy as np
import onnxruntime

from bots.errors import WeightsError
from bots.local.polish import Samples

_RATE_HZ = 48_000


class SileroModel:
    """One speaker of a model: `en_0` of `v3_en.pt`."""

    sample_rate_hz: int = _RATE_HZ

    def __init__(self, model: Any, speaker: str) -> None:
        self._model = model
        self._speaker = speaker

    @classmethod
    def load(cls, file: Path, *, voice: str, threads: int = 1) -> Self:
        """Load the model in `file`; blocks for a second or two.

        Raises:
            WeightsError: it is no model of Silero's, or has no such speaker.
        """
        torch = importlib.import_module("torch")
        torch.set_num_threads(threads)
        try:
            package = importlib.import_module("torch.package").PackageImporter(str(file))
            model = package.load_pickle("tts_models", "model")
        except (RuntimeError, OSError, ImportError, AttributeError) as error:
            raise WeightsError(
                f"{file.name} does not load as a Silero model: {type(error).__name__}.",
                hint="Fetch it anew from models.silero.ai.",
                code="weights_broken",
            ) from error
        speakers = list(getattr(model, "speakers", []))
        if voice not in speakers:
            raise WeightsError(
                f"{file.name} has no voice `{voice}`.",
                hint=f"It has {', '.join(speakers)}.",
                code="unknown_voice",
            )
        return cls(model, voice)

    def render(self, words: str, options: onnxruntime.RunOptions) -> Samples:
        """`words` as samples at 48 kHz; an utterance under way runs to its end."""
        audio = self._model.apply_tts(text=words, speaker=self._speaker, sample_rate=_RATE_HZ)
        return np.asarray(audio.numpy(), np.float32)
