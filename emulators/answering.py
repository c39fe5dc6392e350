"""The answer under way in a conversation of speech: one at a time, until the caller speaks."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from emulators.lanes import Socket


class Answering:
    """Runs a conversation's answers beside its messages; what is wrong with one ends the socket."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._task: asyncio.Task[None] | None = None

    @property
    def is_under_way(self) -> bool:
        return self._task is not None and not self._task.done()

    def begin(self, speak: Coroutine[Any, Any, None]) -> None:
        """Answer with `speak`, in the place of an answer that is under way."""
        self.cancel()
        self._task = asyncio.create_task(speak)
        self._socket.start(self._wait)

    async def stop(self) -> bool:
        """End the answer where it is; whether there was one to end."""
        task, self._task = self._task, None
        if task is None or task.done():
            return False
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return True

    def cancel(self) -> None:
        """End the answer without waiting for its end."""
        if self._task:
            self._task.cancel()

    async def _wait(self) -> None:
        if self._task:
            await asyncio.shield(self._task)
