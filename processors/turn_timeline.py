"""What end-of-turn detection would have decided on a recording, and when: on audio time, no clock.

    samples -> VAD, model, words, chunk by chunk -> EndOfTurn -> Timeline

`offhook turns` draws it. The policy is the one that calls run; only the models' answers are given
the time they typically take.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from processors.end_of_turn import HEARD_S, End, EndOfTurn, Score, Speculate, Wait, Withdraw
from processors.loudness import level_dbfs

CHUNK_S = 0.02
BEFORE_SPEECH_S = 0.7
SCORE_S = 0.05
"""What a verdict of the end-of-turn model takes."""
WORDS_S = 0.3
"""From the caller's last sound to the final words."""

Samples = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at `at_s`: its kind, and what is told of it."""

    at_s: float
    kind: str
    """speculate, withdraw, end; score; words."""
    text: str = ""
    value: float = 0.0
    """A score's probability; for an end, the silence before it in seconds."""


@dataclass(slots=True)
class Timeline:
    """A recording as the detector saw it. Times are seconds of audio."""

    length_s: float
    levels_dbfs: list[tuple[float, float]] = field(default_factory=list)
    """The level of each chunk, by its begin."""
    speech: list[tuple[float, float]] = field(default_factory=list)
    """Where the VAD hears speech, as it announces it."""
    waits: list[tuple[float, float, float]] = field(default_factory=list)
    """In a silence: when, how long it has lasted, and how long it must to end the turn."""
    marks: list[Mark] = field(default_factory=list)

    def of(self, *kinds: str) -> list[Mark]:
        """The marks of these kinds, in order."""
        return [mark for mark in self.marks if mark.kind in kinds]


Hears = Callable[[bytes], tuple[bool, bool]]
"""A chunk of PCM s16le to whether the VAD hears speech, and whether it hears none for sure."""
Scores = Callable[[Samples], Awaitable[float]]
Reads = Callable[[Samples], Awaitable[str]]
"""A turn's samples to its words, "" for none."""


class _Run:
    """One recording on its way through the policy."""

    def __init__(
        self, turn: EndOfTurn, rate_hz: int, hears: Hears, scores: Scores, reads: Reads
    ) -> None:
        self._turn = turn
        self._rate_hz = rate_hz
        self._hears, self._scores, self._reads = hears, scores, reads
        self._due: list[tuple[float, Callable[[float], None]]] = []
        self._is_open = self._is_speaking = False
        self._began_s = 0.0
        self._said = ""

    async def go(self, samples: Samples, start_s: float, stop_s: float) -> Timeline:
        """All of `samples`; the VAD announces speech `start_s` late and silence `stop_s`."""
        width = round(CHUNK_S * self._rate_hz)
        found = Timeline(len(samples) / self._rate_hz)
        for first in range(0, len(samples) - width + 1, width):
            chunk = samples[first : first + width]
            now_s = (first + width) / self._rate_hz
            found.levels_dbfs.append((first / self._rate_hz, level_dbfs(chunk.tobytes())))
            is_speech, is_quiet = self._hears(chunk.tobytes())
            if is_speech and not self._is_speaking:
                self._speech_started(now_s, start_s, found)
            elif not is_speech and self._is_speaking:
                await self._speech_stopped(now_s, stop_s, samples, found)
            self._turn.speech_suspected(not is_quiet)
            self._deliver(now_s)
            await self._decide(now_s, samples, found)
            if self._is_open and (silence := self._turn.silence(now_s)):
                found.waits.append((now_s, silence.length_s, silence.needed_s))
        if self._is_speaking and found.speech:
            found.speech[-1] = (found.speech[-1][0], found.length_s)
        return found

    def _speech_started(self, now_s: float, start_s: float, found: Timeline) -> None:
        self._is_speaking = True
        self._due.clear()
        found.speech.append((now_s, now_s))
        if isinstance(self._turn.speech_started(now_s - start_s), Withdraw):
            found.marks.append(Mark(now_s, "withdraw"))
        if not self._is_open:
            self._is_open, self._began_s, self._said = True, now_s, ""
            self._turn.turn_started()

    async def _speech_stopped(
        self, now_s: float, stop_s: float, samples: Samples, found: Timeline
    ) -> None:
        self._is_speaking = False
        since_s = now_s - stop_s
        found.speech[-1] = (found.speech[-1][0], now_s)
        self._turn.speech_stopped(since_s)
        text = await self._reads(self._heard(samples, now_s))
        new = " ".join(text.split()[len(self._said.split()) :])
        self._said = text or self._said
        at_s = max(now_s, since_s + WORDS_S)
        if new:
            found.marks.append(Mark(since_s, "words", new))
        self._due.append((at_s, lambda at: self._turn.transcribed(new, at, is_final=True)))

    def _deliver(self, now_s: float) -> None:
        """What the models have answered by now."""
        for one in [one for one in self._due if one[0] <= now_s]:
            self._due.remove(one)
            one[1](now_s)

    async def _decide(self, now_s: float, samples: Samples, found: Timeline) -> None:
        while not isinstance(decision := self._turn.decide(now_s), Wait):
            if isinstance(decision, Score):
                await self._ask(decision.silent_since_s, now_s, samples, found)
            elif isinstance(decision, Speculate):
                found.marks.append(Mark(now_s, "speculate", decision.text))
            elif isinstance(decision, End):
                silence = self._turn.silence(now_s)
                length_s = silence.length_s if silence else 0.0
                found.marks.append(Mark(now_s, "end", self._turn.why().value, length_s))
                self._turn.turn_ended()
                self._due.clear()
                self._is_open = False

    async def _ask(self, since_s: float, now_s: float, samples: Samples, found: Timeline) -> None:
        probability = await self._scores(self._heard(samples, now_s))
        found.marks.append(Mark(now_s + SCORE_S, "score", value=probability))
        self._due.append((now_s + SCORE_S, lambda at: self._turn.scored(since_s, probability, at)))

    def _heard(self, samples: Samples, now_s: float) -> Samples:
        """The turn so far, its last 8 s at most."""
        from_s = max(0.0, self._began_s - BEFORE_SPEECH_S, now_s - HEARD_S)
        return samples[round(from_s * self._rate_hz) : round(now_s * self._rate_hz)]


async def trace_turns(
    samples: Samples,
    rate_hz: int,
    turn: EndOfTurn,
    *,
    hears: Hears,
    scores: Scores,
    reads: Reads,
    start_s: float,
    stop_s: float,
) -> Timeline:
    """What `turn` decides on a recording of one caller.

    Args:
        samples: PCM s16, mono, shape (n_samples,).
        rate_hz: of the samples, 8000 or 16000.
        turn: fresh, with the patience and the language to be tried.
        hears: the VAD, called with each 20 ms in order.
        scores: the end-of-turn model.
        reads: the ears.
        start_s: how long the VAD takes to announce speech.
        stop_s: how long it takes to announce silence.
    """
    return await _Run(turn, rate_hz, hears, scores, reads).go(samples, start_s, stop_s)
