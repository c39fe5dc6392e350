"""What every emulated model does, as Pipecat's service of the vendor meets it."""

import pytest
from pipecat.adapters.llm.schemas.function_schema import FunctionSchema
from pipecat.adapters.llm.schemas.tools_schema import ToolsSchema
from pipecat.frames.frames import (
    ErrorFrame,
    FunctionCallsStartedFrame,
    LLMFullResponseEndFrame,
    LLMTextFrame,
)
from pipecat.services.llm_service import FunctionCallParams

from emulators.cerebras import CerebrasEmulator
from emulators.gemini import GeminiEmulator
from emulators.model import ModelEmulator
from emulators.script import Reply, Script, ToolCall, numbered_reply
from tests.emulators.models import MODELS, PROTOCOLS, service
from tests.emulators.rig import running

pytestmark = pytest.mark.wire

Model = type[ModelEmulator]


@pytest.mark.parametrize("model", MODELS)
async def test_service_gets_the_numbered_reply(model: Model) -> None:
    """Pipecat's service streams the deterministic reply of its turn."""
    async with model() as vendor, running(service(vendor)) as rig:
        await rig.ask()
        await rig.wait_for(LLMFullResponseEndFrame)
        assert (rig.said, rig.errors) == (numbered_reply(0), "")


@pytest.mark.parametrize("model", PROTOCOLS)
async def test_service_calls_a_scripted_tool(model: Model) -> None:
    """A tool call runs once, its arguments whole again from their pieces."""
    opened: list[str] = []

    async def hours(params: FunctionCallParams) -> None:
        opened.append(params.arguments["day"])
        await params.result_callback({"from": "ten"})

    schema = FunctionSchema("hours", "Opening hours", {"day": {"type": "string"}}, ["day"])
    call = ToolCall(name="hours", arguments={"day": "Saturday"})
    async with model(script=Script([Reply(tool_calls=(call,))])) as vendor:
        llm = service(vendor)
        llm.register_function("hours", hours)
        async with running(llm) as rig:
            await rig.ask(tools=ToolsSchema(standard_tools=[schema]))
            await rig.wait_for(FunctionCallsStartedFrame)
            await rig.wait_for(LLMFullResponseEndFrame)
    assert opened == ["Saturday"]


@pytest.mark.parametrize("status", ["401", "402", "429", "500", "503"])
@pytest.mark.parametrize("model", MODELS)
async def test_status_faults_reach_the_service(model: Model, status: str) -> None:
    """Each status arrives as an error frame that names it."""
    async with model() as vendor, running(service(vendor)) as rig:
        vendor.fault(status, retry_after_s=0)
        await rig.ask()
        await rig.wait_for_error(status if model is GeminiEmulator else f"Error code: {status}")
        assert rig.said == ""


@pytest.mark.parametrize("kind", ["stall", "drop", "malformed", "hang", "empty", "refused"])
@pytest.mark.parametrize("model", PROTOCOLS)
async def test_stream_faults_reach_the_service(model: Model, kind: str) -> None:
    """Exactly the commanded text passes; then silence, an end or an error."""
    # Refused, Google's SDK waits for one to ten seconds before it says so.
    is_slow = kind == "refused" and model is GeminiEmulator
    # Its client drops what it has read and not handed on when its connection ends.
    is_lossy = kind == "drop" and model is GeminiEmulator
    passed = "w1 w2" if kind in ("stall", "drop", "malformed", "empty") else ""
    async with model() as vendor, running(service(vendor)) as rig:
        vendor.fault(kind, after_bytes=len("w1 w2"))
        await rig.ask()
        await rig.wait_until(lambda: rig.said == passed or is_lossy)
        if kind in ("stall", "hang") or is_slow:
            assert await rig.stays_without(LLMFullResponseEndFrame)
        else:
            await rig.wait_for(LLMFullResponseEndFrame)
        assert passed.startswith(rig.said) if is_lossy else rig.said == passed
        is_error = kind in ("drop", "malformed", "refused") and not is_slow
        assert bool(rig.all(ErrorFrame)) == is_error


@pytest.mark.parametrize("kind", ["stall", "drop", "malformed"])
async def test_fault_before_the_first_word(kind: str) -> None:
    """Not a byte of text passes; then silence, or an error of the connection."""
    async with CerebrasEmulator() as vendor, running(service(vendor)) as rig:
        vendor.fault(kind)
        await rig.ask()
        if kind == "stall":
            assert await rig.stays_without(LLMFullResponseEndFrame)
        else:
            await rig.wait_for(ErrorFrame)
        assert rig.said == ""


async def test_empty_success_is_a_whole_stream_without_text() -> None:
    """The service finishes its turn without an error and without a word."""
    async with CerebrasEmulator() as vendor, running(service(vendor)) as rig:
        vendor.fault("empty")
        await rig.ask()
        await rig.wait_for(LLMFullResponseEndFrame)
        assert (rig.said, rig.errors) == ("", "")


async def test_drip_loses_nothing() -> None:
    """A slow drip comes in small pieces and is whole in the end."""
    async with CerebrasEmulator() as vendor, running(service(vendor)) as rig:
        vendor.fault("drip", drip_bytes=1, drip_ms=1)
        await rig.ask()
        await rig.wait_for(LLMFullResponseEndFrame)
        assert rig.said == numbered_reply(0)
        assert len(rig.all(LLMTextFrame)) == len(numbered_reply(0))
