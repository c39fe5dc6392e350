"""What is measured: every outage of the first provider of a kind, and what a turn of it gave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from emulators.faults import FaultKind
from emulators.outages import OUTRIGHT, Outage, outages

Kind = Literal["stt", "llm", "tts"]
System = Literal["offhook", "pipecat"]

SYSTEMS: tuple[System, ...] = ("offhook", "pipecat")
BACK_AFTER_S = 1.0


@dataclass(frozen=True, slots=True)
class Case:
    """One outage of the first provider of one kind."""

    kind: Kind
    outage: Outage

    @property
    def name(self) -> str:
        """For people and for `--only`."""
        back = ", back after 1 s" if "recovers_after_s" in self.outage.details else ""
        return f"{self.kind} {self.outage.name}{back}"

    @property
    def fault(self) -> FaultKind:
        """What goes wrong."""
        return self.outage.kind

    @property
    def is_outright(self) -> bool:
        """Whether the provider says at once that it fails."""
        return self.fault in OUTRIGHT


def cases(kind: Kind, mid_bytes: int) -> Iterator[Case]:
    """Every outage of a kind; the last is over before the call is."""
    for outage in outages(mid_bytes):
        yield Case(kind, outage)
    back = {"recovers_after_s": BACK_AFTER_S}
    yield Case(kind, Outage(FaultKind.UNAVAILABLE, "before", back))


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


def count_words(expected: list[str], heard: list[str]) -> tuple[int, int]:
    """How many of the expected words are missing, and how many came once too often.

    A fragment of a word is neither.
    """
    counts = [heard.count(word) for word in expected]
    return counts.count(0), sum(max(0, count - 1) for count in counts)
