"""Gemini as the vendor's SDK meets it."""

from typing import Any

import httpx
import pytest
from google import genai
from google.genai.errors import ClientError
from google.genai.types import HttpOptions

from emulators.gemini import GeminiEmulator
from emulators.script import numbered_reply

pytestmark = pytest.mark.wire


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
