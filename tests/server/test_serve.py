"""What starts and stops the process: ports, TLS and signals."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from server.deadline import EXIT_UNCLEAN, LAST_S
from server.serve import EXIT_S, PortTaken, listen
from server.sessions import CANCEL_S
from tests.fakes.offhook_process import OffhookProcess
from tests.fakes.socket_caller import SocketCaller
from tests.fakes.waiting import until

pytestmark = pytest.mark.call

ROOT = Path(__file__).resolve().parents[2]
CALL = {"bot": "pirate", "transport": "websocket"}
UNREACHABLE = "base_url: 'http://127.0.0.1:9/v1', api_key: {env: HELD_KEY}"
HELD = f"""
prompt: You never let go.
stt: {{provider: openai, model: whisper-1, {UNREACHABLE}}}
llm: {{provider: openai, model: gpt-4.1, {UNREACHABLE}}}
tts: {{provider: openai, model: tts-1, voice: alloy, {UNREACHABLE}}}
processors: [{{use: "tests.fakes.holding:Holding", before: llm}}]
answer: {{link: true}}
"""


@contextlib.asynccontextmanager
async def process(drain_s: float) -> AsyncIterator[tuple[Process, httpx.AsyncClient]]:
    """A server process that answers, and a client of it; killed if it is still there at the end."""
    arguments = [sys.executable, "-m", "tests.fakes.served_process", "0", str(drain_s)]
    server = await asyncio.create_subprocess_exec(*arguments, cwd=ROOT, stdout=PIPE, stderr=PIPE)
    assert server.stdout is not None
    port = int(await asyncio.wait_for(server.stdout.readline(), 60))
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            assert (await client.get("/health")).status_code == 200
            yield server, client
    finally:
        if server.returncode is None:
            server.kill()
        await server.communicate()


async def joined(client: httpx.AsyncClient, bot: str = "pirate") -> SocketCaller:
    """A live call."""
    call = (await client.post("/api/calls", json=CALL | {"bot": bot})).json()
    caller = await SocketCaller.join(call["websocket"]["url"])
    await caller.say_ready()
    await until(lambda: caller.session_secret() is not None)
    return caller


async def ending(server: Process) -> tuple[int, str, str]:
    """Exit code and what it wrote, once it has ended."""
    out, err = await asyncio.wait_for(server.communicate(), 20)
    assert server.returncode is not None
    return server.returncode, out.decode(), err.decode()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_signal_ends_an_idle_server_cleanly(number):
    """No call, no wait, no traceback, exit code 0."""
    async with process(drain_s=60) as (server, _):
        server.send_signal(number)
        code, out, err = await ending(server)
    assert (code, "closed" in out) == (0, True), err
    assert "Traceback" not in err


async def test_sigterm_drains_a_live_call():
    """New calls are refused while the live one goes on; it ends with its time, and in order."""
    async with process(drain_s=2) as (server, client):
        caller = await joined(client)
        server.send_signal(signal.SIGTERM)
        refused = await client.get("/ready")
        while refused.status_code == 200:
            refused = await client.get("/ready")
        assert refused.json()["reasons"] == ["draining"]
        answer = await client.post("/api/calls", json=CALL)
        assert (answer.status_code, answer.json()["code"]) == (503, "draining")
        assert caller.socket.close_code is None
        assert (await caller.closed())[0] == 1000
        code, out, err = await ending(server)
    assert (code, "closed" in out) == (0, True), err
    assert '"end_reason": "drain"' in err
    assert "Traceback" not in err


async def test_second_signal_does_not_wait():
    """A drain of ten minutes is over at the second Ctrl-C."""
    async with process(drain_s=600) as (server, client):
        caller = await joined(client)
        server.send_signal(signal.SIGINT)
        while (await client.get("/ready")).status_code == 200:
            pass
        server.send_signal(signal.SIGINT)
        assert (await caller.closed())[0] == 1000
        code, _, err = await ending(server)
    assert code == 0, err
    assert "Traceback" not in err


async def test_a_pipeline_that_will_not_close_does_not_keep_the_process(tmp_path):
    """A processor that swallows the end of the call costs its bound, then the process is gone."""
    (tmp_path / "held.yaml").write_text(HELD)
    drain_s, close_s = 0.5, 1.0
    bound_s = drain_s + close_s + 2 * CANCEL_S + EXIT_S + LAST_S
    environ = {
        "HELD_KEY": "a key nobody asks for",
        "OFFHOOK_DRAIN_S": str(drain_s),
        "OFFHOOK_CLOSE_S": str(close_s),
    }
    log = tmp_path / "log"
    with OffhookProcess(tmp_path, log, environ=environ) as server:
        assert server.process is not None
        await asyncio.to_thread(server.wait_ready)
        async with httpx.AsyncClient(base_url=server.url) as client:
            caller = await joined(client, bot="held")
        server.process.send_signal(signal.SIGTERM)
        await caller.closed()
        # A busy machine is slow to start the timer, never to keep it.
        code = await asyncio.to_thread(server.process.wait, bound_s + 5)
    assert code == EXIT_UNCLEAN
    assert '"is_abandoned": true' in log.read_text()


async def test_secrets_are_not_in_the_log():
    """Neither the token nor the session secret of a call can be read from what was logged."""
    async with process(drain_s=0) as (server, client):
        call = (await client.post("/api/calls", json=CALL)).json()
        caller = await SocketCaller.join(call["websocket"]["url"])
        await caller.say_ready()
        await until(lambda: caller.session_secret() is not None)
        secret = caller.session_secret()
        await caller.close()
        server.send_signal(signal.SIGTERM)
        _, _, err = await ending(server)
    assert call["session_id"] in err
    assert secret and secret not in err
    assert call["token"] not in err


def test_busy_port_is_said_in_a_line():
    """The second server on a port fails before it loads anything."""
    with contextlib.closing(listen("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} of 127.0.0.1 is in use") as error:
            listen("127.0.0.1", port)
    assert "\n" not in str(error.value)
    assert "--port" in error.value.hint
