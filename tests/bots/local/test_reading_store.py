"""What was read of texts, kept on disk: had again as it was, or read anew where it is no use."""

from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pytest

from bots.local.reading_store import ReadingStore, halved
from bots.local.sentences import Read, Side

pytestmark = pytest.mark.unit

TEXTS = ("Who runs the place?", "Who?")
_random = np.random.default_rng(5)
READ = halved(
    [
        Read(
            _random.normal(size=4),
            _random.normal(size=(n, 3)),
            _random.random(n),
            _random.normal(size=(n, 6)),
        )
        for n in (5, 2)
    ]
)


@pytest.fixture
def store(tmp_path: Path) -> ReadingStore:
    """A store in which two texts are kept."""
    store = ReadingStore("model 1", tmp_path)
    store.keep(Side.PHRASING, TEXTS, READ)
    return store


def test_what_is_kept_is_had_by_the_next_start(store: ReadingStore, tmp_path: Path) -> None:
    """To the last bit, each text with its own tokens, in a folder for its owner alone."""
    found = ReadingStore("model 1", tmp_path).fetch(Side.PHRASING, TEXTS)
    assert found is not None
    for one, expected in zip(found, READ, strict=True):
        assert np.array_equal(one.pooled, expected.pooled)
        assert np.array_equal(one.tokens, expected.tokens)
        assert np.array_equal(one.weights, expected.weights)
        assert np.array_equal(one.states, expected.states)
    assert stat.S_IMODE(store.root.stat().st_mode) == 0o700
    assert b"place" not in next(store.root.iterdir()).read_bytes()


def test_other_texts_another_side_and_another_model_have_their_own(
    store: ReadingStore, tmp_path: Path
) -> None:
    """A model tuned anew reads anew."""
    assert store.fetch(Side.PHRASING, TEXTS[::-1]) is None
    assert store.fetch(Side.FACT, TEXTS) is None
    assert ReadingStore("model 2", tmp_path).fetch(Side.PHRASING, TEXTS) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"lengths": np.array([5, 1])},
        {"lengths": np.array([7])},
        {"lengths": np.array([7, 0])},
        {"weights": np.full(7, np.nan)},
        {"weights": np.ones((7, 1))},
        {"states": np.ones((3, 6))},
        {"other": np.ones(7)},
    ],
)
def test_a_file_of_another_make_is_no_file(
    store: ReadingStore, wrong: dict[str, np.ndarray]
) -> None:
    """Arrays that do not fit each other, that are no numbers, or one too many."""
    (file,) = store.root.iterdir()
    with np.load(file) as kept:
        arrays = dict(kept)
    np.savez(file, **(arrays | wrong))  # pyright: ignore[reportArgumentType]
    assert store.fetch(Side.PHRASING, TEXTS) is None
    store.keep(Side.PHRASING, TEXTS, READ)
    assert store.fetch(Side.PHRASING, TEXTS) is not None
