"""The caller's side: what they say, and what of the bot they have heard."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.callers import ROOM, Microphone, Played, recording

pytestmark = pytest.mark.unit


async def test_a_microphone_has_a_quiet_room_until_its_caller_speaks() -> None:
    """And again after that; it tells when they began."""
    microphone = Microphone(8_000)
    assert np.abs(await microphone.frame()).max() <= ROOM
    assert microphone.said_s is None
    microphone.say(np.full(320, 5000, np.int16), 16_000)
    spoken = await microphone.frame()
    assert len(spoken) == 160
    assert spoken.mean() > 4000
    assert microphone.said_s is not None
    assert np.abs(await microphone.frame()).max() <= ROOM


def test_a_recording_is_what_was_heard_end_to_end() -> None:
    """In order, whatever it was cut down to."""
    played = [Played(1.0, np.array([1, 2], np.int16)), Played(1.2, np.array([3], np.int16))]
    assert recording(played).tolist() == [1, 2, 3]
    assert recording([]).size == 0
