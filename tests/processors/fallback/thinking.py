"""A call whose brain is a chain of real Pipecat models at emulated vendors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pipecat.frames.frames import (
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.services.cerebras.llm import CerebrasLLMService
from pipecat.services.openai.llm import OpenAILLMService

from emulators.cerebras import CerebrasEmulator
from emulators.chat import ChatEmulator
from emulators.openai import OpenAIEmulator
from emulators.script import numbered_reply
from processors.fallback.breaker import Health
from processors.fallback.events import ProviderSwitched
from processors.fallback.llm import FallbackLLM
from processors.fallback.member import Member
from processors.fallback.settings import ChainSettings
from tests.emulators.rig import Rig, running

QUESTION: Any = {"role": "user", "content": "When do you open?"}
ANSWER = numbered_reply(0)
QUICK = ChainSettings(first_token_s=0.4, stall_s=0.4)
PATIENT = ChainSettings(first_token_s=5.0, stall_s=5.0)


def settings_for(kind: str) -> ChainSettings:
    """Short deadlines only where one has to pass: a busy machine makes the backup late too."""
    return QUICK if kind in ("hang", "stall") else PATIENT


class Call:
    """A chain at work: what was switched, and what came out of it."""

    def __init__(self, chain: FallbackLLM, rig: Rig, switches: list[ProviderSwitched]) -> None:
        self.chain, self.rig, self.switches = chain, rig, switches

    @property
    def said(self) -> str:
        return "".join(frame.text for frame in self.rig.all(LLMTextFrame))

    async def ask(self, *, speculation: bool = False, **context: Any) -> None:
        messages = context.pop("messages", [QUESTION])
        question = LLMContextFrame(LLMContext(messages, **context), speculation=speculation)
        await self.rig.push(question)

    async def answered(self, turns: int = 1) -> None:
        await self.rig.wait_for(LLMFullResponseEndFrame, turns)
        assert len(self.rig.all(LLMFullResponseStartFrame)) == turns
        assert len(self.rig.all(LLMFullResponseEndFrame)) == turns


@asynccontextmanager
async def calling(
    *vendors: ChatEmulator,
    settings: ChainSettings = QUICK,
    health: Health | None = None,
    prefills: bool = False,
    urls: dict[int, str] | None = None,
) -> AsyncIterator[Call]:
    """A call whose chain asks the vendors in order; the first is Pipecat's Cerebras service."""
    switches: list[ProviderSwitched] = []
    members = []
    for index, vendor in enumerate(vendors):
        service_type = OpenAILLMService if index else CerebrasLLMService
        url = (urls or {}).get(index, vendor.base_url)
        service = service_type(api_key="key", base_url=url)
        members.append(Member(vendor.vendor, f"llm {url}", service, can_prefill=prefills))
    chain = FallbackLLM(members, health or Health(), settings, on_switch=switches.append)
    try:
        async with running(chain) as rig:
            yield Call(chain, rig, switches)
    finally:
        for member in members:
            await member.service._client.close()


@asynccontextmanager
async def calling_two(
    **options: Any,
) -> AsyncIterator[tuple[CerebrasEmulator, OpenAIEmulator, Call]]:
    """Such a call of two vendors, and both of them; `options` are `calling`'s."""
    async with (
        CerebrasEmulator() as first,
        OpenAIEmulator() as second,
        calling(first, second, **options) as call,
    ):
        yield first, second, call
