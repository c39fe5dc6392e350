"""What a recording's timeline tells, from a VAD, a model and ears whose answers are known."""

import numpy as np
import pytest

from processors.end_of_turn import EndOfTurn
from processors.patience import Patience
from processors.turn_timeline import Samples, Timeline, trace_turns

pytestmark = pytest.mark.unit

RATE_HZ = 8000


def a_call(*parts_s: float) -> Samples:
    """Speech and silence by turns, silence first."""
    loud = np.full(RATE_HZ, 8000, np.int16)
    parts = [
        np.resize(loud if index % 2 else np.zeros(RATE_HZ, np.int16), round(part_s * RATE_HZ))
        for index, part_s in enumerate(parts_s)
    ]
    return np.concatenate(parts)


class LoudnessVAD:
    """Hears loudness, each change 0.2 s late, and suspects it at once."""

    def __init__(self) -> None:
        self._is_speech = False
        self._chunks = 0

    def __call__(self, chunk: bytes) -> tuple[bool, bool]:
        is_loud = any(chunk)
        self._chunks = self._chunks + 1 if is_loud != self._is_speech else 0
        if self._chunks >= 10:
            self._is_speech, self._chunks = is_loud, 0
        return self._is_speech, not self._is_speech and not is_loud


async def traced(samples: Samples, probability: float, text: str = "on Saturday") -> Timeline:
    """The timeline of `samples` with a model that always says `probability`."""

    async def scores(turn: Samples) -> float:
        return probability

    async def reads(turn: Samples) -> str:
        return text

    turn = EndOfTurn(patience=Patience(longest_s=1.0, sure=0.8, telephone_sure=0.8, curve=1.0))
    return await trace_turns(
        samples,
        RATE_HZ,
        turn,
        hears=LoudnessVAD(),
        scores=scores,
        reads=reads,
        start_s=0.2,
        stop_s=0.2,
    )


async def test_a_sure_end_comes_with_the_words() -> None:
    """Speech until 1.5 s, words 0.3 s later: the turn ends there, by the model."""
    found = await traced(a_call(0.5, 1.0, 2.0), 0.95)
    (end,) = found.of("end")
    assert end.at_s == pytest.approx(1.8, abs=0.05)
    assert (end.text, end.value) == ("model", pytest.approx(0.3, abs=0.05))
    assert [mark.text for mark in found.of("words")] == ["on Saturday"]
    assert found.speech == [(pytest.approx(0.7, abs=0.03), pytest.approx(1.7, abs=0.03))]
    assert len(found.levels_dbfs) == 175


async def test_an_unsure_pause_is_scored_anew_and_spoken_over() -> None:
    """An answer begun in the pause is withdrawn as the caller goes on, and the waits are told."""
    found = await traced(a_call(0.5, 1.0, 0.7, 1.0, 2.0), 0.0)
    kinds = [mark.kind for mark in found.of("speculate", "withdraw", "end")]
    assert kinds == ["speculate", "withdraw", "speculate", "end"]
    assert len(found.of("score")) > 3
    assert found.of("end")[0].text == "patience"
    assert all(needed_s >= 1.0 for _, _, needed_s in found.waits[:20])


async def test_silence_is_no_turn() -> None:
    """Nothing is heard, nothing is decided."""
    found = await traced(a_call(1.0), 0.9)
    assert (found.marks, found.speech, found.waits) == ([], [], [])
