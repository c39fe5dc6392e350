"""`offhook serve` as a person starts it: its own process, a free port, real models."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

KEY = "an operator's key of some length"
OPERATOR = {"Authorization": f"Bearer {KEY}"}


def free_port() -> int:
    """A TCP port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class OffhookProcess:
    """A running server over a folder of bots; a context manager that leaves nothing behind.

    Args:
        bots: the folder of bots.
        log: where its output goes, for a failed test to show.
        environ: OFFHOOK_ settings beside the defaults of a test.
        prefix: a command to run it under, e.g. `ip netns exec NAME`.
        host: what it binds and is reached at.
        is_tls: serve HTTPS, with a self-signed certificate.
    """

    def __init__(
        self,
        bots: Path,
        log: Path,
        *,
        environ: Mapping[str, str] | None = None,
        prefix: Sequence[str] = (),
        host: str = "127.0.0.1",
        is_tls: bool = False,
    ) -> None:
        self.host, self.port = host, free_port()
        self._scheme = "https" if is_tls else "http"
        self.log = log
        self._command = [*prefix, sys.executable, "-m", "server.cli", "serve"]
        self._command += ["--bots", str(bots), "--host", host, "--port", str(self.port)]
        self._command += ["--tls"] if is_tls else []
        self._environ = {
            **os.environ,
            "OFFHOOK_OPERATOR_KEY": KEY,
            "OFFHOOK_LOG_FORMAT": "json",
            "OFFHOOK_OFFLINE": "1",
            "OFFHOOK_CALLS_PER_MINUTE": "600",
            "OFFHOOK_CALLS_BURST": "100",
            **(environ or {}),
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the page is; `localhost` is a secure context for the microphone."""
        host = "localhost" if self.host == "127.0.0.1" else self.host
        return f"{self._scheme}://{host}:{self.port}"

    def __enter__(self) -> Self:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self._command, env=self._environ, stdout=log, stderr=subprocess.STDOUT
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def get(self, path: str) -> Any:
        """A route's JSON, as the operator."""
        return self._ask(path).json()

    def _ask(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", headers=OPERATOR, timeout=10, verify=False)

    def wait_ready(self, timeout_s: float = 180.0) -> None:
        """Until every bot is warm.

        Raises:
            TimeoutError: it is not ready in time, or its process ended; the log says why.
        """
        deadline_s = time.monotonic() + timeout_s
        while time.monotonic() < deadline_s:
            if self.process and self.process.poll() is not None:
                break
            try:
                if self._ask("/ready").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.3)
        raise TimeoutError(f"offhook is not ready:\n{self.log.read_text()[-3000:]}")

    def bot(self, name: str) -> dict[str, Any]:
        """A bot's entry in /status."""
        return next(bot for bot in self.get("/status")["bots"] if bot["name"] == name)

    def wait_for_version(self, bot: str, *, other_than: str, timeout_s: float = 60.0) -> str:
        """Until another version of `bot` is in service; returns it.

        Raises:
            TimeoutError: the version does not change in time.
        """
        deadline_s = time.monotonic() + timeout_s
        while time.monotonic() < deadline_s:
            version = self.bot(bot)["version"]
            if version != other_than:
                return version
            time.sleep(0.2)
        raise TimeoutError(f"{bot} is still {other_than}:\n{self.log.read_text()[-3000:]}")

    def wait_for_problems(self, bot: str, *, timeout_s: float = 20.0) -> list[dict[str, Any]]:
        """What is wrong with a bot's file, once something is.

        Raises:
            TimeoutError: nothing is.
        """
        deadline_s = time.monotonic() + timeout_s
        while time.monotonic() < deadline_s:
            if problems := self.bot(bot)["problems"]:
                return problems
            time.sleep(0.2)
        raise TimeoutError(f"nothing is wrong with {bot}")

    def wait_idle(self, timeout_s: float = 30.0) -> None:
        """Until no session is live.

        Raises:
            TimeoutError: one goes on.
        """
        deadline_s = time.monotonic() + timeout_s
        while time.monotonic() < deadline_s:
            if self.get("/status")["live"] == 0:
                return
            time.sleep(0.05)
        raise TimeoutError(f"a session goes on:\n{self.log.read_text()[-3000:]}")

    def sessions(self) -> list[dict[str, Any]]:
        """The live sessions."""
        return self.get("/api/sessions")["sessions"]
