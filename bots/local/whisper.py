"""The local ears: Whisper in this process, encoding only as much as was said, off the event loop.

    pcm -> silent? -> "" ; longer than 28 s? -> pieces
        -> encode max(12 s, duration + 4 s) of 30 s -> decode -> loops? once more at 30 s
        -> made up? -> "" ; else the text

Stock Whisper encodes 30 s whatever was said. Its encoder takes less; under 12 s its words suffer,
and now and then it loops, which a second pass over the full window mends.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Self

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer

from bots.errors import WeightsError
from bots.local import hearing
from bots.local.hearing import RATE_HZ, Heard
from bots.local.lane import Lane
from bots.local.utterance_ears import Samples, UtteranceEars

MIN_WINDOW_S = 12.0
ROOM_S = 4.0
FULL_WINDOW_S = 30.0
FRAMES_PER_S = 100
BEAMS = 3
"""3.1 % words wrong where a greedy decoder has 4.4 %, for 40 ms more; five beams gain no more."""
TOKENS_PER_S = 8
"""Twice the fastest speech; a decoder that writes more is stuck."""


class _Engine(Lane):
    """A loaded Whisper and its thread."""

    def __init__(self, path: Path, threads: int) -> None:
        self.model = WhisperModel(
            str(path), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
        )
        super().__init__()


class WhisperEars(UtteranceEars):
    """Transcribes utterances in one language. `for_language` shares the loaded model."""

    def __init__(self, engine: _Engine, name: str, language: str, typical_s: float) -> None:
        super().__init__(name, language, engine)
        self._engine = engine
        self.typical_s = typical_s
        model = engine.model
        self._tokenizer = Tokenizer(
            model.hf_tokenizer,
            model.model.is_multilingual,
            task="transcribe",
            language=language,
        )
        self._prompt = [*self._tokenizer.sot_sequence, self._tokenizer.no_timestamps]

    @classmethod
    def load(cls, path: Path, language: str = "en", threads: int = 2) -> Self:
        """Load and warm the model; blocks for about a second.

        Args:
            path: the directory of a CTranslate2 Whisper model.
            language: ISO 639-1. An English-only model takes "en" alone.
            threads: CPU threads of the model, 1 and up.

        Raises:
            WeightsError: the directory is not a Whisper model, or it does not know the language.
        """
        try:
            engine = _Engine(path, threads)
        except (RuntimeError, ValueError, OSError) as error:
            raise WeightsError(
                f"{path} does not load as a Whisper model: {error}.",
                hint="Run `offhook models verify`, then `offhook models pull`.",
                code="weights_broken",
            ) from error
        _check_language(engine, path.name, language)
        ears = cls(engine, path.name, language, typical_s=0.0)
        ears.typical_s = ears._warm_up()
        return ears

    def for_language(self, language: str) -> Self:
        """Ears for another language on the same model and thread.

        Raises:
            WeightsError: the model does not know the language.
        """
        if language == self.language:
            return self
        _check_language(self._engine, self.name, language)
        return type(self)(self._engine, self.name, language, self.typical_s)

    def _piece(self, samples: Samples) -> str:
        sound = hearing.loudness(samples)
        if sound.is_silence:
            return ""
        duration_s = len(samples) / RATE_HZ
        heard = self._pass(samples, max(MIN_WINDOW_S, duration_s + ROOM_S))
        if hearing.is_looping(heard.text):
            heard = self._pass(samples, FULL_WINDOW_S)
        if hearing.is_phantom(heard, sound):
            return ""
        return hearing.unlooped(heard.text, duration_s)

    def _pass(self, samples: Samples, window_s: float) -> Heard:
        """Encode `window_s` of audio, the rest of it silence, and decode."""
        frames = int(min(window_s, FULL_WINDOW_S) * FRAMES_PER_S) // 2 * 2
        features = self._engine.model.feature_extractor(samples, padding=160)[:, :frames]
        # Zeros after the last frame, as faster-whisper pads: digital silence reads as words ended.
        features = np.pad(features, ((0, 0), (0, frames - features.shape[1])))
        spare_tokens = 12 + int(len(samples) / RATE_HZ * TOKENS_PER_S)
        result = self._engine.model.model.generate(
            self._engine.model.encode(features),
            [self._prompt],
            beam_size=BEAMS,
            max_length=min(len(self._prompt) + spare_tokens, self._engine.model.max_length),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        tokens = result.sequences_ids[0]
        return Heard(
            text=self._tokenizer.decode(tokens).strip(),
            no_speech_prob=result.no_speech_prob,
            mean_logprob=result.scores[0] * len(tokens) / (len(tokens) + 1),
        )

    def _warm_up(self) -> float:
        """Run the model as a call will, so that the first caller does not pay; returns seconds."""
        quiet_hum = np.random.default_rng(0).normal(0, 0.02, 4 * RATE_HZ).astype(np.float32)
        taken_s: list[float] = []
        for _ in range(3):
            began_s = time.perf_counter()
            self._pass(quiet_hum, MIN_WINDOW_S)
            taken_s.append(time.perf_counter() - began_s)
        return sorted(taken_s)[1]


def _check_language(engine: _Engine, name: str, language: str) -> None:
    known = engine.model.supported_languages
    if language not in known:
        raise WeightsError(
            f"The ears {name} do not know the language {language!r}.",
            hint="Use whisper-base for languages other than English."
            if known == ["en"]
            else "Whisper knows languages by two letters, as in es or pt.",
            code="unknown_language",
        )
