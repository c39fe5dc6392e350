"""Brains that say what a test wrote down: emulated OpenAI models beside a synchronous test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from emulators.openai import OpenAIEmulator
from emulators.script import Reply


@contextmanager
def scripted_brains(*scripts: Sequence[str]) -> Iterator[list[OpenAIEmulator]]:
    """A model for each script, which answers its texts in their order.

    They live in a thread of their own: Playwright's synchronous side keeps the test's.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    brains = [OpenAIEmulator() for _ in scripts]

    async def start() -> None:
        for brain, texts in zip(brains, scripts, strict=True):
            brain.script.replies = [Reply(text=text) for text in texts]
            await brain.start()

    async def stop() -> None:
        for brain in brains:
            await brain.stop()

    try:
        asyncio.run_coroutine_threadsafe(start(), loop).result(10)
        yield brains
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
