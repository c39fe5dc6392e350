"""Brings missing weights into the cache: the hub's own file first, then the registry's carriers.

for each weight, under its lock:
  missing files -> hub (in parallel, resumed) -> placed
  still missing -> carriers (in parallel) -> parts, kept -> joined, hashed -> placed
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout
from loguru import logger

from bots.errors import WeightsError
from bots.local import carriers
from bots.local.download import Hub
from bots.local.sources import SourceFailed
from bots.local.store import WeightStore
from bots.local.weight import Carrier, Part, Weight, WeightFile

PARALLEL = 4
SPARE_BYTES = 256 << 20
"""Left free on the disk beyond the weights themselves."""

FetchCarrier = Callable[[Carrier, Path, threading.Event], Path]
FreeBytes = Callable[[Path], int]


class Progress(Protocol):
    """Told what a pull does; called from several threads."""

    def notice(self, text: str) -> None:
        """A sentence for people, such as where bytes come from."""

    def begin(self, weight: str, total_bytes: int) -> None: ...

    def advance(self, weight: str, gained_bytes: int) -> None:
        """Negative when bytes gained are thrown away."""

    def end(self, weight: str) -> None: ...


class LoggedProgress:
    """Notices go to the log; byte counts go nowhere."""

    def notice(self, text: str) -> None:
        logger.info(text)

    def begin(self, weight: str, total_bytes: int) -> None:
        logger.info(f"Fetching {weight}, {total_bytes / 1e6:.0f} MB.")

    def advance(self, weight: str, gained_bytes: int) -> None: ...

    def end(self, weight: str) -> None: ...


def is_offline(environ: Mapping[str, str] = os.environ) -> bool:
    """OFFHOOK_OFFLINE=1 forbids every source but the cache."""
    return environ.get("OFFHOOK_OFFLINE", "").strip().lower() in {"1", "true", "yes", "on"}


def free_bytes_at(path: Path) -> int:
    """Free bytes of the disk that will hold `path`, which need not exist yet."""
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free


class Puller:
    """Fills `store` from the hub and the carriers. Blocking; one weight after the other."""

    def __init__(
        self,
        store: WeightStore,
        *,
        hub: Hub | None = None,
        fetch_carrier: FetchCarrier = carriers.fetch,
        progress: Progress | None = None,
        free_bytes: FreeBytes = free_bytes_at,
        offline: bool | None = None,
    ) -> None:
        self._store = store
        self._hub = hub or Hub()
        self._fetch_carrier = fetch_carrier
        self._progress = progress or LoggedProgress()
        self._free_bytes = free_bytes
        self._offline = is_offline() if offline is None else offline
        # Files of one weight finish in several threads and share its marker.
        self._placing = threading.Lock()

    def pull(self, names: Iterable[str]) -> dict[str, Path]:
        """Make every weight whole and return what an engine opens, by name.

        Raises:
            WeightsError: an unknown name, no room, or no source that has the genuine bytes.
        """
        weights = [self._store.weight(name) for name in dict.fromkeys(names)]
        missing = {weight.name: self._store.unproven(weight.name) for weight in weights}
        absent = [name for name, files in missing.items() if files]
        if absent:
            if self._offline:
                raise WeightsError(
                    f"The weights {', '.join(absent)} are not in {self._store.root}, and "
                    "OFFHOOK_OFFLINE forbids fetching them.",
                    hint="Bring them with `offhook models import FILE.tar`, or unset it.",
                    code="weights_offline",
                )
            self._check_room([file for files in missing.values() for file in files])
        for weight in weights:
            if missing[weight.name]:
                self._pull_one(weight)
        return {weight.name: self._store.entry(weight.name) for weight in weights}

    def _check_room(self, files: Sequence[WeightFile]) -> None:
        largest_bytes = max(file.size_bytes for file in files)
        # The file being joined stands beside its parts until its hash holds.
        needed_bytes = sum(file.size_bytes for file in files) + largest_bytes + SPARE_BYTES
        free_bytes = self._free_bytes(self._store.root)
        if free_bytes < needed_bytes:
            raise WeightsError(
                f"The weights need {needed_bytes / 1e9:.1f} GB and {self._store.root} has "
                f"{free_bytes / 1e9:.1f} GB free.",
                hint="Free some space, or set OFFHOOK_CACHE to a directory on a larger disk.",
                code="disk_full",
            )

    def _pull_one(self, weight: Weight) -> None:
        with self._held(self._store.lock(weight.name), weight):
            missing = self._store.unproven(weight.name)
            if not missing:
                return
            self._progress.begin(weight.name, sum(file.size_bytes for file in missing))
            try:
                reasons = self._from_hub(weight, missing)
                missing = self._store.unproven(weight.name)
                if missing:
                    reasons += self._from_carriers(weight, missing)
                    missing = self._store.unproven(weight.name)
            except OSError as error:
                raise WeightsError(
                    f"The weights {weight.name} cannot be written: {error.strerror or error}.",
                    hint="Free some space, or set OFFHOOK_CACHE to another directory.",
                    code="cache_unwritable",
                ) from error
            finally:
                self._progress.end(weight.name)
            if missing:
                raise WeightsError(
                    f"The weights {weight.name} cannot be had: {' '.join(reasons)}",
                    hint="What came is kept: run `offhook models pull` again when the network is "
                    "back, or `offhook models import FILE.tar` with an export of another machine.",
                    code="no_source",
                )
            shutil.rmtree(self._store.partial(weight.name), ignore_errors=True)

    @contextmanager
    def _held(self, lock: FileLock, weight: Weight):
        """Hold the weight's lock; another process that has it is said, then waited for."""
        try:
            lock.acquire(timeout=0)
        except Timeout:
            self._progress.notice(f"{weight.name}: another process is fetching it; waiting.")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def _from_hub(self, weight: Weight, files: Sequence[WeightFile]) -> list[str]:
        if weight.hub_repo is None:
            return ["The hub has no copy."]
        if not self._hub.is_reachable():
            return [f"{self._hub.url} cannot be reached."]
        self._progress.notice(
            f"{weight.name}: from {self._hub.url}/{weight.hub_repo} ({weight.licence}); "
            "every file's SHA-256 is checked."
        )

        stop = threading.Event()

        def bring(file: WeightFile) -> None:
            partial = self._store.partial(weight.name) / f"{file.sha256}.hub"
            self._hub.download(weight, file, partial, self._advance(weight), stop)
            with self._placing:
                self._store.place(weight.name, file, partial)

        with self._pool(stop) as submit:
            tasks = [submit(bring, file) for file in files]
        return _failures(tasks)

    def _from_carriers(self, weight: Weight, files: Sequence[WeightFile]) -> list[str]:
        partial = self._store.partial(weight.name)
        advance = self._advance(weight)
        wanted: dict[Carrier, dict[Part, Path]] = {}
        for part in (part for file in files for part in file.parts):
            path = partial / part.sha256
            if path.is_file() and path.stat().st_size == part.size_bytes:
                advance(part.size_bytes)
            else:
                wanted.setdefault(part.carrier, {})[part] = path
        self._notice_carriers(weight, wanted)
        stop = threading.Event()

        def bring(carrier: Carrier, parts: Mapping[Part, Path]) -> None:
            partial.mkdir(parents=True, exist_ok=True)
            # The archive goes with its directory, whatever came of it.
            with tempfile.TemporaryDirectory(prefix="carrier-", dir=partial) as directory:
                archive = self._fetch_carrier(carrier, Path(directory), stop)
                carriers.extract(archive, parts, advance)

        with self._pool(stop) as submit:
            tasks = [submit(bring, carrier, parts) for carrier, parts in wanted.items()]
            _, pending = wait(tasks, return_when=FIRST_EXCEPTION)
            # One carrier that cannot be had leaves the weight unusable: finish those under way,
            # whose parts are kept, and begin no more.
            for task in pending:
                task.cancel()
        reasons = _failures(tasks)
        for file in files:
            paths = [partial / part.sha256 for part in file.parts]
            if all(path.is_file() for path in paths):
                joined = partial / f"{file.sha256}.joined"
                try:
                    carriers.join(paths, joined, file.sha256)
                except SourceFailed as error:
                    reasons.append(str(error))
                    continue
                self._store.place(weight.name, file, joined)
                for path in paths:
                    path.unlink()
        return reasons

    def _notice_carriers(self, weight: Weight, wanted: Mapping[Carrier, object]) -> None:
        if not wanted:
            return
        names = [str(carrier) for carrier in wanted]
        listed = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]} ({len(names)})"
        self._progress.notice(
            f"{weight.name}: the same bytes from {listed}, as your package client is set up; "
            "opened as archives, not installed or run; SHA-256 checked."
        )

    def _advance(self, weight: Weight) -> Callable[[int], None]:
        return lambda gained_bytes: self._progress.advance(weight.name, gained_bytes)

    @contextmanager
    def _pool(self, stop: threading.Event):
        """Threads for fetching. Ctrl-C ends those under way and cancels what has not begun."""
        pool = ThreadPoolExecutor(PARALLEL, thread_name_prefix="weights")
        try:
            yield pool.submit
            pool.shutdown(wait=True)
        except BaseException:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _failures(tasks: Sequence[Future[None]]) -> list[str]:
    """What sources said; anything else a task raised is raised here."""
    reasons: dict[str, None] = {}
    for task in tasks:
        if task.cancelled():
            continue
        error = task.exception()
        if isinstance(error, SourceFailed):
            reasons[str(error)] = None
        elif error is not None:
            raise error
    return list(reasons)
