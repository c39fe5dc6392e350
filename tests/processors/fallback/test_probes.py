"""The background probes: one task, one question at a time, only while somebody is broken."""

import asyncio
import time

import pytest
from pipecat.processors.filters.identity_filter import IdentityFilter

from processors.fallback.breaker import BreakerSettings, Health
from processors.fallback.failure import Failure, Reason
from processors.fallback.member import Member, NotFree
from processors.fallback.probes import Prober

pytestmark = pytest.mark.unit

SOON = BreakerSettings(failures=1, open_s=0.01, probe_every_s=0.01, settle_s=0.0)
KEY = "llm vendor"


class Vendor:
    """Answers probes as told and notes how many it was asked at once."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.asked = self.at_once = self.most_at_once = 0

    async def probe(self) -> None:
        self.asked += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            answer = self._answers.pop(0) if self._answers else "yes"
            if answer == "no":
                raise ConnectionError("refused")
            if answer == "hang":
                await asyncio.Event().wait()
            await asyncio.sleep(0)
        finally:
            self.at_once -= 1

    def member(self) -> Member[IdentityFilter]:
        return Member("vendor", KEY, IdentityFilter(), self.probe)


class WatchedHealth(Health):
    """Says when the provider is trusted again."""

    def __init__(self) -> None:
        super().__init__(SOON)
        self.is_closed = asyncio.Event()

    def succeeded(self, key: str, now_s: float, *, asked_s: float | None = None) -> None:
        super().succeeded(key, now_s, asked_s=asked_s)
        if self.breaker(key).is_closed(now_s):
            self.is_closed.set()

    async def closes(self) -> None:
        async with asyncio.timeout(5):
            await self.is_closed.wait()


@pytest.mark.parametrize("trouble", ["no", "hang"])
async def test_a_provider_that_recovers_is_found_out(trouble: str) -> None:
    """Twenty sessions lend their probes; the provider is asked one question at a time."""
    health = WatchedHealth()
    prober = Prober(health, timeout_s=0.05)
    vendor = Vendor(trouble, trouble, "yes", "yes")
    with prober.lend([vendor.member() for _ in range(20)]):
        for _ in range(20):
            health.failed(KEY, time.monotonic(), Failure(Reason.LATE))
        await health.closes()
    assert vendor.most_at_once == 1
    assert vendor.asked == 4
    await prober.close()


async def test_a_session_that_cannot_ask_leaves_it_to_another() -> None:
    """A voice that is speaking says nothing of its vendor; an idle one of another call does."""
    health = WatchedHealth()
    prober = Prober(health)
    vendor = Vendor()

    async def busy() -> None:
        raise NotFree

    busy_member = Member("vendor", KEY, IdentityFilter(), busy)
    with prober.lend([vendor.member()]), prober.lend([busy_member]):
        health.failed(KEY, time.monotonic(), Failure(Reason.LATE))
        await health.closes()
    assert vendor.asked == 2
    await prober.close()


async def test_nobody_is_asked_while_all_are_well() -> None:
    """A healthy process sends no probes, and one without calls neither."""
    health = Health(SOON)
    prober = Prober(health)
    vendor = Vendor()
    with prober.lend([vendor.member()]):
        await asyncio.sleep(0.03)
    health.failed(KEY, time.monotonic(), Failure(Reason.LATE))
    await asyncio.sleep(0.05)
    assert vendor.asked == 0
    assert not health.is_probed(KEY)
    await prober.close()


async def test_a_call_that_begins_in_an_outage_lends_its_probe() -> None:
    """What broke while nobody could be asked is asked as soon as somebody can."""
    health = WatchedHealth()
    prober = Prober(health)
    health.failed(KEY, time.monotonic(), Failure(Reason.LATE))
    vendor = Vendor()
    with prober.lend([vendor.member()]):
        await health.closes()
    assert vendor.asked == 2
    await prober.close()
