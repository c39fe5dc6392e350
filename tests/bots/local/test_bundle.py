"""A bundle brings weights to a machine without a network, and nothing that is not pinned."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from bots.errors import WeightsError
from bots.local.bundle import MANIFEST, export_weights, import_weights
from bots.local.store import WeightStore
from tests.fakes.weights import CONFIG, MODEL, VOICE, toy_table

pytestmark = pytest.mark.unit


def plenty(_: Path) -> int:
    return 10**12


@pytest.fixture
def full(tmp_path: Path) -> WeightStore:
    store = WeightStore(tmp_path / "full", toy_table())
    for name, content in {
        "toy/model.bin": MODEL,
        "toy/config.json": CONFIG,
        "toy/voices/ana.bin": VOICE,
        "solo/solo.gguf": CONFIG,
    }.items():
        path = store.root / "weights" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return store


@pytest.fixture
def empty(tmp_path: Path) -> WeightStore:
    return WeightStore(tmp_path / "empty", toy_table())


def forged(path: Path, members: Sequence[tuple[tarfile.TarInfo, bytes]], format: int = 1) -> Path:
    """A bundle with a proper manifest and whatever members."""
    with tarfile.open(path, "w") as bundle:
        manifest = json.dumps({"format": format, "weights": {}}).encode()
        for info, content in [(tarfile.TarInfo(MANIFEST), manifest), *members]:
            info.size = len(content)
            bundle.addfile(info, io.BytesIO(content))
    return path


def test_an_export_is_whole_on_the_other_side(
    full: WeightStore, empty: WeightStore, tmp_path: Path
) -> None:
    """What one machine has, the other has after."""
    bundle = tmp_path / "w.tar"
    size_bytes = export_weights(full, ["toy", "solo"], bundle, free_bytes=plenty)
    assert size_bytes == bundle.stat().st_size
    assert import_weights(empty, bundle, free_bytes=plenty) == ["toy", "solo"]
    assert (empty.directory("toy") / "voices" / "ana.bin").read_bytes() == VOICE
    assert empty.unproven("toy") == []
    assert not any((empty.root / "partial").rglob("*.imported"))


def test_a_bundle_is_the_same_wherever_it_is_made(full: WeightStore, tmp_path: Path) -> None:
    """No user, path or time of the machine goes with it."""
    for name in ("a.tar", "b.tar"):
        export_weights(full, ["toy"], tmp_path / name, free_bytes=plenty)
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()


def test_an_export_makes_no_folder_of_a_slip(full: WeightStore, tmp_path: Path) -> None:
    """A folder that is not there is said, with what makes it."""
    with pytest.raises(WeightsError, match=r"There is no folder .*misspelt.*mkdir -p"):
        export_weights(full, ["toy"], tmp_path / "misspelt" / "w.tar", free_bytes=plenty)
    assert not (tmp_path / "misspelt").exists()


def test_only_whole_weights_are_exported(full: WeightStore, tmp_path: Path) -> None:
    """A damaged copy is not passed on, and no half bundle is left."""
    (full.directory("toy") / "model.bin").write_bytes(MODEL[::-1])
    with pytest.raises(WeightsError, match="not whole"):
        export_weights(full, ["toy"], tmp_path / "w.tar", free_bytes=plenty)
    assert not (tmp_path / "w.tar").exists()


def test_no_room_is_said_before_writing(
    full: WeightStore, empty: WeightStore, tmp_path: Path
) -> None:
    """For the export and for the import."""
    bundle = tmp_path / "w.tar"
    with pytest.raises(WeightsError, match="GB free"):
        export_weights(full, ["toy"], bundle, free_bytes=lambda _: 0)
    export_weights(full, ["toy"], bundle, free_bytes=plenty)
    with pytest.raises(WeightsError, match="GB free"):
        import_weights(empty, bundle, free_bytes=lambda _: 0)


@pytest.mark.parametrize("name", ["../../escaped", "/escaped", "toy/other.bin", "toy/../escaped"])
def test_members_that_are_not_pinned_are_refused(
    empty: WeightStore, tmp_path: Path, name: str
) -> None:
    """A name is looked up, never used as a path."""
    bundle = forged(tmp_path / "w.tar", [(tarfile.TarInfo(name), b"x")])
    with pytest.raises(WeightsError, match="none of the pinned files"):
        import_weights(empty, bundle, free_bytes=plenty)
    assert not list(tmp_path.rglob("escaped"))


def test_a_link_with_a_pinned_name_is_refused(empty: WeightStore, tmp_path: Path) -> None:
    """Only plain files carry bytes."""
    info = tarfile.TarInfo("toy/config.json")
    info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
    bundle = forged(tmp_path / "w.tar", [(info, b"")])
    with pytest.raises(WeightsError, match="none of the pinned files"):
        import_weights(empty, bundle, free_bytes=plenty)


def test_wrong_bytes_are_refused_and_removed(empty: WeightStore, tmp_path: Path) -> None:
    """Right name and size, wrong hash."""
    bundle = forged(tmp_path / "w.tar", [(tarfile.TarInfo("toy/config.json"), CONFIG[::-1])])
    with pytest.raises(WeightsError, match="SHA-256") as caught:
        import_weights(empty, bundle, free_bytes=plenty)
    assert caught.value.code == "bad_hash"
    assert [
        path for path in empty.root.rglob("*") if path.is_file() and path.suffix != ".lock"
    ] == []


def test_a_file_already_here_is_not_replaced(
    full: WeightStore, empty: WeightStore, tmp_path: Path
) -> None:
    """Importing twice changes nothing."""
    bundle = tmp_path / "w.tar"
    export_weights(full, ["solo"], bundle, free_bytes=plenty)
    import_weights(empty, bundle, free_bytes=plenty)
    before = empty.entry("solo").stat().st_ino
    assert import_weights(empty, bundle, free_bytes=plenty) == ["solo"]
    assert empty.entry("solo").stat().st_ino == before


def test_a_bundle_cut_short_is_told(full: WeightStore, empty: WeightStore, tmp_path: Path) -> None:
    """An interrupted copy fails with the fix."""
    bundle = tmp_path / "w.tar"
    export_weights(full, ["toy"], bundle, free_bytes=plenty)
    bundle.write_bytes(bundle.read_bytes()[:600_000])
    with pytest.raises(WeightsError) as caught:
        import_weights(empty, bundle, free_bytes=plenty)
    assert caught.value.code in {"bad_bundle", "bad_hash"}


def test_a_newer_format_is_refused(empty: WeightStore, tmp_path: Path) -> None:
    """Rather than misread."""
    with pytest.raises(WeightsError, match="format other than 1"):
        import_weights(empty, forged(tmp_path / "w.tar", [], format=2), free_bytes=plenty)


@pytest.mark.parametrize("content", [b"", b"not a tar at all", b"\x1f\x8b" + bytes(100)])
def test_what_is_no_bundle_is_told_so(empty: WeightStore, tmp_path: Path, content: bytes) -> None:
    """Any file may be given by mistake."""
    path = tmp_path / "w.tar"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="cannot be read"):
        import_weights(empty, path, free_bytes=plenty)
