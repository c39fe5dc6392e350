"""`offhook explain`: a bot with every default resolved, and where each value is from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from bots.explain import explain
from bots.folders import bot_folders, find_bot
from bots.load import load_bot


def run(bot: str, *, folders: Sequence[Path]) -> None:
    """Print the bot; it is YAML, and loads as the same bot.

    Raises:
        OffhookError: no such bot, or one whose file does not hold.
    """
    typer.echo(explain(load_bot(find_bot(bot, bot_folders(folders)))), nl=False)
