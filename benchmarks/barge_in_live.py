"""Barge-in in real calls: what the caller's own recording shows, Offhook beside plain Pipecat.

    python -m benchmarks.barge_in_live [--transport websocket|webrtc] [--calls 20]

A real server with real VADs and the local ears; brain and voice are emulated, the voice one
unbroken hum, so that the recording's level is the bot's gain. Each call lets the bot speak for two
seconds and says a command or a sentence over it. Time runs from the beginning of the 20 ms of
caller's audio that hold the first audible sample; the WebSocket's caller plays with 60 ms of lead,
as the page does, and WebRTC's has aiortc's jitter buffer. The plain bot (benchmarks/plain_bot.py)
runs in the same server, over the same transports. Calls alternate between the two bots.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import soxr
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError
from av import AudioFrame
from loguru import logger
from pipecat.frames.frames import LLMMessagesAppendFrame
from pipecat.frames.protobufs import frames_pb2
from pipecat.processors.aggregators.llm_context import LLMContextMessage

from benchmarks.overheard import RATE_HZ, VOICES, Pcm, audible, spoken
from benchmarks.plain_bot import PlainSession
from bots.local.ears import LoadedEars, find_ears, load_ears
from bots.session import BotSession
from bots.spec import AnswerSpec, BotSpec, ProviderSpec
from emulators.openai import OpenAIEmulator
from emulators.script import Reply, Script
from processors.speech_models import SpeechModels
from tests.fakes.models import FakeModels
from tests.fakes.peer_caller import PeerCaller
from tests.fakes.serving import Served, build_app, serve
from tests.fakes.socket_caller import SocketCaller
from tests.fakes.waiting import until

QUESTION: LLMContextMessage = {"role": "user", "content": "Who wandered around?"}
ANSWER = " ".join(["seven wonderful travellers wandered around yesterday"] * 8)
"""One sentence of half a minute: no pause to be taken for a stop."""
SAID = ("Stop.", "Wait a second.", "No, no, no.", "What time do you close on Friday?",
        "I need to change my appointment.")  # fmt: skip
SPEAKS_S = 2.0
LISTENS_S = 1.6
LEAD_S = 0.06
WINDOW_S = 0.01
QUIET_DB, SILENT_DB = -17.0, -35.0
"""Below what the bot had before: a duck of 20 dB, with the hum's own swell allowed for."""
DUCKED_DB = -9.0
"""More than the hum's own swell."""
ROOM = 10
"""The caller's silence, as an amplitude in s16."""


class Mouth:
    """The caller's microphone: 20 ms every 20 ms, noise of a room or what is to be said."""

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self.said_s: float | None = None
        """When the first audible sample was spoken."""
        self._left = np.zeros(0, np.int16)
        self._noise = np.random.default_rng(3)
        self._due_s = time.monotonic()

    def say(self, pcm: Pcm) -> None:
        """Speak from the next frame on."""
        self._left = soxr.resample(pcm, RATE_HZ, self.rate_hz).astype(np.int16)
        self.said_s = None

    async def frame(self) -> Pcm:
        """The next 20 ms, when they are over."""
        self._due_s += 0.02
        await asyncio.sleep(max(0.0, self._due_s - time.monotonic()))
        count = self.rate_hz // 50
        part, self._left = self._left[:count], self._left[count:]
        if len(part) and self.said_s is None:
            self.said_s = time.monotonic() - 0.02
        made = self._noise.integers(-ROOM, ROOM, count).astype(np.int16)
        made[: len(part)] += part
        return made


class Track(AudioStreamTrack):
    """The mouth as WebRTC wants it."""

    def __init__(self) -> None:
        super().__init__()
        self.mouth = Mouth(48_000)
        self._samples = 0

    async def recv(self) -> AudioFrame:
        """20 ms."""
        frame = AudioFrame.from_ndarray((await self.mouth.frame())[None, :], layout="mono")
        frame.sample_rate, frame.pts = 48_000, self._samples
        frame.time_base = Fraction(1, 48_000)
        self._samples += 960
        return frame


@dataclass
class Played:
    """Audio and when its first sample was heard."""

    at_s: float
    pcm: Pcm


class PageCaller(SocketCaller):
    """Plays as the page does, and speaks."""

    recorded_hz = 24_000

    def __init__(self, *args: Any) -> None:
        self.played: list[Played] = []
        self._ends_s = 0.0
        self.mouth = Mouth(RATE_HZ)
        super().__init__(*args)
        self._speaking = asyncio.create_task(self._speak())

    async def close(self) -> None:
        """Hang up."""
        self._speaking.cancel()
        await super().close()

    async def _speak(self) -> None:
        while True:
            await self.send_audio((await self.mouth.frame()).tobytes())

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


class VoicePeer(PeerCaller):
    """Keeps what leaves its jitter buffer and when, and speaks."""

    says = Track
    recorded_hz = 48_000

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.played: list[Played] = []

    @property
    def mouth(self) -> Mouth:
        """Of the track that is being sent."""
        track = self.peer.getSenders()[0].track
        assert isinstance(track, Track)
        return track.mouth

    async def _listen(self, track: Any) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                channels = len(frame.layout.channels)
                pcm = frame.to_ndarray().reshape(-1, channels)[:, 0]
                self.played.append(Played(time.monotonic(), pcm))


class RealHearing(FakeModels):
    """The process's real VAD, end of turn and ears."""

    def __init__(self, ears: LoadedEars) -> None:
        super().__init__()
        self.speech = SpeechModels()
        self.speech.load()
        self._told_ears = ears  # pyright: ignore[reportAttributeAccessIssue]


@dataclass(frozen=True)
class Heard:
    """One barge-in, in ms from the caller's first audible sample; None: not within LISTENS_S."""

    bot: str
    text: str
    duck_ms: float | None
    quiet_ms: float | None
    silent_ms: float | None


def read(bot: str, text: str, played: Sequence[Played], rate_hz: int, said_s: float) -> Heard:
    """When the level of the recording fell, and stayed down."""
    begin_s = said_s - 1.0
    track = np.zeros(int((1.0 + LISTENS_S) * rate_hz))
    for one in played:
        at = round((one.at_s - begin_s) * rate_hz)
        part = one.pcm[max(0, -at) : max(0, len(track) - at)]
        track[max(at, 0) :][: len(part)] = part
    step = int(WINDOW_S * rate_hz)
    # The hum's period is 8.3 ms: its level over 20 ms, every 10.
    windows = np.lib.stride_tricks.sliding_window_view(track, 2 * step)[::step]
    level_db = 20 * np.log10(np.sqrt((windows**2).mean(axis=1)) + 1e-3)
    since = int(1.0 / WINDOW_S)
    usual_db = float(np.median(level_db[: since - 2]))

    def falls_ms(depth_db: float) -> float | None:
        low = level_db[since:] < usual_db + depth_db
        # Of a network's gap of a frame or two the bot is not quieter.
        runs = np.convolve(low, np.ones(5), mode="valid") == 5
        return float(np.argmax(runs)) * WINDOW_S * 1000 if runs.any() else None

    return Heard(bot, text, falls_ms(DUCKED_DB), falls_ms(QUIET_DB), falls_ms(SILENT_DB))


@asynccontextmanager
async def open_server() -> AsyncIterator[tuple[Served, dict[str, BotSession]]]:
    """Both bots in one server."""
    sessions: dict[str, BotSession] = {}
    ears = load_ears(find_ears(None, "en"), threads=2)
    models = RealHearing(ears)

    def build(**how: Any) -> BotSession:
        kind = PlainSession if how["spec"].name == "plain" else BotSession
        session = sessions[how["session_id"]] = kind(models=models, **how)
        return session

    async with AsyncExitStack() as stack:
        script = Script(replies=[Reply(text=ANSWER)] * 1000)
        brain = await stack.enter_async_context(OpenAIEmulator(script=script))
        bots = [_bot(name, brain.base_url) for name in ("offhook", "plain")]
        limits: dict[str, Any] = {"local_capacity": 4, "calls_per_minute": 600, "calls_burst": 99}
        app = build_app(*bots, session_factory=build, **limits)
        yield await stack.enter_async_context(serve(app)), sessions
    ears.close()
    models.speech.close()


def _bot(name: str, url: str) -> BotSpec:
    return BotSpec(
        name=name,
        version="0" * 12,
        prompt="You talk.",
        answer=AnswerSpec(link=True),
        stt=(ProviderSpec(provider="local"),),
        llm=(ProviderSpec(provider="openai", model="gpt-4.1", base_url=url),),
        tts=(ProviderSpec(provider="openai", voice="nova", base_url=url),),
    )


async def barge_in(
    served: Served, sessions: dict[str, BotSession], transport: str, bot: str, text: str, pcm: Pcm
) -> Heard:
    """One call."""
    call = await served.create(transport, bot)
    if "websocket" in call:
        caller: PageCaller | VoicePeer = await PageCaller.join(call["websocket"]["url"])
        await caller.say_ready()
    else:
        caller = VoicePeer(served.client, call)
        assert (await caller.connect()).status_code == 200
    try:
        session = sessions[call["session_id"]]
        await until(lambda: session.record.connected_at is not None)
        assert session._worker
        await session._worker.queue_frame(LLMMessagesAppendFrame([QUESTION], run_llm=True))
        await until(
            lambda: any(np.abs(one.pcm).max(initial=0) > 500 for one in caller.played), timeout_s=15
        )
        await asyncio.sleep(SPEAKS_S)
        mouth = caller.mouth
        mouth.say(pcm)
        await asyncio.sleep(LISTENS_S + LEAD_S + 0.1)
        assert mouth.said_s is not None
        return read(bot, text, list(caller.played), caller.recorded_hz, mouth.said_s)
    finally:
        await caller.close()


async def measure(transport: str, calls: int) -> list[Heard]:
    """So many calls of each bot, in turns."""
    clips = [(text, audible(spoken(voice, text))) for voice in VOICES for text in SAID]
    found: list[Heard] = []
    async with open_server() as (served, sessions):
        for number in range(calls):
            text, pcm = clips[number % len(clips)]
            for bot in ("offhook", "plain"):
                found.append(await barge_in(served, sessions, transport, bot, text, pcm))
    return found


def table(found: Sequence[Heard], transport: str) -> str:
    """A row a bot."""
    lines = [
        "| transport | bot | calls | duck onset | -20 dB | silence |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for bot in ("offhook", "plain"):
        rows = [one for one in found if one.bot == bot]
        cells = []
        for values in zip(
            *((one.duck_ms, one.quiet_ms, one.silent_ms) for one in rows), strict=True
        ):
            seen = [value for value in values if value is not None]
            missed = len(values) - len(seen)
            p50, p95 = np.percentile(seen, [50, 95]) if seen else (np.nan, np.nan)
            cells.append(f"{p50:.0f} / {p95:.0f}" + (f", {missed} never" if missed else ""))
        lines.append(f"| {transport} | {bot} | {len(rows)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print: p50 / p95 in ms."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--transport", choices=("websocket", "webrtc"), default="websocket")
    parser.add_argument("--calls", type=int, default=20, help="of each bot")
    parser.add_argument("--each", action="store_true", help="print every call")
    options = parser.parse_args(arguments)
    logger.remove()
    found = asyncio.run(measure(options.transport, options.calls))
    if options.each:
        print("\n".join(map(str, found)))
    print(table(found, options.transport))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
