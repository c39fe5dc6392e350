"""A brain whose answers are known: a real Pipecat LLM service without a model behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipecat.frames.frames import (
    Frame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.llm_service import LLMService


class ScriptedLLM(LLMService):
    """Answers each context with `answer(last user message)`, word by word; keeps what it saw."""

    def __init__(self, answer: Callable[[str], str]) -> None:
        super().__init__()
        self._answer = answer
        self.asked: list[tuple[str, bool]] = []
        """The last user message of each inference, and whether it was speculative."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Answer an LLMContextFrame; pass all else."""
        await super().process_frame(frame, direction)
        if not isinstance(frame, LLMContextFrame):
            await self.push_frame(frame, direction)
            return
        said = last_user_text(frame.context)
        self.asked.append((said, frame.speculation))
        await self.push_frame(LLMFullResponseStartFrame())
        for word in self._answer(said).split():
            await self._push_llm_text(word + " ")
        await self.push_frame(LLMFullResponseEndFrame())


def last_user_text(context: LLMContext) -> str:
    """The newest user message of a context."""
    messages: list[Any] = [m for m in context.get_messages() if isinstance(m, dict)]
    return next((str(m["content"]) for m in reversed(messages) if m["role"] == "user"), "")
