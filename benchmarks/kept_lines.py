"""What was measured so far, in a file of JSON lines, so that a run that was cut off goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter

Measured = TypeVar("Measured")


class KeptLines(Generic[Measured]):
    """One measurement a line.

    Args:
        path: the file; it need not be there, its folder must.
        kind: what a line is: a dataclass, a named tuple or a dict.

    Raises:
        FileNotFoundError: there is no such folder.
    """

    def __init__(self, path: Path, kind: type[Measured]) -> None:
        if not path.parent.is_dir():
            raise FileNotFoundError(f"There is no folder {path.parent} to keep {path.name} in.")
        self._path = path
        self._lines: TypeAdapter[Measured] = TypeAdapter(kind)
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        self.all: list[Measured] = [self._lines.validate_json(line) for line in lines]

    def add(self, measured: Measured) -> None:
        """Keep a measurement."""
        self.all.append(measured)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(self._line(measured))

    def forget(self, is_stale: Callable[[Measured], bool]) -> None:
        """Drop those that are to be measured again."""
        fresh = [one for one in self.all if not is_stale(one)]
        if len(fresh) < len(self.all):
            self.all = fresh
            self._path.write_text("".join(map(self._line, fresh)), "utf-8")

    def _line(self, measured: Measured) -> str:
        return f"{json.dumps(self._lines.dump_python(measured, mode='json'))}\n"
