"""Runs the server until it is told to stop: sockets, TLS, signals and the drain.

SIGTERM or Ctrl-C  -> no new calls, live ones get OFFHOOK_DRAIN_S, then they are ended
a second one       -> live calls are ended at once
a third one        -> the process does not wait for anything

The end is bounded: EXIT_S and LAST_S after the drain the process is gone, whatever is stuck in it
(`deadline.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI
from loguru import logger

from bots.errors import OffhookError
from server.app import create_app
from server.deadline import LAST_S, Deadline
from server.line import SILENCE_S
from server.logs import set_up_logs
from server.sessions import CANCEL_S, SessionManager
from server.settings import Settings, find_unknown
from server.tls import CertificateFiles, ensure_self_signed, given_certificate, local_names

PING_S = SILENCE_S / 2
"""A ping each so often, and its pong within as long: a silent socket is noticed in SILENCE_S."""
MAX_SOCKET_MESSAGE_BYTES = 256 * 1024
EXIT_S = 3
"""What requests that still run get at the very end."""


class PortTaken(OffhookError):
    """The address cannot be listened on."""

    code = "port_taken"


def run_server(settings: Settings) -> None:
    """Serves until a signal; returns when everything is closed.

    Raises:
        OffhookError: the port is taken, a certificate cannot be read; before any model is loaded.
    """
    set_up_logs(form=settings.log_format, level=settings.log_level)
    for sentence in find_unknown(os.environ):
        logger.warning("{}", sentence)
    certificate = _certificate(settings)
    listener = listen(settings.host, settings.port)
    with contextlib.closing(listener):
        app = create_app(settings)
        server = DrainingServer(build_config(app, settings, certificate), app, settings.drain_s)
        _say_where(settings, listener.getsockname()[1], is_tls=certificate is not None)
        server.run(sockets=[listener])


def build_config(
    app: FastAPI, settings: Settings, certificate: CertificateFiles | None = None
) -> uvicorn.Config:
    """uvicorn as calls need it: quick pings, bounded messages, logs through ours."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        # The app applies forwarded headers itself, from trusted proxies only.
        proxy_headers=False,
        ws_max_size=MAX_SOCKET_MESSAGE_BYTES,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        # Audio does not shrink, and trying costs CPU at every frame.
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=EXIT_S,
        ssl_certfile=certificate.chain if certificate else None,
        ssl_keyfile=certificate.key if certificate else None,
    )


class DrainingServer(uvicorn.Server):
    """uvicorn whose first signal drains the sessions while it goes on answering."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, drain_s: float) -> None:
        super().__init__(config)
        self._app = app
        self._drain_s = drain_s
        self._deadline = Deadline()
        self._hurry = asyncio.Event()
        self._draining: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._signals = 0

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().serve(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal has come; runs between two bytecodes, so it only passes it on."""
        self._signals += 1
        # Set here and not on the loop, which may be what is stuck.
        closing_s = self._app.state.desk.settings.close_s + 2 * CANCEL_S + EXIT_S + LAST_S
        self._deadline.within(closing_s + (self._drain_s if self._signals == 1 else 0))
        if self._loop is None or not self.started:
            self.should_exit = True
        elif self._signals <= 2:
            self._loop.call_soon_threadsafe(self._drain)
        else:
            self.should_exit = self.force_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn does, without raising the signal again at the end: that would be a traceback
        on Ctrl-C, and a death by SIGTERM instead of an orderly end."""
        before = {
            number: signal.signal(number, self.handle_exit)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _drain(self) -> None:
        if self._draining is not None:
            self._hurry.set()
            return
        self._draining = asyncio.create_task(self._drain_and_exit())

    async def _drain_and_exit(self) -> None:
        logger.info("Stopping; once more to stop at once")
        fabric = self._app.state.desk.fabric
        if isinstance(fabric, SessionManager):
            await fabric.drain(self._drain_s, self._hurry)
        self._deadline.within(EXIT_S + LAST_S)
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """A listening socket whose connections break when the other side stops answering.

    Raises:
        PortTaken: in one line.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # Accepted sockets inherit it. Without it, closing a socket on a cut network waits for
        # what was written before to be taken, and the session is not told.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(SILENCE_S * 1000))
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        taken = error.errno == errno.EADDRINUSE
        cause = "is in use" if taken else f"cannot be listened on: {error.strerror}"
        raise PortTaken(
            f"Port {port} of {host} {cause}.", hint="Choose another with --port or OFFHOOK_PORT."
        ) from None
    return listener


def _certificate(settings: Settings) -> CertificateFiles | None:
    if not settings.tls:
        return None
    if settings.tls_cert and settings.tls_key:
        return given_certificate(settings.tls_cert, settings.tls_key)
    folder = settings.cache or Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")) / "offhook"
    return ensure_self_signed(folder.expanduser() / "tls", local_names(settings.host))


def _say_where(settings: Settings, port: int, *, is_tls: bool) -> None:
    """The link, on stdout: the one line that a person waits for."""
    host = "localhost" if settings.host in ("0.0.0.0", "::", "127.0.0.1") else settings.host
    where = settings.public_url or f"http{'s' * is_tls}://{host}:{port}"
    print(f"Offhook answers at {where}", file=sys.stdout, flush=True)
