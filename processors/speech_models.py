"""Silero VAD and Smart Turn, loaded once a process and shared by every session.

Pipecat loads both anew for each session: 38 MB and 67 ms of blocked event loop. Here a session
gets an analyzer that owns its own recurrent state and borrows the weights.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pipecat.audio.turn.smart_turn.local_smart_turn_v3 import LocalSmartTurnAnalyzerV3
from pipecat.audio.utils import exp_smoothing, normalize_value
from pipecat.audio.vad.silero import SileroOnnxModel, SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADAnalyzer, VADParams, VADState

from processors.loudness import level_dbfs

CALLERS = VADParams(start_secs=0.16)
"""Five windows of 32 ms are speech. Pipecat's six never confirm a quick "wait" or "no"."""
VOLUME_RANGE_DBFS = (-110.0, -10.0)
"""What Pipecat's volumes from 0 to 1 span; `VADParams.min_volume` of 0.6 is -50 dBFS."""


class TurnScorer(Protocol):
    """Scores whether speech sounds finished."""

    async def score(self, pcm: NDArray[np.int16], sample_rate_hz: int) -> float:
        """The probability, 0 to 1, that mono `pcm` (shape (n_samples,)) ends a turn."""
        ...


class SpeechProbability(Protocol):
    """A VAD that can be asked how sure it is before it has made up its mind."""

    @property
    def confidence(self) -> float:
        """The probability of speech, 0 to 1, in the latest window."""
        ...


class _BorrowedSilero(SileroOnnxModel):
    """The VAD's recurrent state over somebody else's ONNX session."""

    def __init__(self, owner: SileroOnnxModel) -> None:
        self.session = owner.session
        self.sample_rates = owner.sample_rates
        self.reset_states()


class SharedSileroVADAnalyzer(SileroVADAnalyzer):
    """Pipecat's Silero analyzer on shared weights, run inline.

    A window costs 0.23 ms; handing it to a thread costs more than that, so it runs on the event
    loop.
    """

    def __init__(self, owner: SileroOnnxModel, *, params: VADParams | None = None) -> None:
        # Past SileroVADAnalyzer's own constructor, which loads the weights again.
        VADAnalyzer.__init__(self, params=params)
        self._model = _BorrowedSilero(owner)
        self._windows_since_reset = 0
        self._low_confidence_windows = 0
        self._confidence = 0.0

    @property
    def confidence(self) -> float:
        """See SpeechProbability; a window is 32 ms."""
        return self._confidence

    def voice_confidence(self, buffer: bytes) -> float:
        """The probability of speech in a window of PCM s16le, mono."""
        self._confidence = super().voice_confidence(buffer)
        return self._confidence

    def _get_smoothed_volume(self, audio: bytes) -> float:
        """The level of a window on Pipecat's scale, up at once, down as slowly as Pipecat's.

        Pipecat measures 0.4 s of audio and smooths that: 0.1 to 0.2 s pass before somebody who
        speaks into silence counts as loud enough, and a "wait" of 0.2 s never does.
        """
        level = normalize_value(level_dbfs(audio), *VOLUME_RANGE_DBFS)
        return max(level, exp_smoothing(level, self._prev_volume, self._smoothing_factor))

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is heard that is speech or may be."""
        return self._vad_state is VADState.QUIET

    async def analyze_audio(self, buffer: bytes) -> VADState:
        """The VAD's state after `buffer` (PCM s16le mono, any length)."""
        return self._run_analyzer(buffer)


class SmartTurn:
    """Smart Turn v3, one model and one worker thread for the whole process."""

    def __init__(self) -> None:
        self._analyzer = LocalSmartTurnAnalyzerV3(sample_rate=16000, cpu_count=1)
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="smart-turn")

    async def score(self, pcm: NDArray[np.int16], sample_rate_hz: int) -> float:
        """The probability that `pcm` ends a turn; the model hears its last 8 s, at 16 kHz.

        About 50 ms of wall time and 95 ms of CPU, off the event loop.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, self._score, pcm, sample_rate_hz)

    def _score(self, pcm: NDArray[np.int16], sample_rate_hz: int) -> float:
        self._analyzer.set_sample_rate(sample_rate_hz)
        samples = pcm.astype(np.float32) / 32768.0
        return float(self._analyzer._predict_endpoint(samples)["probability"])

    def close(self) -> None:
        """Release the worker thread."""
        self._worker.shutdown(wait=False, cancel_futures=True)


class SpeechModels:
    """The process's VAD and end-of-turn weights, loaded on first use, safe to share."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @cached_property
    def _silero(self) -> SileroOnnxModel:
        loaded = SileroVADAnalyzer(sample_rate=16000)
        model = loaded._model
        loaded._executor.shutdown(wait=False)
        return model

    @cached_property
    def smart_turn(self) -> SmartTurn:
        """The end-of-turn model."""
        return SmartTurn()

    def vad_analyzer(self, params: VADParams | None = None) -> SharedSileroVADAnalyzer:
        """A VAD analyzer for one session, CALLERS unless told; about 0.1 ms once all is loaded."""
        with self._lock:
            owner = self._silero
        return SharedSileroVADAnalyzer(owner, params=params or CALLERS)

    def load(self) -> None:
        """Load and run both once, so that no caller pays for it. Blocks for about 0.3 s."""
        analyzer = self.vad_analyzer()
        analyzer.set_sample_rate(16000)
        analyzer.voice_confidence(bytes(1024))
        self.smart_turn._score(np.zeros(16000, np.int16), 16000)

    def close(self) -> None:
        """Release what the models hold."""
        if "smart_turn" in self.__dict__:
            self.smart_turn.close()
