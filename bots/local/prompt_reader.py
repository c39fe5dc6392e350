"""Has the local brain's child read what it was not asked, while nobody waits.

An answer that came straight from a fact is not in the child's cache, and a token takes 15 to 30 ms
to read on two cores: the next question to the child would wait a second for the one before. A
prompt under way cannot be stopped before its batch is through, so it is read STEP_TOKENS at a time:
a question that comes in between waits for one step, which belongs to its own prompt.

The caller's words are not read while they are spoken. That saved 0.3 s where an interim transcript
had found the fact, and on two cores it cost the ears beside it 0.1 to 0.2 s at every question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from loguru import logger

from bots.errors import ProviderError
from bots.local.llama import LlamaServer

STEP_TOKENS = 16
"""About 0.3 s on two cores; smaller steps take longer for each token."""
TIMEOUT_S = 10.0

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unread:
    """A prompt to read into a slot, up to the end of its last message."""

    slot: int
    messages: Sequence[Message]
    news: int
    """How many of the last messages the slot has not seen."""


Wish = Callable[[], Awaitable[Unread | None]]


class PromptReader:
    """One session's reading ahead: the newest wish alone counts, and a question ends it."""

    def __init__(self, server: LlamaServer) -> None:
        self._server = server
        self._wish: Wish | None = None
        self._is_wanted = asyncio.Event()

    def want(self, wish: Wish) -> None:
        """Read what `wish` gives, and no more of what was wanted before."""
        self._wish = wish
        self._is_wanted.set()

    def stop(self) -> None:
        """Begin no further step."""
        self._wish = None

    async def run(self) -> None:
        """Read what is wanted until cancelled. What fails costs time at the question, no more."""
        while True:
            await self._is_wanted.wait()
            self._is_wanted.clear()
            if wish := self._wish:
                try:
                    if unread := await wish():
                        await read(self._server, unread, lambda wish=wish: self._wish is wish)
                except (httpx.HTTPError, ProviderError, ValueError, KeyError) as error:
                    logger.debug("The brain would not read ahead: {}", type(error).__name__)


async def read(
    server: LlamaServer, unread: Unread, is_wanted: Callable[[], bool] = lambda: True
) -> None:
    """Read `unread` in steps, as long as it is wanted.

    Raises:
        httpx.HTTPError: the child does not answer, or refuses.
        ValueError: the model's template does not give the texts as they are.
    """
    async with server.client(TIMEOUT_S) as http:
        seen, new = await _tokens(http, unread)
        for end in range(STEP_TOKENS, len(new) + STEP_TOKENS, STEP_TOKENS):
            if not is_wanted():
                return
            body = {"n_predict": 0, "id_slot": unread.slot, "cache_prompt": True}
            await _post(http, "/completion", {"prompt": [*seen, *new[:end]], **body})


async def _tokens(http: httpx.AsyncClient, unread: Unread) -> tuple[list[int], list[int]]:
    """The prompt's tokens that the slot has, and those it has not."""
    first, last = (str(unread.messages[at]["content"]) for at in (-unread.news, -1))
    prompt = str((await _post(http, "/apply-template", {"messages": unread.messages}))["prompt"])
    end = prompt.rindex(last) + len(last)
    start = prompt.rindex(first, 0, end)
    return await _tokenize(http, prompt[:start]), await _tokenize(http, prompt[start:end])


async def _tokenize(http: httpx.AsyncClient, text: str) -> list[int]:
    body = {"content": text, "add_special": False, "parse_special": True}
    return (await _post(http, "/tokenize", body))["tokens"]


async def _post(http: httpx.AsyncClient, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    reply = await http.post(path, json=body)
    reply.raise_for_status()
    return reply.json()
