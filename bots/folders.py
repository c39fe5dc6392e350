"""Where bots are looked for, and the file that a name on the command line means.

The first of these that applies is used, alone: `--bots`, OFFHOOK_BOTS, ./configs/bots, and the bots
that came with Offhook.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from bots.across import SUFFIXES, bot_paths
from bots.errors import OffhookError, UnknownBot
from bots.suggest import did_you_mean

_HERE = Path("configs/bots")
_TREE = Path(__file__).resolve().parent.parent


def bot_folders(given: Sequence[Path] = (), environ: Mapping[str, str] = os.environ) -> list[Path]:
    """The folders to load bots from; OFFHOOK_BOTS separates several by commas.

    Raises:
        OffhookError: a folder that was named does not exist.
    """
    source, folders = "--bots", list(given)
    if not folders:
        source = "OFFHOOK_BOTS"
        folders = [
            Path(part.strip()) for part in environ.get(source, "").split(",") if part.strip()
        ]
    for folder in folders:
        if not folder.is_dir():
            raise OffhookError(
                f"{source} names {folder}, which is not a folder.",
                hint="Name the folder that holds the bots' YAML files.",
                code="no_bots_folder",
            )
    if folders:
        return folders
    return [_HERE] if _HERE.is_dir() else [shipped_folder()]


def shipped_folder() -> Path:
    """The bots that come with Offhook: in the wheel, or in the checkout it runs from."""
    packed = _TREE / "server/assets/bots"
    return packed if packed.is_dir() else _TREE / "configs/bots"


def bot_files(folders: Sequence[Path]) -> dict[str, Path]:
    """Every YAML file of the folders by the name its bot has, the file's stem; the first wins."""
    found: dict[str, Path] = {}
    for path in bot_paths(folders):
        found.setdefault(path.stem, path)
    return found


def find_bot(bot: str, folders: Sequence[Path]) -> Path:
    """The file of a bot given by its name or by a path to its YAML.

    Raises:
        UnknownBot: there is none; the hint has the nearest name.
    """
    path = Path(bot)
    if path.suffix in SUFFIXES or len(path.parts) > 1:
        if path.is_file():
            return path
        raise UnknownBot(f"There is no file {bot}.", hint="Give a bot's name or its YAML file.")
    files = bot_files(folders)
    if bot in files:
        return files[bot]
    places = ", ".join(map(str, folders))
    raise UnknownBot(
        f"There is no bot `{bot}` in {places}.", hint=did_you_mean(bot, files, noun="bots")
    )
