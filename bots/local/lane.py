"""One loaded model of the ears and the one thread it runs on; callers wait their turn in order."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


class Lane:
    """Runs the work of every call on a model, off the event loop, one piece at a time."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ears")
        self._guard = threading.Lock()
        self._queued = 0

    @property
    def is_busy(self) -> bool:
        """Whether work is under way or waiting, for any call of the process."""
        return self._queued > 0

    async def run(self, work: Callable[[], str]) -> str:
        """Run `work` on the model's thread; if the caller is cancelled first it never runs."""
        with self._guard:
            self._queued += 1
        try:
            task = self._pool.submit(work)
        except BaseException:
            self._done()
            raise
        task.add_done_callback(lambda _: self._done())
        return await asyncio.wrap_future(task)

    def _done(self) -> None:
        with self._guard:
            self._queued -= 1

    def close(self) -> None:
        """Let the work under way end, drop the rest, and free the thread."""
        self._pool.shutdown(wait=True, cancel_futures=True)
