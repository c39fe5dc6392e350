"""What an emulated model says: scripted replies, or numbered words that no two turns share.

A reply is chosen by how far the conversation in the request has come, not by a count kept here. So
the same context gets the same reply from any emulator, any number of times, which is what a
fallback that asks the next provider must be measured against.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

_WORDS_PER_REPLY = 8
_WORDS_PER_SENTENCE = 4
_WORDS_BETWEEN_TURNS = 100


class ToolCall(BaseModel):
    """A call the model makes in a reply."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class Reply(BaseModel):
    """One reply of a model: text, tool calls, or text and then calls."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the conversation, in the roles that all vendors share."""

    role: Literal["system", "user", "assistant", "tool"]
    text: str


@dataclass
class Script:
    """The replies of a model: `replies` in order, then numbered words."""

    replies: list[Reply] = field(default_factory=list)

    def reply_to(self, conversation: Sequence[Said]) -> Reply:
        """Choose the reply to `conversation`.

        A conversation that ends in the beginning of the reply, as the assistant's own message,
        is continued from there.
        """
        begun = conversation[-1].text if conversation and _is_assistant(conversation[-1]) else ""
        earlier = conversation[:-1] if begun else conversation
        reply = self._reply_number(_turns(earlier))
        if begun and reply.text.startswith(begun.rstrip()):
            rest = reply.text[len(begun.rstrip()) :]
            return reply.model_copy(update={"text": rest if begun == begun.rstrip() else rest[1:]})
        return reply

    def _reply_number(self, turn: int) -> Reply:
        if turn < len(self.replies):
            return self.replies[turn]
        return Reply(text=numbered_reply(turn))


class Scripted:
    """An emulator that speaks from a script."""

    script: Script


def numbered_reply(turn: int) -> str:
    """The default reply of turn `turn`, from 0: `w1 w2 w3 w4. w5 ...` and from w101 in turn 1."""
    first = turn * _WORDS_BETWEEN_TURNS + 1
    words = [f"w{number}" for number in range(first, first + _WORDS_PER_REPLY)]
    sentences = [
        " ".join(words[start : start + _WORDS_PER_SENTENCE]) + "."
        for start in range(0, len(words), _WORDS_PER_SENTENCE)
    ]
    return " ".join(sentences)


def tokens(text: str) -> Iterator[str]:
    """Cut `text` where an emulated model's stream does: a word with the space before it."""
    yield from re.findall(r"\s*\S+", text)


def fragments(call: ToolCall) -> Iterator[str]:
    """Cut the arguments of a call, JSON, where a stream does."""
    text = json.dumps(call.arguments)
    middle = len(text) // 2
    yield from (part for part in (text[:middle], text[middle:]) if part)


def count_tokens(text: str) -> int:
    """How many tokens `text` is billed as."""
    return sum(1 for _ in tokens(text))


def _is_assistant(said: Said) -> bool:
    return said.role == "assistant"


def _turns(conversation: Sequence[Said]) -> int:
    """Replies due before this one: one for each user message and each batch of tool results."""
    due = 0
    previous = None
    for said in conversation:
        if said.role == "user" or (said.role == "tool" and previous != "tool"):
            due += 1
        previous = said.role
    return max(due - 1, 0)
