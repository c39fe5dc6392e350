"""Server-sent events of an emulated model, and text sent through a fault piece by piece."""

import contextlib
import json
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any

from aiohttp import web

from emulators.faults import Passage
from emulators.server import CutShort, Emulator


class EventStream:
    """A response of server-sent events."""

    def __init__(self, request: web.Request, headers: dict[str, str] | None = None) -> None:
        self._request = request
        self._response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-cache",
                **(headers or {}),
            }
        )

    async def event(self, data: Any, name: str | None = None) -> None:
        """Send one event: JSON, or a string as it is."""
        text = data if isinstance(data, str) else json.dumps(data)
        head = f"event: {name}\n" if name else ""
        await self._response.write(f"{head}data: {text}\n\n".encode())

    async def garble(self, name: str | None = None) -> None:
        """Send an event whose JSON breaks off."""
        await self.event('{"id":"broken","choices":[{"del', name)

    async def run(self, tell: Coroutine[Any, Any, None]) -> web.StreamResponse:
        """Open, tell all that `tell` has to tell, and end the response as a whole one.

        Who has heard enough hangs up in the middle: a caller interrupted, or was answered already.
        """
        await self._response.prepare(self._request)
        with contextlib.suppress(ConnectionResetError):
            with contextlib.suppress(CutShort):
                await tell
            await self._response.write_eof()
        return self._response


async def send_text(
    emulator: Emulator,
    passage: Passage,
    pieces: Iterable[str],
    write: Callable[[str], Awaitable[None]],
    garble: Callable[[], Awaitable[None]],
) -> None:
    """Send `pieces` at the emulator's pace through `passage`; the first is due at once."""

    async def write_bytes(payload: bytes) -> None:
        await write(payload.decode(errors="ignore"))

    for number, piece in enumerate(pieces):
        if number:
            await emulator.wait_for_piece(number)
        await emulator.send(passage, piece.encode(), write_bytes, garble)
