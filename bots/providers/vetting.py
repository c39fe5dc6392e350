"""Vendors are asked about a bot before its calls: whom they refuse, no call begins with.

`look` runs while a bot is made ready; `fit` is what a session starts from. A refusal stands until
the vendor takes it back: it is asked again, behind a call, at most once in RECHECK_S. A vendor that
does not answer keeps no bot waiting: after ANSWER_S it goes on being asked beside the calls.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from loguru import logger

from bots.complaint import Complaint
from bots.errors import ProviderError
from bots.providers.online import REFUSED, check_member
from bots.providers.registry import PROVIDERS
from bots.spec import KINDS, BotSpec, Kind, ProviderSpec

RECHECK_S = 60.0
ANSWER_S = 3.0
"""What a bot that is made ready waits for its vendors."""
FAILING = "failing"
"""Why a provider is unwell whose breaker is open, or half-open until it has proved itself."""

_Key = tuple[Kind, str, str | None, str | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A member that a call begins without, and who stands in its place."""

    kind: Kind
    member: ProviderSpec
    instead: ProviderSpec


@dataclass(frozen=True, slots=True)
class Unwell:
    """A provider that calls go round, by name.

    Attributes:
        reason: FAILING, or the code of its vendor's refusal, one of REFUSED.
    """

    kind: Kind
    provider: str
    reason: str


class Vetting:
    """What the vendors have said of the providers of this process's bots.

    Args:
        environ: where the keys are; the process's own by default.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._environ = os.environ if environ is None else environ
        self._clock = clock
        self._refused: dict[_Key, tuple[Complaint, float]] = {}
        self._known: set[_Key] = set()
        self._asking: dict[_Key, asyncio.Task[None]] = {}

    async def look(self, spec: BotSpec, *, wait_s: float = ANSWER_S) -> None:
        """Ask about every member that has not been asked about; never raises.

        Returns when all have answered, and after `wait_s` at the latest.
        """
        members: dict[_Key, tuple[Kind, ProviderSpec]] = {
            _key(kind, one): (kind, one)
            for kind in KINDS
            for one in spec.chain(kind)
            if not PROVIDERS[kind, one.provider].runs_here
        }
        asked = [self._begin(*member) for key, member in members.items() if key not in self._known]
        if asked:
            await asyncio.wait(asked, timeout=wait_s)

    def refusal(self, kind: Kind, one: ProviderSpec) -> Complaint | None:
        """Why its vendor refuses a member; None when it does not, as far as is known."""
        said = self._refused.get(_key(kind, one))
        return said[0] if said else None

    def fit(self, spec: BotSpec) -> tuple[BotSpec, tuple[LeftOut, ...]]:
        """The bot without the members that are refused, and those members.

        Raises:
            ProviderError: a chain has nobody left; the message is the vendor's refusal.
        """
        chains: dict[str, tuple[ProviderSpec, ...]] = {}
        left_out: list[LeftOut] = []
        for kind in KINDS:
            chain = spec.chain(kind)
            said = {index: self._stands(kind, one) for index, one in enumerate(chain)}
            kept = tuple(one for index, one in enumerate(chain) if said[index] is None)
            if len(kept) == len(chain):
                continue
            if not kept:
                raise _nobody(kind, chain, said[0])
            chains[kind] = kept
            left_out += [
                LeftOut(kind, one, next((k for k in chain[index:] if k in kept), kept[-1]))
                for index, one in enumerate(chain)
                if said[index] is not None
            ]
        return (spec.model_copy(update=chains) if chains else spec), tuple(left_out)

    async def close(self) -> None:
        """Stop asking."""
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    def _stands(self, kind: Kind, one: ProviderSpec) -> Complaint | None:
        """Why it is refused; after RECHECK_S the vendor is asked again, for a later call."""
        key = _key(kind, one)
        said = self._refused.get(key)
        if said is None:
            return None
        complaint, asked_s = said
        if self._clock() - asked_s >= RECHECK_S:
            self._refused[key] = (complaint, self._clock())
            self._begin(kind, one)
        return complaint

    def _begin(self, kind: Kind, one: ProviderSpec) -> asyncio.Task[None]:
        """The question about one member, asked once however many wait for its answer."""
        key = _key(kind, one)
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.create_task(self._ask(kind, one))
            task.add_done_callback(lambda done: self._answered(key, done))
        return task

    def _answered(self, key: _Key, asking: asyncio.Task[None]) -> None:
        del self._asking[key]
        if not asking.cancelled() and (error := asking.exception()):
            logger.opt(exception=error).error("{} ({}) could not be asked", key[1], key[0])

    async def _ask(self, kind: Kind, one: ProviderSpec) -> None:
        found = await check_member(kind, one, self._environ)
        key = _key(kind, one)
        refusal = next((said for said in found if said.code in REFUSED), None)
        if refusal is not None:
            self._known.add(key)
            self._refused[key] = (refusal, self._clock())
            logger.error("{} ({}): {} {}", one, kind, refusal.cause, refusal.fix)
        elif found:
            # Nobody was reached: that is the chain's business, and a later look's.
            logger.warning("{} ({}): {}", one, kind, found[0].cause)
        else:
            self._known.add(key)
            if self._refused.pop(key, None):
                logger.info("{} ({}) is good again", one, kind)


def _key(kind: Kind, one: ProviderSpec) -> _Key:
    variable = one.api_key.env if one.api_key else None
    return kind, one.provider, one.base_url, variable, one.model, one.voice


def _nobody(kind: Kind, chain: tuple[ProviderSpec, ...], first: Complaint | None) -> ProviderError:
    is_key = first is not None and first.code == "key_refused"
    return ProviderError(
        first.cause if first else f"Nobody is left for {kind}.",
        provider=chain[0].provider,
        stage=kind,
        category="authentication" if is_key else "invalid_request",
        hint=first.fix if first else "",
    )
