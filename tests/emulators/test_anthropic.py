"""Anthropic as Pipecat's service and the vendor's SDK meet it."""

from typing import Any

import anthropic
import httpx
import pytest
from pipecat.frames.frames import (
    ErrorFrame,
    FunctionCallsStartedFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMTextFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.services.anthropic.llm import AnthropicLLMService
from pipecat.services.llm_service import FunctionCallParams

from emulators.anthropic import AnthropicEmulator
from emulators.script import Reply, Script, ToolCall, numbered_reply
from tests.emulators.rig import Rig, running

pytestmark = pytest.mark.wire


def sdk(vendor: AnthropicEmulator, key: str = "key") -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(api_key=key, base_url=vendor.base_url, max_retries=0, timeout=2)


def service(vendor: AnthropicEmulator) -> AnthropicLLMService:
    return AnthropicLLMService(api_key="key", client=sdk(vendor))


async def ask(rig: Rig) -> None:
    question: Any = {"role": "user", "content": "When do you open?"}
    await rig.push(LLMContextFrame(LLMContext([question])))


def said(rig: Rig) -> str:
    return "".join(frame.text for frame in rig.all(LLMTextFrame))


async def test_service_gets_the_numbered_reply() -> None:
    """Pipecat's service streams the deterministic reply of its turn."""
    async with AnthropicEmulator() as vendor, running(service(vendor)) as rig:
        await ask(rig)
        await rig.wait_for(LLMFullResponseEndFrame)
        assert (said(rig), rig.errors) == (numbered_reply(0), "")


async def test_service_calls_a_scripted_tool() -> None:
    """The arguments arrive whole from their fragments."""
    opened: list[str] = []

    async def hours(params: FunctionCallParams) -> None:
        opened.append(params.arguments["day"])
        await params.result_callback({"from": "ten"})

    call = ToolCall(name="hours", arguments={"day": "Saturday"})
    async with AnthropicEmulator(script=Script([Reply(tool_calls=(call,))])) as vendor:
        llm = service(vendor)
        llm.register_function("hours", hours)
        async with running(llm) as rig:
            await ask(rig)
            await rig.wait_for(FunctionCallsStartedFrame)
            await rig.wait_for(LLMFullResponseEndFrame)
    assert opened == ["Saturday"]


@pytest.mark.parametrize("status", ["401", "402", "429", "500", "503"])
async def test_status_faults_reach_the_service(status: str) -> None:
    """Each status arrives as an error frame that names it."""
    async with AnthropicEmulator() as vendor, running(service(vendor)) as rig:
        vendor.fault(status)
        await ask(rig)
        await rig.wait_for_error(f"Error code: {status}")
        assert said(rig) == ""


@pytest.mark.parametrize("kind", ["stall", "drop", "malformed", "hang", "empty", "refused"])
async def test_stream_faults_reach_the_service(kind: str) -> None:
    """Exactly the commanded text passes; then silence, an end or an error."""
    async with AnthropicEmulator() as vendor, running(service(vendor)) as rig:
        vendor.fault(kind, after_bytes=len("w1 w2"))
        await ask(rig)
        if kind in ("stall", "hang"):
            assert await rig.stays_without(LLMFullResponseEndFrame)
        else:
            await rig.wait_for(LLMFullResponseEndFrame)
        passes = ("stall", "drop", "malformed", "empty")
        assert said(rig) == ("w1 w2" if kind in passes else "")
        assert bool(rig.all(ErrorFrame)) == (kind in ("drop", "malformed", "refused"))


async def test_sdk_reads_a_whole_message_and_is_refused() -> None:
    """The SDK parses a message that is not streamed, and raises on a wrong key."""
    ask_hello: Any = {
        "model": "claude-sonnet-4-6",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "Hello"}],
    }
    async with AnthropicEmulator() as vendor:
        async with sdk(vendor) as client:
            answer: Any = await client.messages.create(**ask_hello)
            assert answer.content[0].text == numbered_reply(0)
            assert answer.usage.output_tokens == 8
        async with sdk(vendor, "wrong") as client:
            with pytest.raises(anthropic.AuthenticationError, match="invalid x-api-key"):
                await client.messages.create(**ask_hello)


GOOD: dict[str, Any] = {
    "model": "claude-sonnet-4-6",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "Hello"}],
}
USED = {
    "role": "assistant",
    "content": [{"type": "tool_use", "id": "t1", "name": "hours", "input": {}}],
}


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"frequency_penalty": 1}, 400, "frequency_penalty: Extra inputs are not permitted"),
        ({"max_tokens": None}, 400, "max_tokens"),
        ({"temperature": 1.5}, 400, "temperature"),
        ({"model": "unknown-model"}, 404, "model: unknown-model"),
        ({"messages": [{"role": "system", "content": "a"}]}, 400, "messages.0.role"),
        ({"messages": [{"role": "assistant", "content": "a"}]}, 400, "first message must use"),
        (
            {"messages": [GOOD["messages"][0], USED, GOOD["messages"][0]]},
            400,
            "without `tool_result` blocks",
        ),
    ],
)
async def test_mutated_request_is_refused(change: Any, status: int, message: str) -> None:
    """One wrong field, value or order is answered as Anthropic does."""
    async with AnthropicEmulator() as vendor, httpx.AsyncClient() as client:
        url = f"{vendor.base_url}/v1/messages"
        headers = {"x-api-key": "key", "anthropic-version": "2023-06-01"}
        assert (await client.post(url, json=GOOD, headers=headers)).status_code == 200
        refused = await client.post(url, json=GOOD | change, headers=headers)
        assert refused.status_code == status
        assert message in refused.json()["error"]["message"]
        del headers["anthropic-version"]
        assert (await client.post(url, json=GOOD, headers=headers)).status_code == 400
