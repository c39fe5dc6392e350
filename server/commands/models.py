"""`offhook models list|pull|verify|remove|export|import`: the weights of the embedded default.

Each function prints to a terminal and returns the exit code; bots/local has the work itself.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from bots.errors import WeightsError
from bots.folders import bot_files, bot_folders
from bots.load import read_bot
from bots.local.bundle import export_weights, import_weights
from bots.local.models import LocalModels
from bots.local.pinned import WEIGHTS
from bots.local.prompt_store import PromptStore
from bots.local.pull import Puller
from bots.local.store import WeightStore

STATES = {"ready": "[green]here[/]", "partial": "[yellow]in part[/]", "absent": "[dim]not here[/]"}


class Bars:
    """A pull's progress as one bar a weight; notices stand above the bars."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("{task.description:<16}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def notice(self, text: str) -> None:
        self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def begin(self, weight: str, total_bytes: int) -> None:
        self._tasks[weight] = self._progress.add_task(weight, total=total_bytes)
        if not self._console.is_terminal:
            self.notice(f"{weight}: {total_bytes / 1e6:.0f} MB")

    def advance(self, weight: str, gained_bytes: int) -> None:
        self._progress.advance(self._tasks[weight], gained_bytes)

    def end(self, weight: str) -> None:
        self._progress.stop_task(self._tasks[weight])


def needed_names(folders: Sequence[Path]) -> list[str]:
    """The weights that the bots of `folders` use; those of broken bots are not known."""
    readings = (read_bot(path, os.environ) for path in bot_files(folders).values())
    return LocalModels().wants(reading.bot.spec for reading in readings if reading.bot)


def list_(*, console: Console | None = None, store: WeightStore | None = None) -> int:
    """Every weight with its size, licence and whether it is here; what the prompts take."""
    console, store = console or Console(), store or WeightStore()
    table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
    for heading in ("name", "for", "size", "licence", "state"):
        table.add_column(heading, justify="right" if heading == "size" else "left", no_wrap=True)
    # A weight is one line however narrow the terminal: what is cut is the end of its title.
    table.add_column("what", no_wrap=True, overflow="ellipsis", ratio=1)
    for weight in store.table.values():
        table.add_row(
            weight.name,
            weight.role,
            f"{weight.size_bytes / 1e6:.0f} MB",
            weight.licence,
            STATES[store.state(weight.name)],
            weight.title,
        )
    console.print(table)
    console.print(f"in {store.root}", style="dim", soft_wrap=True)
    prompts = PromptStore(store.root)
    count, size_bytes = prompts.usage()
    if count:
        kept = f"prompts that a brain has read: {count}, {size_bytes / 1e6:.0f} MB"
        console.print(f"{kept}, in {prompts.root}", style="dim", soft_wrap=True)
    return 0


def pull(
    names: Sequence[str],
    *,
    folders: Sequence[Path] = (),
    console: Console | None = None,
    puller: Puller | None = None,
) -> int:
    """Fetch the named weights, or without a name those that the bots use.

    Raises:
        WeightsError: an unknown name, no room, or no source that has the genuine bytes.
    """
    console = console or Console()
    wanted = list(names) or needed_names(bot_folders(folders, os.environ))
    if not wanted:
        console.print("The bots use no local models.")
        return 0
    with Bars(console) as bars:
        places = (puller or Puller(WeightStore(), progress=bars)).pull(wanted)
    for name, place in places.items():
        console.print(f"{name}: {place}", highlight=False, soft_wrap=True)
    return 0


def verify(
    names: Sequence[str], *, console: Console | None = None, store: WeightStore | None = None
) -> int:
    """Hash the named weights anew, or all that are here. 1 if one is not genuine or not whole."""
    console, store = console or Console(), store or WeightStore()
    wanted = list(names) or [name for name in store.table if store.state(name) != "absent"]
    if not wanted:
        console.print(f"There are no weights in {store.root}. Run `offhook models pull`.")
        return 0
    failed: list[str] = []
    for name in wanted:
        states = store.verify(name)
        wrong = {file: state for file, state in states.items() if state != "ok"}
        if wrong:
            failed.append(name)
        for file, state in wrong.items():
            word = "not genuine, removed" if state == "bad" else "missing"
            console.print(f"{name}/{file}: {word}", style="red", highlight=False, soft_wrap=True)
        if not wrong:
            console.print(f"{name}: genuine", highlight=False)
    if failed:
        console.print(f"Run `offhook models pull {' '.join(failed)}`.", soft_wrap=True)
    return 1 if failed else 0


def remove(
    names: Sequence[str], *, console: Console | None = None, store: WeightStore | None = None
) -> int:
    """Delete the named weights from the cache, and the prompts that they have read."""
    console, store = console or Console(), store or WeightStore()
    if not names:
        raise WeightsError(
            "No weights are named.",
            hint=f"Name one or more of: {', '.join(WEIGHTS)}.",
            code="usage",
        )
    for name in names:
        freed_bytes = store.remove(name)
        freed_bytes += PromptStore(store.root).remove(store.entry(name).stem)
        console.print(f"{name}: {freed_bytes / 1e6:.0f} MB freed", highlight=False)
    return 0


def export(
    target: Path,
    names: Sequence[str],
    *,
    console: Console | None = None,
    store: WeightStore | None = None,
) -> int:
    """Write the named weights, or all that are here, to one tar for another machine."""
    console, store = console or Console(), store or WeightStore()
    wanted = list(names) or [name for name in store.table if store.state(name) == "ready"]
    if not wanted:
        raise WeightsError(
            f"There are no weights in {store.root} to export.",
            hint="Run `offhook models pull` first.",
            code="weights_missing",
        )
    with Bars(console) as bars:
        bars.begin(target.name, sum(store.weight(name).size_bytes for name in wanted))
        size_bytes = export_weights(
            store, wanted, target, advance=lambda gained: bars.advance(target.name, gained)
        )
    console.print(
        f"{target}: {', '.join(wanted)}, {size_bytes / 1e6:.0f} MB", highlight=False, soft_wrap=True
    )
    return 0


def import_(
    source: Path, *, console: Console | None = None, store: WeightStore | None = None
) -> int:
    """Take the weights out of a tar that `export` wrote; each file's hash is checked."""
    console, store = console or Console(), store or WeightStore()
    if not source.is_file():
        raise WeightsError(
            f"There is no file {source}.",
            hint="Make one with `offhook models export FILE.tar` on a machine that has weights.",
            code="bad_bundle",
        )
    with Bars(console) as bars:
        bars.begin(source.name, source.stat().st_size)
        names = import_weights(
            store, source, advance=lambda gained: bars.advance(source.name, gained)
        )
    console.print(f"Here now: {', '.join(names) or 'nothing new'}.", highlight=False)
    return 0
