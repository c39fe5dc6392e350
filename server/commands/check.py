"""`offhook check`: every error of the bots' files, those across files too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from bots.across import bot_paths, check_paths
from bots.errors import ConfigError
from bots.folders import bot_folders


def run(paths: Sequence[Path], *, folders: Sequence[Path]) -> None:
    """Check `paths`, or every bot of the folders.

    Raises:
        ConfigError: with every problem of every file.
    """
    wanted = list(paths) or bot_folders(folders)
    problems = check_paths(wanted)
    if problems:
        raise ConfigError(problems)
    files = [file for path in wanted for file in (bot_paths([path]) if path.is_dir() else [path])]
    if not files:
        places = ", ".join(map(str, wanted))
        typer.echo(f"There are no bots in {places}. `offhook new NAME` writes one.")
    else:
        typer.echo(f"{len(files)} {'file' if len(files) == 1 else 'files'}, no errors.")
