"""How long a caller waits: end of speech to the answer's first sound, and connect to greeting.

    python -m benchmarks.first_call [--calls 4] [--bot receptionist] [--starts 2] [--json FILE]

The server is `offhook serve` in a process of its own; this process is the caller, over WebSocket,
speaking in real time and listening with its own clock. A wait runs from the last audible sample the
caller sent to the first audible sample of what came back, so transport and trimming count, and a
filler would not (the embedded default has none). Beside it stands the sum of the stages that the
server reports for the same turn, and the wait for each question: some are answered straight from a
fact, the others by the brain. The greeting is timed from the socket's request: `first` is the
first call after a start, `warm` every later one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from rich.console import Console
from rich.table import Table
from websockets.asyncio.client import ClientConnection

from tests.fakes.offhook_process import OPERATOR, OffhookProcess
from tests.fakes.socket_caller import RATE_HZ, SocketCaller
from tests.fakes.voices import say
from tests.fakes.waiting import until

BOTS = Path(__file__).parent.parent / "configs" / "bots"
OUT_HZ = 24_000
AUDIBLE = 500
"""s16 amplitude from which a sample counts as sound; trimmed clauses begin far above it."""
FRAME_S = 0.02
GAP_S = 0.3
"""Silence between two sounds that counts as two."""
QUIET_S = 2.0
"""The bot has finished when nothing audible came for this long."""
QUESTIONS = (
    "What time do you open on Saturday?",
    "How much is a cleaning?",
    "Where are you located?",
    "Do I need to pay for parking?",
    "Can I cancel my appointment?",
    "Are you open on Sunday?",
    "How long does a check-up take?",
    "Do you treat children?",
)


@dataclass
class Heard:
    """What came back: when each audible stretch began, by the caller's clock."""

    last_audible_s: float = 0.0
    onsets_s: list[float] = field(default_factory=list)
    turns: list[dict[str, Any]] = field(default_factory=list)


class Ear(SocketCaller):
    """A caller that notes when sound arrives instead of keeping it."""

    def __init__(self, socket: ClientConnection) -> None:
        super().__init__(socket)
        self.heard = Heard()

    async def listen(self) -> None:
        """Follow the audio and the latency messages until cancelled."""
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
                data = message.get("data") or {}
                if data.get("type") == "offhook/latency":
                    self.heard.turns.append(data)
            messages_seen = len(self.messages)

    async def answered(self, after_s: float) -> float:
        """When the first sound after `after_s` began, once the bot has finished."""
        await until(lambda: bool(self._onsets(after_s)), timeout_s=60)
        await until(lambda: time.monotonic() - self.heard.last_audible_s > QUIET_S, timeout_s=60)
        return self._onsets(after_s)[0]

    def _onsets(self, after_s: float) -> list[float]:
        return [onset_s for onset_s in self.heard.onsets_s if onset_s > after_s]


class Microphone:
    """Sends 20 ms every 20 ms for the whole call: speech when there is some, else silence."""

    def __init__(self, ear: Ear) -> None:
        self._ear = ear
        self._queue = np.zeros(0, np.int16)
        self.spoke_until_s = 0.0

    def speak(self, samples: np.ndarray) -> None:
        """Say this next."""
        loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > AUDIBLE)
        self._queue = samples[: int(loud[-1]) + 1]

    async def run(self) -> None:
        """Send until cancelled."""
        count, due_s = int(FRAME_S * RATE_HZ), time.monotonic()
        while True:
            part, self._queue = self._queue[:count], self._queue[count:]
            if part.size:
                self.spoke_until_s = time.monotonic() + part.size / RATE_HZ
            frame = np.zeros(count, np.int16)
            frame[: part.size] = part
            await self._ear.send_audio(frame.tobytes())
            due_s += FRAME_S
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))


async def one_call(
    offhook: OffhookProcess, bot: str, questions: list[np.ndarray]
) -> dict[str, Any]:
    """Greeting and answers of one call, in seconds."""
    async with httpx.AsyncClient(base_url=offhook.url, headers=OPERATOR, timeout=60) as client:
        asked_s = time.monotonic()
        answer = await client.post("/api/calls", json={"bot": bot, "transport": "websocket"})
        answer.raise_for_status()
        ear = await Ear.join(answer.json()["websocket"]["url"])
        listening = asyncio.create_task(ear.listen())
        microphone = Microphone(ear)
        speaking = asyncio.create_task(microphone.run())
        await ear.say_ready()
        greeted_s = await ear.answered(asked_s)
        waits_s: list[float] = []
        for question in questions:
            microphone.speak(question)
            await asyncio.sleep(len(question) / RATE_HZ)
            spoken_s = microphone.spoke_until_s
            waits_s.append(await ear.answered(spoken_s) - spoken_s)
        for task in (speaking, listening):
            task.cancel()
        await ear.close()
    return {
        "greeting_s": greeted_s - asked_s,
        "waits_s": waits_s,
        "turns": ear.heard.turns,
    }


async def measure(bot: str, calls: int, starts: int) -> dict[str, Any]:
    """All calls of all starts."""
    questions = [await asyncio.to_thread(say, text) for text in QUESTIONS]
    first_s, warm_s, waits_s, turns = [], [], [], []
    for _ in range(starts):
        with (
            tempfile.TemporaryDirectory() as folder,
            OffhookProcess(BOTS, Path(folder) / "server.log") as offhook,
        ):
            await asyncio.to_thread(offhook.wait_ready, 400.0)
            for number in range(calls):
                call = await one_call(offhook, bot, questions)
                (first_s if number == 0 else warm_s).append(call["greeting_s"])
                waits_s += call["waits_s"]
                turns += call["turns"]
                await asyncio.to_thread(offhook.wait_idle)
    return {"first_s": first_s, "warm_s": warm_s, "waits_s": waits_s, "turns": turns}


def quantile_ms(values_s: list[float], share: float) -> float:
    """The value below which `share` of them lie, in ms."""
    return round(float(np.quantile(values_s, share)) * 1000)


def report(found: dict[str, Any]) -> None:
    """Print the table."""
    turns = [turn["stages_ms"] for turn in found["turns"]]
    sums_s = [sum(stages.values()) / 1000 for stages in turns]
    table = Table("what", "p50 ms", "p95 ms", "n")
    rows = [
        ("end of speech -> answer, at the caller", found["waits_s"]),
        ("the same as the server's stages sum up", sums_s),
        ("connect -> greeting, warm", found["warm_s"]),
        ("connect -> greeting, first", found["first_s"]),
    ]
    for name in sorted({name for stages in turns for name in stages}):
        rows.append((f"  stage {name}", [stages.get(name, 0.0) / 1000 for stages in turns]))
    for place, text in enumerate(QUESTIONS):
        rows.append((f"  {text}", found["waits_s"][place :: len(QUESTIONS)]))
    for name, values in rows:
        if values:
            p50, p95 = quantile_ms(values, 0.5), quantile_ms(values, 0.95)
            table.add_row(name, f"{p50:.0f}", f"{p95:.0f}", str(len(values)))
    Console().print(table)
    ratio = statistics.median(found["waits_s"]) / statistics.median(sums_s)
    load = os.getloadavg()[0]
    print(f"caller / stages: {ratio:.2f}   {platform.processor() or platform.machine()}, ", end="")
    print(f"{os.cpu_count()} cores, load {load:.1f} at the end")


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--bot", default="receptionist")
    parser.add_argument("--calls", type=int, default=4, help="calls a start, 8 questions each")
    parser.add_argument("--starts", type=int, default=2, help="fresh server processes")
    parser.add_argument("--json", type=Path, help="also write what was found here")
    options = parser.parse_args()
    found = asyncio.run(measure(options.bot, options.calls, options.starts))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    report(found)


if __name__ == "__main__":
    main()
