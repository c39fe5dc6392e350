"""The fewest edits between two sequences."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from processors.edit_distance import edit_distance

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("", "", 0),
        ("stap", "stap", 0),
        ("", "stap", 4),
        ("stap", "step", 1),
        ("stap", "tap", 1),
        ("kitten", "sitting", 3),
        (["can", "i", "pay"], ["can", "pay", "cash"], 2),
        (["ab"], ["a", "b"], 2),
    ],
)
def test_each_item_put_in_left_out_or_substituted_is_one(
    one: Sequence[str], other: Sequence[str], edits: int
) -> None:
    """Of letters or of words, in either direction."""
    assert edit_distance(one, other) == edit_distance(other, one) == edits
