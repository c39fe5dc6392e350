"""Anthropic: messages, streamed and whole, and the list of models.

Requests: https://docs.anthropic.com/en/api/messages. Stream:
https://docs.anthropic.com/en/docs/build-with-claude/streaming. Errors:
https://docs.anthropic.com/en/api/errors.
"""

import uuid
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field

from emulators.event_stream import EventStream, send_text
from emulators.faults import Passage
from emulators.model import ModelEmulator
from emulators.problems import Problem, Request, Wrong, check_key, check_known, parse
from emulators.script import Reply, Said, ToolCall, count_tokens, fragments, tokens


class TextBlock(Request):
    type: Literal["text"]
    text: str
    cache_control: dict[str, Any] | None = None
    citations: list[dict[str, Any]] | None = None


class MediaBlock(Request):
    """Pictures and documents are taken, not looked at."""

    type: Literal["image", "document"]
    source: dict[str, Any]
    title: str | None = None
    cache_control: dict[str, Any] | None = None


class ThinkingBlock(Request):
    type: Literal["thinking"]
    thinking: str
    signature: str


class ToolUseBlock(Request):
    type: Literal["tool_use"]
    id: str
    name: str
    input: dict[str, Any]
    cache_control: dict[str, Any] | None = None


class ToolResultBlock(Request):
    type: Literal["tool_result"]
    tool_use_id: str
    content: str | list[TextBlock | MediaBlock] | None = None
    is_error: bool | None = None
    cache_control: dict[str, Any] | None = None


Block = Annotated[
    TextBlock | MediaBlock | ThinkingBlock | ToolUseBlock | ToolResultBlock,
    Field(discriminator="type"),
]


class Message(Request):
    role: Literal["user", "assistant"]
    content: str | list[Block]


class Tool(Request):
    name: str = Field(pattern=r"^[a-zA-Z0-9_-]{1,128}$")
    input_schema: dict[str, Any]
    description: str | None = None
    type: Literal["custom"] | None = None
    strict: bool | None = None
    cache_control: dict[str, Any] | None = None


class MessagesRequest(Request):
    model: str
    max_tokens: int = Field(ge=1)
    messages: list[Message] = Field(min_length=1)
    cache_control: dict[str, Any] | None = None
    container: str | None = None
    metadata: dict[str, Any] | None = None
    output_config: dict[str, Any] | None = None
    service_tier: Literal["auto", "standard_only"] | None = None
    stop_sequences: list[str] | None = None
    stream: bool = False
    system: str | list[TextBlock] | None = None
    temperature: float | None = Field(default=None, ge=0, le=1)
    thinking: dict[str, Any] | None = None
    tool_choice: dict[str, Any] | None = None
    tools: list[Tool] | None = None
    top_k: int | None = Field(default=None, ge=0)
    top_p: float | None = Field(default=None, ge=0, le=1)


class AnthropicEmulator(ModelEmulator):
    """Anthropic: `base_url` is that of `AsyncAnthropic`."""

    vendor = "anthropic"
    not_json = "the body is not valid JSON"

    def routes(self) -> Iterable[web.RouteDef]:
        return [
            web.post("/v1/messages", self._message),
            web.get("/v1/models", self._list_models),
        ]

    def refusal(self, problem: Problem) -> web.Response:
        kind, message = _worded(problem)
        body = {
            "type": "error",
            "error": {"type": kind, "message": message},
            "request_id": f"req_{uuid.uuid4().hex[:24]}",
        }
        return web.json_response(body, status=problem.status, headers=problem.headers)

    def check_auth(self, request: web.Request) -> None:
        check_key(request.headers.get("x-api-key"))
        if "anthropic-version" not in request.headers:
            raise Problem(Wrong.VALUE, "header is required", param="anthropic-version")

    async def _list_models(self, request: web.Request) -> web.Response:
        await self.admit("models", request)
        self.check_auth(request)
        name, made = "claude-sonnet-4-6", "2026-01-01T00:00:00Z"
        model = {"type": "model", "id": name, "display_name": name, "created_at": made}
        body = {"data": [model], "has_more": False, "first_id": name, "last_id": name}
        return web.json_response(body)

    async def _message(self, request: web.Request) -> web.StreamResponse:
        passage, body = await self.admit_json("chat", request)
        self.check_auth(request)
        asked = parse(MessagesRequest, body)
        check_known(Wrong.MODEL, asked.model, None)
        _check_order(asked.messages)
        conversation = _conversation(asked.messages)
        reply = self.reply_to(conversation, passage)
        answer = _Answer(asked.model, reply, sum(count_tokens(said.text) for said in conversation))
        if asked.stream:
            return await self.answer_in_events(request, partial(self._tell, passage, answer))
        return await self.answer_whole(request, passage, answer.document())

    async def _tell(self, passage: Passage, answer: "_Answer", stream: EventStream) -> None:
        async def event(kind: str, **fields: Any) -> None:
            await stream.event({"type": kind, **fields}, kind)

        async def garble() -> None:
            await stream.garble("content_block_delta")

        await event("message_start", message=answer.opening())
        await event("ping")
        for index, block in enumerate(answer.blocks):
            await event("content_block_start", index=index, content_block=block.opening)

            async def write(piece: str, index: int = index, block: "_Block" = block) -> None:
                delta = {"type": block.delta_type, block.delta_key: piece}
                await event("content_block_delta", index=index, delta=delta)

            await send_text(self, passage, block.pieces, write, garble)
            await event("content_block_stop", index=index)
        delta = {"stop_reason": answer.stop_reason, "stop_sequence": None}
        await event("message_delta", delta=delta, usage={"output_tokens": answer.output_tokens})
        await event("message_stop")


class _Block:
    """A content block of the answer and the pieces in which it is streamed."""

    def __init__(self, text: str = "", call: ToolCall | None = None) -> None:
        if call is None:
            self.opening: dict[str, Any] = {"type": "text", "text": ""}
            self.whole: dict[str, Any] = {"type": "text", "text": text}
            self.pieces = list(tokens(text))
            self.delta_type, self.delta_key = "text_delta", "text"
        else:
            block_id = f"toolu_{uuid.uuid4().hex[:24]}"
            self.opening = {"type": "tool_use", "id": block_id, "name": call.name, "input": {}}
            self.whole = self.opening | {"input": call.arguments}
            self.pieces = list(fragments(call))
            self.delta_type, self.delta_key = "input_json_delta", "partial_json"


class _Answer:
    """A reply in the shapes of one message."""

    def __init__(self, model: str, reply: Reply, input_tokens: int) -> None:
        self.blocks = [_Block(reply.text)] if reply.text else []
        self.blocks += [_Block(call=call) for call in reply.tool_calls]
        self.stop_reason = "tool_use" if reply.tool_calls else "end_turn"
        self.output_tokens = sum(len(block.pieces) for block in self.blocks)
        self._model, self._input_tokens = model, input_tokens

    def opening(self) -> dict[str, Any]:
        """The message as the stream opens it."""
        return {
            "id": f"msg_{uuid.uuid4().hex[:24]}",
            "type": "message",
            "role": "assistant",
            "model": self._model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": self._input_tokens, "output_tokens": 1},
        }

    def document(self) -> dict[str, Any]:
        """The whole message, not streamed."""
        usage = {"input_tokens": self._input_tokens, "output_tokens": self.output_tokens}
        content = [block.whole for block in self.blocks]
        return self.opening() | {
            "content": content,
            "stop_reason": self.stop_reason,
            "usage": usage,
        }


def _conversation(messages: Sequence[Message]) -> list[Said]:
    said: list[Said] = []
    for message in messages:
        if isinstance(message.content, str):
            said.append(Said(message.role, message.content))
            continue
        texts = [block.text for block in message.content if isinstance(block, TextBlock)]
        results = [block for block in message.content if isinstance(block, ToolResultBlock)]
        said += [Said("tool", "") for _ in results]
        if texts or not results:
            said.append(Said(message.role, " ".join(texts)))
    return said


def _check_order(messages: Sequence[Message]) -> None:
    """The user opens, and each tool use has its result at once."""
    if messages[0].role != "user":
        raise Problem(Wrong.ORDER, 'messages: first message must use the "user" role')
    due: set[str] = set()
    for index, message in enumerate(messages):
        blocks = [] if isinstance(message.content, str) else message.content
        results = {b.tool_use_id for b in blocks if isinstance(b, ToolResultBlock)}
        if due - results:
            raise Problem(
                Wrong.ORDER,
                f"messages.{index - 1}: `tool_use` ids were found without `tool_result` blocks "
                f"immediately after: {', '.join(sorted(due - results))}.",
            )
        if results - due:
            raise Problem(
                Wrong.ORDER,
                f"messages.{index}: unexpected `tool_use_id` found in `tool_result` blocks: "
                f"{', '.join(sorted(results - due))}.",
            )
        due = {block.id for block in blocks if isinstance(block, ToolUseBlock)}


def _worded(problem: Problem) -> tuple[str, str]:
    """Type and message of an error."""
    match problem.wrong:
        case Wrong.FAULT | Wrong.CREDENTIALS:
            return _FAULTS[problem.status]
        case Wrong.MODEL:
            return "not_found_error", f"model: {problem.message}"
        case Wrong.PATH:
            return "not_found_error", "Not Found"
        case Wrong.UNKNOWN_FIELD:
            message = f"{problem.param}: Extra inputs are not permitted"
            return "invalid_request_error", message
        case Wrong.MISSING_FIELD:
            return "invalid_request_error", f"{problem.param}: Field required"
        case _:
            return "invalid_request_error", problem.located


_FAULTS = {
    401: ("authentication_error", "invalid x-api-key"),
    402: ("billing_error", "Your credit balance is too low to access the Anthropic API."),
    429: ("rate_limit_error", "This request would exceed your rate limit."),
    500: ("api_error", "Internal server error"),
    503: ("overloaded_error", "Overloaded"),
}
