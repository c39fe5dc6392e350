"""Google's Gemini: generateContent, streamed and whole, and the list of models.

Requests and stream: https://ai.google.dev/api/generate-content. Errors:
https://ai.google.dev/gemini-api/docs/troubleshooting and
https://cloud.google.com/apis/design/errors.
"""

import uuid
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Literal

from aiohttp import web
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from emulators.event_stream import EventStream, send_text
from emulators.faults import Passage
from emulators.model import ModelEmulator
from emulators.problems import Problem, Request, Wrong, check_key, check_known, parse
from emulators.script import Reply, Said, count_tokens, tokens


class CamelRequest(Request):
    """Google's JSON: camelCase, and snake_case as well."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class FunctionCall(CamelRequest):
    id: str | None = None
    name: str
    args: dict[str, Any] = Field(default_factory=dict)


class FunctionResponse(CamelRequest):
    id: str | None = None
    name: str
    response: dict[str, Any]


class Part(CamelRequest):
    text: str | None = None
    thought: bool | None = None
    thought_signature: str | None = None
    inline_data: dict[str, Any] | None = None
    file_data: dict[str, Any] | None = None
    function_call: FunctionCall | None = None
    function_response: FunctionResponse | None = None


class Content(CamelRequest):
    role: Literal["user", "model"] | None = None
    parts: list[Part] = Field(min_length=1)


class SystemInstruction(CamelRequest):
    role: str | None = None
    parts: list[Part]


class FunctionDeclaration(CamelRequest):
    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    parameters_json_schema: Any = None
    response: dict[str, Any] | None = None
    behavior: str | None = None


class Tool(CamelRequest):
    function_declarations: list[FunctionDeclaration] | None = None
    google_search: dict[str, Any] | None = None
    code_execution: dict[str, Any] | None = None
    url_context: dict[str, Any] | None = None


class GenerationConfig(CamelRequest):
    candidate_count: Literal[1] | None = None
    frequency_penalty: float | None = None
    max_output_tokens: int | None = None
    media_resolution: str | None = None
    presence_penalty: float | None = None
    response_json_schema: Any = None
    response_mime_type: str | None = None
    response_modalities: list[str] | None = None
    response_schema: dict[str, Any] | None = None
    seed: int | None = None
    stop_sequences: list[str] | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    thinking_config: dict[str, Any] | None = None
    top_k: float | None = None
    top_p: float | None = None


class GenerateRequest(CamelRequest):
    contents: list[Content] = Field(min_length=1)
    system_instruction: SystemInstruction | None = None
    tools: list[Tool] | None = None
    tool_config: dict[str, Any] | None = None
    safety_settings: list[dict[str, Any]] | None = None
    generation_config: GenerationConfig | None = None
    cached_content: str | None = None


class GeminiEmulator(ModelEmulator):
    """Gemini: `base_url` is that of `google.genai`'s `HttpOptions`."""

    vendor = "google"
    not_json = "Invalid JSON payload received."

    def routes(self) -> Iterable[web.RouteDef]:
        model = "/v1beta/models/{model:[^/:]+}"
        return [
            web.post(f"{model}:streamGenerateContent", self._generate_stream),
            web.post(f"{model}:generateContent", self._generate),
            web.get("/v1beta/models", self._list_models),
        ]

    def refusal(self, problem: Problem) -> web.Response:
        status, message = _worded(problem)
        error: dict[str, Any] = {"code": problem.status, "message": message, "status": status}
        if problem.retry_after_s is not None:
            retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo"}
            error["details"] = [retry | {"retryDelay": f"{problem.retry_after_s}s"}]
        return web.json_response({"error": error}, status=problem.status, headers=problem.headers)

    def check_auth(self, request: web.Request) -> None:
        try:
            check_key(request.headers.get("x-goog-api-key") or request.query.get("key"))
        except Problem as problem:
            # Google answers a bad key as a bad argument.
            raise Problem(problem.wrong, problem.message, status=400) from problem

    async def _list_models(self, request: web.Request) -> web.Response:
        await self.admit("models", request)
        self.check_auth(request)
        models = [
            {"name": f"models/{name}", "displayName": name, "version": "emulated"}
            for name in ("gemini-2.5-flash", "gemini-3.6-flash")
        ]
        return web.json_response({"models": models})

    async def _read(self, request: web.Request) -> tuple[Passage, "_Answer"]:
        passage, body = await self.admit_json("chat", request)
        self.check_auth(request)
        model = request.match_info["model"]
        check_known(Wrong.MODEL, model, None)
        asked = parse(GenerateRequest, body)
        _check_order(asked.contents)
        conversation = _conversation(asked.contents)
        reply = self.reply_to(conversation, passage)
        prompt = sum(count_tokens(said.text) for said in conversation)
        return passage, _Answer(model, reply, prompt)

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        passage, answer = await self._read(request)
        parts: list[dict[str, Any]] = [{"text": answer.reply.text}] if answer.reply.text else []
        document = answer.chunk([*parts, *answer.calls()], is_last=True)
        return await self.answer_whole(request, passage, document)

    async def _generate_stream(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("alt") != "sse":
            raise Problem(Wrong.VALUE, "only alt=sse is emulated", param="alt")
        passage, answer = await self._read(request)
        return await self.answer_in_events(request, partial(self._tell, passage, answer))

    async def _tell(self, passage: Passage, answer: "_Answer", stream: EventStream) -> None:
        async def write(piece: str) -> None:
            await stream.event(answer.chunk([{"text": piece}]))

        async def write_call(_: str) -> None:
            # A call comes whole, in one chunk.
            await stream.event(answer.chunk([calls.pop(0)]))

        calls = answer.calls()
        await send_text(self, passage, tokens(answer.reply.text), write, stream.garble)
        names = [call.name for call in answer.reply.tool_calls]
        await send_text(self, passage, names, write_call, stream.garble)
        await stream.event(answer.chunk([], is_last=True))


class _Answer:
    """A reply in the shape of response chunks."""

    def __init__(self, model: str, reply: Reply, prompt_tokens: int) -> None:
        self.reply = reply
        spoken = count_tokens(reply.text) + len(reply.tool_calls)
        self._head = {"modelVersion": model, "responseId": uuid.uuid4().hex}
        self._usage = {
            "promptTokenCount": prompt_tokens,
            "candidatesTokenCount": spoken,
            "totalTokenCount": prompt_tokens + spoken,
        }

    def calls(self) -> list[dict[str, Any]]:
        """The parts that call functions."""
        return [
            {"functionCall": {"name": call.name, "args": call.arguments}}
            for call in self.reply.tool_calls
        ]

    def chunk(self, parts: list[dict[str, Any]], *, is_last: bool = False) -> dict[str, Any]:
        """A chunk with `parts`, the last one with the reason to finish."""
        candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
        if is_last:
            candidate["finishReason"] = "STOP"
        return {"candidates": [candidate], "usageMetadata": self._usage, **self._head}


def _conversation(contents: Sequence[Content]) -> list[Said]:
    said: list[Said] = []
    for content in contents:
        results = [part for part in content.parts if part.function_response]
        text = " ".join(part.text for part in content.parts if part.text)
        said += [Said("tool", "") for _ in results]
        if text or not results:
            said.append(Said("assistant" if content.role == "model" else "user", text))
    return said


def _check_order(contents: Sequence[Content]) -> None:
    """A turn of function responses follows the turn of its calls, with as many parts."""
    calls = 0
    for content in contents:
        responses = sum(part.function_response is not None for part in content.parts)
        if responses != calls and (responses or calls):
            raise Problem(
                Wrong.ORDER,
                "Please ensure that the number of function response parts is equal to the number "
                "of function call parts of the function call turn.",
            )
        calls = sum(part.function_call is not None for part in content.parts)


def _worded(problem: Problem) -> tuple[str, str]:
    """Status word and message of an error."""
    match problem.wrong:
        case Wrong.FAULT:
            return _FAULTS[problem.status]
        case Wrong.CREDENTIALS:
            return "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."
        case Wrong.MODEL:
            message = f"models/{problem.message} is not found for API version v1beta."
            return "NOT_FOUND", message
        case Wrong.PATH:
            return "NOT_FOUND", "The requested URL was not found on this server."
        case Wrong.UNKNOWN_FIELD:
            message = (
                f'Invalid JSON payload received. Unknown name "{problem.param}": Cannot find field.'
            )
            return "INVALID_ARGUMENT", message
        case _:
            return "INVALID_ARGUMENT", problem.located


_FAULTS = {
    401: ("UNAUTHENTICATED", "Request had invalid authentication credentials."),
    402: ("FAILED_PRECONDITION", "Billing is not enabled for this project."),
    429: ("RESOURCE_EXHAUSTED", "You exceeded your current quota."),
    500: ("INTERNAL", "An internal error has occurred. Please retry."),
    503: ("UNAVAILABLE", "The model is overloaded. Please try again later."),
}
