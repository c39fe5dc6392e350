"""Files read together: what is wrong only because of another file, and which files are bases.

`offhook check` asks for the problems of some paths; `bots.catalog` for the reading of each file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bots.errors import ConfigProblem
from bots.load import LoadedBot, Reading, read_bot
from bots.origin import Origin

SUFFIXES = (".yaml", ".yml")


def check_paths(
    paths: Iterable[Path], environ: Mapping[str, str] | None = None
) -> list[ConfigProblem]:
    """All that is wrong with some files and the files of some folders, each problem once."""
    files: list[Path] = []
    problems: list[ConfigProblem] = []
    for path in dict.fromkeys(paths):
        if path.is_dir():
            files += bot_paths([path])
        elif path.is_file():
            files.append(path)
        else:
            fix = "Name a bot's file or a folder of them."
            at = Origin(path, 1, 1)
            problems.append(at.problem("no_such_file", "", "There is no such file.", fix))
    for reading in read_all(files, environ):
        problems += reading.problems
    return sorted(dict.fromkeys(problems))


def bot_paths(folders: Sequence[Path]) -> list[Path]:
    """The YAML files of some folders, not of the folders inside them, in order."""
    return [
        path
        for folder in folders
        if folder.is_dir()
        for path in sorted(folder.iterdir())
        if path.suffix in SUFFIXES and not path.name.startswith((".", "_")) and path.is_file()
    ]


def read_all(
    paths: Sequence[Path],
    environ: Mapping[str, str] | None = None,
    holders: Mapping[str, Path] | None = None,
) -> list[Reading]:
    """Every bot among the files, with the problems across them. A file that others extend and that
    has no prompt of its own is a base and no bot. `holders` says whose a number is until now."""
    environ = os.environ if environ is None else environ
    readings = [read_bot(path, environ) for path in dict.fromkeys(paths)]
    bases = {file for one in readings for file in one.files if file != one.path.resolve()}
    readings = [one for one in readings if not _is_base(one, bases)]
    return _numbers(_stems(readings), holders or {})


def _is_base(reading: Reading, bases: set[Path]) -> bool:
    if reading.path.resolve() not in bases:
        return False
    return any(one.code == "missing_key" and one.key == "prompt" for one in reading.problems)


def _stems(readings: list[Reading]) -> list[Reading]:
    first: dict[str, Path] = {}
    kept: list[Reading] = []
    for one in readings:
        other = first.setdefault(one.path.stem, one.path)
        if other == one.path:
            kept.append(one)
            continue
        cause = f"`{one.path.stem}` is the name of another bot already, in {other}."
        fix = "Rename one of the files."
        kept.append(_with(one, Origin(one.path, 1, 1).problem("bot_twice", "", cause, fix)))
    return kept


def _numbers(readings: list[Reading], holders: Mapping[str, Path]) -> list[Reading]:
    claims: dict[str, list[Path]] = {}
    for one in readings:
        for number in one.bot.spec.answer.phone if one.bot else ():
            claims.setdefault(number, []).append(one.path)
    owners = {
        number: holders[number] if holders.get(number) in paths else paths[0]
        for number, paths in claims.items()
    }
    # A broken file keeps the numbers of the version that still serves.
    broken = {one.path for one in readings if one.bot is None}
    owners |= {number: path for number, path in holders.items() if path in broken}
    return [_claim(one, owners) for one in readings]


def _claim(reading: Reading, owners: Mapping[str, Path]) -> Reading:
    bot = reading.bot
    if bot is None:
        return reading
    for index, number in enumerate(bot.spec.answer.phone):
        if owners[number] != reading.path:
            at = _origin(bot, f"answer.phone.{index}", reading.path)
            cause = f"This number is {owners[number].stem}'s already, in {owners[number]}."
            fix = "A number reaches one bot: remove it from one of them."
            reading = _with(reading, at.problem("phone_twice", f"answer.phone.{index}", cause, fix))
    return reading


def _origin(bot: LoadedBot, key: str, path: Path) -> Origin:
    origin = bot.origins[key]
    return origin if isinstance(origin, Origin) else Origin(path, 1, 1)


def _with(reading: Reading, problem: ConfigProblem) -> Reading:
    problems = tuple(sorted((*reading.problems, problem)))
    return replace(reading, bot=None, problems=problems)
