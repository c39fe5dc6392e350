"""A caller over a WebSocket: speaks RTVI protobuf as Pipecat's web client does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from typing import Any, Self

from pipecat.frames.protobufs import frames_pb2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError

RATE_HZ = 16_000
SECOND = b"\x10\x00" * RATE_HZ


class SocketCaller:
    """One socket of a call."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.audio = bytearray()
        self.messages: list[dict[str, Any]] = []
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def join(cls, url: str, **options: Any) -> Self:
        """Opens the socket; raises what `websockets` raises when it is refused."""
        return cls(await connect(url, proxy=None, **options))

    async def say_ready(self) -> None:
        """What the client sends once its page is ready."""
        await self.send_message({"type": "client-ready", "id": "1", "data": {"version": "1.0.0"}})

    async def send_message(self, message: dict[str, Any]) -> None:
        """One RTVI message."""
        frame = frames_pb2.Frame()  # pyright: ignore[reportAttributeAccessIssue]
        frame.message.data = json.dumps({"label": "rtvi-ai"} | message)
        await self.socket.send(frame.SerializeToString())

    async def send_audio(self, pcm: bytes, *, rate_hz: int = RATE_HZ, channels: int = 1) -> None:
        """PCM s16le in one message."""
        await self.socket.send(audio_frame(pcm, rate_hz=rate_hz, channels=channels))

    async def close(self) -> None:
        """Says goodbye."""
        await self.socket.close()
        await self._reading

    async def cut(self) -> None:
        """Dies: the operating system closes the connection, no close frame is sent."""
        raw: socket.socket = self.socket.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.transport.abort()
        await self._reading

    async def closed(self) -> tuple[int | None, str | None]:
        """Waits for the server to close; the code and the reason it gives."""
        await asyncio.wait_for(asyncio.shield(self._reading), 10)
        return self.socket.close_code, self.socket.close_reason

    def session_secret(self) -> str | None:
        """What the bot said to resume with, once it has."""
        for message in self.messages:
            data = message.get("data") or {}
            if message.get("type") == "server-message" and data.get("type") == "offhook/session":
                return data["session_secret"]
        return None

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionClosedError):
            await self._read_until_closed()

    async def _read_until_closed(self) -> None:
        async for message in self.socket:
            frame = frames_pb2.Frame.FromString(message)  # pyright: ignore[reportAttributeAccessIssue]
            kind = frame.WhichOneof("frame")
            if kind == "audio":
                self.audio += frame.audio.audio
            elif kind == "message":
                self.messages.append(json.loads(frame.message.data))


def audio_frame(pcm: bytes, *, rate_hz: int = RATE_HZ, channels: int = 1) -> bytes:
    """One protobuf frame of audio."""
    frame = frames_pb2.Frame()  # pyright: ignore[reportAttributeAccessIssue]
    frame.audio.audio = pcm
    frame.audio.sample_rate = rate_hz
    frame.audio.num_channels = channels
    return frame.SerializeToString()
