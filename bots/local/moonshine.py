"""Useful Sensors' Moonshine as ears, through its own library (the `moonshine` extra)."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Self

from bots.errors import WeightsError
from bots.local.recogniser import Samples
from bots.providers.engines import moonshine_kind


class MoonshineModel:
    """One language's model; its folder, or one above it, is named after both: `base-en`."""

    def __init__(self, name: str, language: str, transcriber: Any) -> None:
        self.name = name
        self.languages = frozenset({language})
        self._transcriber = transcriber

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Load the model in `folder`; blocks for about a second.

        Raises:
            WeightsError: the folder has no such model, or is not named after one.
        """
        known = moonshine_kind(folder)
        if known is None:
            raise WeightsError(
                f"{folder.name} does not say which Moonshine it is.",
                hint="Keep the name of its download, as in `base-en`.",
                code="weights_broken",
            )
        size, language = known
        library = importlib.import_module("moonshine_voice")
        try:
            transcriber = library.Transcriber(folder, library.string_to_model_arch(size))
        except Exception as error:
            raise WeightsError(
                f"{folder.name} does not load as a Moonshine: {type(error).__name__}.",
                hint=f"Fetch it anew: `python -m moonshine_voice.download --language {language}`.",
                code="weights_broken",
            ) from error
        return cls(f"{size}-{language}", language, transcriber)

    def hear(self, samples: Samples) -> str:
        """The words of `samples`."""
        heard = self._transcriber.transcribe_without_streaming(samples.tolist(), 16_000)
        return " ".join(line.text for line in heard.lines)
