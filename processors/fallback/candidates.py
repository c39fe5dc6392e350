"""Which member of a chain of ears may be asked beside the one at work. Pure: time is passed in."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from processors.fallback.breaker import Breaker, BreakerState, Health


class Candidates:
    """The members of a chain by number, and what their breakers say of them."""

    def __init__(self, keys: Sequence[str], health: Health) -> None:
        self._keys = tuple(keys)
        self._health = health

    def breaker(self, number: int) -> Breaker:
        """A member's health."""
        return self._health.breaker(self._keys[number])

    def is_well(self, number: int, now_s: float) -> bool:
        """Whether an utterance may rely on it."""
        return self.breaker(number).is_closed(now_s)

    def opinion(self, heard_by: Collection[int], now_s: float) -> int | None:
        """Who to ask about an utterance that `heard_by` have heard; None when nobody is left."""
        left = [n for n in range(len(self._keys)) if n not in heard_by]
        left = [n for n in left if self.breaker(n).may_try(now_s)]
        return next((n for n in left if self.is_well(n, now_s)), left[0] if left else None)

    def claimed(self, before: int, now_s: float) -> int | None:
        """A better provider whose breaker wants to be asked and has given the question to us."""
        for number in range(before):
            breaker = self.breaker(number)
            if breaker.state(now_s) is not BreakerState.OPEN and breaker.claim_probe(now_s):
                return number
        return None
