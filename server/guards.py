"""What stands before every route: a bound on bodies, and the headers that keep a page honest."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.problems import problem
from server.public_url import is_host

MAX_BODY_BYTES = 64 * 1024
BODY_TIMEOUT_S = 15.0
MAX_DROPPED_BYTES = 1024 * 1024

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Addresses of sockets carry tokens.
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), display-capture=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class BodyLimit:
    """Answers 413 to a body over `max_bytes`, whether it is announced or just keeps coming."""

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = bytearray()
        taken_bytes, is_done = 0, False
        # A little more than fits is read and dropped: a client that is cut off while it still
        # writes does not get to see the answer.
        try:
            async with asyncio.timeout(BODY_TIMEOUT_S):
                while not is_done and taken_bytes <= MAX_DROPPED_BYTES:
                    message = await receive()
                    if message["type"] != "http.request":
                        return
                    part = message.get("body", b"")
                    taken_bytes += len(part)
                    if taken_bytes <= self._max_bytes:
                        body += part
                    is_done = not message.get("more_body", False)
        except TimeoutError:
            slow = problem(408, "The body took too long.", code="body_too_slow")
            await slow(scope, receive, send)
            return
        if taken_bytes > self._max_bytes:
            await self._refuse(scope, receive, send)
            return

        is_given = False

        async def replay() -> Message:
            nonlocal is_given
            if is_given:
                return await receive()
            is_given = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self._app(scope, replay, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = problem(
            413,
            "The body is too large.",
            code="body_too_large",
            hint=f"At most {self._max_bytes} bytes.",
        )
        answer.headers["Connection"] = "close"
        await answer(scope, receive, send)


class PageHeaders:
    """Puts the security headers on every answer.

    The page loads from its own origin only; its audio worklets and decoders need blob: workers and
    WebAssembly, its sockets the server's own address.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        policy = content_policy(Headers(scope=scope).get("host", ""))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = policy
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, send_with_headers)


def content_policy(host: str) -> str:
    """The Content-Security-Policy of a page served as `host`.

    Older browsers do not count sockets to the same host as 'self', so they are named.
    """
    sockets = f" ws://{host} wss://{host}" if is_host(host) else ""
    return (
        "default-src 'self'; script-src 'self' blob: 'wasm-unsafe-eval'; worker-src 'self' blob:; "
        f"connect-src 'self' blob: data:{sockets}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; media-src 'self' blob: data:; font-src 'self' data:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
