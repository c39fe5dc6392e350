"""The one place where an error becomes an answer: application/problem+json, RFC 9457.

`{type, title, status, detail, code, hint}` and, where waiting helps, `retry_after_s` with a
Retry-After header. The same body goes to a request and to a socket that is refused.
"""

from __future__ import annotations

import math
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from loguru import logger
from starlette.exceptions import HTTPException

from bots.errors import AtCapacity, CallRefused, OffhookError
from server.metrics import Metrics

CONTENT_TYPE = "application/problem+json"

_CODES = {404: "not_found", 405: "method_not_allowed"}


class TooManyCalls(CallRefused):
    """A client that asks for calls faster than it may."""

    def __init__(self, retry_after_s: float) -> None:
        self.retry_after_s = math.ceil(retry_after_s)
        super().__init__(
            "Too many calls from this address.",
            status=429,
            code="too_many_calls",
            hint=f"Try again in {self.retry_after_s} seconds.",
        )


def problem(
    status: int, detail: str, *, code: str, hint: str = "", retry_after_s: int | None = None
) -> JSONResponse:
    """The answer for one error."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "hint": hint,
    }
    headers = {"Cache-Control": "no-store"}
    if retry_after_s is not None:
        body["retry_after_s"] = retry_after_s
        headers["Retry-After"] = str(retry_after_s)
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="offhook"'
    return JSONResponse(body, status_code=status, headers=headers, media_type=CONTENT_TYPE)


def problem_of(error: OffhookError) -> JSONResponse:
    """The answer for an error of ours."""
    waits = isinstance(error, AtCapacity | TooManyCalls)
    return problem(
        error.status,
        error.message,
        code=error.code,
        hint=error.hint,
        retry_after_s=error.retry_after_s if waits else None,
    )


def map_errors(app: FastAPI, metrics: Metrics) -> None:
    """Installs the map: ours, FastAPI's, Starlette's, and everything else as a 500."""

    @app.exception_handler(OffhookError)
    async def ours(_: Request, error: OffhookError) -> JSONResponse:
        metrics.count_refusal(error.code)
        return problem_of(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        metrics.count_refusal("bad_request")
        if first["type"] == "json_invalid":
            return problem(400, "The body is not JSON.", code="bad_json")
        if kind != "application/json" and first["loc"][:1] == ("body",) and kind:
            return problem(
                415,
                "The body must be JSON.",
                code="bad_type",
                hint="Content-Type: application/json",
            )
        place = ".".join(str(key) for key in first["loc"][1:]) or "body"
        return problem(422, f"{place}: {first['msg']}.", code="bad_request")

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        metrics.count_refusal(_CODES.get(error.status_code, "http"))
        answer = problem(
            error.status_code, str(error.detail), code=_CODES.get(error.status_code, "http")
        )
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(Exception)
    async def unexpected(_: Request, error: Exception) -> JSONResponse:
        logger.opt(exception=error).error("A request failed")
        metrics.count_refusal("internal")
        return problem(500, "Something went wrong here.", code="internal", hint="See the log.")
