"""The caller's side of a real call, over WebSocket as the page has it or over WebRTC: a microphone
that is always on, and what was heard and when.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import soxr
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError
from av import AudioFrame
from numpy.typing import NDArray
from pipecat.frames.protobufs import frames_pb2
from websockets.asyncio.client import ClientConnection

from tests.fakes.peer_caller import RATE_HZ as PEER_HZ
from tests.fakes.peer_caller import PeerCaller
from tests.fakes.serving import Served
from tests.fakes.socket_caller import RATE_HZ as SOCKET_HZ
from tests.fakes.socket_caller import SocketCaller

Samples = NDArray[np.int16]
Transport = Literal["websocket", "webrtc"]
TRANSPORTS: tuple[Transport, ...] = ("websocket", "webrtc")

PAGE_HZ = 24_000
"""What the server sends to a page."""
LEAD_S = 0.06
"""So far ahead the page plays."""
FRAME_S = 0.02
ROOM = 10
"""The caller's silence, as an amplitude in s16."""


class Microphone:
    """20 ms every 20 ms: noise of a room, and now and then what is to be said."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._left: Samples = np.zeros(0, np.int16)
        self._noise = np.random.default_rng(3)
        self._due_s: float | None = None
        self.said_s: float | None = None
        """When the first sample of what was said last was spoken."""

    def say(self, pcm: Samples, rate_hz: int) -> None:
        """Speak from the next frame on."""
        self._left = soxr.resample(pcm, rate_hz, self._rate_hz).astype(np.int16)
        self.said_s = None

    async def frame(self) -> Samples:
        """The next 20 ms, when they are over."""
        now_s = time.monotonic()
        self._due_s = (now_s if self._due_s is None else self._due_s) + FRAME_S
        await asyncio.sleep(max(0.0, self._due_s - now_s))
        made = self._noise.integers(-ROOM, ROOM, round(FRAME_S * self._rate_hz)).astype(np.int16)
        part, self._left = self._left[: len(made)], self._left[len(made) :]
        if len(part) and self.said_s is None:
            self.said_s = time.monotonic() - FRAME_S
        made[: len(part)] += part
        return made


@dataclass
class Played:
    """Audio and when its first sample was heard."""

    at_s: float
    pcm: Samples


class PageCaller(SocketCaller):
    """Plays what comes as the page does: LEAD_S ahead, emptied when the bot is interrupted."""

    recorded_hz = PAGE_HZ

    def __init__(self, socket: ClientConnection) -> None:
        self.played: list[Played] = []
        self.microphone = Microphone(SOCKET_HZ)
        self._ends_s = 0.0
        super().__init__(socket)
        self._speaking = asyncio.create_task(self._speak())

    async def close(self) -> None:
        """Hang up."""
        self._speaking.cancel()
        await super().close()

    async def _speak(self) -> None:
        while True:
            await self.send_audio((await self.microphone.frame()).tobytes())

    async def _read_until_closed(self) -> None:
        async for message in self.socket:
            frame = frames_pb2.Frame.FromString(message)  # pyright: ignore[reportAttributeAccessIssue]
            now_s = time.monotonic()
            if frame.WhichOneof("frame") == "audio":
                if now_s > self._ends_s:
                    self._ends_s = now_s + LEAD_S
                pcm = np.frombuffer(frame.audio.audio, np.int16)
                self.played.append(Played(self._ends_s, pcm))
                self._ends_s += len(pcm) / self.recorded_hz
            elif "bot-interrupted" in frame.message.data:
                self._empty(now_s)

    def _empty(self, now_s: float) -> None:
        for one in self.played:
            left = max(0, round((now_s - one.at_s) * self.recorded_hz))
            one.pcm = one.pcm[:left]
        self._ends_s = min(self._ends_s, now_s)


class TrackPeer(PeerCaller):
    """Keeps what leaves its jitter buffer, and when."""

    recorded_hz = PEER_HZ

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.played: list[Played] = []
        self.microphone = Microphone(PEER_HZ)
        self.says = lambda: _Spoken(self.microphone)

    async def _listen(self, track: Any) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                channels = len(frame.layout.channels)
                pcm = frame.to_ndarray().reshape(-1, channels)[:, 0]
                self.played.append(Played(time.monotonic(), pcm))


class _Spoken(AudioStreamTrack):
    """The microphone as WebRTC wants it."""

    def __init__(self, microphone: Microphone) -> None:
        super().__init__()
        self._microphone = microphone
        self._samples = 0

    async def recv(self) -> AudioFrame:
        frame = AudioFrame.from_ndarray((await self._microphone.frame())[None, :], layout="mono")
        frame.sample_rate, frame.pts = PEER_HZ, self._samples
        frame.time_base = Fraction(1, PEER_HZ)
        self._samples += frame.samples
        return frame


Caller = PageCaller | TrackPeer


async def join(served: Served, call: dict[str, Any]) -> Caller:
    """The caller of a call that was created, over its transport."""
    if "websocket" in call:
        page = await PageCaller.join(call["websocket"]["url"])
        await page.say_ready()
        return page
    peer = TrackPeer(served.client, call)
    assert (await peer.connect()).status_code == 200
    return peer


def recording(played: Sequence[Played]) -> Samples:
    """All that was heard, end to end: gaps in the transmission are not in it."""
    return np.concatenate([np.zeros(0, np.int16), *(one.pcm for one in played)])
