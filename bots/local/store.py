"""The cache of weights on disk: where files lie, which are proven genuine, and who may write.

    <root>/weights/<name>/<file>            the files, moved in whole once their hash holds
    <root>/weights/<name>/.verified.json    size, mtime and hash of each file when last hashed
    <root>/partial/<name>/...               downloads under way, kept for the next attempt
    <root>/locks/<name>.lock                held while a process writes that weight

A file whose size and mtime match the marker is not hashed again, so a start does not read 1 GB.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from filelock import FileLock

from bots.errors import WeightsError
from bots.local.pinned import WEIGHTS
from bots.local.weight import Weight, WeightFile

MARKER = ".verified.json"
FileState = Literal["ok", "missing", "bad"]
WeightState = Literal["ready", "partial", "absent"]


def cache_root(environ: Mapping[str, str] = os.environ) -> Path:
    """$OFFHOOK_CACHE, else $XDG_CACHE_HOME/offhook, else ~/.cache/offhook."""
    if own := environ.get("OFFHOOK_CACHE"):
        return Path(own).expanduser()
    if shared := environ.get("XDG_CACHE_HOME"):
        return Path(shared).expanduser() / "offhook"
    return Path.home() / ".cache" / "offhook"


def sha256_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class WeightStore:
    """The files of `table` under `root`. Reading needs no lock; writers hold `lock(name)`."""

    def __init__(self, root: Path | None = None, table: Mapping[str, Weight] = WEIGHTS) -> None:
        self.root = root or cache_root()
        self.table = table

    def weight(self, name: str) -> Weight:
        """Raises WeightsError, with the nearest name, when there is no such weight."""
        weight = self.table.get(name)
        if weight is None:
            near = difflib.get_close_matches(name, self.table, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(self.table)}."
            raise WeightsError(f"No weights are named {name!r}.", hint=hint, code="unknown_weights")
        return weight

    def directory(self, name: str) -> Path:
        return self.root / "weights" / name

    def partial(self, name: str) -> Path:
        return self.root / "partial" / name

    def entry(self, name: str) -> Path:
        """What an engine opens, there or not: a file for a GGUF, else the directory."""
        return self.directory(name) / self.weight(name).entry

    def lock(self, name: str) -> FileLock:
        """The weight's inter-process lock, not yet held.

        Raises:
            WeightsError: the cache's directory cannot be written.
        """
        locks = self.root / "locks"
        try:
            locks.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WeightsError(
                f"The weights' cache {self.root} cannot be written: {error.strerror}.",
                hint="Set OFFHOOK_CACHE to a directory that can.",
                code="cache_unwritable",
            ) from error
        # Threads of one process each get their own lock object, hence their own file handle.
        return FileLock(locks / f"{name}.lock", thread_local=False)

    def state(self, name: str) -> WeightState:
        """What the directory holds judged by sizes alone: cheap enough for a listing."""
        weight = self.weight(name)
        present = sum(self._has_size(name, file) for file in weight.files)
        if present == len(weight.files):
            return "ready"
        has_partial = self.partial(name).is_dir() and any(self.partial(name).iterdir())
        return "partial" if present or has_partial else "absent"

    def unproven(self, name: str) -> list[WeightFile]:
        """The files that are absent or not genuine; hashes only what the marker does not cover."""
        marker = self._read_marker(name)
        unproven: list[WeightFile] = []
        fresh: dict[str, dict[str, int | str]] = {}
        for file in self.weight(name).files:
            path = self.directory(name) / file.name
            if not self._has_size(name, file):
                unproven.append(file)
                continue
            proof = _proof(path, file)
            if marker.get(file.name) == proof:
                continue
            if sha256_of(path) == file.sha256:
                fresh[file.name] = proof
            else:
                unproven.append(file)
        if fresh:
            self._write_marker(name, marker | fresh)
        return unproven

    def verify(self, name: str) -> dict[str, FileState]:
        """Hash every file of a weight anew. A file that is not genuine is removed."""
        states: dict[str, FileState] = {}
        proofs: dict[str, dict[str, int | str]] = {}
        with self.lock(name):
            for file in self.weight(name).files:
                path = self.directory(name) / file.name
                if not path.is_file():
                    states[file.name] = "missing"
                elif path.stat().st_size == file.size_bytes and sha256_of(path) == file.sha256:
                    states[file.name] = "ok"
                    proofs[file.name] = _proof(path, file)
                else:
                    states[file.name] = "bad"
                    path.unlink()
            if self.directory(name).is_dir():
                self._write_marker(name, proofs)
        return states

    def place(self, name: str, file: WeightFile, staged: Path) -> None:
        """Move a file whose hash was just checked to its place, in one step. Needs the lock."""
        path = self.directory(name) / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        staged.replace(path)
        self._write_marker(name, self._read_marker(name) | {file.name: _proof(path, file)})

    def remove(self, name: str) -> int:
        """Delete a weight and what was begun of it; returns the bytes freed."""
        self.weight(name)
        freed_bytes = 0
        with self.lock(name):
            for directory in (self.directory(name), self.partial(name)):
                if directory.is_dir():
                    files = (path for path in directory.rglob("*") if path.is_file())
                    freed_bytes += sum(path.stat().st_size for path in files)
                    shutil.rmtree(directory)
        return freed_bytes

    def _has_size(self, name: str, file: WeightFile) -> bool:
        path = self.directory(name) / file.name
        return path.is_file() and path.stat().st_size == file.size_bytes

    def _read_marker(self, name: str) -> dict[str, dict[str, int | str]]:
        try:
            marker = json.loads((self.directory(name) / MARKER).read_text())
        except (OSError, ValueError):
            return {}
        return marker if isinstance(marker, dict) else {}

    def _write_marker(self, name: str, marker: dict[str, dict[str, int | str]]) -> None:
        """Replace the marker whole; a cache that is read-only simply stays without one."""
        path = self.directory(name) / MARKER
        draft = path.with_name(f"{MARKER}.{os.getpid()}")
        try:
            draft.write_text(json.dumps(marker, indent=1))
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)


def _proof(path: Path, file: WeightFile) -> dict[str, int | str]:
    stat = path.stat()
    return {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": file.sha256}
