"""What is wrong with a spec before it has a place: `bots.load` looks the place up in the tree."""

from __future__ import annotations

from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Complaint:
    """A cause and its fix at a path of keys; `at_key` points at the key, not at its value."""

    path: Path
    code: str
    cause: str
    fix: str = ""
    at_key: bool = False

    def under(self, *parents: str | int) -> Complaint:
        """The same, seen from further out."""
        return Complaint((*parents, *self.path), self.code, self.cause, self.fix, self.at_key)


def dotted(path: Path) -> str:
    """`("processors", 0, "use")` -> `processors.0.use`."""
    return ".".join(str(step) for step in path)
