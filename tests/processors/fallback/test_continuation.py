"""The question that makes another model go on."""

from typing import Any

import pytest
from pipecat.processors.aggregators.llm_context import LLMContext

from processors.fallback.continuation import continued

pytestmark = pytest.mark.unit

SAID = "We open at ten. On "


def test_prefill_ends_in_the_assistants_words() -> None:
    """A provider that can prefill gets the answer so far as its own last message."""
    context = LLMContext([{"role": "user", "content": "When?"}])
    assert continued(context, SAID, can_prefill=True).messages == [
        {"role": "user", "content": "When?"},
        {"role": "assistant", "content": "We open at ten. On"},
    ]
    assert len(context.messages) == 1


def test_others_are_told_in_the_callers_last_message() -> None:
    """The roles stay as they were, and the original context too."""
    context = LLMContext([{"role": "user", "content": "When?"}])
    (message,) = continued(context, SAID, can_prefill=False).messages
    assert isinstance(message, dict)
    assert message["role"] == "user"
    text = message.get("content")
    assert isinstance(text, str)
    assert text.startswith("When?\n\n[")
    assert "<<<We open at ten. On>>>" in text
    assert context.messages == [{"role": "user", "content": "When?"}]


def test_a_message_of_several_parts_gets_one_more() -> None:
    """Pictures stay where they were."""
    parts: list[Any] = [{"type": "text", "text": "What is this?"}]
    context = LLMContext([{"role": "user", "content": parts}])
    (message,) = continued(context, SAID, can_prefill=False).messages
    assert isinstance(message, dict)
    content = message.get("content")
    assert isinstance(content, list)
    assert [part["type"] for part in content] == ["text", "text"]
    assert len(parts) == 1


def test_after_a_tool_the_note_is_a_message_of_its_own() -> None:
    """A tool's result is left as it is."""
    result: Any = {"role": "tool", "tool_call_id": "1", "content": "ten"}
    told = continued(LLMContext([result]), SAID, can_prefill=False).messages
    assert told[0] == result
    assert [m["role"] for m in told if isinstance(m, dict)] == ["tool", "user"]
