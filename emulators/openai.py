"""OpenAI: chat completions, speech, and the list of models.

Chat: https://platform.openai.com/docs/api-reference/chat/create. Speech:
https://platform.openai.com/docs/api-reference/audio/createSpeech. Errors:
https://platform.openai.com/docs/guides/error-codes.
"""

from collections.abc import Iterable
from typing import Any, Literal

from aiohttp import web
from pydantic import Field

from emulators.chat import ChatEmulator, ChatRequest
from emulators.problems import Problem, Request, Wrong, check_known, parse
from emulators.voice import send_pcm

SPEECH_RATE_HZ = 24_000
"""The only sample rate of the `pcm` format."""

VOICES = {
    *("alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin"),
    *("nova", "onyx", "sage", "shimmer", "verse"),
}


class OpenAIChatRequest(ChatRequest):
    audio: dict[str, Any] | None = None
    metadata: dict[str, str] | None = None
    modalities: list[Literal["text", "audio"]] | None = None
    moderation: dict[str, Any] | None = None
    prediction: dict[str, Any] | None = None
    prompt_cache_key: str | None = None
    prompt_cache_options: dict[str, Any] | None = None
    prompt_cache_retention: str | None = None
    safety_identifier: str | None = None
    store: bool | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    web_search_options: dict[str, Any] | None = None


class SpeechRequest(Request):
    model: str
    input: str = Field(min_length=1, max_length=4096)
    voice: str
    instructions: str | None = None
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | None = None
    speed: float | None = Field(default=None, ge=0.25, le=4.0)
    stream_format: Literal["sse", "audio"] | None = None


class OpenAIEmulator(ChatEmulator):
    """OpenAI: `base_url` is that of `OpenAILLMService` and `OpenAITTSService`."""

    vendor = "openai"
    request_shape = OpenAIChatRequest
    listed_models = ("gpt-4.1", "gpt-4.1-mini", "gpt-4o-mini", "gpt-4o-mini-tts")

    def routes(self) -> Iterable[web.RouteDef]:
        return [*super().routes(), web.post("/v1/audio/speech", self._speak)]

    def refusal(self, problem: Problem) -> web.Response:
        message, kind, code = worded(problem)
        error = {"message": message, "type": kind, "param": problem.param, "code": code}
        if problem.wrong is Wrong.FAULT:
            error["param"] = None
        return web.json_response({"error": error}, status=problem.status, headers=problem.headers)

    async def _speak(self, request: web.Request) -> web.StreamResponse:
        passage, body = await self.admit_json("speak", request)
        self.check_auth(request)
        asked = parse(SpeechRequest, body)
        check_known(Wrong.MODEL, asked.model, self._models)
        if asked.voice not in VOICES:
            raise Problem(Wrong.VALUE, f"there is no voice {asked.voice!r}", param="voice")
        if asked.response_format != "pcm":
            message = "only response_format 'pcm' is emulated"
            raise Problem(Wrong.VALUE, message, param="response_format")
        return await send_pcm(self, request, passage, asked.input, SPEECH_RATE_HZ)


def worded(problem: Problem) -> tuple[str, str, str | None]:
    """Message, type and code of an error."""
    invalid = "invalid_request_error"
    match problem.wrong:
        case Wrong.FAULT | Wrong.CREDENTIALS:
            return _FAULTS[problem.status]
        case Wrong.MODEL:
            message = f"The model `{problem.message}` does not exist or you do not have access."
            return message, invalid, "model_not_found"
        case Wrong.UNKNOWN_FIELD:
            return f"Unknown parameter: '{problem.param}'.", invalid, "unknown_parameter"
        case Wrong.MISSING_FIELD:
            message = f"Missing required parameter: '{problem.param}'."
            return message, invalid, "missing_required_parameter"
        case Wrong.PATH:
            return f"Invalid URL ({problem.message})", invalid, None
        case Wrong.ORDER:
            return problem.message, invalid, None
        case _:
            message = f"Invalid value for '{problem.param}': {problem.message}"
            return message, invalid, "invalid_value"


_FAULTS: dict[int, tuple[str, str, str | None]] = {
    401: ("Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
    402: (
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
        "insufficient_quota",
    ),
    429: ("Rate limit reached for requests.", "requests", "rate_limit_exceeded"),
    500: ("The server had an error while processing your request.", "server_error", None),
    503: ("The engine is currently overloaded, please try again later.", "server_error", None),
}
