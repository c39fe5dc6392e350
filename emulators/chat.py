"""The chat completions that OpenAI, Cerebras, Groq and other vendors share: requests and stream.

Follows https://platform.openai.com/docs/api-reference/chat/create and .../chat/streaming; what a
vendor adds or refuses is in its own module (`emulators.openai`, `emulators.cerebras`,
`emulators.groq`).
"""

import time
import uuid
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Annotated, Any, ClassVar, Literal, Unpack

from aiohttp import web
from pydantic import Field

from emulators.event_stream import EventStream, send_text
from emulators.faults import Passage
from emulators.model import ModelEmulator
from emulators.problems import Problem, Request, Wrong, check_known, parse
from emulators.script import Reply, Said, Script, count_tokens, fragments, tokens
from emulators.server import Serving


class TextPart(Request):
    type: Literal["text", "refusal"]
    text: str | None = None
    refusal: str | None = None


class MediaPart(Request):
    """Pictures, sounds and files are taken, not looked at."""

    type: Literal["image_url", "input_audio", "file"]
    image_url: dict[str, Any] | None = None
    input_audio: dict[str, Any] | None = None
    file: dict[str, Any] | None = None


Content = str | list[TextPart | MediaPart]


class CalledFunction(Request):
    name: str
    arguments: str


class CalledTool(Request):
    id: str
    type: Literal["function"]
    function: CalledFunction


class InstructionMessage(Request):
    role: Literal["system", "developer"]
    content: Content
    name: str | None = None


class UserMessage(Request):
    role: Literal["user"]
    content: Content
    name: str | None = None


class AssistantMessage(Request):
    role: Literal["assistant"]
    content: Content | None = None
    name: str | None = None
    refusal: str | None = None
    audio: dict[str, Any] | None = None
    tool_calls: list[CalledTool] | None = None


class ToolMessage(Request):
    role: Literal["tool"]
    content: Content
    tool_call_id: str


Message = Annotated[
    InstructionMessage | UserMessage | AssistantMessage | ToolMessage, Field(discriminator="role")
]


class FunctionShape(Request):
    name: str = Field(pattern=r"^[a-zA-Z0-9_.-]{1,64}$")
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class Tool(Request):
    type: Literal["function"]
    function: FunctionShape


class StreamOptions(Request):
    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class ChatRequest(Request):
    """The fields that all flavours take."""

    model: str
    messages: list[Message] = Field(min_length=1)
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    logit_bias: dict[str, float] | None = None
    logprobs: bool | None = None
    max_completion_tokens: int | None = None
    max_tokens: int | None = None
    n: Literal[1] | None = None
    parallel_tool_calls: bool | None = None
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    reasoning_effort: str | None = None
    response_format: dict[str, Any] | None = None
    seed: int | None = None
    service_tier: str | None = None
    stop: str | list[str] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    tool_choice: Literal["none", "auto", "required"] | dict[str, Any] | None = None
    tools: list[Tool] | None = None
    top_logprobs: int | None = None
    top_p: float | None = Field(default=None, ge=0, le=1)
    user: str | None = None


class ChatEmulator(ModelEmulator):
    """A vendor of chat completions."""

    url_path = "/v1"
    request_shape: ClassVar[type[ChatRequest]] = ChatRequest
    listed_models: ClassVar[Sequence[str]] = ()

    def __init__(
        self,
        *,
        script: Script | None = None,
        models: set[str] | None = None,
        **serving: Unpack[Serving],
    ) -> None:
        super().__init__(script=script, **serving)
        self._models = models

    def routes(self) -> Iterable[web.RouteDef]:
        return [
            web.post(f"{self.url_path}/chat/completions", self._complete),
            web.get(f"{self.url_path}/models", self._list_models),
        ]

    def closing_fields(self, usage: dict[str, Any]) -> dict[str, Any]:
        """What the vendor adds to the chunk that ends a stream."""
        return {}

    async def _list_models(self, request: web.Request) -> web.Response:
        await self.admit("models", request)
        self.check_auth(request)
        names = sorted(self._models) if self._models else self.listed_models
        models = [
            {"id": name, "object": "model", "created": 1735689600, "owned_by": self.vendor}
            for name in names
        ]
        return web.json_response({"object": "list", "data": models})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        passage, body = await self.admit_json("chat", request)
        self.check_auth(request)
        asked = parse(self.request_shape, body)
        check_known(Wrong.MODEL, asked.model, self._models)
        if asked.stream_options is not None and not asked.stream:
            message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
            raise Problem(Wrong.VALUE, message, param="stream_options")
        _check_order(asked.messages)
        answer = _Answer(asked, self.reply_to(_conversation(asked.messages), passage))
        if asked.stream:
            return await self.answer_in_events(request, partial(self._tell, passage, answer))
        return await self.answer_whole(request, passage, answer.document())

    async def _tell(self, passage: Passage, answer: "_Answer", stream: EventStream) -> None:
        await stream.event(answer.chunk({"role": "assistant", "content": ""}))

        async def write_text(piece: str) -> None:
            await stream.event(answer.chunk({"content": piece}))

        await send_text(self, passage, tokens(answer.reply.text), write_text, stream.garble)
        for index, call in enumerate(answer.reply.tool_calls):
            opening = {
                "index": index,
                "id": answer.call_ids[index],
                "type": "function",
                "function": {"name": call.name, "arguments": ""},
            }
            await stream.event(answer.chunk({"tool_calls": [opening]}))

            async def write_arguments(piece: str, index: int = index) -> None:
                fragment = {"index": index, "function": {"arguments": piece}}
                await stream.event(answer.chunk({"tool_calls": [fragment]}))

            await send_text(self, passage, fragments(call), write_arguments, stream.garble)
        closing = answer.chunk({}, finish_reason=answer.finish_reason)
        await stream.event(closing | self.closing_fields(answer.usage))
        if answer.wants_usage:
            await stream.event(answer.chunk(None) | {"usage": answer.usage})
        await stream.event("[DONE]")


class _Answer:
    """A reply in the shapes of one completion."""

    def __init__(self, asked: ChatRequest, reply: Reply) -> None:
        self.reply = reply
        self.call_ids = [f"call_{uuid.uuid4().hex[:24]}" for _ in reply.tool_calls]
        self.finish_reason = "tool_calls" if reply.tool_calls else "stop"
        self.wants_usage = bool(asked.stream_options and asked.stream_options.include_usage)
        self._head = {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "created": int(time.time()),
            "model": asked.model,
            "system_fingerprint": "fp_emulated",
        }
        prompt = sum(count_tokens(said.text) for said in _conversation(asked.messages))
        spoken = count_tokens(reply.text) + sum(len(list(fragments(c))) for c in reply.tool_calls)
        self.usage = {
            "prompt_tokens": prompt,
            "completion_tokens": spoken,
            "total_tokens": prompt + spoken,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0},
        }

    def chunk(
        self, delta: dict[str, Any] | None, finish_reason: str | None = None
    ) -> dict[str, Any]:
        """A chunk of the stream; without a delta, the one that has no choice."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        choices = [] if delta is None else [choice]
        return {**self._head, "object": "chat.completion.chunk", "choices": choices}

    def document(self) -> dict[str, Any]:
        """The whole completion, not streamed."""
        calls = [
            {
                "id": call_id,
                "type": "function",
                "function": {"name": call.name, "arguments": "".join(fragments(call))},
            }
            for call_id, call in zip(self.call_ids, self.reply.tool_calls, strict=True)
        ]
        message = {"role": "assistant", "content": self.reply.text or None, "refusal": None}
        if calls:
            message["tool_calls"] = calls
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": self.finish_reason,
        }
        body = {**self._head, "object": "chat.completion"}
        return body | {"choices": [choice], "usage": self.usage}


def _text(content: Content | None) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    return " ".join(part.text or "" for part in content if isinstance(part, TextPart))


def _conversation(messages: Sequence[Message]) -> list[Said]:
    return [
        Said("system" if message.role == "developer" else message.role, _text(message.content))
        for message in messages
    ]


def _check_order(messages: Sequence[Message]) -> None:
    """Every tool call is answered, at once, and nothing answers a call that was not made."""
    due: set[str] = set()
    for index, message in enumerate(messages):
        if isinstance(message, ToolMessage):
            if message.tool_call_id not in due:
                raise Problem(
                    Wrong.ORDER,
                    "Invalid parameter: messages with role 'tool' must be a response to a "
                    "preceeding message with 'tool_calls'.",
                    param=f"messages.[{index}].role",
                )
            due.discard(message.tool_call_id)
            continue
        if due:
            break
        if isinstance(message, AssistantMessage) and message.tool_calls:
            due = {call.id for call in message.tool_calls}
    if due:
        raise Problem(
            Wrong.ORDER,
            "An assistant message with 'tool_calls' must be followed by tool messages responding "
            "to each 'tool_call_id'. The following tool_call_ids did not have response messages: "
            + ", ".join(sorted(due)),
            param="messages",
        )
