"""Kokoro-82M (int8 ONNX, 24 kHz): the voices of es, fr, it and pt, and slow, rich English ones.

Runs on onnxruntime alone. The kokoro-onnx package wants all voices in one archive, fixes the
session's threads, and feeds espeak's phonemes unchanged where the model was taught ligatures.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Self

import numpy as np
import onnxruntime
from hibari.g2p import G2P

from bots.errors import WeightsError
from bots.local.espeak import phonemes
from bots.local.hibari import mark_letters
from bots.local.piper import find_model, open_session
from bots.local.polish import Samples

_RATE_HZ = 24_000
_MAX_TOKENS = 510
_STYLE_SIZE = 256

_ESPEAK_VOICES = {"e": "es", "f": "fr", "i": "it", "p": "pt-br"}
# espeak writes these as two signs; Kokoro learned one (misaki's alphabet).
_LIGATURES = (
    ("dʒ", "ʤ"), ("tʃ", "ʧ"), ("dz", "ʣ"), ("ts", "ʦ"), ("tɕ", "ʨ"), ("g", "ɡ"),
)  # fmt: skip


class KokoroModel:
    """One voice of Kokoro. Voices of the same folder share one session and its memory."""

    sample_rate_hz: int = _RATE_HZ

    def __init__(self, session: onnxruntime.InferenceSession, voice: str, styles: Samples) -> None:
        self._session = session
        self._tokens_name = session.get_inputs()[0].name
        self._voice = voice
        self._styles = styles
        self._vocabulary = _vocabulary()

    @classmethod
    def load(cls, folder: Path | None, *, voice: str, threads: int = 1) -> Self:
        """Load the one `*.onnx` in `folder` and `voices/<voice>.bin` (float32, 510 x 1 x 256).

        Raises:
            WeightsError: when a file is not there or has another shape.
        """
        model = find_model(folder)
        path = model.parent / "voices" / f"{voice}.bin"
        if not path.is_file():
            raise WeightsError(f"No voice {voice} beside {model}.", hint="Run: offhook models pull")
        styles = np.fromfile(path, "<f4")
        if styles.size != _MAX_TOKENS * _STYLE_SIZE:
            raise WeightsError(f"{path} is not a Kokoro voice.", hint="Run: offhook models verify")
        return cls(_session(model, threads), voice, styles.reshape(_MAX_TOKENS, 1, _STYLE_SIZE))

    def render(self, words: str, options: onnxruntime.RunOptions) -> Samples:
        """`words` as samples at 24 kHz; a run under way raises when it is told to end."""
        parts: list[Samples] = []
        for ids in self._token_runs(words):
            inputs = {
                self._tokens_name: np.array([[0, *ids, 0]], np.int64),
                "style": self._styles[len(ids) - 1],
                "speed": np.ones(1, np.float32),
            }
            (audio,) = self._session.run(None, inputs, run_options=options)
            parts.append(np.asarray(audio, np.float32).ravel())
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def _token_runs(self, words: str) -> list[list[int]]:
        """Token ids in runs of what the model can take, cut at a space where one is near."""
        sounds = self._sounds(words)
        ids = [self._vocabulary[sound] for sound in sounds if sound in self._vocabulary]
        space = self._vocabulary[" "]
        runs = []
        while len(ids) > _MAX_TOKENS:
            head = ids[:_MAX_TOKENS]
            cut = _MAX_TOKENS - (head[::-1].index(space) if space in head else 0)
            runs.append(ids[:cut])
            ids = ids[cut:]
        return [*runs, ids] if ids else runs

    def _sounds(self, words: str) -> str:
        if self._voice[0] in "ab":
            return _english(self._voice[0] == "b")(mark_letters(words))
        sounds = phonemes(words, _ESPEAK_VOICES[self._voice[0]])
        for pair, single in _LIGATURES:
            sounds = sounds.replace(pair, single)
        return sounds


@lru_cache(maxsize=2)
def _session(model: Path, threads: int) -> onnxruntime.InferenceSession:
    return open_session(model, threads)


@cache
def _english(british: bool) -> G2P:
    """Misaki's reader as hibari carries it (Apache-2.0): English needs no espeak."""
    return G2P(british=british)


@cache
def _vocabulary() -> dict[str, int]:
    """Kokoro's phoneme table, which is hibari's too."""
    table = files("hibari").joinpath("assets/vocab.json").read_text(encoding="utf-8")
    return json.loads(table)
