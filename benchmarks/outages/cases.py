"""What is measured, and the results of earlier runs, so that a run that was cut off goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Kind = Literal["stt", "llm", "tts"]
When = Literal["before", "mid"]
System = Literal["offhook", "pipecat"]

SYSTEMS: tuple[System, ...] = ("offhook", "pipecat")
OUTRIGHT = frozenset({"401", "402", "429", "500", "503", "refused", "tls", "dns"})
"""Faults that say so at once: nobody has a deadline to wait for."""

_BEFORE: dict[str, dict[str, Any]] = {
    "401": {},
    "402": {},
    "429": {"retry_after_s": 20},
    "500": {},
    "503": {},
    "refused": {},
    "tls": {},
    "dns": {},
    "hang": {},
    "stall": {"after_bytes": 0},
    "drop": {"after_bytes": 0},
    "malformed": {"after_bytes": 0},
    "empty": {},
    "drip": {"drip_bytes": 1, "drip_ms": 40},
}
_MID = ("stall", "drop", "malformed")


@dataclass(frozen=True, slots=True)
class Case:
    """One fault of the first provider of one kind."""

    kind: Kind
    fault: str
    when: When
    details: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def name(self) -> str:
        """For people and for `--only`."""
        return f"{self.kind} {self.fault} {self.when}"


def cases(kind: Kind, mid_bytes: int) -> Iterator[Case]:
    """Every fault, before anything and, where it can be, after `mid_bytes` of the payload."""
    for fault, details in _BEFORE.items():
        yield Case(kind, fault, "before", details)
    for fault in _MID:
        yield Case(kind, fault, "mid", {"after_bytes": mid_bytes})


@dataclass(frozen=True, slots=True)
class Result:
    """What one turn gave. Times are in ms.

    Attributes:
        gap_ms: how much later the last word came than in a healthy turn; None when it never came.
        allowed_ms: the deadline that applies, 0 for an outright error, and the backup's first byte.
    """

    case: str
    system: System
    round: int
    is_answered: bool
    lost: int
    repeated: int
    gap_ms: float | None
    allowed_ms: float


class Results:
    """The results in a file of JSON lines, one a measurement."""

    def __init__(self, path: Path) -> None:
        self._path = path
        lines = path.read_text().splitlines() if path.exists() else []
        self.all = [Result(**json.loads(line)) for line in lines]

    def has(self, case: Case, system: System, number: int) -> bool:
        """Whether this was measured already."""
        return any((r.case, r.system, r.round) == (case.name, system, number) for r in self.all)

    def add(self, result: Result) -> None:
        """Keep a result."""
        self.all.append(result)
        with self._path.open("a") as file:
            file.write(json.dumps(asdict(result)) + "\n")


def count_words(expected: list[str], heard: list[str]) -> tuple[int, int]:
    """How many of the expected words are missing, and how many came once too often."""
    lost = sum(1 for word in expected if word not in heard)
    return lost, max(0, len(heard) - (len(expected) - lost))
