"""What a chain of models owes a turn: a tool once, one speculation, an end when interrupted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pipecat.adapters.llm.schemas.function_schema import FunctionSchema
from pipecat.adapters.llm.schemas.tools_schema import ToolsSchema
from pipecat.frames.frames import (
    EagerEndOfTurnCancelFrame,
    ErrorFrame,
    FunctionCallResultFrame,
    InterruptionFrame,
    LLMContextFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.services.llm_service import FunctionCallParams

from emulators.cerebras import CerebrasEmulator
from emulators.openai import OpenAIEmulator
from emulators.script import Reply, Script, ToolCall, numbered_reply
from emulators.server import Pace
from processors.fallback.settings import ChainSettings
from tests.processors.fallback.thinking import (
    ANSWER,
    QUESTION,
    QUICK,
    Call,
    calling,
    calling_two,
    settings_for,
)

pytestmark = pytest.mark.wire


def hours(opened: list[str]) -> tuple[Script, dict[str, Any], Any]:
    """A script that calls a tool, the context's tools, and the tool, which notes its calls."""

    async def opening_hours(params: FunctionCallParams) -> None:
        opened.append(params.arguments["day"])
        await params.result_callback({"from": "ten"})

    call = ToolCall(name="hours", arguments={"day": "Saturday"})
    schema = FunctionSchema("hours", "Opening hours", {"day": {"type": "string"}}, ["day"])
    tools = {"tools": ToolsSchema(standard_tools=[schema])}
    return Script([Reply(tool_calls=(call,))]), tools, opening_hours


@asynccontextmanager
async def calling_about_hours(
    settings: ChainSettings = QUICK,
) -> AsyncIterator[tuple[Call, CerebrasEmulator, dict[str, Any], list[str]]]:
    """A chain of two models that want the tool: its call, the first model, the context's tools, and
    the days that the tool was called with."""
    opened: list[str] = []
    script, tools, opening_hours = hours(opened)
    async with (
        CerebrasEmulator(script=script) as first,
        OpenAIEmulator(script=script) as second,
        calling(first, second, settings=settings) as call,
    ):
        call.chain.register_function("hours", opening_hours)
        yield call, first, tools, opened


@pytest.mark.parametrize("kind", ["none", "500", "hang", "drop"])
async def test_a_tool_is_called_once(kind: str) -> None:
    """A turn that only calls a tool is no failure, and a replay does not call it again."""
    async with calling_about_hours(settings_for(kind)) as (call, first, tools, opened):
        if kind != "none":
            first.fault(kind, **({"after_bytes": 12} if kind == "drop" else {}))
        await call.ask(**tools)
        await call.rig.wait_for(FunctionCallResultFrame)
        await call.answered()
        assert await call.rig.stays_without(ErrorFrame)
        assert opened == ["Saturday"]
        assert len(call.switches) == (kind != "none")


async def test_long_arguments_are_a_sign_of_life() -> None:
    """A tool call whose arguments take longer than the first token's deadline is not late."""
    opened: list[str] = []
    script, tools, opening_hours = hours(opened)
    pace = Pace(chunk_ms=250)
    async with (
        CerebrasEmulator(script=script, pace=pace) as first,
        OpenAIEmulator() as second,
        calling(first, second) as call,
    ):
        call.chain.register_function("hours", opening_hours)
        await call.ask(**tools)
        await call.rig.wait_for(FunctionCallResultFrame)
        await call.answered()
        assert opened == ["Saturday"]
        assert call.switches == []


@pytest.mark.parametrize(
    ("kind", "details"), [("none", {}), ("500", {}), ("hang", {}), ("drop", {"after_bytes": 7})]
)
async def test_a_speculation_stays_one(kind: str, details: dict[str, Any]) -> None:
    """Whoever answers it, nothing comes out before the turn is confirmed, and then all of it."""
    async with calling_two() as (first, second, call):
        if kind != "none":
            first.fault(kind, **details)
        await call.rig.push(UserStartedSpeakingFrame())
        await call.ask(speculation=True)
        asked = second if kind != "none" else first
        await asked.wait_for_requests("chat", 1)
        assert await call.rig.stays_without(LLMTextFrame)
        assert call.rig.all(LLMFullResponseStartFrame) == []
        await call.rig.push(UserStoppedSpeakingFrame())
        await call.answered()
        assert call.said == ANSWER


@pytest.mark.parametrize("kind", ["none", "500"])
async def test_a_speculation_that_is_confirmed_early(kind: str) -> None:
    """A turn that ends before its answer has come is answered as it comes."""
    async with calling_two() as (first, _, call):
        if kind != "none":
            first.fault(kind)
        question = LLMContextFrame(LLMContext([QUESTION]), speculation=True)
        await call.rig.push(UserStartedSpeakingFrame(), question, UserStoppedSpeakingFrame())
        await call.answered()
        assert call.said == ANSWER


async def test_a_withdrawn_speculation_is_never_heard() -> None:
    """What answered half a question is dropped, also at the backup, and the next is answered."""
    async with calling_two() as (first, second, call):
        first.fault("500", times=1)
        await call.rig.push(UserStartedSpeakingFrame())
        await call.ask(speculation=True)
        await second.wait_for_requests("chat", 1)
        assert await call.rig.stays_without(LLMTextFrame)
        await call.rig.push(EagerEndOfTurnCancelFrame())
        await call.rig.push(UserStoppedSpeakingFrame())
        assert await call.rig.stays_without(LLMTextFrame)
        turn_two = [QUESTION, {"role": "assistant", "content": "Ten."}, QUESTION]
        await call.ask(messages=turn_two)
        await call.answered()
        assert call.said == numbered_reply(1)


async def test_a_speculation_calls_no_tool() -> None:
    """A tool wanted by an unconfirmed turn withdraws it instead of running."""
    async with calling_about_hours() as (call, first, tools, opened):
        first.fault("500")
        await call.rig.push(UserStartedSpeakingFrame())
        await call.ask(speculation=True, **tools)
        await call.rig.wait_for(EagerEndOfTurnCancelFrame, 2)
        await call.rig.push(UserStoppedSpeakingFrame())
        await call.ask(**tools)
        await call.rig.wait_for(FunctionCallResultFrame)
        await call.answered()
        assert opened == ["Saturday"]


async def test_an_interruption_ends_the_turn() -> None:
    """A turn that is cut off is closed, blames nobody, and the next one is asked the first."""
    async with (
        CerebrasEmulator(pace=Pace(chunk_ms=100)) as first,
        OpenAIEmulator() as second,
        calling(first, second) as call,
    ):
        await call.ask()
        await call.rig.wait_for(LLMTextFrame)
        await call.rig.push(InterruptionFrame())
        await call.answered()
        said = call.said
        assert ANSWER.startswith(said)
        assert said != ANSWER
        await call.ask()
        await call.answered(2)
        assert call.said == said + ANSWER
        assert second.asked == type(second.asked)()
        assert call.switches == []


async def test_an_interruption_of_a_hang() -> None:
    """A member that says nothing is left without a verdict when the caller speaks."""
    async with calling_two() as (first, _, call):
        first.fault("hang", times=1)
        await call.ask()
        await first.wait_for_requests("chat", 1)
        await call.rig.push(InterruptionFrame())
        await call.ask()
        await call.rig.wait_until(lambda: call.said == ANSWER)
        assert call.switches == []
