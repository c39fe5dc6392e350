"""The faults an emulated vendor can be given, and when each of them holds: pure, time passed in.

`FaultPlan` says which fault meets a request, `Passage` what that fault does to the answer while it
is being sent. The servers (`emulators.server`) turn both into refused sockets, statuses and cuts.

Bytes are counted in what a vendor is for: PCM of a voice, PCM a recogniser was sent, UTF-8 text or
tool arguments of a model. Framing (JSON, SSE, base64, headers) is not counted.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class FaultKind(StrEnum):
    """The shared vocabulary of `offhook emulate`, `offhook rehearse`, tests and benchmarks."""

    UNAUTHORIZED = "401"
    PAYMENT_REQUIRED = "402"
    TOO_MANY_REQUESTS = "429"
    SERVER_ERROR = "500"
    UNAVAILABLE = "503"
    REFUSED = "refused"
    TLS = "tls"
    DNS = "dns"
    HANG = "hang"
    STALL = "stall"
    DROP = "drop"
    MALFORMED = "malformed"
    EMPTY = "empty"
    DRIP = "drip"

    @property
    def status(self) -> int | None:
        """HTTP status that the fault answers with, None for those of the connection or stream."""
        return int(self.value) if self.value.isdigit() else None

    @property
    def is_of_address(self) -> bool:
        """Whether the fault is chosen with the URL (`Emulator.faulty_url`), not on command."""
        return self in (FaultKind.TLS, FaultKind.DNS)


class Fault(BaseModel):
    """A fault and how long it lasts. Times are seconds after it was armed."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    kind: FaultKind
    """What goes wrong."""
    operation: str | None = None
    """Only requests of this operation (`chat`, `speak`, `listen`, ...); all when absent."""
    after_bytes: int = Field(default=0, ge=0)
    """For stall, drop, malformed and empty: how many payload bytes pass before. 0 is before the
    first; a model or a voice that is empty from there on ends in order, too early."""
    retry_after_s: int = Field(default=1, ge=0)
    """For 429: the Retry-After header."""
    drip_bytes: int = Field(default=320, ge=1)
    """For drip: payload bytes a piece."""
    drip_ms: int = Field(default=200, ge=0)
    """For drip: pause before each piece."""
    starts_after_s: float = Field(default=0.0, ge=0)
    """The vendor is well for so long yet."""
    recovers_after_s: float | None = Field(default=None, gt=0)
    """When the vendor is well again; never, when absent."""
    flaps_s: float | None = Field(default=None, gt=0)
    """Down for so long, up for as long, and so on, from `starts_after_s` to recovery."""
    times: int | None = Field(default=None, ge=1)
    """How many requests it meets before it is used up; all, when absent."""

    @model_validator(mode="after")
    def _recovers_after_it_starts(self) -> "Fault":
        if self.recovers_after_s is not None and self.recovers_after_s <= self.starts_after_s:
            raise ValueError("recovers_after_s must be later than starts_after_s")
        return self

    def holds(self, elapsed_s: float) -> bool:
        """Whether the vendor is ill `elapsed_s` after the fault was armed."""
        if elapsed_s < self.starts_after_s:
            return False
        if self.recovers_after_s is not None and elapsed_s >= self.recovers_after_s:
            return False
        if self.flaps_s is None:
            return True
        return int((elapsed_s - self.starts_after_s) / self.flaps_s) % 2 == 0

    def next_change_s(self, elapsed_s: float) -> float | None:
        """When `holds` next changes, in seconds after arming; None when it stays as it is."""
        if elapsed_s < self.starts_after_s:
            return self.starts_after_s
        end_s = self.recovers_after_s
        if end_s is not None and elapsed_s >= end_s:
            return None
        if self.flaps_s is None:
            return end_s
        periods = int((elapsed_s - self.starts_after_s) / self.flaps_s) + 1
        flip_s = self.starts_after_s + periods * self.flaps_s
        return flip_s if end_s is None else min(flip_s, end_s)


@dataclass
class _Armed:
    fault: Fault
    at_s: float
    met: int = 0

    def is_spent(self) -> bool:
        return self.fault.times is not None and self.met >= self.fault.times

    def holds(self, now_s: float) -> bool:
        return not self.is_spent() and self.fault.holds(now_s - self.at_s)


@dataclass
class FaultPlan:
    """The faults a vendor has been given, first armed first met."""

    _armed: list[_Armed] = field(default_factory=list)

    def arm(self, fault: Fault, now_s: float) -> None:
        """Let `fault` begin its times now."""
        self._armed.append(_Armed(fault, now_s))

    def clear(self) -> None:
        """Make the vendor well."""
        self._armed.clear()

    def meet(self, operation: str, now_s: float) -> Fault | None:
        """The fault that a request of `operation` meets now, counted as one of its `times`."""
        armed = self._find(operation, now_s)
        if armed is None:
            return None
        armed.met += 1
        return armed.fault

    def look_up(self, operation: str, now_s: float) -> Fault | None:
        """The fault that `meet` would return, not counted."""
        armed = self._find(operation, now_s)
        return armed.fault if armed else None

    def _find(self, operation: str, now_s: float) -> _Armed | None:
        for armed in self._armed:
            if armed.fault.operation in (None, operation) and armed.holds(now_s):
                return armed
        return None

    def is_refusing(self, now_s: float) -> bool:
        """Whether nothing listens on the vendor's port."""
        return any(
            armed.fault.kind is FaultKind.REFUSED and armed.holds(now_s) for armed in self._armed
        )

    def next_change_s(self, now_s: float) -> float | None:
        """How long until a refusal may begin or end, None when time alone changes nothing."""
        changes = [
            change_s - (now_s - armed.at_s)
            for armed in self._armed
            if armed.fault.kind is FaultKind.REFUSED
            and (change_s := armed.fault.next_change_s(now_s - armed.at_s)) is not None
        ]
        return min(changes, default=None)


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of a piece of an answer: so many of its bytes pass, then something happens."""

    passes_bytes: int
    then: Literal["go", "stall", "drop", "garble", "end"] = "go"


class Passage:
    """One answer's way through the fault its request met."""

    def __init__(self, fault: Fault | None) -> None:
        self.fault = fault
        self._passed_bytes = 0
        self._is_garbled = False

    @property
    def is_empty(self) -> bool:
        """Whether the answer succeeds with nothing in it."""
        fault = self.fault
        return fault is not None and fault.kind is FaultKind.EMPTY and not fault.after_bytes

    @property
    def is_hung(self) -> bool:
        """Whether not even the first byte of an answer comes."""
        return self.fault is not None and self.fault.kind is FaultKind.HANG

    @property
    def drip(self) -> Fault | None:
        """The fault when the answer only trickles."""
        return self.fault if self.fault and self.fault.kind is FaultKind.DRIP else None

    def step(self, size_bytes: int) -> Step:
        """Say what becomes of the next `size_bytes` of payload."""
        fault = self.fault
        if fault is None or fault.kind not in _CUTS or self.is_empty:
            return Step(size_bytes)
        room = fault.after_bytes - self._passed_bytes
        if room >= size_bytes or self._is_garbled:
            self._passed_bytes += size_bytes
            return Step(size_bytes)
        self._passed_bytes += room
        if fault.kind is FaultKind.MALFORMED:
            self._is_garbled = True
            return Step(room, "garble")
        return Step(room, _CUTS[fault.kind])


_CUTS: dict[FaultKind, Literal["stall", "drop", "garble", "end"]] = {
    FaultKind.STALL: "stall",
    FaultKind.DROP: "drop",
    FaultKind.MALFORMED: "garble",
    FaultKind.EMPTY: "end",
}
