"""Whether a brain's key is found out before the first question."""

from __future__ import annotations

import pytest
from pipecat.services.anthropic.llm import AnthropicLLMService
from pipecat.services.cerebras.llm import CerebrasLLMService
from pipecat.services.openai.llm import OpenAILLMService

from bots.providers.release import release
from bots.providers.trial import Trials
from emulators.anthropic import AnthropicEmulator
from emulators.cerebras import CerebrasEmulator
from emulators.openai import OpenAIEmulator
from emulators.server import Emulator

pytestmark = pytest.mark.call


def brain(vendor: Emulator, key: str) -> OpenAILLMService | AnthropicLLMService:
    """Pipecat's service for `vendor`."""
    if isinstance(vendor, AnthropicEmulator):
        from anthropic import AsyncAnthropic

        return AnthropicLLMService(
            api_key=key, client=AsyncAnthropic(api_key=key, base_url=vendor.base_url)
        )
    kind = CerebrasLLMService if isinstance(vendor, CerebrasEmulator) else OpenAILLMService
    return kind(api_key=key, base_url=vendor.base_url)


@pytest.mark.parametrize("kind", [OpenAIEmulator, CerebrasEmulator, AnthropicEmulator])
async def test_a_wrong_key_is_told_from_a_right_one(kind: type[Emulator]) -> None:
    """Without an answer being asked for."""
    async with kind() as vendor:
        right, wrong = brain(vendor, "a-key"), brain(vendor, "wrong-key")
        trials = Trials()
        assert [await trials.is_refused([one]) for one in (right, wrong)] == [False, True]
        assert {asked.operation for asked in vendor.asked} <= {"models"}
        await release([right, wrong])


@pytest.mark.parametrize("fault", ["500", "drop", "429"])
async def test_what_is_no_refusal_is_left_for_the_first_question(fault: str) -> None:
    """A vendor in trouble may be well again by then."""
    async with OpenAIEmulator() as vendor:
        vendor.fault(fault)
        service = brain(vendor, "a-key")
        service._client.max_retries = 0
        assert not await Trials().is_refused([service])
        await release([service])


async def test_a_key_that_was_taken_is_not_tried_again() -> None:
    """One question a process."""
    async with OpenAIEmulator() as vendor:
        trials, service = Trials(), brain(vendor, "a-key")
        assert not await trials.is_refused([service])
        vendor.fault("401")
        assert not await trials.is_refused([service])
        await release([service])
