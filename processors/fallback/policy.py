"""Who answers, turn by turn: one chain's choices in one session, pure, time is passed in.

A turn is whatever the chain is asked for at once: an answer (LLM), a stretch of speech (TTS), an
utterance (STT). Its shell reports what happens and does what it is told:

    start -> [Use(0)]   failed(0) -> [Drop(0), Use(1)]   first_output(1)   finished(1) -> []
    start -> [Use(0)]   tick (late) -> [Drop(0), Use(1)]   failed(1) -> [Drop(1), GiveUp]

Within a turn the chain only moves on; it goes back to an earlier provider between turns, and only
once that has proved itself (a probe or another session's answer) since it failed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from processors.fallback.breaker import Health
from processors.fallback.failure import Failure, Reason


@dataclass(frozen=True, slots=True)
class Waits:
    """The waits of one kind of chain, in s; see ChainSettings."""

    first_s: float
    stall_s: float
    max_silence_s: float = 3.0
    hedge_s: float | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """Ask this member; `failure` is why the one before it was left, None at a turn's start.

    `waited_s` is how long the turn had waited for the one that is left when it was left.
    """

    member: int
    failure: Failure | None = None
    waited_s: float = 0.0
    is_hedge: bool = False


@dataclass(frozen=True, slots=True)
class Drop:
    """Stop this member and take nothing more from it."""

    member: int


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Nobody is left to ask in this turn."""

    failure: Failure


Action = Use | Drop | GiveUp


@dataclass(slots=True)
class _Attempt:
    asked_s: float
    last_sign_s: float
    has_output: bool = False


class ChainPolicy:
    """The choice of a member for one chain of one session.

    Args:
        keys: the members' breaker keys, in order of preference.
        health: the process's breakers.
        waits: when a member is late, stalled or hedged.
    """

    def __init__(self, keys: Sequence[str], health: Health, waits: Waits) -> None:
        if not keys:
            raise ValueError("a chain has at least one member")
        self._keys = tuple(keys)
        self._health = health
        self._waits = waits
        self._failed_s: dict[int, float] = {}
        self._current = 0
        self._is_on = False
        self._started_s = 0.0
        self._has_hedged = False
        self._tried: set[int] = set()
        self._attempts: dict[int, _Attempt] = {}

    @property
    def current(self) -> int:
        """The member that was used last, or is in use."""
        return self._current

    @property
    def is_on(self) -> bool:
        """Whether a turn is under way."""
        return self._is_on

    @property
    def asked(self) -> tuple[int, ...]:
        """The members that are at work on this turn, longest first."""
        return tuple(self._attempts)

    def is_asked(self, member: int) -> bool:
        """Whether the member is at work on this turn."""
        return member in self._attempts

    def has_output(self, member: int) -> bool:
        """Whether the member has put something out in this turn."""
        attempt = self._attempts.get(member)
        return attempt is not None and attempt.has_output

    def choice(self, now_s: float) -> int:
        """The member that a turn would start with at `now_s`."""
        order = range(len(self._keys))
        trusted = self._trusted(order, now_s)
        if trusted is not None:
            return trusted
        allowed = [i for i in order if self._may_try(i, now_s)] or list(order)
        return min(allowed, key=lambda i: self._failed_s.get(i, float("-inf")))

    def start(self, now_s: float, member: int | None = None) -> list[Action]:
        """A turn begins, with `member` if it is at work already.

        Otherwise it is the trial of a better member that is due for one, or goes as `choice` says.
        A turn that is still under way is dropped without a verdict.
        """
        actions = self.interrupted()
        self._is_on, self._started_s, self._has_hedged = True, now_s, False
        self._tried = set()
        if member is None:
            member = self._trial(now_s)
        return [*actions, self._use(self.choice(now_s) if member is None else member, now_s)]

    def first_output(self, member: int, now_s: float) -> list[Action]:
        """A member put out its first piece: it has the turn, and a hedge beside it is dropped."""
        attempt = self._attempts.get(member)
        if attempt is None:
            return []
        attempt.has_output, attempt.last_sign_s = True, now_s
        self._current = member
        others = [other for other in self._attempts if other != member]
        for other in others:
            del self._attempts[other]
        return [Drop(other) for other in others]

    def progress(self, member: int, now_s: float) -> None:
        """A member put out another piece, or is known to be at work (a tool call's arguments)."""
        if attempt := self._attempts.get(member):
            attempt.last_sign_s = now_s

    def failed(self, member: int, failure: Failure, now_s: float) -> list[Action]:
        """A member failed, in a turn or between turns (a socket that closed)."""
        attempt = self._attempts.pop(member, None)
        asked_s = attempt.asked_s if attempt else None
        self._health.failed(self._keys[member], now_s, failure, asked_s=asked_s)
        self._failed_s[member] = now_s
        if attempt is None:
            return []
        if self._attempts:
            self._current = next(iter(self._attempts))
            return [Drop(member)]
        following = self._next(now_s)
        if following is None:
            self._is_on = False
            return [Drop(member), GiveUp(failure)]
        waited_s = now_s - attempt.last_sign_s
        return [Drop(member), self._use(following, now_s, failure, waited_s)]

    def finished(self, member: int, now_s: float, *, is_empty: bool = False) -> list[Action]:
        """A member says it is done; success with nothing in it is a failure."""
        attempt = self._attempts.get(member)
        if attempt is None:
            return []
        if is_empty:
            return self.failed(member, Failure(Reason.EMPTY), now_s)
        del self._attempts[member]
        others = tuple(self._attempts)
        self._attempts.clear()
        self._health.succeeded(self._keys[member], now_s, asked_s=attempt.asked_s)
        self._failed_s.pop(member, None)
        self._current, self._is_on = member, False
        return [Drop(other) for other in others]

    def interrupted(self) -> list[Action]:
        """The turn is not wanted any more: nobody is to blame."""
        dropped: list[Action] = [Drop(member) for member in self._attempts]
        self._attempts.clear()
        self._is_on = False
        return dropped

    @property
    def wakes_s(self) -> float | None:
        """When `tick` is next needed; None while nothing is waited for."""
        due = [self._late_s(attempt) for attempt in self._attempts.values()]
        if (hedge_s := self._hedge_due_s()) is not None:
            due.append(hedge_s)
        return min(due, default=None)

    def tick(self, now_s: float) -> list[Action]:
        """Time has passed: whoever is late or stalled has failed, or gets a rival."""
        actions: list[Action] = []
        for member, attempt in list(self._attempts.items()):
            if now_s >= self._late_s(attempt):
                reason = Reason.STALLED if attempt.has_output else Reason.LATE
                actions += self.failed(member, Failure(reason), now_s)
        hedge_s = self._hedge_due_s()
        if hedge_s is not None and now_s >= hedge_s:
            self._has_hedged = True
            rival = self._trusted(self._untried(), now_s)
            if rival is not None:
                current = self._current
                actions.append(self._use(rival, now_s, is_hedge=True))
                self._current = current
        return actions

    def _use(
        self,
        member: int,
        now_s: float,
        failure: Failure | None = None,
        waited_s: float = 0.0,
        is_hedge: bool = False,
    ) -> Use:
        self._tried.add(member)
        self._attempts[member] = _Attempt(asked_s=now_s, last_sign_s=now_s)
        self._current = member
        return Use(member, failure, waited_s, is_hedge)

    def _next(self, now_s: float) -> int | None:
        left = self._untried()
        trusted = self._trusted(left, now_s)
        if trusted is not None:
            return trusted
        if now_s - self._started_s >= self._waits.max_silence_s:
            return None
        return next((i for i in left if self._may_try(i, now_s)), None)

    def _untried(self) -> list[int]:
        return [i for i in range(len(self._keys)) if i not in self._tried]

    def _trusted(self, members: Iterable[int], now_s: float) -> int | None:
        return next((i for i in members if self._is_trusted(i, now_s)), None)

    def _trial(self, now_s: float) -> int | None:
        """A better member than the one in line whose due probe this turn may be, if any.

        Only for members that nobody probes in the background: the caller pays for a trial that
        fails.
        """
        for member in range(self.choice(now_s)):
            key = self._keys[member]
            if not self._health.is_probed(key) and self._health.breaker(key).claim_probe(now_s):
                return member
        return None

    def _is_trusted(self, member: int, now_s: float) -> bool:
        breaker = self._health.breaker(self._keys[member])
        if member in self._failed_s:
            if not breaker.has_proved_since(self._failed_s[member]):
                return False
            del self._failed_s[member]
        return breaker.is_closed(now_s)

    def _may_try(self, member: int, now_s: float) -> bool:
        return self._health.breaker(self._keys[member]).may_try(now_s)

    def _late_s(self, attempt: _Attempt) -> float:
        wait_s = self._waits.stall_s if attempt.has_output else self._waits.first_s
        return attempt.last_sign_s + wait_s

    def _hedge_due_s(self) -> float | None:
        if self._waits.hedge_s is None or self._has_hedged or len(self._attempts) != 1:
            return None
        (attempt,) = self._attempts.values()
        return None if attempt.has_output else attempt.asked_s + self._waits.hedge_s
