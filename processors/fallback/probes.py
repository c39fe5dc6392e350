"""Asks broken providers for signs of life in the background, for all sessions of the process.

The breakers say when (`Health.next_probe_s`); this shell owns one task, alive only while a probe is
wanted. Sessions lend the probe of each of their members for as long as they last, so that no
connection is kept for providers that no call needs.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from loguru import logger
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.services.llm_service import LLMService
from pipecat.utils.errors import ErrorCategory, classify_http_exception

from processors.fallback.breaker import Health
from processors.fallback.failure import Failure, Reason, retry_after_s
from processors.fallback.member import Member, NotFree

Probe = Callable[[], Awaitable[None]]


def probe_of(service: LLMService[Any]) -> Probe:
    """A sign of life of a model: one token, outside of any pipeline and without the bot's prompt.

    It raises when there is none. A model that minds the question is alive: some will not think
    within a token.
    """

    async def probe() -> None:
        question = LLMContext([{"role": "user", "content": "Say yes."}])
        try:
            await service.run_inference(question, max_tokens=1, system_instruction="Be brief.")
        except Exception as error:
            if classify_http_exception(error) is not ErrorCategory.INVALID_REQUEST:
                raise

    return probe


class Prober:
    """The process's probes; hand its `health` to every chain and call `lend` for each session.

    Args:
        health: the breakers to serve.
        timeout_s: how long a provider may take over a probe, in s.
        clock: seconds, monotonic; the one that the chains use.
    """

    def __init__(
        self,
        health: Health,
        *,
        timeout_s: float = 3.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.health = health
        self._timeout_s = timeout_s
        self._clock = clock
        self._probes: dict[str, list[Probe]] = {}
        self._task: asyncio.Task[None] | None = None
        health.probed = self._probes.keys()
        health.on_change = self._wake

    @contextmanager
    def lend(self, members: Iterable[Member[Any]]) -> Iterator[None]:
        """Probe the providers of `members`, which must be able to answer, while inside."""
        lent = [(member.key, member.probe) for member in members if member.probe is not None]
        for key, probe in lent:
            self._probes.setdefault(key, []).append(probe)
        self._wake()
        try:
            yield
        finally:
            for key, probe in lent:
                self._probes[key].remove(probe)
                if not self._probes[key]:
                    del self._probes[key]

    async def close(self) -> None:
        """Stop probing."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _wake(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        while (due_s := self.health.next_probe_s) is not None:
            await asyncio.sleep(min(max(0.0, due_s - self._clock()), _LOOK_AGAIN_S))
            keys = self.health.claim_probes(self._clock())
            await asyncio.gather(*(self._ask(key) for key in keys))

    async def _ask(self, key: str) -> None:
        """Ask with the first probe that can be made."""
        for probe in self._probes.get(key, [])[::-1]:
            with contextlib.suppress(NotFree):
                await self._ask_with(probe, key)
                return
        self.health.breaker(key).return_probe(self._clock())

    async def _ask_with(self, probe: Probe, key: str) -> None:
        asked_s = self._clock()
        try:
            async with asyncio.timeout(self._timeout_s):
                await probe()
        except NotFree:
            raise
        except TimeoutError:
            failure = Failure(Reason.LATE)
        except Exception as error:
            category = classify_http_exception(error)
            failure = Failure(Reason.ERROR, category, retry_after_s(error))
        else:
            self.health.succeeded(key, self._clock(), asked_s=asked_s)
            if self.health.breaker(key).is_closed(self._clock()):
                logger.info(f"{key} answers again")
            return
        self.health.failed(key, self._clock(), failure, asked_s=asked_s)


_LOOK_AGAIN_S = 0.5
"""An earlier probe may come to be due while the loop sleeps."""
