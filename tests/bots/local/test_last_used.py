"""The mapping that keeps what was used last."""

from __future__ import annotations

import pytest

from bots.local.last_used import LastUsed

pytestmark = pytest.mark.unit


def test_the_value_used_longest_ago_makes_room() -> None:
    """To get a value is to use it, and to set it anew; to ask whether it is there is not."""
    kept = LastUsed[str, int](3)
    for place, key in enumerate("abc"):
        kept[key] = place
    assert kept.get("a") == 0
    kept["b"] = 7
    assert "c" in kept
    kept["d"] = 3
    assert [kept.get(key) for key in "abcd"] == [0, 7, None, 3]
    assert len(kept) == 3


def test_what_was_never_there_is_none() -> None:
    """And takes no room."""
    kept = LastUsed[str, int](1)
    kept["a"] = 1
    assert kept.get("b") is None
    assert kept.get("a") == 1
