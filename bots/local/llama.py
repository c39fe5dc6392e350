"""The embedded brain's server: llama.cpp as a supervised child process, spoken to over loopback.

Native code can crash, and a crash must not take calls down; so the model lives in
`bots/local/llama_child.py`, and this side starts it, waits until it answers, restarts it when it
dies or hangs, and stops it. The wire is llama.cpp's OpenAI-compatible HTTP, on a port and with a
key that are new at every start.

Prompt caching is explicit. A session leases a slot (its own KV cache), so its conversation stays
cached from turn to turn and no other session can evict it. A bot's prefix (system text and
examples) is read once and restored into each new session's slot in milliseconds, by
bots/local/prefixes.py; what was read outlives a crash of the child and, with a store, the run.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import ssl
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
from loguru import logger

from bots.errors import ProviderError
from bots.local.brain_errors import brain_error, start_error
from bots.local.llama_child import ChildConfig
from bots.local.prefixes import Message, Prefixes
from bots.local.prompt_store import PromptStore

START_TIMEOUT_S = 120.0
"""Reading 1.1 GB from a slow disk takes its time; a start that fails is known at once anyway."""
STOP_TIMEOUT_S = 5.0
HEALTH_EVERY_S = 5.0
HEALTH_MISSES = 3
BACKOFF_S = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Wait before the n-th restart in a row; the first is at once, since a caller is waiting."""
SETTLED_S = 60.0
"""A child that lived this long has no crash in a row behind it."""

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients of loopback: without it each of them reads the system's certificates for a TLS that
it never speaks, and the event loop stands still for 20 ms."""


class Lease:
    """One session's hold of a slot of the server, from `LlamaServer.lease` to `release`."""

    def __init__(self, server: LlamaServer, slot: int, prefix: Sequence[Message]) -> None:
        self.slot = slot
        self._server = server
        self._prefix = prefix
        self._restored_at = -1
        self._preparing = asyncio.Lock()

    async def prepare(self) -> None:
        """Have the bot's prefix in the slot, at no cost while the slot still has it.

        Raises:
            ProviderError: the prefix was never warmed, and the child does not read it.
        """
        async with self._preparing:
            if self._restored_at != self._server.generation:
                await self._server.warm(self._prefix)
                await self._server.restore(self.slot, self._prefix)
                self._restored_at = self._server.generation

    async def release(self) -> None:
        """Give the slot back and forget what was said in it."""
        await self._server.release(self.slot)


class LlamaServer:
    """A llama.cpp server in a child process, kept alive until `stop`."""

    def __init__(
        self,
        model: Path,
        *,
        sessions: int = 1,
        threads: int = 2,
        context_tokens: int = 4096,
        child_module: str = "bots.local.llama_child",
        store: PromptStore | None = None,
    ) -> None:
        """Prepare without starting.

        Args:
            model: a GGUF file.
            sessions: the calls held at once.
            threads: of the computation.
            context_tokens: of each session.
            child_module: what the child runs.
            store: where prefixes that were read outlive this run; None for nowhere.
        """
        self.model = model
        self.threads = threads
        self.context_tokens = context_tokens
        self.generation = 0
        """Counts starts: what a slot held belongs to one generation."""
        self.api_key = secrets.token_urlsafe(24)
        self._child_module = child_module
        self._sessions = sessions
        self._leased = [0] * sessions
        self._url = ""
        self._ready = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._log_task: asyncio.Task[None] | None = None
        self._last_words: list[str] = []
        self._prefixes = Prefixes(
            model,
            sessions=sessions,
            context_tokens=context_tokens,
            client=self.client,
            store=store,
        )

    @property
    def base_url(self) -> str:
        """Where the OpenAI-compatible API answers now; changes when the child is restarted."""
        return f"{self._url}/v1"

    @property
    def model_name(self) -> str:
        """The GGUF file's stem, as shown to people."""
        return self.model.stem

    @property
    def is_ready(self) -> bool:
        """Whether the child answers right now."""
        return self._ready.is_set()

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is none."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Start the child, wait until it answers, and keep it alive from then on.

        Raises:
            ProviderError: the model cannot be loaded, or the child does not come up in time.
        """
        if not self.model.is_file():
            raise brain_error(
                f"There is no model file at {self.model}.",
                hint="Run `offhook models pull`, or give the path of a GGUF file.",
                category="invalid_request",
            )
        self._prefixes.open()
        try:
            await self._spawn()
        except BaseException:
            await self.stop()
            raise
        self._supervisor = asyncio.create_task(self._supervise(), name="brain supervisor")

    async def stop(self) -> None:
        """End the child and wait for it; safe to call twice or before `start`."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._supervisor
            self._supervisor = None
        await self._end_child()
        self._prefixes.close()

    async def wait_ready(self, timeout_s: float) -> bool:
        """Whether the child answers, waiting up to `timeout_s` for a restart."""
        try:
            await asyncio.wait_for(self._ready.wait(), timeout_s)
        except TimeoutError:
            return False
        return True

    async def wait_answering(self, timeout_s: float) -> bool:
        """Whether the child proves to answer; unlike `wait_ready`, right after a failed request.

        A killed process counts as ready until the system has reported its end.
        """
        deadline = time.monotonic() + timeout_s
        while (left_s := deadline - time.monotonic()) > 0:
            if await self.wait_ready(left_s):
                with contextlib.suppress(httpx.HTTPError):
                    async with self.client(timeout_s=1.0) as client:
                        if (await client.get("/health")).is_success:
                            return True
            await asyncio.sleep(0.05)
        return False

    async def warm(self, messages: Sequence[Message]) -> int:
        """Have a bot's prefix read, so that its calls begin with a warm cache.

        Returns how many tokens were read for it: next to none where a store has it.

        Raises:
            ProviderError: the child does not answer, or does not take the messages.
        """
        return await self._prefixes.warm(messages)

    def lease(self, prefix: Sequence[Message]) -> Lease:
        """A slot for one session of the bot with that `prefix`; the least shared one.

        There are as many slots as sessions; past that, two sessions share one and its cache.
        """
        slot = min(range(self._sessions), key=lambda index: self._leased[index])
        self._leased[slot] += 1
        return Lease(self, slot, prefix)

    async def restore(self, slot: int, prefix: Sequence[Message]) -> None:
        """Put a warmed prefix into a slot; if that fails, the next turn reads it anew."""
        await self._prefixes.restore(slot, prefix)

    async def release(self, slot: int) -> None:
        """Take a slot back from a session and erase what it holds."""
        self._leased[slot] -= 1
        if self._leased[slot] == 0 and self.is_ready:
            await self._prefixes.act(slot, "erase", {})

    def client(self, timeout_s: float) -> httpx.AsyncClient:
        """A client of the child's own API, as it is now."""
        return httpx.AsyncClient(
            base_url=self._url,
            headers={"Authorization": f"Bearer {self.api_key}"},
            timeout=timeout_s,
            trust_env=False,  # a proxy has no business on loopback
            verify=NO_TLS,
        )

    async def _spawn(self) -> None:
        """Start one child and wait for its line.

        Raises:
            ProviderError: it ended, reported an error or stayed silent.
        """
        config = ChildConfig(
            model=str(self.model),
            api_key=self.api_key,
            slots=self._sessions + 1,
            context_tokens=self.context_tokens,
            threads=self.threads,
            snapshots=str(self._prefixes.folder),
            parent_pid=os.getpid(),
        )
        self._last_words = []
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self._child_module,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        assert process.stdin and process.stdout and process.stderr
        self._log_task = asyncio.create_task(self._forward_log(process.stderr), name="brain log")
        try:
            process.stdin.write(config.to_line().encode())
            line = await asyncio.wait_for(process.stdout.readline(), START_TIMEOUT_S)
        except TimeoutError:
            await self._end_child()
            raise brain_error(
                f"The local brain did not load within {START_TIMEOUT_S:.0f} s.",
                hint="Use a smaller model or a faster disk.",
            ) from None
        except ConnectionError:
            line = b""
        answer: dict[str, str] = json.loads(line) if line else {}
        if "url" not in answer:
            await self._end_child()
            told = [answer["error"]] if "error" in answer else []
            raise start_error(self.model, process.returncode, [*self._last_words, *told])
        self._url = answer["url"]
        self.generation += 1
        self._ready.set()
        logger.info("The local brain answers: {}, {} slots", self.model_name, self._sessions)

    async def _forward_log(self, stream: asyncio.StreamReader) -> None:
        """Pass the child's lines on at debug; its first errors explain a failed start."""
        while line := await stream.readline():
            text = line.decode(errors="replace").rstrip()
            logger.debug("brain: {}", text)
            level, _, rest = text.partition(" ")[2].partition(" ")
            if level == "E" and len(self._last_words) < 20:
                self._last_words.append(rest.strip())

    async def _supervise(self) -> None:
        """Wait for the child's end or its silence, and start it anew, for ever."""
        failures = 0
        while True:
            started = time.monotonic()
            exit_code = await self._watch()
            self._ready.clear()
            await self._end_child()
            if time.monotonic() - started > SETTLED_S:
                failures = 0
            while not self.is_ready:
                wait_s = BACKOFF_S[min(failures, len(BACKOFF_S) - 1)]
                logger.warning(
                    "The local brain ended (code {}); restarting it in {} s", exit_code, wait_s
                )
                await asyncio.sleep(wait_s)
                failures += 1
                try:
                    await self._spawn()
                except (ProviderError, OSError) as error:
                    logger.error("The local brain did not come back: {}", error)

    async def _watch(self) -> int | None:
        """Return when the child has exited (its code) or answers no health check (None)."""
        assert self._process is not None
        exited = asyncio.ensure_future(self._process.wait())
        misses = 0
        try:
            while misses < HEALTH_MISSES:
                done, _ = await asyncio.wait({exited}, timeout=HEALTH_EVERY_S)
                if done:
                    return exited.result()
                try:
                    async with self.client(timeout_s=HEALTH_EVERY_S) as client:
                        (await client.get("/health")).raise_for_status()
                    misses = 0
                except httpx.HTTPError:
                    misses += 1
        finally:
            exited.cancel()
        return None

    async def _end_child(self) -> None:
        """Close the child's pipe, kill what does not go, and drain its log."""
        self._ready.clear()
        process, self._process = self._process, None
        if process is not None:
            assert process.stdin is not None
            process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._log_task is not None:
            await asyncio.wait({self._log_task}, timeout=1.0)
            self._log_task.cancel()
            self._log_task = None
