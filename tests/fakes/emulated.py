"""Emulated vendors beside a synchronous test, in a thread of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from emulators.server import Emulator

Do = Callable[[Callable[[], object]], None]
"""Does something to an emulator in its own thread, and waits until it is done."""


@contextmanager
def beside(emulators: Sequence[Emulator]) -> Iterator[Do]:
    """Run `emulators` until the block ends: Playwright's synchronous side keeps the test's loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> None:
        for emulator in emulators:
            await emulator.start()

    async def stop() -> None:
        for emulator in emulators:
            await emulator.stop()

    def do(what: Callable[[], object]) -> None:
        async def run() -> None:
            what()

        asyncio.run_coroutine_threadsafe(run(), loop).result(10)

    try:
        asyncio.run_coroutine_threadsafe(start(), loop).result(10)
        yield do
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
