"""Every way in which a vendor fails, before anything and mid-stream, for rehearsals and figures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from emulators.faults import FaultKind

When = Literal["before", "mid"]

OUTRIGHT = frozenset(
    {
        FaultKind.UNAUTHORIZED,
        FaultKind.PAYMENT_REQUIRED,
        FaultKind.TOO_MANY_REQUESTS,
        FaultKind.SERVER_ERROR,
        FaultKind.UNAVAILABLE,
        FaultKind.REFUSED,
        FaultKind.TLS,
        FaultKind.DNS,
    }
)
"""Faults that say so at once: nobody has a deadline to wait for."""

_BEFORE: dict[FaultKind, dict[str, Any]] = {
    FaultKind.UNAUTHORIZED: {},
    FaultKind.PAYMENT_REQUIRED: {},
    FaultKind.TOO_MANY_REQUESTS: {"retry_after_s": 20},
    FaultKind.SERVER_ERROR: {},
    FaultKind.UNAVAILABLE: {},
    FaultKind.REFUSED: {},
    FaultKind.TLS: {},
    FaultKind.DNS: {},
    FaultKind.HANG: {},
    FaultKind.STALL: {},
    FaultKind.DROP: {},
    FaultKind.MALFORMED: {},
    FaultKind.EMPTY: {},
    FaultKind.DRIP: {"drip_bytes": 1, "drip_ms": 40},
}
_MID = (FaultKind.STALL, FaultKind.DROP, FaultKind.MALFORMED)


@dataclass(frozen=True, slots=True)
class Outage:
    """One fault of one vendor: what goes wrong, when, and the other fields of its `Fault`."""

    kind: FaultKind
    when: When
    details: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def name(self) -> str:
        """For people and for `--only`: `stall mid`."""
        return f"{self.kind} {self.when}"


def outages(mid_bytes: int) -> Iterator[Outage]:
    """Every fault before anything, and those of a stream after `mid_bytes` of payload."""
    for kind, details in _BEFORE.items():
        yield Outage(kind, "before", details)
    for kind in _MID:
        yield Outage(kind, "mid", {"after_bytes": mid_bytes})
