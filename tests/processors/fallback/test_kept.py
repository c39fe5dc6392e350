"""The kept audio: what is there to be heard again, and that it does not grow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipecat.frames.frames import (
    InputAudioRawFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)

from processors.fallback.kept import LONGEST_S, PREROLL_S, KeptAudio

pytestmark = pytest.mark.unit

RATE_HZ = 8000
FRAME_S = 0.02
LONG_FRAME_S = 0.1
"""For minutes of audio in a moment."""


def passing(kept: KeptAudio, seconds: float, frame_s: float = FRAME_S) -> None:
    audio = InputAudioRawFrame(bytes(round(RATE_HZ * frame_s) * 2), RATE_HZ, 1)
    for _ in range(round(seconds / frame_s)):
        kept.add(audio)


def kept_s(kept: KeptAudio) -> float:
    entries = [kept.entry(number) for number in range(kept.first, kept.end)]
    heard = sum(len(entry[0]) for entry in entries if entry and isinstance(entry[0], bytes))
    return round(heard / (2 * RATE_HZ), 2)


def test_an_utterance_is_kept_from_before_its_start() -> None:
    """The VAD says "start" 0.2 s late; a second before that is kept too."""
    kept = KeptAudio(RATE_HZ)
    passing(kept, 10)
    kept.utterance_began(0.2)
    assert kept_s(kept) == pytest.approx(PREROLL_S + 0.2)
    passing(kept, 5)
    assert kept_s(kept) == pytest.approx(PREROLL_S + 5.2)


def test_what_was_transcribed_is_not_heard_again() -> None:
    """The next utterance begins after the last one's VAD stop, however close it follows."""
    kept = KeptAudio(RATE_HZ)
    kept.utterance_began(0.2)
    passing(kept, 3)
    kept.add(VADUserStoppedSpeakingFrame())
    floor = kept.end
    passing(kept, 0.3)
    kept.utterance_ended(floor)
    kept.utterance_began(0.2)
    kept.add(VADUserStartedSpeakingFrame())
    assert kept_s(kept) == pytest.approx(0.3)
    first = kept.entry(kept.first)
    assert first and isinstance(first[0], bytes)


@given(st.lists(st.tuples(st.floats(0, 90), st.booleans()), max_size=5))
def test_memory_is_bounded(stretches: list[tuple[float, bool]]) -> None:
    """An hour of silence or one endless utterance: never more than the longest."""
    kept = KeptAudio(RATE_HZ)
    for seconds, is_speech in stretches:
        if is_speech:
            kept.utterance_began(0.2)
        passing(kept, min(seconds, 70), LONG_FRAME_S)
        assert kept_s(kept) <= LONGEST_S + LONG_FRAME_S
        kept.utterance_ended(kept.end)
        passing(kept, 3, LONG_FRAME_S)
        assert kept_s(kept) <= 2 * PREROLL_S + LONG_FRAME_S


def test_numbers_stay_what_they_were() -> None:
    """A cursor survives that older entries are forgotten."""
    kept = KeptAudio(RATE_HZ)
    passing(kept, 1)
    number = kept.end - 1
    entry = kept.entry(number)
    passing(kept, 1)
    assert kept.entry(number) is entry
    passing(kept, 5)
    assert kept.entry(number) is None
    assert kept.entry(kept.end) is None


def test_since_finds_a_moment() -> None:
    """The number of the first frame that is at most so old."""
    kept = KeptAudio(RATE_HZ)
    passing(kept, 1)
    assert kept.end - kept.since(0.3) == round(0.3 / FRAME_S)
    assert kept.since(0.0) == kept.end
