"""Gemini as Pipecat's service and the vendor's SDK meet it."""

from typing import Any

import httpx
import pytest
from google import genai
from google.genai.errors import ClientError
from google.genai.types import HttpOptions
from pipecat.frames.frames import (
    ErrorFrame,
    FunctionCallsStartedFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMTextFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.services.google.llm import GoogleLLMService
from pipecat.services.llm_service import FunctionCallParams

from emulators.gemini import GeminiEmulator
from emulators.script import Reply, Script, ToolCall, numbered_reply
from tests.emulators.rig import Rig, running

pytestmark = pytest.mark.wire


def service(vendor: GeminiEmulator) -> GoogleLLMService:
    return GoogleLLMService(api_key="key", http_options=HttpOptions(base_url=vendor.base_url))


async def ask(rig: Rig) -> None:
    question: Any = {"role": "user", "content": "When do you open?"}
    await rig.push(LLMContextFrame(LLMContext([question])))


def said(rig: Rig) -> str:
    return "".join(frame.text for frame in rig.all(LLMTextFrame))


async def test_service_gets_the_numbered_reply() -> None:
    """Pipecat's service streams the deterministic reply of its turn."""
    async with GeminiEmulator() as vendor, running(service(vendor)) as rig:
        await ask(rig)
        await rig.wait_for(LLMFullResponseEndFrame)
        assert (said(rig), rig.errors) == (numbered_reply(0), "")


async def test_service_calls_a_scripted_tool() -> None:
    """A function call comes as one part with its arguments."""
    opened: list[str] = []

    async def hours(params: FunctionCallParams) -> None:
        opened.append(params.arguments["day"])
        await params.result_callback({"from": "ten"})

    call = ToolCall(name="hours", arguments={"day": "Saturday"})
    async with GeminiEmulator(script=Script([Reply(tool_calls=(call,))])) as vendor:
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
    async with GeminiEmulator() as vendor, running(service(vendor)) as rig:
        vendor.fault(status, retry_after_s=0)
        await ask(rig)
        await rig.wait_for_error(status)
        assert said(rig) == ""


@pytest.mark.parametrize("kind", ["stall", "drop", "malformed", "hang", "empty", "refused"])
async def test_stream_faults_reach_the_service(kind: str) -> None:
    """Exactly the commanded text passes; then silence, an end or an error."""
    async with GeminiEmulator() as vendor, running(service(vendor)) as rig:
        vendor.fault(kind, after_bytes=len("w1 w2"))
        await ask(rig)
        # Refused, the SDK waits for one to ten seconds before it says so.
        if kind in ("stall", "hang", "refused"):
            assert await rig.stays_without(LLMFullResponseEndFrame)
        else:
            await rig.wait_for(LLMFullResponseEndFrame)
        passed = "w1 w2" if kind in ("stall", "drop", "malformed", "empty") else ""
        # The SDK's client drops what it has read and not handed on when its connection ends.
        assert passed.startswith(said(rig)) if kind == "drop" else said(rig) == passed
        assert bool(rig.all(ErrorFrame)) == (kind in ("drop", "malformed"))


async def test_sdk_reads_a_whole_answer_and_is_refused() -> None:
    """The SDK parses an answer that is not streamed, and raises on a wrong key."""
    async with GeminiEmulator() as vendor:
        options = HttpOptions(base_url=vendor.base_url)
        client = genai.Client(api_key="key", http_options=options).aio
        answer = await client.models.generate_content(model="gemini-2.5-flash", contents="Hello")
        assert answer.text == numbered_reply(0)
        await client.aclose()
        wrong = genai.Client(api_key="wrong", http_options=options).aio
        with pytest.raises(ClientError, match="API key not valid"):
            await wrong.models.generate_content(model="gemini-2.5-flash", contents="Hello")
        await wrong.aclose()


GOOD: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}
CALLED = {"role": "model", "parts": [{"functionCall": {"name": "hours", "args": {}}}]}


@pytest.mark.parametrize(
    ("model", "change", "status", "message"),
    [
        ("m", {"temperature": 1}, 400, 'Unknown name "temperature": Cannot find field'),
        ("m", {"generationConfig": {"temprature": 1}}, 400, "generationConfig.temprature"),
        ("m", {"generationConfig": {"temperature": 3}}, 400, "temperature"),
        ("m", {"contents": []}, 400, "contents"),
        ("m", {"contents": [{"role": "assistant", "parts": [{"text": "a"}]}]}, 400, "role"),
        ("unknown-model", {}, 404, "models/unknown-model is not found"),
        ("m", {"contents": [*GOOD["contents"], CALLED, *GOOD["contents"]]}, 400, "number of"),
    ],
)
async def test_mutated_request_is_refused(
    model: str, change: Any, status: int, message: str
) -> None:
    """One wrong field, value or order is answered as Google does."""
    async with GeminiEmulator() as vendor, httpx.AsyncClient() as client:
        url, headers = f"{vendor.base_url}/v1beta/models", {"x-goog-api-key": "key"}
        good = await client.post(f"{url}/m:generateContent", json=GOOD, headers=headers)
        assert good.status_code == 200
        refused = await client.post(
            f"{url}/{model}:generateContent", json=GOOD | change, headers=headers
        )
        assert refused.status_code == status
        assert message in refused.json()["error"]["message"]


async def test_retry_delay_is_in_the_error() -> None:
    """A 429 says in its details, and in the header, how long to stay away."""
    async with GeminiEmulator() as vendor, httpx.AsyncClient() as client:
        vendor.fault("429", retry_after_s=7)
        answer = await client.get(f"{vendor.base_url}/v1beta/models")
        assert answer.headers["retry-after"] == "7"
        assert answer.json()["error"]["details"][0]["retryDelay"] == "7s"
