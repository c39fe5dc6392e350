"""Arrays kept on disk: whole or not at all, the latest used, and no call fails for a bad disk."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from bots.local.array_store import ArrayStore

pytestmark = pytest.mark.unit

ROWS = np.arange(6.0).reshape(2, 3)


@pytest.fixture
def store(tmp_path: Path) -> ArrayStore:
    """A store of two, in which one is kept."""
    store = ArrayStore("arrays", 2, tmp_path)
    store.keep(["one"], rows=ROWS, ends=ROWS[0])
    return store


def test_arrays_are_had_by_name(store: ArrayStore) -> None:
    """Each as it was; what else was asked for is not there."""
    kept = store.fetch(["one"])
    assert kept is not None
    assert np.array_equal(kept["rows"], ROWS)
    assert np.array_equal(kept["ends"], ROWS[0])
    assert store.fetch(["one", "two"]) is None
    assert store.fetch(["on", "e"]) is None


def test_one_turned_byte_is_found(store: ArrayStore) -> None:
    """By the checksum of each array."""
    (file,) = store.root.iterdir()
    content = bytearray(file.read_bytes())
    content[content.index(ROWS.tobytes()) + 5] ^= 1
    file.write_bytes(content)
    assert store.fetch(["one"]) is None


def test_what_was_used_longest_ago_goes_first(store: ArrayStore) -> None:
    """Being read is use."""
    store.keep(["two"], rows=ROWS)
    for path in store.root.iterdir():
        os.utime(path, (1, 1))
    assert store.fetch(["one"]) is not None
    store.keep(["three"], rows=ROWS)
    assert store.fetch(["two"]) is None
    assert store.fetch(["one"]) is not None


def test_a_bad_disk_costs_no_call(tmp_path: Path) -> None:
    """Where the folder cannot be, nothing is kept and nothing is raised."""
    (tmp_path / "arrays").write_text("a file in the way")
    store = ArrayStore("arrays", 2, tmp_path)
    store.keep(["one"], rows=ROWS)
    assert store.fetch(["one"]) is None
