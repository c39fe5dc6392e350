"""OpenAI, Cerebras and Groq as the vendors' SDKs and bare requests meet them."""

import json
from typing import Any

import httpx
import openai
import pytest
from cerebras.cloud.sdk import AsyncCerebras
from cerebras.cloud.sdk import AuthenticationError as CerebrasAuthenticationError
from groq import AsyncGroq

from emulators.cerebras import CerebrasEmulator
from emulators.chat import ChatEmulator
from emulators.groq import GroqEmulator
from emulators.openai import OpenAIEmulator
from emulators.script import numbered_reply

pytestmark = pytest.mark.wire


async def test_hang_gives_not_even_headers() -> None:
    """A hung request has no response until its client gives up."""
    async with OpenAIEmulator() as vendor:
        vendor.fault("hang")
        async with httpx.AsyncClient(timeout=0.1) as client:
            with pytest.raises(httpx.ReadTimeout):
                await client.get(f"{vendor.base_url}/models")


async def sdk(vendor: ChatEmulator, **options: Any) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        api_key="key", base_url=vendor.base_url, max_retries=0, timeout=2, **options
    )


async def test_refused_closes_the_port_and_recovers_by_itself() -> None:
    """A refusal is a refused connection, also for a pooled one, and ends at its time."""
    async with OpenAIEmulator() as vendor, await sdk(vendor) as client:
        await client.models.list()
        vendor.fault("refused", recovers_after_s=0.2)
        with pytest.raises(openai.APIConnectionError):
            await client.models.list()
        async with httpx.AsyncClient() as control:
            asked = await control.get(f"{vendor.control_url}/_control/requests")
            assert len(asked.json()) == 1
        patient = client.with_options(max_retries=5)
        assert (await patient.models.list()).data


@pytest.mark.parametrize(
    ("kind", "reason"), [("tls", "SSL"), ("dns", "not known|[Nn]ame|resolution")]
)
async def test_faulty_urls_fail_before_a_request(kind: str, reason: str) -> None:
    """The URL of a TLS or DNS failure never gets a request through."""
    async with OpenAIEmulator() as vendor, httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError, match=reason):
            await client.get(vendor.faulty_url(kind))
        with pytest.raises(ValueError, match="faulty_url"):
            vendor.fault(kind)
        assert not vendor.asked


async def test_retry_after_is_sent_with_429() -> None:
    """The header says how long to stay away."""
    async with OpenAIEmulator() as vendor, await sdk(vendor) as client:
        vendor.fault("429", retry_after_s=7, times=1)
        with pytest.raises(openai.RateLimitError) as limited:
            await client.models.list()
        assert limited.value.response.headers["retry-after"] == "7"
        assert (await client.models.list()).data


async def test_usage_comes_last_when_asked_for() -> None:
    """The chunk with the usage has no choices and follows the one that finishes."""
    async with OpenAIEmulator() as vendor, await sdk(vendor) as client:
        stream = await client.chat.completions.create(
            model="gpt-4.1",
            messages=[{"role": "user", "content": "Hello there"}],
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]
        assert chunks[-2].choices[0].finish_reason == "stop"
        assert chunks[-1].choices == []
        assert chunks[-1].usage and chunks[-1].usage.completion_tokens == 8


async def test_begun_answer_is_continued() -> None:
    """A request that ends in the beginning of the reply gets the rest of it."""
    async with OpenAIEmulator() as vendor, await sdk(vendor) as client:
        answer = await client.chat.completions.create(
            model="gpt-4.1",
            messages=[
                {"role": "user", "content": "Hello"},
                {"role": "assistant", "content": "w1 w2 w3"},
            ],
        )
        assert answer.choices[0].message.content == " w4. w5 w6 w7 w8."


async def test_vendor_sdks_understand_reply_and_refusal() -> None:
    """The SDKs of Cerebras and Groq parse a completion and raise on a wrong key."""
    hello: Any = [{"role": "user", "content": "Hello"}]
    async with CerebrasEmulator() as vendor:
        root = vendor.base_url.removesuffix("/v1")
        async with AsyncCerebras(api_key="key", base_url=root, warm_tcp_connection=False) as client:
            answer: Any = await client.chat.completions.create(model="gpt-oss-120b", messages=hello)
            assert answer.choices[0].message.content == numbered_reply(0)
        async with AsyncCerebras(
            api_key="wrong", base_url=root, warm_tcp_connection=False, max_retries=0
        ) as client:
            with pytest.raises(CerebrasAuthenticationError, match="wrong_api_key"):
                await client.models.list()
    async with GroqEmulator() as vendor:
        root = vendor.base_url.removesuffix("/openai/v1")
        async with AsyncGroq(api_key="key", base_url=root) as client:
            reply = await client.chat.completions.create(model="llama", messages=hello)
            assert reply.choices[0].message.content == numbered_reply(0)


GOOD: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hello"}]}
CALLED = {
    "role": "assistant",
    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
}


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"temperatur": 0.2}, 400, "Unknown parameter: 'temperatur'."),
        ({"temperature": 3}, 400, "Invalid value for 'temperature'"),
        ({"messages": []}, 400, "Invalid value for 'messages'"),
        ({"messages": [{"role": "robot", "content": ""}]}, 400, "Invalid value for 'messages.0'"),
        ({"messages": [{"role": "user"}]}, 400, "Missing required parameter"),
        ({"messages": [{"role": "user", "content": "a", "mood": 1}]}, 400, "Unknown parameter"),
        ({"stream_options": {"include_usage": True}}, 400, "only allowed when 'stream'"),
        ({"tools": [{"type": "function"}]}, 400, "Missing required parameter"),
        ({"model": "unknown-model"}, 404, "does not exist"),
        (
            {"messages": [{"role": "tool", "tool_call_id": "c1", "content": ""}]},
            400,
            "must be a response to a preceeding message",
        ),
        (
            {"messages": [CALLED, {"role": "user", "content": "Hello?"}]},
            400,
            "did not have response messages: c1",
        ),
    ],
)
async def test_mutated_request_is_refused(change: Any, status: int, message: str) -> None:
    """One wrong field, value or order is answered as OpenAI does."""
    async with OpenAIEmulator() as vendor, httpx.AsyncClient() as client:
        url, headers = f"{vendor.base_url}/chat/completions", {"Authorization": "Bearer key"}
        assert (await client.post(url, json=GOOD, headers=headers)).status_code == 200
        refused = await client.post(url, json=GOOD | change, headers=headers)
        assert refused.status_code == status
        assert message in refused.json()["error"]["message"]


async def test_each_flavour_words_an_unknown_field_its_own_way() -> None:
    """Cerebras answers flat, Groq and OpenAI nested; fields of one are unknown to another."""
    answers = {}
    for flavour in (OpenAIEmulator, CerebrasEmulator, GroqEmulator):
        async with flavour() as vendor, httpx.AsyncClient() as client:
            answer = await client.post(
                f"{vendor.base_url}/chat/completions",
                json=GOOD | {"verbosity": "low"},
                headers={"Authorization": "Bearer key"},
            )
            answers[flavour.vendor] = (answer.status_code, answer.json())
    assert answers["openai"][0] == 200
    assert answers["cerebras"][0] == 400
    assert answers["cerebras"][1]["code"] == "wrong_api_format"
    assert answers["groq"][1]["error"]["message"] == "property 'verbosity' is unsupported"


async def test_control_api_arms_scripts_and_recovers() -> None:
    """Faults, script and pace are set over HTTP, and wrong ones are refused."""
    async with CerebrasEmulator() as vendor, httpx.AsyncClient() as client:
        url, headers = f"{vendor.base_url}/chat/completions", {"Authorization": "Bearer key"}
        control = f"{vendor.control_url}/_control"
        assert (await client.post(f"{control}/faults", json={"kind": "503"})).status_code == 201
        assert (await client.post(url, json=GOOD, headers=headers)).status_code == 503
        assert (await client.delete(f"{control}/faults")).status_code == 204
        script = [{"text": "We open at ten."}]
        assert (await client.put(f"{control}/script", json=script)).status_code == 204
        assert (await client.put(f"{control}/pace", json={"chunk_ms": 1})).status_code == 204
        answer = await client.post(url, json=GOOD, headers=headers)
        assert answer.json()["choices"][0]["message"]["content"] == "We open at ten."
        for path, wrong in (
            ("faults", {"kind": "tls"}),
            ("faults", {"kind": "503", "after": 3}),
            ("faults", []),
        ):
            refused = await client.post(f"{control}/{path}", json=wrong)
            assert refused.status_code == 422, wrong
        assert (await client.put(f"{control}/script", json=[{"txt": ""}])).status_code == 422
        asked = (await client.get(f"{control}/requests")).json()
        assert [request["fault"] for request in asked] == ["503", None]
        assert "key" not in json.dumps(asked)
