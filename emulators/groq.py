"""Groq: chat completions with its fields, its `x_groq` block and its error bodies.

Requests: https://console.groq.com/docs/api-reference#chat-create. Errors:
https://console.groq.com/docs/errors.
"""

import uuid
from typing import Any

from aiohttp import web

from emulators.chat import ChatEmulator, ChatRequest
from emulators.problems import Problem, Wrong


class GroqChatRequest(ChatRequest):
    citation_options: str | None = None
    compound_custom: dict[str, Any] | None = None
    disable_tool_validation: bool | None = None
    documents: list[dict[str, Any]] | None = None
    include_reasoning: bool | None = None
    metadata: dict[str, str] | None = None
    reasoning_format: str | None = None
    search_settings: dict[str, Any] | None = None
    store: bool | None = None


class GroqEmulator(ChatEmulator):
    """Groq: `base_url` is that of `GroqLLMService`; its SDK takes it without `/openai/v1`."""

    vendor = "groq"
    url_path = "/openai/v1"
    request_shape = GroqChatRequest
    listed_models = ("openai/gpt-oss-120b", "openai/gpt-oss-20b", "llama-3.3-70b-versatile")

    def closing_fields(self, usage: dict[str, Any]) -> dict[str, Any]:
        return {"x_groq": {"id": f"req_{uuid.uuid4().hex}", "usage": usage}}

    def refusal(self, problem: Problem) -> web.Response:
        message, kind, code = _worded(problem)
        error = {"message": message, "type": kind}
        if code:
            error["code"] = code
        return web.json_response({"error": error}, status=problem.status, headers=problem.headers)


def _worded(problem: Problem) -> tuple[str, str, str | None]:
    """Message, type and code of an error."""
    invalid = "invalid_request_error"
    match problem.wrong:
        case Wrong.FAULT | Wrong.CREDENTIALS:
            return _FAULTS[problem.status]
        case Wrong.MODEL:
            message = (
                f"The model `{problem.message}` does not exist or you do not have access to it."
            )
            return message, invalid, "model_not_found"
        case Wrong.PATH:
            return f"Unknown request URL: {problem.message}.", invalid, "unknown_url"
        case Wrong.UNKNOWN_FIELD:
            return f"property '{problem.param}' is unsupported", invalid, None
        case Wrong.MISSING_FIELD:
            return f"property '{problem.param}' is missing", invalid, None
        case _:
            return f"'{problem.param}' : {problem.message}", invalid, None


_FAULTS: dict[int, tuple[str, str, str | None]] = {
    401: ("Invalid API Key", "invalid_request_error", "invalid_api_key"),
    402: ("Billing is required to use this service.", "billing_error", "payment_required"),
    429: ("Rate limit reached for model.", "tokens", "rate_limit_exceeded"),
    500: ("Internal Server Error", "internal_server_error", None),
    503: ("Service Unavailable", "service_unavailable_error", None),
}
