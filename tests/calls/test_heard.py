"""An answer cut off in a real call: the context holds what the caller's side has recorded."""

from __future__ import annotations

import pytest

from benchmarks.callers import Transport
from benchmarks.cut_calls import LENGTH_S, WORDS, How, open_hall

pytestmark = [pytest.mark.call, pytest.mark.alone]


@pytest.mark.parametrize(
    ("transport", "voice", "how"),
    [
        ("websocket", "openai", "frame"),
        ("webrtc", "elevenlabs", "frame"),
        ("webrtc", "openai", "voice"),
    ],
)
async def test_the_context_holds_what_was_heard(transport: Transport, voice: str, how: How) -> None:
    """To within a word at the cut and in order, whoever cuts; the next answer can rely on it."""
    async with open_hall() as hall:
        cut = await hall.cut(transport, voice, how, LENGTH_S * 0.4)
    assert cut.is_prefix
    assert abs(cut.error) <= 1, cut
    assert 3 <= cut.heard < len(WORDS)
