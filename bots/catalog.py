"""The folders of bots, watched: which bot answers, in which version, and what is wrong with a file.

The launcher asks here for a bot's spec when a call comes in; a session keeps the one it got. A
changed file is read, warmed and then served; a broken one leaves the last good version in service.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from loguru import logger
from watchfiles import Change, awatch

from bots.across import bot_paths, read_all
from bots.errors import ConfigProblem, UnknownBot
from bots.load import Reading
from bots.spec import BotSpec
from bots.suggest import did_you_mean

LOOK_MS = 2_000
"""How often the files are looked at when the system tells of no change."""

WARM_S = 10.0
"""How long the old version serves while a new one is warmed."""

OnChange = Callable[[BotSpec], Awaitable[None]]


@dataclass(frozen=True)
class BotState:
    """One file: the version in service, if any, and what is wrong with what the file says now."""

    name: str
    version: str | None
    file: Path
    loaded_at: datetime | None
    problems: tuple[ConfigProblem, ...]


@dataclass
class _Entry:
    """A file as it is served, and as it was last read."""

    reading: Reading
    served: BotSpec | None = None
    loaded_at: datetime | None = None
    swap: asyncio.Task[None] | None = field(default=None, repr=False)


class Catalog:
    """The bots of some folders: `load` reads them, `watch` keeps them current."""

    def __init__(self, folders: Sequence[Path], environ: Mapping[str, str] | None = None) -> None:
        self._folders = tuple(folders)
        self._environ = os.environ if environ is None else environ
        self._entries: dict[Path, _Entry] = {}
        self._callbacks: list[OnChange] = []
        self._warming: set[asyncio.Future[list[None]]] = set()
        self._told: set[tuple[Path, int, int, str, str]] = set()
        self._seen: dict[Path, tuple[int, int]] = {}

    def load(self) -> None:
        """Reads every file and serves what holds. Never raises: `status` has what is wrong."""
        before = self._signature()
        for reading in self._read():
            self._entries[reading.path] = entry = _Entry(reading)
            if reading.bot is not None:
                self._serve(entry, reading.bot.spec)
        self._seen = self._signature() | before
        self._tell()

    def names(self) -> list[str]:
        """The bots in service, by name."""
        return sorted(spec.name for spec in self._served())

    def get(self, name: str) -> BotSpec:
        """The version of a bot that is in service. Raises UnknownBot."""
        for spec in self._served():
            if spec.name == name:
                return spec
        hint = did_you_mean(name, self.names(), noun="bots")
        raise UnknownBot(f"No bot called `{name}` answers here.", hint=hint)

    def by_number(self, number: str) -> BotSpec:
        """The bot that takes the calls of an international number. Raises UnknownBot."""
        for spec in self._served():
            if number in spec.answer.phone:
                return spec
        hint = "Add it to a bot: `answer: {phone: [...]}`."
        raise UnknownBot(f"No bot answers the number that ends in {number[-2:]}.", hint=hint)

    def status(self) -> list[BotState]:
        """One state a file, in the order of the files."""
        return [
            BotState(
                name=path.stem,
                version=entry.served.version if entry.served else None,
                file=path,
                loaded_at=entry.loaded_at,
                problems=entry.reading.problems,
            )
            for path, entry in sorted(self._entries.items())
        ]

    def on_change(self, callback: OnChange) -> None:
        """Awaits `callback` with a new version before it is served, at most WARM_S."""
        self._callbacks.append(callback)

    async def watch(self, stop_event: asyncio.Event) -> None:
        """Keeps the bots current until the event is set; what a bot is made of is watched too."""
        try:
            while not stop_event.is_set():
                await self._watch_once(stop_event)
        finally:
            swaps = [entry.swap for entry in self._entries.values() if entry.swap is not None]
            ending = [*swaps, *self._warming]
            for one in ending:
                one.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

    async def refresh(self) -> None:
        """Reads the files again and starts serving what changed, each as soon as it is warm."""
        before = self._signature()
        readings = {reading.path: reading for reading in await asyncio.to_thread(self._read)}
        for path in [path for path in self._entries if path not in readings]:
            self._remove(path)
        for path, reading in readings.items():
            entry = self._entries.setdefault(path, _Entry(reading))
            entry.reading = reading
            if reading.bot is not None:
                self._swap_to(entry, reading.bot.spec)
        # What changes while it is read differs from `before`, and is read again.
        self._seen = self._signature() | before
        self._tell()

    async def settled(self) -> None:
        """Returns once every version that is being warmed is served."""
        swaps = [entry.swap for entry in self._entries.values() if entry.swap is not None]
        await asyncio.gather(*swaps, return_exceptions=True)

    async def _watch_once(self, stop_event: asyncio.Event) -> None:
        """Watches the folders of the files as they are now; returns when that set changes."""
        watched = self._places()
        async for changes in awatch(
            *watched,
            watch_filter=self._concerns,
            stop_event=stop_event,
            recursive=False,
            debounce=200,
            step=50,
            rust_timeout=LOOK_MS,
            yield_on_timeout=True,
        ):
            if not changes and self._signature() == self._seen:
                continue
            await self.refresh()
            if self._places() != watched:
                return

    def _signature(self) -> dict[Path, tuple[int, int]]:
        """What is on the disk, cheaply: catches what a network mount or a race does not tell."""
        files = {file for entry in self._entries.values() for file in entry.reading.files}
        found: dict[Path, tuple[int, int]] = {}
        for path in files | set(bot_paths(self._folders)):
            with suppress(OSError):
                status = path.stat()
                found[path] = (status.st_mtime_ns, status.st_size)
        return found

    def _places(self) -> set[Path]:
        """The folders to watch; of a folder that is missing, the nearest that exists."""
        files = {file for entry in self._entries.values() for file in entry.reading.files}
        places = {folder.resolve() for folder in self._folders} | {file.parent for file in files}
        return {_existing(place) for place in places}

    def _concerns(self, _: Change, changed: str) -> bool:
        path = Path(changed)
        files = {file for entry in self._entries.values() for file in entry.reading.files}
        if path in files or any(path in file.parents for file in files):
            return True
        return path.suffix in (".yaml", ".yml")

    def _read(self) -> list[Reading]:
        holders = {
            number: path
            for path, entry in list(self._entries.items())
            if entry.served is not None
            for number in entry.served.answer.phone
        }
        return read_all(bot_paths(self._folders), self._environ, holders)

    def _served(self) -> list[BotSpec]:
        return [entry.served for entry in self._entries.values() if entry.served is not None]

    def _serve(self, entry: _Entry, spec: BotSpec) -> None:
        entry.served = spec
        entry.loaded_at = datetime.now(UTC)

    def _remove(self, path: Path) -> None:
        entry = self._entries.pop(path)
        if entry.swap is not None:
            entry.swap.cancel()
        logger.info("Bot {} is gone: its file was removed", path.stem)

    def _swap_to(self, entry: _Entry, spec: BotSpec) -> None:
        if entry.swap is not None and not entry.swap.done():
            entry.swap.cancel()
        entry.swap = None
        if entry.served is None or entry.served.version != spec.version:
            entry.swap = asyncio.create_task(self._warm_and_serve(entry, spec))

    async def _warm_and_serve(self, entry: _Entry, spec: BotSpec) -> None:
        warming = asyncio.gather(*(callback(spec) for callback in self._callbacks))
        self._warming.add(warming)
        warming.add_done_callback(self._warmed)
        try:
            # Shielded: warming that takes longer than the old version may serve goes on behind
            # the new one, whose first calls profit from it.
            async with asyncio.timeout(WARM_S):
                await asyncio.shield(warming)
        except TimeoutError:
            logger.warning("Bot {} is served before it is warm: {} s are over", spec.name, WARM_S)
        except asyncio.CancelledError:
            warming.cancel()
            raise
        except Exception as error:  # a version that cannot be warmed may still answer
            logger.warning("Bot {} could not be warmed: {}", spec.name, error)
        self._serve(entry, spec)
        logger.info("Bot {} is now served in version {}", spec.name, spec.version)

    def _warmed(self, warming: asyncio.Future[list[None]]) -> None:
        self._warming.discard(warming)
        if not warming.cancelled():
            warming.exception()  # told by the swap, unless it had stopped waiting

    def _tell(self) -> None:
        """Logs each problem once for as long as it stands."""
        standing = [one for entry in self._entries.values() for one in entry.reading.problems]
        keys = {(one.file, one.line, one.column, one.code, one.cause): one for one in standing}
        for key, problem in keys.items():
            if key not in self._told:
                logger.error("{}", problem)
        self._told = set(keys)


def _existing(place: Path) -> Path:
    while not place.is_dir():
        place = place.parent
    return place
