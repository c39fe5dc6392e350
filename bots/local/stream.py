"""An answer known without asking, in the shape of a model's stream; used by bots/local/brain.py."""

from __future__ import annotations

from collections.abc import AsyncIterator

from openai.types.chat import ChatCompletionChunk
from openai.types.chat.chat_completion_chunk import Choice, ChoiceDelta


async def whole_answer(text: str, model: str) -> AsyncIterator[ChatCompletionChunk]:
    """One chunk with all of `text`."""
    choice = Choice(
        index=0, delta=ChoiceDelta(role="assistant", content=text), finish_reason="stop"
    )
    yield ChatCompletionChunk(
        id="fact", object="chat.completion.chunk", created=0, model=model, choices=[choice]
    )
