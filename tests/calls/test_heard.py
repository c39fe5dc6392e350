"""An answer cut off in a real call: the context holds what the caller's side has recorded."""

from __future__ import annotations

import pytest

from benchmarks.heard import LENGTH_S, open_hall

pytestmark = pytest.mark.call


@pytest.mark.parametrize(
    ("transport", "voice"), [("websocket", "openai"), ("webrtc", "elevenlabs")]
)
async def test_the_context_holds_what_was_heard(transport: str, voice: str) -> None:
    """To within a word at the cut, and in order."""
    async with open_hall() as hall:
        cut = await hall.cut(transport, voice, LENGTH_S * 0.4)
    assert cut.is_prefix
    assert abs(cut.error) <= 1, cut
    assert cut.heard >= 3
