"""Cerebras: chat completions with its fields, timing and flat error bodies.

Requests: https://inference-docs.cerebras.ai/api-reference/chat-completions. Errors:
https://inference-docs.cerebras.ai/support/error.
"""

from typing import Any

from aiohttp import web

from emulators.chat import ChatEmulator, ChatRequest
from emulators.problems import Problem, Wrong


class CerebrasChatRequest(ChatRequest):
    clear_thinking: bool | None = None
    disable_reasoning: bool | None = None
    min_completion_tokens: int | None = None
    min_tokens: int | None = None
    prediction: dict[str, Any] | None = None
    prompt_cache_key: str | None = None
    reasoning_format: str | None = None


class CerebrasEmulator(ChatEmulator):
    """Cerebras: `base_url` is that of `CerebrasLLMService`; its SDK takes it without `/v1`."""

    vendor = "cerebras"
    request_shape = CerebrasChatRequest
    listed_models = ("gpt-oss-120b", "qwen-3-235b-a22b-instruct-2507", "zai-glm-4.7")

    def routes(self) -> list[web.RouteDef]:
        return [*super().routes(), web.get("/v1/tcp_warming", self._warm)]

    def closing_fields(self, usage: dict[str, Any]) -> dict[str, Any]:
        times = {"queue_time": 0.0001, "prompt_time": 0.001, "completion_time": 0.01}
        return {"time_info": {**times, "total_time": 0.0111}, "usage": usage}

    def refusal(self, problem: Problem) -> web.Response:
        message, kind, param, code = _worded(problem)
        body = {"message": message, "type": kind, "param": param, "code": code}
        return web.json_response(body, status=problem.status, headers=problem.headers)

    async def _warm(self, request: web.Request) -> web.Response:
        """The SDK opens its connection with this when a client is made."""
        return web.Response(status=200)


def _worded(problem: Problem) -> tuple[str, str, str, str]:
    """Message, type, param and code of an error."""
    match problem.wrong:
        case Wrong.FAULT | Wrong.CREDENTIALS:
            return _FAULTS[problem.status]
        case Wrong.MODEL:
            message = f"Model {problem.message} does not exist or you do not have access to it."
            return message, "not_found_error", "model", "model_not_found"
        case Wrong.PATH:
            return "Not Found", "not_found_error", "path", "not_found"
        case Wrong.UNKNOWN_FIELD:
            message = f"body.{problem.param}: property 'body.{problem.param}' is unsupported"
            return message, "invalid_request_error", "validation_error", "wrong_api_format"
        case _:
            place = f"body.{problem.param}: " if problem.param else ""
            message = f"{place}{problem.message}"
            return message, "invalid_request_error", "validation_error", "wrong_api_format"


_FAULTS = {
    401: ("Wrong API Key", "invalid_request_error", "api_key", "wrong_api_key"),
    402: ("Payment required.", "payment_required_error", "quota", "payment_required"),
    429: (
        "Requests per minute limit exceeded - too many requests sent.",
        "too_many_requests_error",
        "quota",
        "request_quota_exceeded",
    ),
    500: ("Encountered a server error.", "server_error", "", "server_error"),
    503: ("We're experiencing high traffic right now!", "server_error", "queue", "queue_exceeded"),
}
