"""Chains across protocols: Anthropic and Gemini beside chat completions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from anthropic import AsyncAnthropic
from google.genai.types import HttpOptions
from pipecat.frames.frames import LLMContextFrame, LLMFullResponseEndFrame, LLMTextFrame
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.services.anthropic.llm import AnthropicLLMService
from pipecat.services.google.llm import GoogleLLMService
from pipecat.services.llm_service import LLMService
from pipecat.services.openai.llm import OpenAILLMService

from emulators.anthropic import AnthropicEmulator
from emulators.gemini import GeminiEmulator
from emulators.openai import OpenAIEmulator
from emulators.script import numbered_reply
from processors.fallback.breaker import Health
from processors.fallback.events import ProviderSwitched
from processors.fallback.llm import FallbackLLM
from processors.fallback.member import Member
from processors.fallback.settings import ChainSettings
from tests.emulators.rig import Rig, running
from tests.processors.fallback.thinking import settings_for

pytestmark = pytest.mark.wire

ANSWER = numbered_reply(0)
EMULATORS = {"anthropic": AnthropicEmulator, "google": GeminiEmulator, "openai": OpenAIEmulator}
FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("401", {}),
    ("429", {}),
    ("500", {}),
    ("503", {}),
    ("refused", {}),
    ("hang", {}),
    ("empty", {}),
    ("malformed", {"after_bytes": 0}),
    ("drop", {"after_bytes": 0}),
    ("drop", {"after_bytes": 7}),
    ("empty", {"after_bytes": 7}),
    ("stall", {"after_bytes": 10}),
    ("malformed", {"after_bytes": 12}),
]


def service_of(name: str, vendor: Any) -> LLMService[Any]:
    if name == "anthropic":
        client = AsyncAnthropic(api_key="key", base_url=vendor.base_url)
        return AnthropicLLMService(api_key="key", client=client)
    if name == "google":
        options = HttpOptions(base_url=vendor.base_url)
        return GoogleLLMService(api_key="key", http_options=options)
    return OpenAILLMService(api_key="key", base_url=vendor.base_url)


@asynccontextmanager
async def calling(
    first: str, vendor: Any, second: str, backup: Any, settings: ChainSettings
) -> AsyncIterator[Rig]:
    members = [
        Member(first, f"llm {first}", service_of(first, vendor)),
        Member(second, f"llm {second}", service_of(second, backup)),
    ]
    try:
        async with running(FallbackLLM(members, Health(), settings)) as rig:
            yield rig
    finally:
        for member in members:
            client: Any = getattr(member.service, "_client", None)
            if hasattr(client, "close") and not isinstance(member.service, GoogleLLMService):
                await client.close()


@pytest.mark.parametrize(("kind", "details"), FAULTS)
@pytest.mark.parametrize(
    ("first", "second"),
    [("anthropic", "google"), ("google", "anthropic"), ("openai", "anthropic")],
)
async def test_the_failing_turn_is_answered(
    first: str, second: str, kind: str, details: dict[str, Any]
) -> None:
    """Whatever protocol fails, and whichever goes on, each word is said once, with one retry."""
    async with (
        EMULATORS[first]() as vendor,
        EMULATORS[second]() as backup,
        calling(first, vendor, second, backup, settings_for(kind)) as rig,
    ):
        vendor.fault(kind, **details)
        question: Any = {"role": "user", "content": "When do you open?"}
        await rig.push(LLMContextFrame(LLMContext([question])))
        await rig.wait_for(LLMFullResponseEndFrame)
        assert "".join(frame.text for frame in rig.all(LLMTextFrame)).split() == ANSWER.split()
        assert rig.errors == ""
        assert len(rig.all(ProviderSwitched)) == 1
        assert len(vendor.asked) == (kind != "refused")
