"""The cache knows what is genuine without hashing it at every start, and notices change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bots.errors import WeightsError
from bots.local import store as store_module
from bots.local.pinned import WEIGHTS
from bots.local.store import MARKER, WeightStore, cache_root
from tests.fakes.weights import CONFIG, MODEL, VOICE, toy_table

pytestmark = pytest.mark.unit


@pytest.fixture
def store(tmp_path: Path) -> WeightStore:
    """A cache that has `toy` whole, copied in by hand and not yet hashed."""
    store = WeightStore(tmp_path, toy_table())
    directory = store.directory("toy")
    (directory / "voices").mkdir(parents=True)
    (directory / "model.bin").write_bytes(MODEL)
    (directory / "config.json").write_bytes(CONFIG)
    (directory / "voices" / "ana.bin").write_bytes(VOICE)
    return store


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"OFFHOOK_CACHE": "/data/w", "XDG_CACHE_HOME": "/xdg"}, Path("/data/w")),
        ({"XDG_CACHE_HOME": "/xdg"}, Path("/xdg/offhook")),
        ({}, Path.home() / ".cache" / "offhook"),
    ],
)
def test_where_the_cache_is(environ: dict[str, str], expected: Path) -> None:
    """Ours, then the desktop's, then the home directory's."""
    assert cache_root(environ) == expected


def test_files_are_hashed_once_and_then_vouched_for(
    store: WeightStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second look at a whole weight reads no file."""
    assert store.unproven("toy") == []

    def unexpected(path: Path) -> str:
        raise AssertionError(f"{path} was hashed again")

    monkeypatch.setattr(store_module, "sha256_of", unexpected)
    assert store.unproven("toy") == []


def test_a_file_that_changed_is_hashed_anew(store: WeightStore) -> None:
    """Another mtime ends the marker's word for the file."""
    assert store.unproven("toy") == []
    path = store.directory("toy") / "model.bin"
    path.write_bytes(MODEL[::-1])
    os.utime(path, ns=(1, 1))
    assert [file.name for file in store.unproven("toy")] == ["model.bin"]


def test_a_truncated_file_is_missed(store: WeightStore) -> None:
    """The size alone tells."""
    (store.directory("toy") / "model.bin").write_bytes(MODEL[:-1])
    assert [file.name for file in store.unproven("toy")] == ["model.bin"]
    assert store.state("toy") == "partial"


def test_a_marker_of_nonsense_is_no_marker(store: WeightStore) -> None:
    """A damaged marker costs a hash, not the weights."""
    (store.directory("toy") / MARKER).write_text("[1, 2")
    assert store.unproven("toy") == []


def test_verify_hashes_whatever_the_marker_says(store: WeightStore) -> None:
    """Bit rot that kept size and mtime is found, and the file goes."""
    assert store.unproven("toy") == []
    path = store.directory("toy") / "config.json"
    before = path.stat().st_mtime_ns
    path.write_bytes(CONFIG[::-1])
    os.utime(path, ns=(before, before))
    assert store.unproven("toy") == []
    assert store.verify("toy") == {
        "model.bin": "ok",
        "config.json": "bad",
        "voices/ana.bin": "ok",
    }
    assert not path.exists()
    assert [file.name for file in store.unproven("toy")] == ["config.json"]


def test_verify_of_nothing_finds_everything_missing(tmp_path: Path) -> None:
    """An empty cache is not an error to look at."""
    assert set(WeightStore(tmp_path, toy_table()).verify("toy").values()) == {"missing"}


def test_states_are_told_apart(store: WeightStore) -> None:
    """Here, in part, not here."""
    assert store.state("toy") == "ready"
    assert store.state("solo") == "absent"
    (store.directory("toy") / "config.json").unlink()
    assert store.state("toy") == "partial"


def test_remove_frees_what_was_begun_as_well(store: WeightStore) -> None:
    """The weight and its partial downloads go together."""
    partial = store.partial("toy")
    partial.mkdir(parents=True)
    (partial / "x.hub").write_bytes(b"12345")
    assert store.remove("toy") == len(MODEL) + len(CONFIG) + len(VOICE) + 5
    assert store.state("toy") == "absent"
    assert store.remove("toy") == 0


def test_an_unknown_name_is_answered_with_the_nearest(store: WeightStore) -> None:
    """A slip of the finger is told."""
    with pytest.raises(WeightsError, match=r"Did you mean solo\?") as caught:
        store.weight("sol")
    assert caught.value.code == "unknown_weights"


def test_a_cache_that_is_read_only_still_serves(
    store: WeightStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights baked into an image are used without a marker."""

    def refuse(self: Path, *args: object, **kwargs: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_text", refuse)
    assert store.unproven("toy") == []
    assert not (store.directory("toy") / MARKER).exists()


def test_a_cache_that_cannot_be_written_is_told_with_its_fix(tmp_path: Path) -> None:
    """A file stands where the directory should be."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(WeightsError, match="cannot be written") as caught:
        WeightStore(blocked, toy_table()).lock("toy")
    assert "OFFHOOK_CACHE" in caught.value.hint


def test_the_shipped_table_holds_together() -> None:
    """Sizes add up, names stay below their directory, hashes are hashes, sources exist."""
    for name, weight in WEIGHTS.items():
        assert name == weight.name
        assert weight.licence
        assert weight.entry in {"", *(file.name for file in weight.files)}
        for file in weight.files:
            assert len(file.sha256) == 64
            assert file.parts
            assert sum(part.size_bytes for part in file.parts) == file.size_bytes
            assert not Path(file.name).is_absolute()
            assert ".." not in Path(file.name).parts
            assert (file.hub is None) == (weight.hub_repo is None)
            if len(file.parts) == 1:
                assert file.parts[0].sha256 == file.sha256
