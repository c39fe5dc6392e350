"""The embedded brain's server: a real child process with the small model."""

from __future__ import annotations

import asyncio
import filecmp
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx
import pytest

from bots.errors import ProviderError
from bots.local import weights
from bots.local.llama import LlamaServer
from bots.local.prefixes import KNOWN_TOKENS, Message, prompt_text
from bots.local.prompt_store import PromptStore, prompt_key, weights_mark
from tests.fakes.waiting import until

pytestmark = [pytest.mark.call, pytest.mark.alone]

PREFIX = [{"role": "system", "content": "You are Ava of Bloom Dental. " * 12}]


@pytest.fixture
async def server() -> AsyncIterator[LlamaServer]:
    """A running server with two slots."""
    server = LlamaServer(weights.path("qwen2.5-0.5b"), sessions=2, context_tokens=1024)
    await server.start()
    yield server
    await server.stop()


def client(server: LlamaServer, key: str | None = None) -> httpx.AsyncClient:
    """A client of the child's API."""
    return httpx.AsyncClient(
        base_url=server.base_url.removesuffix("/v1"),
        headers={"Authorization": f"Bearer {key or server.api_key}"},
        timeout=60,
    )


async def cached_tokens(server: LlamaServer, slot: int) -> tuple[int, int]:
    """How many tokens of a question after PREFIX came from the cache, and how many in all."""
    body = {
        "messages": [*PREFIX, {"role": "user", "content": "Are you open?"}],
        "max_tokens": 1,
        "id_slot": slot,
        "cache_prompt": True,
    }
    async with client(server) as http:
        timings = (await http.post("/v1/chat/completions", json=body)).json()["timings"]
    return timings["cache_n"], timings["cache_n"] + timings["prompt_n"]


async def is_busy(server: LlamaServer) -> bool:
    """Whether any slot is computing."""
    async with client(server) as http:
        return any(slot["is_processing"] for slot in (await http.get("/slots")).json())


def is_alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def arguments(pid: int) -> str:
    """A process's command line, which other users may read; empty where there is no /proc."""
    line = Path(f"/proc/{pid}/cmdline")
    return line.read_text() if line.exists() else ""


async def until_dead(pid: int) -> None:
    """Wait, for at most 10 s, until a process is gone."""
    await until(lambda: not is_alive(pid), timeout_s=10)


async def test_only_the_holder_of_the_key_is_answered(server: LlamaServer) -> None:
    """The child listens on loopback only and refuses a request without the key of this run."""
    assert server.base_url.startswith("http://127.0.0.1:")
    async with client(server, key="guess") as http:
        assert (await http.get("/v1/models")).status_code == 401
        assert (await http.get("/slots")).status_code == 401
    assert server.pid
    assert server.api_key not in arguments(server.pid)


async def test_the_brain_lets_ears_and_voice_go_first(server: LlamaServer) -> None:
    """The child runs at a lower priority than the process that listens and speaks."""
    assert server.pid
    assert os.getpriority(os.PRIO_PROCESS, server.pid) > os.getpriority(os.PRIO_PROCESS, 0)


async def test_a_warmed_prefix_is_in_every_leased_slot(server: LlamaServer) -> None:
    """Both sessions of a bot begin with its prefix cached, and neither evicts the other's."""
    await server.warm(PREFIX)
    leases = [server.lease(PREFIX), server.lease(PREFIX)]
    assert {lease.slot for lease in leases} == {0, 1}
    for lease in leases:
        await lease.prepare()
    for lease in leases:
        cached, total = await cached_tokens(server, lease.slot)
        assert cached > 80
        assert total - cached < 12


async def test_a_released_slot_forgets(server: LlamaServer) -> None:
    """What was said in a session is not in the child's memory after it."""
    lease = server.lease(PREFIX)
    await lease.prepare()
    await lease.release()
    cached, _ = await cached_tokens(server, lease.slot)
    assert cached == 0


async def test_closing_the_stream_stops_the_generation(server: LlamaServer) -> None:
    """A withdrawn question does not go on computing."""
    body = {
        "messages": [{"role": "user", "content": "Count from one to a thousand in words."}],
        "max_tokens": 900,
        "stream": True,
    }
    async with client(server) as http:
        async with http.stream("POST", "/v1/chat/completions", json=body) as stream:
            async for _ in stream.aiter_lines():
                break
        async with asyncio.timeout(3):
            while await is_busy(server):  # noqa: ASYNC110 - another process has no event
                await asyncio.sleep(0.02)


async def test_a_killed_child_is_back_with_its_prefixes(server: LlamaServer) -> None:
    """After kill -9 a new child answers, and a lease finds its prefix without reading it again."""
    lease = server.lease(PREFIX)
    await lease.prepare()
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)
    assert await server.wait_answering(30)
    assert server.generation == 2
    await lease.prepare()
    cached, _ = await cached_tokens(server, lease.slot)
    assert cached > 80


async def first_words(server: LlamaServer, prefix: Sequence[Message]) -> tuple[str, int]:
    """What a call of the bot with `prefix` begins to answer, and how many tokens it had to read."""
    lease = server.lease(prefix)
    await lease.prepare()
    body = {
        "messages": [*prefix, {"role": "user", "content": "Are you open?"}],
        "max_tokens": 8,
        "temperature": 0,
        "id_slot": lease.slot,
        "cache_prompt": True,
    }
    async with client(server) as http:
        answer = (await http.post("/v1/chat/completions", json=body)).json()
    await lease.release()
    return answer["choices"][0]["message"]["content"], answer["timings"]["prompt_n"]


async def test_the_next_run_does_not_read_a_prompt_again(tmp_path: Path) -> None:
    """A prompt that one run has read is restored by the next and answers the same.

    A file that is none of llama.cpp's is read anew, and an edited prompt from the edit on.
    """
    model = weights.path("qwen2.5-0.5b")
    store = PromptStore(tmp_path)
    first = LlamaServer(model, context_tokens=1024, store=store)
    await first.start()
    try:
        assert await first.warm(PREFIX) > 80
        told, _ = await first_words(first, PREFIX)
    finally:
        await first.stop()

    foreign = tmp_path / "foreign"
    foreign.write_bytes(b"no slot of llama.cpp" * 100)
    other = [{"role": "system", "content": "This is the garage of Tom and Ada. " * 12}]
    key = prompt_key(weights_mark(model), prompt_text(other), slots=2, context_tokens=1024)
    store.keep(model.stem, key, foreign)

    second = LlamaServer(model, context_tokens=1024, store=PromptStore(tmp_path))
    await second.start()
    try:
        assert await second.warm(PREFIX) <= KNOWN_TOKENS
        told_again, read = await first_words(second, PREFIX)
        assert told_again == told
        assert read < 12
        assert await second.warm(other) > 80
        assert not filecmp.cmp(next((store.root / model.stem).glob(f"{key}-*")), foreign)
        edited = [{**PREFIX[0], "content": PREFIX[0]["content"] + "Be brief."}]
        assert await second.warm(edited) < 40
    finally:
        await second.stop()
    assert store.usage()[0] == 3


async def test_stopping_leaves_nothing_behind() -> None:
    """No process and no snapshot outlives `stop`, which may be called twice."""
    server = LlamaServer(weights.path("qwen2.5-0.5b"), context_tokens=512)
    await server.start()
    await server.warm(PREFIX[:1])
    pid = server.pid
    assert pid
    await server.stop()
    await server.stop()
    assert not is_alive(pid)
    assert not server.is_ready


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_the_child_dies_with_its_parent() -> None:
    """A parent that is killed leaves no orphan."""
    program = (
        "import asyncio, sys, pathlib\n"
        "from bots.local.llama import LlamaServer\n"
        "async def main():\n"
        "    server = LlamaServer(pathlib.Path(sys.argv[1]), context_tokens=512)\n"
        "    await server.start()\n"
        "    print(server.pid, flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        str(weights.path("qwen2.5-0.5b")),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert parent.stdout
    pid = int(await asyncio.wait_for(parent.stdout.readline(), 60))
    assert is_alive(pid)
    parent.kill()
    await parent.wait()
    await until_dead(pid)


async def test_a_broken_model_fails_at_once_with_its_fix(tmp_path: Path) -> None:
    """A file that is no model is said to be so, in seconds, and nothing is left running."""
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"not a model" * 1000)
    server = LlamaServer(broken)
    with pytest.raises(ProviderError, match=r"invalid magic.*offhook models verify"):
        await asyncio.wait_for(server.start(), 20)
    assert server.pid is None


async def test_a_missing_model_is_named(tmp_path: Path) -> None:
    """Without a file there is no child to start."""
    with pytest.raises(ProviderError, match="offhook models pull"):
        await LlamaServer(tmp_path / "none.gguf").start()


async def test_a_missing_system_library_is_said_with_its_package(tmp_path: Path) -> None:
    """A slim image without libgomp: the start fails in a line that says what to install."""
    model = tmp_path / "any.gguf"
    model.write_bytes(b"GGUF")
    brain = LlamaServer(model, child_module="tests.fakes.child_without_libgomp")
    with pytest.raises(ProviderError, match=r"needs libgomp\.so\.1.*apt install libgomp1"):
        await brain.start()
    await brain.stop()
