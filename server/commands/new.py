"""`offhook new`: a commented bot to start from, in the first folder of bots."""

from __future__ import annotations

from collections.abc import Sequence
from os.path import relpath
from pathlib import Path

import typer

from bots.errors import OffhookError
from bots.folders import bot_folders, shipped_folder
from bots.schema import schema_text
from bots.template import template

HERE = Path("configs/bots")
SCHEMA = "bot.schema.json"


def run(name: str, *, folders: Sequence[Path]) -> None:
    """Write NAME.yaml, and the schema beside its folder for the editor where there is none.

    Raises:
        OffhookError: the name cannot be a bot's, or its file is there already.
    """
    folder = bot_folders(folders)[0]
    if not folders and folder == shipped_folder():
        # The bots that came with Offhook belong to its installation, not to its user.
        folder = HERE
    path = folder / f"{name}.yaml"
    schema = folder.parent / SCHEMA
    text = template(name, schema=relpath(schema, folder))
    if path.exists():
        hint = "Choose another name, or edit that one."
        raise OffhookError(f"{path} is there already.", hint=hint, code="bot_exists")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not schema.exists():
            schema.write_text(schema_text(), encoding="utf-8")
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        hint = "Choose a folder that can be written: --bots FOLDER."
        cause = f"{error.filename} cannot be written: {error.strerror}."
        raise OffhookError(cause, hint=hint, code="not_written") from error
    typer.echo(f"{path} is a bot now: edit it, then `offhook talk {name}` or `offhook serve`.")
