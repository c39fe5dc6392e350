"""A call over a WebSocket: Pipecat's FastAPI transport, made to outlive the socket it began on.

    socket --frames--> CallerInput ... pipeline ... HeldOutput --frames--> socket
       | breaks: the input waits, the output holds its audio back, `on_lost` is called
       | attach(new socket): both go on where they stopped, `on_restored` is called
       | closes with a close frame: `on_client_disconnected`, `on_gone`
       | carries what does not hold: closed by us, `on_gone` with BAD_MESSAGE

A break is a TCP connection that ends without a close frame (a killed browser, a ping unanswered).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from fastapi import WebSocket
from loguru import logger
from pipecat.frames.frames import (
    InputAudioRawFrame,
    InputTransportMessageFrame,
    OutputAudioRawFrame,
)
from pipecat.transports.websocket.fastapi import (
    FastAPIWebsocketCallbacks,
    FastAPIWebsocketClient,
    FastAPIWebsocketInputTransport,
    FastAPIWebsocketOutputTransport,
    FastAPIWebsocketParams,
    FastAPIWebsocketTransport,
)
from starlette.websockets import WebSocketDisconnect, WebSocketState

from bots.errors import CallRefused
from bots.record import EndReason
from server.fabric import Operation
from server.line import RESUME_S
from server.transports.hold import Hold, ignore
from server.transports.socket_frames import (
    AUDIO_IN_HZ,
    POLICY,
    CallerFrameSerializer,
    MalformedMessage,
)

TOO_BIG = 1009
INTERNAL_ERROR = 1011
SEND_TIMEOUT_S = 4.0
"""A send that takes longer means that the caller no longer reads."""


class ResumableClient(FastAPIWebsocketClient):
    """The socket of the moment. `hold` is open while there is one."""

    def __init__(
        self,
        websocket: WebSocket,
        callbacks: FastAPIWebsocketCallbacks,
        ws_close_timeout: float,
        hold: Hold,
    ) -> None:
        super().__init__(websocket, callbacks, ws_close_timeout)
        self.hold = hold
        self.on_rejected: Callable[[], None] = ignore
        self._left = asyncio.Event()

    async def serve(self, websocket: WebSocket) -> None:
        """Waits until this socket is done with: broken, closed or replaced."""
        if websocket is self._websocket:
            await self._left.wait()

    async def attach(self, websocket: WebSocket) -> None:
        """Goes on over `websocket`; the old one, if it still stands, is closed with 1008."""
        old, self._websocket = self._websocket, websocket
        self._left.set()
        self._left = asyncio.Event()
        if old.client_state is WebSocketState.CONNECTED:
            await _close(old, POLICY, "resumed on another socket")
        self.hold.restore()

    async def reject(self, error: MalformedMessage) -> None:
        """Ends the call over a message that does not hold."""
        logger.warning("A socket was closed: {}", error)
        self._closing = True
        await _close(self._websocket, error.close_code, str(error))
        self.on_rejected()

    def receive(self) -> AsyncIterator[bytes | str]:
        """The messages of this socket and of the one that replaces it, until the caller is gone."""
        return self._receive()

    async def send(self, data: str | bytes) -> None:
        """Sends one message; a caller who does not read for SEND_TIMEOUT_S is broken off."""
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await super().send(data)
        except TimeoutError:
            logger.warning("The caller stopped reading")
            self._lose()

    async def disconnect(self) -> None:
        """Closes the socket; nothing waits for another one any more."""
        self.hold.release()
        await super().disconnect()
        if self._leave_counter <= 0:
            self._left.set()

    async def drop(self) -> None:
        """Closes the socket if nobody has."""
        await _close(self._websocket, INTERNAL_ERROR, "the call has ended")
        self._left.set()

    async def _receive(self) -> AsyncIterator[bytes | str]:
        while True:
            websocket = self._websocket
            message = await _receive_message(websocket)
            if message["type"] == "websocket.receive":
                yield message["bytes"] if message.get("bytes") is not None else message["text"]
                continue
            if websocket is not self._websocket:
                continue
            if message.get("code") == TOO_BIG:
                raise MalformedMessage("a message too big", TOO_BIG)
            # Only a close frame has a reason; a connection that was cut has none.
            if self.is_closing or "reason" in message or self.hold.is_released:
                break
            self._lose()
            await self.hold.wait()
            if self.hold.is_released:
                break
        self._left.set()

    def _lose(self) -> None:
        self.hold.lose()
        self._left.set()


class CallerInput(FastAPIWebsocketInputTransport):
    """Reads the caller's frames; one that does not hold ends the call."""

    _client: ResumableClient

    async def _receive_messages(self) -> None:
        serializer = self._params.serializer
        assert serializer is not None
        try:
            async for message in self._client.receive():
                frame = await serializer.deserialize(message)
                if isinstance(frame, InputAudioRawFrame):
                    await self.push_audio_frame(frame)
                elif isinstance(frame, InputTransportMessageFrame):
                    await self.broadcast_frame(InputTransportMessageFrame, message=frame.message)
        except MalformedMessage as error:
            await self._client.reject(error)
            return
        # A session that is ending has a reason of its own.
        if not (self._client.is_closing or self._client.hold.is_released):
            await self._client.trigger_client_disconnected()


class HeldOutput(FastAPIWebsocketOutputTransport):
    """Writes the bot's frames, and waits with its audio while the caller is lost."""

    _client: ResumableClient

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        if self._client.hold.is_lost:
            await self._client.hold.wait()
            self._next_send_time = 0
        return await super().write_audio_frame(frame)


class ResumableTransport(FastAPIWebsocketTransport):
    """The transport of one call, whichever socket it runs on."""

    def __init__(self, websocket: WebSocket, params: FastAPIWebsocketParams, hold: Hold) -> None:
        super().__init__(websocket, params)
        self.client = ResumableClient(websocket, self._callbacks, params.ws_close_timeout, hold)
        self._client = self.client
        self._input = CallerInput(self, self.client, params, name=self._input_name)
        self._output = HeldOutput(self, self.client, params, name=self._output_name)


class SocketConnection:
    """The `Connection` of a call over a WebSocket that has been accepted."""

    name = "websocket"

    def __init__(self, websocket: WebSocket) -> None:
        params = FastAPIWebsocketParams(
            audio_in_enabled=True,
            audio_out_enabled=True,
            audio_in_sample_rate=AUDIO_IN_HZ,
            # The output waits for a lost caller inside a write.
            audio_out_write_timeout_secs=RESUME_S * 2,
            serializer=CallerFrameSerializer(),
            allowed_origins=[],
        )
        self.on_lost: Callable[[], None] = ignore
        self.on_restored: Callable[[], None] = ignore
        self.on_gone: Callable[[EndReason], None] = ignore
        self._hold = Hold(lambda: self.on_lost(), lambda: self.on_restored())
        self.transport = ResumableTransport(websocket, params, self._hold)
        self._client = self.transport.client
        self._client.on_rejected = lambda: self.on_gone(EndReason.BAD_MESSAGE)

        @self.transport.event_handler("on_client_disconnected")
        async def on_client_disconnected(*_: Any) -> None:
            self.on_gone(EndReason.CALLER_HUNG_UP)

    async def serve(self, websocket: WebSocket) -> None:
        """Waits until this socket is done with: broken, closed or replaced."""
        await self._client.serve(websocket)

    async def attach(self, websocket: WebSocket) -> None:
        """Goes on over another accepted socket."""
        await self._client.attach(websocket)

    async def control(self, operation: Operation, body: Mapping[str, Any]) -> dict[str, Any]:
        """See `Connection.control`: a socket has no offers and no candidates."""
        raise CallRefused("This call is not over WebRTC.", status=409, code="wrong_transport")

    def release(self) -> None:
        """See `Connection.release`."""
        self._hold.release()

    async def close(self) -> None:
        """Closes the socket with 1011 when the session ended without doing so."""
        self._hold.release()
        await self._client.drop()


async def _receive_message(websocket: WebSocket) -> Mapping[str, Any]:
    """The next ASGI message; a socket that cannot be read any more counts as cut."""
    try:
        return await websocket.receive()
    except (RuntimeError, OSError):
        return {"type": "websocket.disconnect"}


async def _close(websocket: WebSocket, code: int, reason: str) -> None:
    """Closes a socket that may be broken already."""
    if WebSocketState.DISCONNECTED in (websocket.client_state, websocket.application_state):
        return
    with contextlib.suppress(RuntimeError, OSError, WebSocketDisconnect):
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await websocket.close(code, reason)
