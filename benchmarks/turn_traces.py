"""What the models say of each turn, computed once and kept on disk; see turns.py.

The VAD and the end-of-turn model run over a turn's samples chunk by chunk, as in a call, but on
audio time: nothing here reads a clock. A policy is then replayed over the trace in microseconds.
"""

from __future__ import annotations

import asyncio
import hashlib
import pickle
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import soxr
from pipecat.audio.vad.vad_analyzer import VADState

from benchmarks.turn_corpus import Turn
from bots.local.whisper import WhisperEars
from processors.speech_models import SpeechModels

CHUNK_S = 0.02
VAD_STOP_S = 0.2
SCORED_AT_S = (0.2, 0.4, 0.6, 0.8, 1.1, 1.4)
"""The silences, from its begin, at which the end-of-turn model is asked."""
HEARD_S = 8.0
BEFORE_SPEECH_S = 0.7
"""What the model hears before the speech: Pipecat's 0.5 s and the VAD's own 0.2 s."""
VERSION = 5


@dataclass(frozen=True, slots=True)
class Silence:
    """A stop of the VAD. Times are seconds of the turn's audio."""

    since_s: float
    """When the silence began, by the VAD: its stop less its stop time."""
    suspected_s: tuple[tuple[float, float], ...]
    """When the VAD suspects speech again: from, and until it confirms or drops it."""
    until_s: float | None
    """When the VAD confirms speech again; None is never."""
    scores: tuple[tuple[float, float], ...]
    """How long the silence had lasted, and the model's probability then."""
    text: str
    """What the ears make of the turn so far."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A turn without its samples, and what the models said of it."""

    set: str
    is_tuned: bool
    language: str
    rate_hz: int
    call: int
    pauses: tuple[tuple[float, float], ...]
    ends_s: float
    silences: tuple[Silence, ...] = field(default=())


class Tracer:
    """Traces turns, from the cache where they are in it.

    Args:
        folder: where traces are kept; outside of the repository.
        ears: by language; a language without ears has no words.
    """

    def __init__(self, folder: Path, ears: dict[str, WhisperEars]) -> None:
        self._folder = folder
        self._ears = ears
        self._models = SpeechModels()
        folder.mkdir(parents=True, exist_ok=True)

    def trace(self, turns: Iterable[Turn], threads: int = 2) -> Iterator[Trace]:
        """Each turn's trace, in order."""
        with ThreadPoolExecutor(threads) as pool:
            yield from pool.map(self._trace, turns)

    def close(self) -> None:
        self._models.close()

    def _trace(self, turn: Turn) -> Trace:
        digest = hashlib.sha256(f"{VERSION} {turn.language} {turn.rate_hz}".encode())
        digest.update(turn.pcm.tobytes())
        path = self._folder / f"{digest.hexdigest()[:24]}.pickle"
        if path.exists():
            silences = pickle.loads(path.read_bytes())
        else:
            silences = tuple(self._silences(turn))
            path.write_bytes(pickle.dumps(silences))
        return Trace(
            set=turn.set,
            is_tuned=turn.is_tuned,
            language=turn.language,
            rate_hz=turn.rate_hz,
            call=turn.call,
            pauses=turn.pauses,
            ends_s=turn.ends_s,
            silences=silences,
        )

    def _silences(self, turn: Turn) -> Iterator[Silence]:
        states = self._vad(turn)
        length_s = len(turn.pcm) / turn.rate_hz
        began_s: float | None = None
        stops = [
            (at_s - VAD_STOP_S, index)
            for index, (at_s, state) in enumerate(states)
            if state is VADState.QUIET and index and states[index - 1][1] is VADState.STOPPING
        ]
        for since_s, index in stops:
            if began_s is None:
                began_s = next(at_s for at_s, state in states if state is VADState.SPEAKING)
            later = states[index + 1 :]
            until_s = next((at_s for at_s, state in later if state is VADState.SPEAKING), None)
            ends_s = until_s or length_s
            suspected: list[tuple[float, float]] = []
            for place, (at_s, state) in enumerate(later):
                if state is VADState.STARTING and at_s < ends_s:
                    suspected.append(
                        (at_s, later[place + 1][0] if place + 1 < len(later) else ends_s)
                    )
            from_s = max(0.0, began_s - BEFORE_SPEECH_S)
            yield Silence(
                since_s=since_s,
                suspected_s=tuple(suspected),
                until_s=until_s,
                scores=tuple(
                    (after_s, self._score(turn, from_s, since_s + after_s))
                    for after_s in SCORED_AT_S
                    if since_s + after_s <= ends_s
                ),
                text=self._hear(turn, from_s, since_s + VAD_STOP_S),
            )

    def _vad(self, turn: Turn) -> list[tuple[float, VADState]]:
        """The VAD's changes of state and when, by the end of the chunk that brought them."""
        analyzer = self._models.vad_analyzer()
        analyzer.set_sample_rate(turn.rate_hz)
        width = round(CHUNK_S * turn.rate_hz)
        states = [(0.0, VADState.QUIET)]
        for start in range(0, len(turn.pcm) - width + 1, width):
            state = analyzer._run_analyzer(turn.pcm[start : start + width].tobytes())
            if state is not states[-1][1]:
                states.append(((start + width) / turn.rate_hz, state))
        return states

    def _score(self, turn: Turn, from_s: float, until_s: float) -> float:
        heard = turn.pcm[round(from_s * turn.rate_hz) : round(until_s * turn.rate_hz)]
        heard = heard[-round(HEARD_S * turn.rate_hz) :]
        # The scorer keeps its rate between calls, which threads would fight over.
        return self._models.smart_turn._score(soxr.resample(heard, turn.rate_hz, 16000), 16000)

    def _hear(self, turn: Turn, from_s: float, until_s: float) -> str:
        ears = self._ears.get(turn.language)
        if ears is None:
            return ""
        heard = turn.pcm[round(from_s * turn.rate_hz) : round(until_s * turn.rate_hz)]
        return asyncio.run(ears.transcribe(heard, turn.rate_hz))
