"""The health of providers, shared by all sessions of the process: pure, time is passed in.

    CLOSED --failures in a row, a refusal or Retry-After--> OPEN --its time is up--> HALF_OPEN
      ^                                                       ^                          |
      +------------- `proofs` successes in a row -------------|------ a failure ---------+

A closed breaker that has seen a failure also asks for a probe, so that the session which met the
failure learns when it may come back. Probes are asked for as data (`probe_due_s`) and handed out
one at a time (`claim_probe`): a provider that comes back meets one question, not a stampede.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from enum import StrEnum

from processors.fallback.failure import Failure


class BreakerState(StrEnum):
    """Whether sessions use the provider: yes, no, not before it has proved itself."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class BreakerSettings:
    """How soon a provider is left alone, and what brings it back.

    Attributes:
        failures: failures in a row, over all sessions, that open the breaker.
        open_s: how long it first stays open, in s; doubles with each relapse.
        open_max_s: the longest that doubling makes it, in s.
        refusal_s: how long a wrong key or an empty balance keeps it open, in s.
        proofs: successes in a row that close it again.
        probe_every_s: between two probes, in s.
        probe_lease_s: how long a probe may take before another is handed out, in s.
        settle_s: failing again this soon after closing is a relapse, in s.
    """

    failures: int = 2
    open_s: float = 2.0
    open_max_s: float = 60.0
    refusal_s: float = 60.0
    proofs: int = 2
    probe_every_s: float = 1.0
    probe_lease_s: float = 10.0
    settle_s: float = 60.0


class Breaker:
    """One provider's health. All times are seconds of one monotonic clock."""

    def __init__(self, settings: BreakerSettings | None = None) -> None:
        self._settings = settings or BreakerSettings()
        self._is_open = False
        self._opened_s = float("-inf")
        self._open_until_s = float("-inf")
        self._held_until_s = float("-inf")
        self._closed_s = float("-inf")
        self._failures = 0
        self._proofs = 0
        self._relapses = 0
        self._proved_s = float("-inf")
        self._probe_due_s: float | None = None

    def state(self, now_s: float) -> BreakerState:
        """Where the breaker stands at `now_s`."""
        if not self._is_open:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now_s < self._open_until_s else BreakerState.HALF_OPEN

    def is_closed(self, now_s: float) -> bool:
        """Whether a turn may rely on the provider."""
        return self.state(now_s) is BreakerState.CLOSED

    def may_try(self, now_s: float) -> bool:
        """Whether a turn that has nobody else left may ask: not while the provider said no."""
        return now_s >= self._held_until_s

    def has_proved_since(self, since_s: float) -> bool:
        """Whether it answered anybody, or a probe, after `since_s`, and is closed."""
        return not self._is_open and self._proved_s > since_s

    @property
    def probe_due_s(self) -> float | None:
        """When the next probe may be claimed; None while none is wanted."""
        return self._probe_due_s

    def claim_probe(self, now_s: float) -> bool:
        """Hand out the probe that is due; the claimer reports `succeeded` or `failed`."""
        if self._probe_due_s is None or now_s < self._probe_due_s:
            return False
        self._probe_due_s = now_s + self._settings.probe_lease_s
        return True

    def return_probe(self, now_s: float) -> None:
        """The probe that was claimed could not be made; it is due again soon."""
        if self._probe_due_s is not None:
            self._probe_due_s = now_s + self._settings.probe_every_s

    def succeeded(self, now_s: float, *, asked_s: float | None = None) -> None:
        """A whole answer came, or a probe's; `asked_s` is when it was asked for.

        An answer that was asked for before the breaker opened proves nothing.
        """
        if self._is_open and asked_s is not None and asked_s < self._opened_s:
            return
        self._failures = 0
        if not self._is_open:
            self._proved_s = now_s
            self._probe_due_s = None
            return
        self._proofs += 1
        if self._proofs >= self._settings.proofs:
            self._close(now_s)
        else:
            self._open_until_s = min(self._open_until_s, now_s)
            self._probe_due_s = now_s + self._settings.probe_every_s

    def failed(self, now_s: float, failure: Failure, *, asked_s: float | None = None) -> None:
        """An answer failed; `asked_s` is when it was asked for.

        A failure asked for before the breaker opened is one outage told twice: it only brings the
        time to be left alone, if it names one.
        """
        if failure.is_of_the_request:
            return
        hold_s = failure.retry_after_s
        if hold_s is None and failure.is_refusal:
            hold_s = self._settings.refusal_s
        if self._is_open:
            is_old = asked_s is not None and asked_s < self._opened_s
            if now_s < self._open_until_s or is_old:
                self._hold(now_s, hold_s)
            else:
                self._open(now_s, hold_s)
            return
        self._failures += 1
        if hold_s is not None or self._failures >= self._settings.failures:
            self._open(now_s, hold_s)
        else:
            self._probe_due_s = now_s + self._settings.probe_every_s

    def _open(self, now_s: float, hold_s: float | None) -> None:
        is_relapse = self._is_open or now_s - self._closed_s < self._settings.settle_s
        self._relapses = self._relapses + 1 if is_relapse else 0
        doublings = min(self._relapses, 30)
        open_s = min(self._settings.open_s * 2**doublings, self._settings.open_max_s)
        self._is_open, self._opened_s, self._proofs = True, now_s, 0
        self._open_until_s = now_s + open_s
        self._probe_due_s = self._open_until_s
        self._hold(now_s, hold_s)

    def _hold(self, now_s: float, hold_s: float | None) -> None:
        if hold_s is None:
            return
        self._held_until_s = max(self._held_until_s, now_s + hold_s)
        self._open_until_s = max(self._open_until_s, self._held_until_s)
        self._probe_due_s = self._open_until_s

    def _close(self, now_s: float) -> None:
        self._is_open = False
        self._closed_s = self._proved_s = now_s
        self._held_until_s = float("-inf")
        self._probe_due_s = None


class Health:
    """The breakers of all providers by key; one for the process, handed to every chain.

    Args:
        settings: of every breaker made here.
        on_change: called when a provider failed and a probe is wanted.

    `probed` names the providers that are asked for signs of life in the background.
    """

    def __init__(
        self,
        settings: BreakerSettings | None = None,
        on_change: Callable[[], None] | None = None,
    ) -> None:
        self._settings = settings or BreakerSettings()
        self._breakers: dict[str, Breaker] = {}
        self.on_change = on_change
        self.probed: Container[str] = ()

    def __iter__(self) -> Iterator[tuple[str, Breaker]]:
        return iter(list(self._breakers.items()))

    def breaker(self, key: str) -> Breaker:
        """The breaker of a provider, made at first use."""
        return self._breakers.setdefault(key, Breaker(self._settings))

    def succeeded(self, key: str, now_s: float, *, asked_s: float | None = None) -> None:
        """`Breaker.succeeded` of the provider."""
        self.breaker(key).succeeded(now_s, asked_s=asked_s)

    def failed(
        self, key: str, now_s: float, failure: Failure, *, asked_s: float | None = None
    ) -> None:
        """`Breaker.failed` of the provider."""
        self.breaker(key).failed(now_s, failure, asked_s=asked_s)
        if self.on_change is not None and self.breaker(key).probe_due_s is not None:
            self.on_change()

    def is_probed(self, key: str) -> bool:
        """Whether somebody asks the provider for signs of life in the background."""
        return key in self.probed

    @property
    def next_probe_s(self) -> float | None:
        """When the first background probe is due."""
        due = [
            breaker.probe_due_s
            for key, breaker in self._breakers.items()
            if key in self.probed and breaker.probe_due_s is not None
        ]
        return min(due, default=None)

    def claim_probes(self, now_s: float) -> list[str]:
        """The probed providers to ask now; each is handed out once."""
        return [k for k, b in self._breakers.items() if k in self.probed and b.claim_probe(now_s)]
