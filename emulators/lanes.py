"""A vendor's WebSocket on which several contexts are answered beside one another."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

from emulators.problems import Problem, Wrong
from emulators.server import Cut, cut


@dataclass(frozen=True, slots=True)
class Closing:
    """How a vendor closes over a problem: a code, a reason and, from some, a message before."""

    code: int
    reason: str
    message: dict[str, Any] | None = None


class Socket:
    """The server's end of a WebSocket, with tasks that end when it does.

    `word` says how the vendor closes over a problem, one of a lane too.
    """

    def __init__(self, request: web.Request, word: Callable[[Problem], Closing]) -> None:
        self.request = request
        self._word = word
        self._closer: asyncio.Task[Any] | None = None
        # Compressing base64 of tones costs more than it saves on loopback.
        self._socket = web.WebSocketResponse(compress=False, max_msg_size=16 * 1024 * 1024)
        self._lanes: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Finish the handshake."""
        await self._socket.prepare(self.request)

    async def receive(self, timeout_s: float | None = None) -> str | bytes | None:
        """The next message, text or bytes; None once the client has closed.

        Raises:
            TimeoutError: nothing came within `timeout_s`.
        """
        message = await self._socket.receive(timeout=timeout_s)
        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            return message.data
        return None

    async def send(self, message: dict[str, Any]) -> None:
        """Send JSON, unless the socket has closed."""
        await self.send_text(json.dumps(message))

    async def send_text(self, text: str) -> None:
        """Send `text` as it is, unless the socket has closed."""
        if not self._socket.closed:
            await self._socket.send_str(text)

    async def garble(self) -> None:
        """Send JSON that breaks off."""
        await self.send_text('{"broken":')

    async def close(self, code: int = 1000, reason: str = "") -> web.WebSocketResponse:
        """Close with a code and a reason; the lanes end, but for one that is closing already."""
        others = [lane for lane in self._lanes if lane is not self._closer]
        for lane in others:
            lane.cancel()
        await asyncio.gather(*self._lanes, return_exceptions=True)
        await self._hang_up(code, reason)
        return self._socket

    async def close_over(self, problem: Problem) -> web.WebSocketResponse:
        """Close as the vendor does over `problem`."""
        closing = self._word(problem)
        if closing.message is not None:
            await self.send(closing.message)
        return await self.close(closing.code, closing.reason)

    async def _hang_up(self, code: int, reason: str) -> None:
        # A close frame has room for 123 bytes of reason.
        await self._socket.close(code=code, message=reason.encode()[:123])

    def start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run `work` beside the others until it is done or the socket closes."""
        lane = asyncio.create_task(self._run(work))
        self._lanes.add(lane)
        lane.add_done_callback(self._lanes.discard)

    async def _run(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
        except Cut:
            cut(self.request)
        except Problem as problem:
            self._closer = asyncio.current_task()
            closing = self._word(problem)
            if closing.message is not None:
                await self.send(closing.message)
            # The handler, which waits for a message, wakes and closes the other lanes.
            await self._hang_up(closing.code, closing.reason)
        except ConnectionError:
            # The client left while it was being answered.
            pass


def read_json(message: str | bytes) -> Any:
    """Read a message as JSON. Raises `Problem`, worded by the vendor, when it is none."""
    try:
        return json.loads(message)
    except ValueError as error:
        raise Problem(Wrong.VALUE, "the message is not JSON") from error
