"""What was measured is there in the next run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from benchmarks.kept_lines import KeptLines

pytestmark = pytest.mark.unit


@dataclass(frozen=True, slots=True)
class Turn:
    """A measurement in fields."""

    case: str
    gap_ms: float | None


class Place(NamedTuple):
    """Where a call was made."""

    transport: str
    number: int


class Call(NamedTuple):
    """A measurement in a tuple of tuples."""

    place: Place
    duck_ms: float | None


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        (Turn, Turn("hang", 12.5), Turn("drop", None)),
        (Call, Call(Place("websocket", 1), 190.0), Call(Place("webrtc", 2), None)),
        (dict[str, Any], {"bare": [1.0, 2.0]}, {"bare": []}),
    ],
)
def test_a_run_goes_on_where_the_last_one_ended(
    kind: type[Any], first: Any, second: Any, tmp_path: Path
) -> None:
    """A line is kept as soon as it is measured, whatever it is made of."""
    path = tmp_path / "kept.jsonl"
    assert KeptLines(path, kind).all == []
    KeptLines(path, kind).add(first)
    assert KeptLines(path, kind).all == [first]
    KeptLines(path, kind).add(second)
    assert KeptLines(path, kind).all == [first, second]


def test_what_is_forgotten_is_measured_again(tmp_path: Path) -> None:
    """The rest stays, in its order."""
    path = tmp_path / "kept.jsonl"
    kept = KeptLines(path, Turn)
    for case in ("hang", "drop", "hang", "slow"):
        kept.add(Turn(case, 1.0))
    kept.forget(lambda turn: turn.case == "hang")
    assert [turn.case for turn in KeptLines(path, Turn).all] == ["drop", "slow"]
    kept.add(Turn("hang", 2.0))
    assert KeptLines(path, Turn).all == kept.all


def test_a_missing_folder_is_said_before_anything_is_measured(tmp_path: Path) -> None:
    """Not after minutes, when the first line is to be kept."""
    with pytest.raises(FileNotFoundError, match=r"no folder .*nowhere to keep kept\.jsonl in"):
        KeptLines(tmp_path / "nowhere" / "kept.jsonl", Turn)
