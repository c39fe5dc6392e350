"""Models: FallbackLLM beside Pipecat's LLMSwitcher with Failover, same services, same settings.

The emulated backup goes on with a prefilled answer; a vendor that begins again instead costs the
time it takes to repeat what was said.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pipecat.frames.frames import Frame, LLMContextFrame, LLMFullResponseEndFrame, LLMTextFrame
from pipecat.pipeline.llm_switcher import LLMSwitcher
from pipecat.pipeline.service_switcher import ServiceSwitcherStrategyFailover
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.cerebras.llm import CerebrasLLMService
from pipecat.services.openai.llm import OpenAILLMService

from benchmarks.outages import piped
from benchmarks.outages.cases import Case, Result, System, cases, count_words
from benchmarks.outages.vendors import Vendors
from emulators.faults import FaultKind
from emulators.outages import Outage
from emulators.script import numbered_reply
from processors.fallback.breaker import Health
from processors.fallback.llm import FallbackLLM
from processors.fallback.member import Member
from processors.fallback.probes import Prober, probe_of
from processors.fallback.settings import ChainSettings

FIRST_BYTE_MS = 200
CHUNK_MS = 30
SETTINGS = ChainSettings()
TURN_TIMEOUT_S = 8.0
QUIET_S = 2.5
"""A turn that has said this long nothing after its end is over."""

MID_BYTES = 10
CASES = (
    *cases("llm", mid_bytes=MID_BYTES),
    Case("llm", Outage(FaultKind.EMPTY, "mid", {"after_bytes": MID_BYTES})),
)
_TOLD_AT_ONCE = frozenset({FaultKind.DROP, FaultKind.MALFORMED, FaultKind.EMPTY})
EXPECTED = numbered_reply(0)
_LAST_WORD = EXPECTED.split()[-1]
_QUESTION: Any = {"role": "user", "content": "When do you open?"}


class Listener(FrameProcessor):
    """Notes the words that come out and when."""

    def __init__(self) -> None:
        super().__init__(enable_direct_mode=True)
        self.text = ""
        self.first_s: float | None = None
        self.last_s: float | None = None
        self.has_ended = asyncio.Event()

    def forget(self) -> None:
        """Before a turn."""
        self.text, self.first_s, self.last_s = "", None, None
        self.has_ended.clear()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Look, and pass on."""
        await super().process_frame(frame, direction)
        if isinstance(frame, LLMTextFrame):
            self.text += frame.text
            self.last_s = time.perf_counter()
            self.first_s = self.first_s or self.last_s
        elif isinstance(frame, LLMFullResponseEndFrame):
            self.has_ended.set()
        await self.push_frame(frame, direction)


class Call(piped.Call[Listener]):
    """A call that asks a model."""

    async def ask(self, timeout_s: float = TURN_TIMEOUT_S) -> tuple[float, float] | None:
        """Ask once: seconds to the first and to the last word; None without a word."""
        listener = self.listener
        listener.forget()
        asked_s = time.perf_counter()
        await self._worker.queue_frame(LLMContextFrame(LLMContext([_QUESTION])))
        deadline_s = asked_s + timeout_s
        while time.perf_counter() < deadline_s and not listener.text.endswith(_LAST_WORD):
            if listener.has_ended.is_set():
                # Only a switcher that answers later would speak again.
                deadline_s = min(deadline_s, time.perf_counter() + QUIET_S)
                listener.has_ended.clear()
            await asyncio.sleep(0.002)
        if listener.first_s is None or listener.last_s is None:
            return None
        return listener.first_s - asked_s, listener.last_s - asked_s


@asynccontextmanager
async def calling(
    system: System | str, vendors: Vendors, url: str, prober: Prober | None = None
) -> AsyncIterator[Call]:
    """A call on Cerebras at `url`, with OpenAI behind it unless the system is "bare"."""
    first: Any = CerebrasLLMService(api_key="key", base_url=url)
    second: Any = OpenAILLMService(api_key="key", base_url=vendors.base_url("openai"))
    health = prober.health if prober else Health()
    if system == "offhook":
        members = [
            Member("cerebras", "llm cerebras", first, probe_of(first)),
            Member("openai", "llm openai", second, can_prefill=True),
        ]
        chain: FrameProcessor = FallbackLLM(members, health, SETTINGS)
    elif system == "pipecat":
        chain = LLMSwitcher([first, second], ServiceSwitcherStrategyFailover)
    else:
        chain = first
    listener = Listener()
    async with piped.piped(chain, listener, prober=prober) as worker:
        yield Call(worker, listener, chain)
    for service in (first, second):
        await service._client.close()


async def healthy_s(vendors: Vendors) -> float | None:
    """Seconds to the last word of a healthy turn, in a call like the measured ones: its first."""
    for vendor in ("cerebras", "openai"):
        await vendors.recover(vendor)
        await vendors.pace(vendor, first_byte_ms=FIRST_BYTE_MS, chunk_ms=CHUNK_MS)
    async with calling("bare", vendors, vendors.base_url("cerebras")) as call:
        times = await call.ask()
    return times[1] if times else None


async def measure(
    case: Case, system: System, number: int, vendors: Vendors, healthy_s: float | None
) -> Result:
    """The turn that fails."""
    await vendors.break_down("cerebras", case)
    async with calling(system, vendors, vendors.faulty_url("cerebras", case)) as call:
        times = await call.ask()
        heard = call.listener.text.split()
    await vendors.recover("cerebras")
    lost, repeated = count_words(EXPECTED.split(), heard)
    gap_ms = None
    if times and healthy_s and not lost:
        gap_ms = round((times[1] - healthy_s) * 1000, 1)
    return Result(case.name, system, number, not lost, lost, repeated, gap_ms, _allowed_ms(case))


def _allowed_ms(case: Case) -> float:
    if case.fault is FaultKind.DRIP:
        # Slow is not silent: the provider itself finishes, at the pace of its pieces.
        return len(EXPECTED) * case.outage.details["drip_ms"]
    if case.is_outright or case.fault in _TOLD_AT_ONCE:
        return FIRST_BYTE_MS
    wait_s = SETTINGS.stall_s if case.outage.when == "mid" else SETTINGS.first_token_s
    return wait_s * 1000 + FIRST_BYTE_MS
