"""Models: FallbackLLM beside Pipecat's LLMSwitcher with Failover, same services, same settings.

The emulated backup goes on with a prefilled answer; a vendor that begins again instead costs the
time it takes to repeat what was said.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pipecat.frames.frames import Frame, LLMContextFrame, LLMFullResponseEndFrame, LLMTextFrame
from pipecat.pipeline.llm_switcher import LLMSwitcher
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.service_switcher import ServiceSwitcherStrategyFailover
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.cerebras.llm import CerebrasLLMService
from pipecat.services.openai.llm import OpenAILLMService
from pipecat.workers.runner import WorkerRunner

from benchmarks.outages.cases import OUTRIGHT, Case, Result, System, cases, count_words
from benchmarks.outages.vendors import Vendors
from emulators.script import numbered_reply
from processors.fallback.breaker import Health
from processors.fallback.llm import FallbackLLM
from processors.fallback.member import Member
from processors.fallback.settings import ChainSettings

FIRST_BYTE_MS = 200
CHUNK_MS = 30
SETTINGS = ChainSettings()
TURN_TIMEOUT_S = 8.0
QUIET_S = 2.5
"""A turn that has said this long nothing after its end is over."""

CASES = tuple(cases("llm", mid_bytes=10))
_EXPECTED = numbered_reply(0)
_LAST_WORD = _EXPECTED.split()[-1]
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


class Call:
    """A running pipeline of one chain."""

    def __init__(self, worker: PipelineWorker, listener: Listener) -> None:
        self._worker, self.listener = worker, listener

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
async def calling(system: System | str, vendors: Vendors, url: str) -> AsyncIterator[Call]:
    """A call on Cerebras at `url`, with OpenAI behind it unless the system is "bare"."""
    first: Any = CerebrasLLMService(api_key="key", base_url=url)
    second: Any = OpenAILLMService(api_key="key", base_url=vendors.base_url("openai"))
    if system == "offhook":
        members = [
            Member("cerebras", "llm cerebras", first),
            Member("openai", "llm openai", second, can_prefill=True),
        ]
        chain: FrameProcessor = FallbackLLM(members, Health(), SETTINGS)
    elif system == "pipecat":
        chain = LLMSwitcher([first, second], ServiceSwitcherStrategyFailover)
    else:
        chain = first
    listener = Listener()
    worker = PipelineWorker(
        Pipeline([chain, listener]), cancel_on_idle_timeout=False, enable_rtvi=False
    )
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run())
    try:
        yield Call(worker, listener)
    finally:
        await worker.cancel()
        await asyncio.wait({running}, timeout=10)
        for service in (first, second):
            await service._client.close()


async def measure(case: Case, system: System, number: int, vendors: Vendors) -> Result:
    """One healthy turn of the backup's pace for comparison, then the turn that fails."""
    for vendor in ("cerebras", "openai"):
        await vendors.recover(vendor)
        await vendors.pace(vendor, first_byte_ms=FIRST_BYTE_MS, chunk_ms=CHUNK_MS)
    async with calling("bare", vendors, vendors.base_url("cerebras")) as call:
        await call.ask()
        healthy = await call.ask()
    await vendors.break_down("cerebras", case)
    async with calling(system, vendors, vendors.faulty_url("cerebras", case)) as call:
        times = await call.ask()
        heard = call.listener.text.split()
    await vendors.recover("cerebras")
    lost, repeated = count_words(_EXPECTED.split(), heard)
    gap_ms = None
    if times and healthy and not lost:
        gap_ms = round((times[1] - healthy[1]) * 1000, 1)
    return Result(case.name, system, number, not lost, lost, repeated, gap_ms, _allowed_ms(case))


def _allowed_ms(case: Case) -> float:
    if case.fault == "drip":
        # Slow is not silent: the provider itself finishes, at the pace of its pieces.
        return len(_EXPECTED) * case.details["drip_ms"]
    if case.fault in OUTRIGHT | {"drop", "malformed", "empty"}:
        return FIRST_BYTE_MS
    wait_s = SETTINGS.stall_s if case.when == "mid" else SETTINGS.first_token_s
    return wait_s * 1000 + FIRST_BYTE_MS


async def overhead(vendors: Vendors, rounds: int, turns: int = 100) -> dict[str, Any]:
    """A healthy chain over a bare service: first token in ms and CPU in ms a turn, medians.

    A/B/B/A rounds of `turns` turns; `aa` compares the bare service with itself.
    """
    await vendors.recover("cerebras")
    await vendors.pace("cerebras", first_byte_ms=0, chunk_ms=0)
    first_ms: dict[str, list[float]] = {"bare": [], "offhook": []}
    cpu_ms: dict[str, list[float]] = {"bare": [], "offhook": []}
    for _ in range(rounds):
        for system in ("bare", "offhook", "offhook", "bare"):
            async with calling(system, vendors, vendors.base_url("cerebras")) as call:
                await call.ask()
                firsts = []
                begun_cpu_s = time.process_time()
                for _ in range(turns):
                    times = await call.ask()
                    if times:
                        firsts.append(times[0] * 1000)
                cpu_ms[system].append((time.process_time() - begun_cpu_s) * 1000 / turns)
                first_ms[system].append(statistics.median(firsts))
    return {
        "turns": rounds * turns * 2,
        "first_ms": {name: round(statistics.median(v), 3) for name, v in first_ms.items()},
        "cpu_ms": {name: round(statistics.median(v), 3) for name, v in cpu_ms.items()},
        "aa_first_ms": round(statistics.median(first_ms["bare"][::2]), 3)
        - round(statistics.median(first_ms["bare"][1::2]), 3),
        "aa_cpu_ms": round(statistics.median(cpu_ms["bare"][::2]), 3)
        - round(statistics.median(cpu_ms["bare"][1::2]), 3),
    }
