"""`offhook check`: every error of the bots' files, those across files too."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import typer

from bots.across import bot_paths, check_paths, read_all
from bots.errors import ConfigError, ConfigProblem
from bots.folders import bot_folders, find_bot


def run(paths: Sequence[Path], *, folders: Sequence[Path], online: bool = False) -> None:
    """Check `paths`, or every bot of the folders; `online`, their vendors are asked as well.

    A path may be a bot's name, as in the other commands.

    Raises:
        ConfigError: with every problem of every file.
        UnknownBot: a path is neither a folder, a file nor a bot's name.
    """
    named = [path if path.is_dir() else find_bot(str(path), bot_folders(folders)) for path in paths]
    wanted = named or bot_folders(folders)
    problems = check_paths(wanted)
    if problems:
        raise ConfigError(problems)
    if online and (said := asyncio.run(_ask_vendors(wanted))):
        raise ConfigError(said)
    files = [file for path in wanted for file in (bot_paths([path]) if path.is_dir() else [path])]
    if not files:
        places = ", ".join(map(str, wanted))
        typer.echo(f"There are no bots in {places}. `offhook new NAME` writes one.")
    else:
        typer.echo(f"{len(files)} {'file' if len(files) == 1 else 'files'}, no errors.")


async def _ask_vendors(wanted: Sequence[Path]) -> list[ConfigProblem]:
    """What the vendors say against the bots, each problem once."""
    from bots.providers.online import problems_online

    files = [file for path in wanted for file in (bot_paths([path]) if path.is_dir() else [path])]
    bots = [(reading.path, reading.bot) for reading in read_all(files) if reading.bot]
    said = [await problems_online(bot, path, os.environ) for path, bot in bots]
    return sorted({problem for found in said for problem in found})
