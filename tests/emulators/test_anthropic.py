"""Anthropic as the vendor's SDK meets it."""

from typing import Any

import anthropic
import httpx
import pytest

from emulators.anthropic import AnthropicEmulator
from emulators.script import numbered_reply

pytestmark = pytest.mark.wire


def sdk(vendor: AnthropicEmulator, key: str = "key") -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(api_key=key, base_url=vendor.base_url, max_retries=0, timeout=2)


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
