"""Where something stands in a bot's files: what every problem and every value can point at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bots.errors import ConfigProblem


@dataclass(frozen=True, slots=True)
class Origin:
    """A place in a file; line and column count from 1."""

    file: Path
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file.name}:{self.line}"

    def problem(self, code: str, key: str, cause: str, fix: str = "") -> ConfigProblem:
        """What is wrong at this place."""
        return ConfigProblem(self.file, self.line, self.column, code, key, cause, fix)
