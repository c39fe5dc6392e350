"""The prefixes of the bots (system text and examples), read once by the brain and kept as files.

Part of bots/local/llama.py, which has the child. Each run has a folder of its own that llama.cpp
saves slots to and restores them from; it outlives a crash of the child, not the run. What outlives
the run is in prompt_store.py.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from loguru import logger

from bots.local.brain_errors import brain_error
from bots.local.prompt_store import PromptStore, prompt_key, weights_mark

WARM_TIMEOUT_S = 300.0
"""A long prompt on a machine that is busy with calls."""
KNOWN_TOKENS = 8
"""Of a prompt that a restored slot has, llama.cpp evaluates the last tokens anew: one or two."""

Message = Mapping[str, str]

Client = Callable[[float], httpx.AsyncClient]
"""A client of the child as it is now, with its timeout in seconds."""


class Prefixes:
    """The prefixes that one run of the brain has read.

    Args:
        model: the GGUF file.
        sessions: slots that calls lease; the one after them is where prefixes are read.
        context_tokens: context of one slot.
        client: how the child is asked.
        store: where prefixes outlive the run; None for nowhere.
    """

    def __init__(
        self,
        model: Path,
        *,
        sessions: int,
        context_tokens: int,
        client: Client,
        store: PromptStore | None,
    ) -> None:
        self._model = model
        self._slot = sessions
        self._context_tokens = context_tokens
        self._client = client
        self._store = store
        self._folder: Path | None = None
        self._weights = ""
        self._read: dict[str, Path] = {}
        self._reading = asyncio.Lock()

    def open(self) -> None:
        """Make the run's folder, for the weights as they are now."""
        self._weights = weights_mark(self._model)
        self._folder = Path(tempfile.mkdtemp(prefix="offhook-brain-"))

    @property
    def folder(self) -> Path:
        """The run's folder, from `open` to `close`."""
        assert self._folder is not None
        return self._folder

    def close(self) -> None:
        """Delete the run's folder; safe to call twice or before `open`."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
        self._read.clear()

    async def warm(self, messages: Sequence[Message]) -> int:
        """Have the file of a prefix: of this run, of an earlier one, or by reading it now.

        Reading costs about 15 ms a token on two cores, in a slot of its own: live calls keep
        theirs. It begins where the prefix parts from the likest one of this run, so an edited bot
        costs what is different. Returns the tokens that had to be read.

        Raises:
            ProviderError: the child does not answer, or does not take the messages.
        """
        text = prompt_text(messages)
        async with self._reading:
            if self._folder is None or text in self._read:
                return 0
            key = prompt_key(
                self._weights,
                text,
                slots=self._slot + 1,
                context_tokens=self._context_tokens,
            )
            file = self._folder / f"{key}.bin"
            brain = self._model.stem
            try:
                if self._store and await asyncio.to_thread(self._store.fetch, brain, key, file):
                    await self.act(self._slot, "restore", {"filename": file.name})
                    if (tokens := await self._read_tokens(messages)) <= KNOWN_TOKENS:
                        self._read[text] = file
                        return tokens
                    logger.info("A prompt kept on disk is of no use here, it was read anew")
                else:
                    if near := self._likest(text):
                        await self.act(self._slot, "restore", {"filename": near.name})
                    tokens = await self._read_tokens(messages)
                await self._save(file)
            except (httpx.HTTPError, OSError) as error:
                raise brain_error(
                    f"The local brain could not read a bot's prompt ahead: {error}.",
                    hint="The log at debug level has the brain's own words.",
                ) from error
            self._read[text] = file
            if self._store:
                await asyncio.to_thread(self._store.keep, brain, key, file)
            return tokens

    async def restore(self, slot: int, messages: Sequence[Message]) -> None:
        """Put a warmed prefix into a slot; if that fails, the next turn reads it anew."""
        if file := self._read.get(prompt_text(messages)):
            await self.act(slot, "restore", {"filename": file.name})

    async def act(self, slot: int, action: str, body: Mapping[str, str]) -> None:
        """Let the child erase or restore a slot; a failure costs a cold prompt, not the call."""
        try:
            async with self._client(5.0) as client:
                reply = await client.post(f"/slots/{slot}?action={action}", json=body)
                reply.raise_for_status()
        except httpx.HTTPError as error:
            logger.debug("The brain's slot {} would not {}: {}", slot, action, error)

    async def _read_tokens(self, messages: Sequence[Message]) -> int:
        """Read a prefix in the slot kept for it; returns how many tokens were new there."""
        # A question always follows the prefix, so its opening mark is cached too.
        question = {"role": "user", "content": "Hello"}
        async with self._client(WARM_TIMEOUT_S) as client:
            reply = await client.post(
                "/v1/chat/completions",
                json={
                    "messages": [*messages, question],
                    "id_slot": self._slot,
                    "cache_prompt": True,
                    "max_tokens": 1,
                },
            )
        reply.raise_for_status()
        answer: dict[str, Any] = reply.json()
        return int(answer["timings"]["prompt_n"])

    async def _save(self, file: Path) -> None:
        """Save the slot, under another name first: a file that exists is whole."""
        partial = file.with_suffix(".partial")
        async with self._client(WARM_TIMEOUT_S) as client:
            saved = await client.post(
                f"/slots/{self._slot}?action=save", json={"filename": partial.name}
            )
        saved.raise_for_status()
        partial.replace(file)

    def _likest(self, text: str) -> Path | None:
        """The file of this run's prefix that begins like `text` for longest."""

        def shared(other: str) -> int:
            return len(os.path.commonprefix([other, text]))  # noqa: RUF071 - no paths

        return self._read.get(max(self._read, key=shared, default=""))


def prompt_text(messages: Sequence[Message]) -> str:
    """The one text that stands for `messages`."""
    return json.dumps([[message["role"], message["content"]] for message in messages])
