"""The question that makes another model go on with an answer that has begun: pure."""

from __future__ import annotations

from typing import Any

from pipecat.processors.aggregators.llm_context import LLMContext

_NOTE = (
    "[You were answering this aloud and were cut off. The listener has already heard:\n"
    "<<<{said}>>>\n"
    "Go on from the very next word. Do not repeat any of it, do not begin again, and do not "
    "mention the interruption.]"
)


def continued(context: LLMContext, said: str, *, can_prefill: bool) -> LLMContext:
    """A copy of `context` that asks for the rest of an answer of which `said` was said.

    A provider that can prefill goes on with a last message of its own. The others are told in the
    last message of the caller: some vendors refuse a conversation that ends in the assistant's
    words, and others answer it anew.
    """
    messages: list[Any] = list(context.messages)
    if can_prefill:
        # Some vendors refuse a last message that ends in a space.
        messages.append({"role": "assistant", "content": said.rstrip()})
    else:
        note = _NOTE.format(said=said.strip())
        last = messages[-1] if messages else None
        if isinstance(last, dict) and last.get("role") == "user":
            messages[-1] = {**last, "content": _with_note(last.get("content"), note)}
        else:
            messages.append({"role": "user", "content": note})
    return LLMContext(messages, context.tools, context.tool_choice)


def _with_note(content: Any, note: str) -> Any:
    if isinstance(content, list):
        return [*content, {"type": "text", "text": note}]
    return f"{content}\n\n{note}" if content else note
