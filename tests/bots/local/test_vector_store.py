"""Vectors kept on disk: had again by the next start, and made anew where they are of no use."""

from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pytest

from bots.local.vector_store import VectorStore

pytestmark = pytest.mark.unit

TEXTS = ("Who runs the place?", "Who is in charge?")
VECTORS = np.array([[1.0, 0.0], [0.6, 0.8]], dtype=np.float32)


@pytest.fixture
def store(tmp_path: Path) -> VectorStore:
    """A store in which the vectors of two texts are kept."""
    store = VectorStore("model 1", tmp_path)
    store.keep("query", TEXTS, VECTORS)
    return store


def test_what_is_kept_is_had_by_the_next_start(store: VectorStore, tmp_path: Path) -> None:
    """The same rows in the same order, in a folder for its owner alone, and no draft is left."""
    found = VectorStore("model 1", tmp_path).fetch("query", TEXTS)
    assert found is not None
    assert np.array_equal(found, VECTORS)
    assert stat.S_IMODE(store.root.stat().st_mode) == 0o700
    assert [path.suffix for path in store.root.iterdir()] == [".npz"]
    assert b"place" not in next(store.root.iterdir()).read_bytes()


def test_other_texts_another_reading_and_another_model_have_their_own(
    store: VectorStore, tmp_path: Path
) -> None:
    """The order of the texts tells too, since the rows have it."""
    assert store.fetch("query", TEXTS[::-1]) is None
    assert store.fetch("query", TEXTS[:1]) is None
    assert store.fetch("passage", TEXTS) is None
    assert VectorStore("model 2", tmp_path).fetch("query", TEXTS) is None


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x93NUMPY", b"text", None])
def test_a_damaged_file_is_no_file(store: VectorStore, content: bytes | None) -> None:
    """Whether it does not read, or its rows are no unit vectors, as `None` has it here."""
    (file,) = store.root.iterdir()
    if content is None:
        np.savez(file, rows=VECTORS * 2)
    else:
        file.write_bytes(content)
    assert store.fetch("query", TEXTS) is None
    store.keep("query", TEXTS, VECTORS)
    assert store.fetch("query", TEXTS) is not None
