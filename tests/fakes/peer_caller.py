"""A caller over WebRTC: aiortc where a browser would be, with the stock client's manners."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import httpx
import numpy as np
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError
from av import AudioFrame

RATE_HZ = 48_000
TONE_HZ = 440


class Tone(AudioStreamTrack):
    """A steady tone, 20 ms a frame."""

    def __init__(self) -> None:
        super().__init__()
        self._samples = 0
        self._began_s = time.monotonic()

    async def recv(self) -> AudioFrame:
        due_s = self._began_s + self._samples / RATE_HZ
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        at = (np.arange(960) + self._samples) * (2 * np.pi * TONE_HZ / RATE_HZ)
        frame = AudioFrame.from_ndarray(
            (np.sin(at) * 8000).astype(np.int16)[None, :], layout="mono"
        )
        frame.sample_rate, frame.pts = RATE_HZ, self._samples
        frame.time_base = Fraction(1, RATE_HZ)
        self._samples += 960
        return frame


class PeerCaller:
    """One caller; `connect` may be called again to restart with a new peer connection."""

    says: Callable[[], AudioStreamTrack] = Tone
    """What the caller sends all the while; aiortc's own track is silence."""

    def __init__(self, client: httpx.AsyncClient, call: dict[str, Any]) -> None:
        self._client = client
        self._call = call
        self.answer: dict[str, Any] = {}
        self.messages: list[dict[str, Any]] = []
        self.loudest = 0
        self.is_open = False
        self._listening: list[asyncio.Task[None]] = []

    async def connect(self, credential: str | None = None, *, restart: bool = False) -> Any:
        """Offers; the HTTP response, after which media flows if it is a 200."""
        self.peer = RTCPeerConnection()
        self.peer.addTrack(self.says())
        channel = self.channel = self.peer.createDataChannel("chat", ordered=True)

        @channel.on("open")
        def opened() -> None:
            self.is_open = True
            self.send({"type": "client-ready", "id": "1", "data": {"version": "1.0.0"}})

        @channel.on("message")
        def received(message: str) -> None:
            self.messages.append(json.loads(message))

        @self.peer.on("track")
        def heard(track: Any) -> None:
            self._listening.append(asyncio.create_task(self._listen(track)))

        await self.peer.setLocalDescription(await self.peer.createOffer())
        local = self.peer.localDescription
        body: dict[str, Any] = {"sdp": local.sdp, "type": local.type}
        if restart:
            body |= {"pc_id": self.answer["pc_id"], "restart_pc": True}
        headers = {"Authorization": f"Bearer {credential or self._call['token']}"}
        response = await self._client.post(
            self._call["webrtc"]["offer_url"], json=body, headers=headers
        )
        if response.status_code == 200:
            self.answer |= response.json()
            answer = RTCSessionDescription(self.answer["sdp"], self.answer["type"])
            await self.peer.setRemoteDescription(answer)
        return response

    def send(self, message: dict[str, Any]) -> None:
        """One RTVI message over the data channel."""
        self.channel.send(json.dumps({"label": "rtvi-ai"} | message))

    def hears_echo(self) -> bool:
        """Whether what comes back is more than silence."""
        return self.loudest > 1000

    async def vanish(self) -> None:
        """Stops sending without a goodbye, as a killed browser does."""
        for transceiver in self.peer.getTransceivers():
            ice = transceiver.sender.transport.transport
            await ice._connection.close()

    async def close(self) -> None:
        """Hangs up, or tidies up after `vanish`."""
        await self.peer.close()
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)

    async def _listen(self, track: Any) -> None:
        try:
            while True:
                frame = await track.recv()
                self.loudest = max(self.loudest, int(np.abs(frame.to_ndarray()).max()))
        except MediaStreamError:
            return
