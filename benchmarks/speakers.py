"""Speakers that no bot has: Kokoro's voices mixed, and Piper's, at a pace of their own."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnxruntime
import soxr
from piper import PiperVoice
from piper.config import PiperConfig

from benchmarks.clips import CACHE, RATE_HZ, Pcm, to_level
from bots.local import weights
from bots.local.kokoro import KokoroModel
from bots.local.piper import PiperModel, find_model, open_session
from bots.local.voices import LoadedVoice, SpeechModel

SPEAKS_DBFS = -25.0
MORE_VOICES = CACHE / "voices"
"""Kokoro's voices that no bot has, as `npm pack kokoro-js@1.2.1` has them in package/voices."""
_READERS = {"en": "ab", "es": "e", "fr": "f", "it": "i", "pt": "p"}
"""How Kokoro's voices of a language begin: the first letter has its rules."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who speaks one language.

    `styles`: voices of Kokoro, mixed in equal parts, or `joe` of Piper alone. Words are read by the
    rules of `language`, whatever language a voice is made for. `pace`: how much faster than the
    voice speaks by itself.
    """

    styles: tuple[str, ...]
    language: str = "en"
    pace: float = 1.0

    @property
    def name(self) -> str:
        """As the reports have it: `am_michael+bm_george x1.1`."""
        return f"{'+'.join(self.styles)} x{self.pace:g}"

    def says(self, text: str) -> Pcm:
        """`text` at SPEAKS_DBFS and RATE_HZ, kept on disk once it was said."""
        key = hashlib.sha256(f"{self.name} {self.language}\n{text}".encode()).hexdigest()[:16]
        path = CACHE / "barge_in" / f"{self.styles[0]}-{key}.npy"
        if not path.exists():
            voice = _load(self)
            made = np.frombuffer(asyncio.run(voice.synthesize(text)), np.int16)
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, soxr.resample(made, voice.sample_rate_hz, RATE_HZ))
        return to_level(np.load(path), SPEAKS_DBFS)


class _Paced:
    """Kokoro's session, told to be faster or slower."""

    def __init__(self, session: onnxruntime.InferenceSession, pace: float) -> None:
        self._session = session
        self._speed = np.full(1, pace, np.float32)

    def get_inputs(self) -> Sequence[Any]:
        return self._session.get_inputs()

    def run(self, names: Any, inputs: dict[str, Any], *, run_options: Any) -> Sequence[Any]:
        return self._session.run(names, inputs | {"speed": self._speed}, run_options=run_options)


@cache
def _load(speaker: Speaker) -> LoadedVoice:
    model = _piper(speaker) if speaker.styles == ("joe",) else _kokoro(speaker)
    return LoadedVoice(speaker.name, speaker.language, model)


def _kokoro(speaker: Speaker) -> SpeechModel:
    styles = [np.fromfile(_style(name), "<f4") for name in speaker.styles]
    mixed = np.mean(styles, axis=0, dtype=np.float32).reshape(-1, 1, 256)
    session = _Paced(_kokoro_session(), speaker.pace)
    return KokoroModel(cast(onnxruntime.InferenceSession, session), _reader(speaker), mixed)


def _style(name: str) -> Path:
    """The voice's file: of those that bots have, or of MORE_VOICES."""
    own = weights.path("kokoro") / "voices" / f"{name}.bin"
    return own if own.exists() else MORE_VOICES / f"{name}.bin"


def _reader(speaker: Speaker) -> str:
    """The voice whose rules of reading are those of the language."""
    first, known = speaker.styles[0], _READERS[speaker.language]
    return first if first[0] in known else known


@cache
def _kokoro_session() -> onnxruntime.InferenceSession:
    return open_session(find_model(weights.path("kokoro")), threads=2)


def _piper(speaker: Speaker) -> SpeechModel:
    model = find_model(weights.path("piper-joe"))
    config = json.loads(model.with_name(f"{model.name}.json").read_text("utf-8"))
    voice = PiperVoice(
        session=open_session(model, threads=2),
        config=PiperConfig.from_dict(config),
        download_dir=model.parent,
    )
    voice.config.length_scale /= speaker.pace
    return PiperModel(voice)
