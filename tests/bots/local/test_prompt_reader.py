"""Reading a prompt before it is asked: a child that notes what it is given, and a real one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI, HTTPException

from bots.local import weights
from bots.local.llama import LlamaServer
from bots.local.prompt_reader import STEP_TOKENS, PromptReader, Unread, read
from tests.fakes.waiting import until

pytestmark = pytest.mark.unit

BRIEF = {"role": "system", "content": "You are Ava."}
QUESTION = {"role": "user", "content": "(A cleaning costs ninety dollars.) How much is a cleaning?"}
ANSWER = {"role": "assistant", "content": "A cleaning costs ninety dollars."}


class NotingChild:
    """A child whose tokens are characters; keeps the prompts it read, in order."""

    def __init__(self) -> None:
        self.read: list[str] = []
        self.may_read = asyncio.Event()
        self.may_read.set()
        self.is_ill = False
        self._app = FastAPI()
        self._app.post("/apply-template")(self._template)
        self._app.post("/tokenize")(self._tokenize)
        self._app.post("/completion")(self._complete)

    def client(self, timeout_s: float) -> httpx.AsyncClient:
        """As LlamaServer.client."""
        transport = httpx.ASGITransport(app=self._app)
        return httpx.AsyncClient(transport=transport, base_url="http://child", timeout=timeout_s)

    async def _template(self, body: dict[str, Any]) -> dict[str, str]:
        lines = [f"<{message['role']}>{message['content']}</>" for message in body["messages"]]
        return {"prompt": "".join(lines)}

    async def _tokenize(self, body: dict[str, Any]) -> dict[str, list[int]]:
        return {"tokens": [ord(char) for char in body["content"]]}

    async def _complete(self, body: dict[str, Any]) -> dict[str, Any]:
        if self.is_ill:
            raise HTTPException(500)
        self.read.append("".join(map(chr, body["prompt"])))
        await self.may_read.wait()
        return {}


@asynccontextmanager
async def reading(child: NotingChild) -> AsyncIterator[PromptReader]:
    """A reader at work."""
    reader = PromptReader(cast(LlamaServer, child))
    running = asyncio.create_task(reader.run())
    try:
        yield reader
    finally:
        running.cancel()
        await asyncio.wait({running})


async def exchange() -> Unread:
    """A question and the answer that the child was not asked for."""
    return Unread(slot=0, messages=[BRIEF, QUESTION, ANSWER], news=2)


async def test_what_is_new_is_read_in_steps() -> None:
    """Each prompt begins with the one before and adds a step, up to the end of the answer."""
    child = NotingChild()
    async with reading(child) as reader:
        reader.want(exchange)
        await until(lambda: bool(child.read) and child.read[-1].endswith(ANSWER["content"]))
    assert child.read[0].startswith("<system>You are Ava.</><user>(A cleaning")
    steps = [len(prompt) for prompt in child.read]
    assert {after - before for before, after in pairwise(steps[:-1])} == {STEP_TOKENS}


async def test_a_question_ends_the_reading() -> None:
    """After a stop the step under way is the last one."""
    child = NotingChild()
    child.may_read.clear()
    async with reading(child) as reader:
        reader.want(exchange)
        await until(lambda: len(child.read) == 1)
        reader.stop()
        child.may_read.set()
        newest = asyncio.Event()

        async def nothing() -> None:
            newest.set()

        reader.want(nothing)
        await asyncio.wait_for(newest.wait(), 5)
    assert len(child.read) == 1


async def test_a_child_that_fails_is_asked_again_the_next_time() -> None:
    """Reading ahead may fail without harm, and goes on with the next wish."""
    child = NotingChild()
    child.is_ill = True
    asked = asyncio.Event()

    async def while_ill() -> Unread:
        asked.set()
        return await exchange()

    async with reading(child) as reader:
        reader.want(while_ill)
        await asyncio.wait_for(asked.wait(), 5)
        child.is_ill = False
        reader.want(exchange)
        await until(lambda: bool(child.read) and child.read[-1].endswith(ANSWER["content"]))


@pytest.mark.alone
@pytest.mark.call
async def test_a_real_child_has_the_exchange_in_its_slot() -> None:
    """The next question finds all that was said in the cache."""
    server = LlamaServer(weights.path("qwen2.5-0.5b"), context_tokens=1024)
    await server.start()
    try:
        await read(server, await exchange())
        asked = [BRIEF, QUESTION, ANSWER, {"role": "user", "content": "Really?"}]
        body = {"messages": asked, "id_slot": 0, "cache_prompt": True, "max_tokens": 1}
        async with server.client(60) as http:
            reply = await http.post("/v1/chat/completions", json=body)
        timings = reply.json()["timings"]
    finally:
        await server.stop()
    assert timings["cache_n"] > 30
    assert timings["prompt_n"] < 14
