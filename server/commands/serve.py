"""`offhook serve`: settings from the environment and the command line, then the server."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bots.folders import bot_folders
from server.serve import run_server
from server.settings import load_settings


def run(*, folders: Sequence[Path], host: str | None, port: int | None, tls: bool | None) -> None:
    """Serve until SIGINT or SIGTERM has been seen through.

    Raises:
        OffhookError: a setting that does not hold, a folder that is not there, a busy port.
    """
    given = {"host": host, "port": port, "tls": tls}
    overrides = {name: value for name, value in given.items() if value is not None}
    run_server(load_settings(bots=tuple(bot_folders(folders)), **overrides))
