"""Chains of real Pipecat models against emulated vendors: every turn is answered, word for word."""

import asyncio
import gc
from contextlib import AsyncExitStack
from typing import Any

import pytest
from pipecat.frames.frames import (
    EndFrame,
    ErrorFrame,
    LLMConfigureOutputFrame,
    LLMTextFrame,
    LLMUpdateSettingsFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.services.settings import LLMSettings
from pipecat.utils.errors import ErrorCategory

from emulators.cerebras import CerebrasEmulator
from emulators.groq import GroqEmulator
from emulators.openai import OpenAIEmulator
from emulators.server import Pace
from processors.fallback.breaker import Health
from processors.fallback.events import ChainExhausted, ProviderSwitched
from processors.fallback.probes import probe_of
from processors.fallback.settings import ChainSettings
from processors.fallback.turn import Answer
from tests.processors.fallback.thinking import (
    ANSWER,
    PATIENT,
    QUESTION,
    calling,
    calling_two,
    settings_for,
)

pytestmark = pytest.mark.wire

BEFORE_ANYTHING: list[tuple[str, dict[str, Any]]] = [
    ("401", {}),
    ("402", {}),
    ("429", {"retry_after_s": 30}),
    ("500", {}),
    ("503", {}),
    ("refused", {}),
    ("hang", {}),
    ("stall", {"after_bytes": 0}),
    ("drop", {"after_bytes": 0}),
    ("malformed", {"after_bytes": 0}),
    ("empty", {}),
]
MID_STREAM = [
    (kind, after) for kind in ("stall", "drop", "malformed") for after in (1, 4, 7, 11, 12, 20, 24)
]
CUT_OFF_IN_ORDER = [("empty", after) for after in (1, 4, 7, 11, 20, 24)]


async def test_a_healthy_turn() -> None:
    """The first member answers and nobody else is asked."""
    async with calling_two() as (_, second, call):
        await call.ask()
        await call.answered()
        assert call.said == ANSWER
        assert call.rig.errors == ""
        assert call.switches == []
        assert [asked.operation for asked in second.asked] == []


@pytest.mark.parametrize(("kind", "details"), BEFORE_ANYTHING)
async def test_the_failing_turn_is_answered(kind: str, details: dict[str, Any]) -> None:
    """A first member that fails before a word costs neither a word nor the turn."""
    async with calling_two(settings=settings_for(kind)) as (first, _, call):
        first.fault(kind, **details)
        await call.ask()
        await call.answered()
        assert call.said == ANSWER
        assert call.rig.errors == ""
        (switch,) = call.switches
        assert (switch.from_name, switch.to_name) == ("cerebras", "openai")
        assert call.rig.all(ProviderSwitched) == [switch]
        assert len(first.asked) == (kind != "refused"), "the SDK must not try again by itself"


@pytest.mark.parametrize("kind", ["tls", "dns"])
async def test_a_bad_address_is_answered(kind: str) -> None:
    """A handshake that fails and a name that does not resolve are errors like others."""
    async with (
        CerebrasEmulator() as first,
        OpenAIEmulator() as second,
        calling(first, second, urls={0: first.faulty_url(kind)}) as call,
    ):
        await call.ask()
        await call.answered()
        assert call.said == ANSWER


@pytest.mark.parametrize("prefills", [False, True])
@pytest.mark.parametrize(("kind", "after_bytes"), [*MID_STREAM, *CUT_OFF_IN_ORDER])
async def test_an_answer_that_breaks_off_is_continued(
    kind: str, after_bytes: int, prefills: bool
) -> None:
    """Wherever the stream breaks, each word is said once, in order."""
    async with calling_two(settings=settings_for(kind), prefills=prefills) as (first, _, call):
        first.fault(kind, after_bytes=after_bytes)
        await call.ask()
        await call.answered()
        assert call.said.split() == ANSWER.split()
        assert call.rig.errors == ""
        assert len(call.switches) == 1


async def test_a_stream_that_ends_behind_a_sentence_without_a_word_of_it_is_cut_off() -> None:
    """A vendor that has once said why it ended is expected to say so again."""
    async with calling_two() as (first, _, call):
        await call.ask()
        await call.answered()
        first.fault("empty", after_bytes=12)
        await call.ask()
        await call.answered(2)
        assert call.said.removeprefix(ANSWER).split() == ANSWER.split()
        assert [switch.reason for switch in call.switches] == ["closed"]


async def test_an_answer_may_change_hands_twice() -> None:
    """A second member that dies too is continued by the third."""
    async with (
        CerebrasEmulator() as first,
        OpenAIEmulator() as second,
        GroqEmulator() as third,
        calling(first, second, third) as call,
    ):
        first.fault("drop", after_bytes=5)
        second.fault("drop", after_bytes=14)
        await call.ask()
        await call.answered()
        assert call.said.split() == ANSWER.split()
        assert [switch.to_name for switch in call.switches] == ["openai", "groq"]


async def test_an_outright_error_switches_at_once() -> None:
    """Neither a deadline nor the SDK's retries are waited for."""
    async with calling_two(settings=PATIENT) as (first, _, call):
        first.fault("500")
        await call.ask()
        await call.answered()
        assert call.switches[0].gap_ms < 300


async def test_all_members_down() -> None:
    """The chain says so once, downstream for the last resort and upstream for the record."""
    async with calling_two() as (first, second, call):
        first.fault("500")
        second.fault("401")
        await call.ask()
        await call.rig.wait_for(ErrorFrame)
        (error,) = call.rig.all(ErrorFrame)
        assert error.category is ErrorCategory.SERVER
        assert [frame.kind for frame in call.rig.all(ChainExhausted)] == ["llm"]
        assert call.said == ""
        await first.recover()
        await second.recover()
        await call.ask()
        await call.rig.wait_until(lambda: call.said == ANSWER)


async def test_the_next_turn_stays_with_the_backup() -> None:
    """The session does not ask the broken member again until it has proved itself."""
    health = Health()
    health.probed = {"llm x"}
    async with calling_two(health=health) as (first, _, call):
        health.probed = {member.key for member in call.chain.members}
        first.fault("500", times=1)
        for turn in (1, 2):
            await call.ask()
            await call.answered(turn)
        assert len(first.asked) == 1
        await probe_of(call.chain.members[0].service)()
        health.succeeded(call.chain.members[0].key, asyncio.get_running_loop().time())
        await call.ask()
        await call.answered(3)
        assert [switch.reason for switch in call.switches] == ["error", "recovered"]
        assert call.said == ANSWER * 3


async def test_sessions_share_what_they_know() -> None:
    """A call that begins in an outage does not ask the broken provider at all."""
    health = Health()
    async with CerebrasEmulator() as first, OpenAIEmulator() as second:
        first.fault("401")
        for _ in range(3):
            async with calling(first, second, health=health) as call:
                await call.ask()
                await call.answered()
                assert call.said == ANSWER
        assert len(first.asked) == 1


async def test_a_hedge_takes_the_first_to_answer() -> None:
    """The next member is asked in parallel, and only the quicker one is heard."""
    settings = ChainSettings(first_token_s=5.0, hedge_s=0.1)
    slow = Pace(first_byte_ms=800)
    async with (
        CerebrasEmulator(pace=slow) as first,
        OpenAIEmulator() as second,
        calling(first, second, settings=settings) as call,
    ):
        await call.ask()
        await call.answered()
        assert call.said == ANSWER
        assert [switch.reason for switch in call.switches] == ["hedged"]
        assert await call.rig.stays_without(LLMTextFrame, 0.9)


async def test_settings_reach_all_members() -> None:
    """A new instruction is everybody's; a new model is the one's in use."""
    async with calling_two() as (first, second, call):
        first_llm, second_llm = (member.service for member in call.chain.members)
        models = second_llm.settings.model
        await call.rig.push(
            LLMUpdateSettingsFrame(delta=LLMSettings(system_instruction="Be brief.")),
            LLMUpdateSettingsFrame(delta=LLMSettings(model="zai-glm-4.7")),
            LLMConfigureOutputFrame(skip_tts=True),
        )
        first.fault("500")
        await call.ask()
        await call.answered()
        assert first_llm.settings.model == "zai-glm-4.7"
        assert second_llm.settings.model == models
        assert [a.body["messages"][0]["content"] for a in second.asked] == ["Be brief."]
        assert all(frame.skip_tts for frame in call.rig.all(LLMTextFrame))


async def test_the_end_waits_for_no_provider() -> None:
    """A call ends behind its last answer, and at once when nobody is at work."""
    async with calling_two() as (first, _, call):
        first.fault("drop", after_bytes=8)
        await call.ask()
        await call.rig.push(EndFrame())
        await call.rig.wait_for(EndFrame)
        assert call.said.split() == ANSWER.split()


async def test_one_shot_inference_falls_over_too() -> None:
    """What is asked aside of the conversation is answered by the next member."""
    async with calling_two() as (first, _, call):
        first.fault("500")
        assert await call.chain.run_inference(LLMContext([QUESTION])) == ANSWER


async def test_twenty_sessions_meet_an_outage() -> None:
    """After the first few, nobody waits for the provider that hangs."""
    health = Health()
    async with CerebrasEmulator() as first, OpenAIEmulator() as second, AsyncExitStack() as stack:
        calls = [
            await stack.enter_async_context(calling(first, second, health=health))
            for _ in range(20)
        ]
        health.probed = {calls[0].chain.members[0].key}
        first.fault("hang")
        for call in calls:
            await call.ask()
            await call.answered()
            assert call.said == ANSWER
        assert len(first.asked) == 2
        assert [len(call.switches) for call in calls] == [1] * 20
        assert [call.switches[0].reason for call in calls] == ["late"] * 2 + ["avoided"] * 18


async def test_memory_does_not_grow_with_the_call() -> None:
    """A long call keeps one answer, however many turns were answered or changed hands."""
    async with calling_two() as (first, _, call):
        for turn in range(1, 21):
            if turn % 5 == 0:
                first.fault("drop", after_bytes=7, times=1)
            await call.ask()
            await call.answered(turn)
        gc.collect()
        kept = [kept for kept in gc.get_objects() if type(kept) is Answer]
        assert len(kept) == 1
        assert call.said == ANSWER * 20
