"""How many edits lead from one sequence to another, of sounds (sounding.py) or of words. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def edit_distance(one: Sequence[object], other: Sequence[object]) -> int:
    """The fewest items that are substituted, left out or put in."""
    row = list(range(len(other) + 1))
    for number, item in enumerate(one, start=1):
        above, row = row, [number]
        for index, known in enumerate(other):
            changed = above[index] + (item != known)
            row.append(min(changed, above[index + 1] + 1, row[index] + 1))
    return row[-1]
