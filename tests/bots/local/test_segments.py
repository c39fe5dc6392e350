"""What the ears are given: no first word cut, short segments joined, memory bounded."""

from __future__ import annotations

import numpy as np
import pytest

from bots.local.segments import PREROLL_S, Segment, Segmenter

pytestmark = pytest.mark.unit

RATE_HZ = 8000
LOUD, QUIET = 8000, 0


def feed(segmenter: Segmenter, level: int, duration_s: float) -> list[Segment]:
    """20 ms frames of a square wave at `level`; returns the heads cut off meanwhile."""
    frame = (level * (-1) ** np.arange(RATE_HZ // 50)).astype(np.int16).tobytes()
    heads = [segmenter.add(frame) for _ in range(round(duration_s * 50))]
    return [head for head in heads if head]


def say(segmenter: Segmenter, duration_s: float) -> Segment:
    """Speech as the VAD tells of it: 0.2 s late at the start and at the end."""
    feed(segmenter, LOUD, 0.2)
    segmenter.speech_started(0.2)
    feed(segmenter, LOUD, duration_s - 0.2)
    feed(segmenter, QUIET, 0.2)
    return segmenter.speech_stopped()


def seconds(segment: Segment) -> float:
    return round(len(segment.pcm) / 2 / RATE_HZ, 2)


def loud_seconds(segment: Segment) -> float:
    return round(np.count_nonzero(np.frombuffer(segment.pcm, np.int16)) / RATE_HZ, 2)


@pytest.fixture
def segmenter() -> Segmenter:
    return Segmenter(RATE_HZ)


def test_the_first_word_is_whole(segmenter: Segmenter) -> None:
    """What came before the VAD's start is part of the segment."""
    feed(segmenter, QUIET, 3.0)
    segment = say(segmenter, 1.5)
    assert loud_seconds(segment) == 1.5
    assert seconds(segment) == PREROLL_S + 1.3 + 0.2


def test_long_segments_are_heard_on_their_own(segmenter: Segmenter) -> None:
    """Enough words to stand alone."""
    say(segmenter, 1.5)
    feed(segmenter, QUIET, 0.3)
    segment = say(segmenter, 1.0)
    assert not segment.continues
    assert loud_seconds(segment) == 1.0


def test_a_short_segment_is_heard_again_with_the_next(segmenter: Segmenter) -> None:
    """Both and the gap between them, in order."""
    say(segmenter, 0.5)
    feed(segmenter, QUIET, 0.3)
    segment = say(segmenter, 1.0)
    assert segment.continues
    assert loud_seconds(segment) == 1.5
    assert seconds(segment) == pytest.approx(0.5 + 0.2 + 0.3 + 1.0 + 0.2)


def test_joined_audio_is_joined_once_more(segmenter: Segmenter) -> None:
    """Word by word speech stays together."""
    say(segmenter, 0.5)
    say(segmenter, 0.5)
    assert loud_seconds(say(segmenter, 0.5)) == 1.5


def test_joining_ends_before_it_grows_dear(segmenter: Segmenter) -> None:
    """Twenty short words do not end up in one long pass."""
    longest_s = max(seconds(say(segmenter, 0.6)) for _ in range(20))
    assert longest_s < 8.0


def test_a_long_gap_separates(segmenter: Segmenter) -> None:
    """What comes after more than a second is a thought of its own."""
    say(segmenter, 0.5)
    feed(segmenter, QUIET, 1.5)
    assert not say(segmenter, 1.0).continues


def test_a_new_turn_separates(segmenter: Segmenter) -> None:
    """The bot has answered what was before."""
    say(segmenter, 0.5)
    segmenter.turn_ended()
    assert not say(segmenter, 1.0).continues


def test_a_peek_is_due_at_intervals(segmenter: Segmenter) -> None:
    """First after 0.6 s of speech, then as asked."""
    feed(segmenter, LOUD, 0.2)
    segmenter.speech_started(0.2)
    feed(segmenter, LOUD, 0.3)
    assert not segmenter.is_peek_due(0.7)
    feed(segmenter, LOUD, 0.5)
    assert segmenter.is_peek_due(0.7)
    assert loud_seconds(segmenter.peek()) == 1.0
    feed(segmenter, LOUD, 0.6)
    assert not segmenter.is_peek_due(0.7)
    feed(segmenter, LOUD, 0.1)
    assert segmenter.is_peek_due(0.7)


def test_over_the_bot_the_first_peek_comes_early(segmenter: Segmenter) -> None:
    """Whether to stop hangs on the first word: 0.4 s of it are enough to listen to."""
    segmenter.is_early = True
    feed(segmenter, LOUD, 0.2)
    segmenter.speech_started(0.2)
    feed(segmenter, LOUD, 0.18)
    assert not segmenter.is_peek_due(0.35)
    feed(segmenter, LOUD, 0.04)
    assert segmenter.is_peek_due(0.35)


def test_no_peek_outside_speech(segmenter: Segmenter) -> None:
    """There is nothing to show."""
    feed(segmenter, LOUD, 5.0)
    assert not segmenter.is_peek_due(0.7)


def test_a_peek_in_the_dip_serves_as_the_final(segmenter: Segmenter) -> None:
    """The caller fell silent, the peek heard all of it, and nothing followed."""
    feed(segmenter, LOUD, 0.2)
    segmenter.speech_started(0.2)
    feed(segmenter, LOUD, 0.3)
    feed(segmenter, QUIET, 0.14)
    assert segmenter.is_peek_due(0.7)
    segmenter.peek()
    assert not segmenter.is_peek_due(0.7)
    feed(segmenter, QUIET, 0.06)
    assert segmenter.speech_stopped().is_peeked


def test_a_peek_is_stale_once_more_is_said(segmenter: Segmenter) -> None:
    """A word after the dip needs the final pass."""
    feed(segmenter, LOUD, 0.2)
    segmenter.speech_started(0.2)
    feed(segmenter, LOUD, 0.5)
    feed(segmenter, QUIET, 0.14)
    segmenter.peek()
    feed(segmenter, LOUD, 0.1)
    feed(segmenter, QUIET, 0.1)
    assert not segmenter.speech_stopped().is_peeked


def test_a_peek_of_an_earlier_segment_does_not_count(segmenter: Segmenter) -> None:
    """Each segment has its own."""
    feed(segmenter, LOUD, 0.2)
    segmenter.speech_started(0.2)
    feed(segmenter, LOUD, 1.5)
    segmenter.peek()
    segmenter.speech_stopped()
    assert not say(segmenter, 1.5).is_peeked


def test_an_endless_utterance_comes_in_pieces_without_loss(segmenter: Segmenter) -> None:
    """Ninety seconds without a pause: every sample once, memory bounded."""
    feed(segmenter, LOUD, 0.2)
    segmenter.speech_started(0.2)
    heads = feed(segmenter, LOUD, 90.0)
    last = segmenter.speech_stopped()
    assert all(not head.is_last and seconds(head) <= 28.02 for head in heads)
    assert last.is_last
    total_s = sum(seconds(segment) for segment in [*heads, last])
    assert total_s == pytest.approx(90.2, abs=0.05)


def test_silence_holds_no_memory(segmenter: Segmenter) -> None:
    """An hour on hold is a second of audio."""
    feed(segmenter, QUIET, 60.0)
    segmenter.speech_started(0.2)
    assert seconds(segmenter.speech_stopped()) == PREROLL_S


def test_a_start_while_speaking_changes_nothing(segmenter: Segmenter) -> None:
    """Two starts in a row do not drop what was said."""
    feed(segmenter, LOUD, 0.2)
    segmenter.speech_started(0.2)
    feed(segmenter, LOUD, 1.0)
    segmenter.speech_started(0.2)
    feed(segmenter, LOUD, 1.0)
    assert loud_seconds(segmenter.speech_stopped()) == 2.2
