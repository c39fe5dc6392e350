"""A caller who speaks to a real server in real time and listens with a clock of their own.

The server is `offhook serve` in a process of its own; this is the caller's side, over WebSocket. A
wait runs from the last audible sample that the caller sent to the first audible sample of what came
back, so that transport and trimming count.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection

from tests.fakes.offhook_process import OPERATOR, OffhookProcess
from tests.fakes.socket_caller import RATE_HZ, SocketCaller
from tests.fakes.waiting import until

Samples = NDArray[np.int16]

OUT_HZ = 24_000
AUDIBLE = 500
"""s16 amplitude from which a sample counts as sound; trimmed clauses begin far above it."""
FRAME_S = 0.02
GAP_S = 0.3
"""Silence between two sounds that counts as two."""
QUIET_S = 1.0
"""The bot has finished when nothing audible came for this long."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back to one question."""

    wait_s: float
    stages_ms: dict[str, float]
    """Of the same turn, as the server tells the page."""
    turn_ends: tuple[dict[str, Any], ...]
    """What the page was told of each end of a turn since the question began."""


@dataclass(frozen=True, slots=True)
class SpokenCall:
    """One call."""

    greeting_s: float
    """From asking for the call to the greeting's first sound."""
    answers: tuple[Answer, ...]
    late_s: float
    """How late the caller's own frames were at worst."""


@dataclass
class Heard:
    """What came back so far: when each audible stretch began, by the caller's clock."""

    last_audible_s: float = 0.0
    onsets_s: list[float] = field(default_factory=list)
    stages_ms: list[dict[str, float]] = field(default_factory=list)
    turn_ends: list[dict[str, Any]] = field(default_factory=list)


class Ear(SocketCaller):
    """Notes when sound arrives instead of keeping it."""

    def __init__(self, socket: ClientConnection) -> None:
        super().__init__(socket)
        self.heard = Heard()

    async def listen(self) -> None:
        """Follow the audio and the page's messages until cancelled."""
        audio_seen, messages_seen = 0, 0
        while True:
            await asyncio.sleep(0.002)
            now_s = time.monotonic()
            fresh = np.frombuffer(bytes(self.audio[audio_seen:]), np.int16)
            audio_seen += fresh.nbytes
            loud = np.flatnonzero(np.abs(fresh.astype(np.int32)) > AUDIBLE)
            if loud.size:
                if now_s - self.heard.last_audible_s > GAP_S:
                    self.heard.onsets_s.append(now_s + loud[0] / OUT_HZ)
                self.heard.last_audible_s = now_s + loud[-1] / OUT_HZ
            for message in self.messages[messages_seen:]:
                self._note(message.get("data") or {})
            messages_seen = len(self.messages)

    async def answered(self, after_s: float) -> float:
        """When the first sound after `after_s` began, once the bot has finished."""
        await until(lambda: bool(self._onsets(after_s)), timeout_s=60)
        await until(lambda: time.monotonic() - self.heard.last_audible_s > QUIET_S, timeout_s=60)
        return self._onsets(after_s)[0]

    def _note(self, data: dict[str, Any]) -> None:
        if data.get("type") == "offhook/latency":
            self.heard.stages_ms.append(data["stages_ms"])
        elif data.get("type") == "offhook/turn" and data.get("event") == "ended":
            self.heard.turn_ends.append(data)

    def _onsets(self, after_s: float) -> list[float]:
        return [onset_s for onset_s in self.heard.onsets_s if onset_s > after_s]


class Microphone:
    """Sends 20 ms every 20 ms for the whole call: speech when there is some, else silence."""

    def __init__(self, ear: Ear) -> None:
        self._ear = ear
        self._coming: Samples = np.zeros(0, np.int16)
        self.spoke_until_s = 0.0
        self.late_s = 0.0

    async def speak(self, samples: Samples) -> None:
        """Say this, up to its last audible sample."""
        loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > AUDIBLE)
        self._coming = samples[: int(loud[-1]) + 1]
        await until(lambda: not self._coming.size, timeout_s=30)

    async def run(self) -> None:
        """Send until cancelled."""
        count, due_s = int(FRAME_S * RATE_HZ), time.monotonic()
        while True:
            part, self._coming = self._coming[:count], self._coming[count:]
            if part.size:
                self.spoke_until_s = time.monotonic() + part.size / RATE_HZ
            frame = np.zeros(count, np.int16)
            frame[: part.size] = part
            await self._ear.send_audio(frame.tobytes())
            due_s += FRAME_S
            self.late_s = max(self.late_s, time.monotonic() - due_s)
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))


async def one_call(offhook: OffhookProcess, bot: str, questions: Sequence[Samples]) -> SpokenCall:
    """Hear the greeting, then ask one question after the other's answer."""
    async with httpx.AsyncClient(base_url=offhook.url, headers=OPERATOR, timeout=60) as client:
        asked_s = time.monotonic()
        answer = await client.post("/api/calls", json={"bot": bot, "transport": "websocket"})
        answer.raise_for_status()
        ear = await Ear.join(answer.json()["websocket"]["url"])
        microphone = Microphone(ear)
        tasks = [asyncio.create_task(ear.listen()), asyncio.create_task(microphone.run())]
        await ear.say_ready()
        greeted_s = await ear.answered(asked_s)
        answers: list[Answer] = []
        for question in questions:
            ended = len(ear.heard.turn_ends)
            await microphone.speak(question)
            spoken_s = microphone.spoke_until_s
            wait_s = await ear.answered(spoken_s) - spoken_s
            told = ear.heard.stages_ms
            ends = tuple(ear.heard.turn_ends[ended:])
            answers.append(Answer(wait_s, told[-1] if told else {}, ends))
        for task in tasks:
            task.cancel()
        await ear.close()
    return SpokenCall(greeted_s - asked_s, tuple(answers), microphone.late_s)


def quantile_ms(values_s: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie, in ms."""
    return round(float(np.quantile(values_s, share)) * 1000)
