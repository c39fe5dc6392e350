"""What is said in a call stays out of the log, whichever brain answers."""

import pytest
from loguru import logger
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.services.openai.llm import OpenAILLMService

import bots

pytestmark = pytest.mark.unit


async def test_a_cloud_brain_logs_no_conversation() -> None:
    """At debug level Pipecat tells that an answer is generated, and not from what."""
    assert bots.__doc__
    lines: list[str] = []
    sink = logger.add(lambda line: lines.append(str(line)), level="DEBUG")
    service = OpenAILLMService(api_key="none")
    try:
        context = LLMContext([{"role": "user", "content": "My secret is safe."}])
        service._log_llm_event("Generating chat", context)  # as before every answer
    finally:
        logger.remove(sink)
        await service._client.close()
    assert any("Generating chat" in line for line in lines)
    assert not [line for line in lines if "secret" in line]
