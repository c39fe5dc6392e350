"""What the context holds of an answer that was cut off, against what the caller heard of it.

    python -m benchmarks.heard [--points 25] [--ledger offhook|stock] [--at-once 4]

Real calls over WebRTC (Opus, loopback) and over WebSocket (as the page plays it: 60 ms of lead,
emptied at an interruption) to a real server with an emulated brain and emulated voices, one that
times its words and one that does not. The answer is cut at points spread over it. The truth is the
caller's recording, aligned with the known synthesis by correlation. `stock` is Pipecat's own
bookkeeping in the same calls.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError
from loguru import logger
from pipecat.frames.frames import InterruptionFrame, LLMMessagesAppendFrame
from pipecat.frames.protobufs import frames_pb2
from pipecat.processors.aggregators.llm_context import LLMContextMessage

from benchmarks.alignment import Samples, heard_s
from bots.pipeline import BotPipeline
from bots.session import BotSession
from bots.spec import AnswerSpec, BotSpec, ProviderSpec
from emulators.elevenlabs import ElevenLabsEmulator
from emulators.openai import OpenAIEmulator
from emulators.script import Reply, Script
from emulators.word_tones import encode, split_words, word_duration_s
from tests.fakes.models import FakeModels
from tests.fakes.peer_caller import PeerCaller
from tests.fakes.serving import Served, build_app, serve
from tests.fakes.socket_caller import SocketCaller
from tests.fakes.waiting import until

ANSWER = "we are open on saturday from ten to four. please come by any time before three."
WORDS = ANSWER.split()
QUESTION: LLMContextMessage = {"role": "user", "content": "When are you open?"}
RATE_HZ = 24_000
LENGTH_S = sum(word_duration_s(word) for word in split_words(ANSWER))
TRANSPORTS = ("webrtc", "websocket")
VOICES = {"elevenlabs": "timed", "openai": "untimed"}
_LEAD_S = 0.06
_SETTLE_S = 0.6
"""For what is on its way to the caller to arrive."""


class Caller(Protocol):
    """The caller's side of a call."""

    @property
    def recorded_hz(self) -> int: ...

    def recording(self) -> Samples:
        """What was heard so far, PCM s16 mono."""
        ...

    async def close(self) -> None: ...


class PageCaller(SocketCaller):
    """Plays what comes as the page does, and keeps what was played."""

    recorded_hz = RATE_HZ

    def __init__(self, *args: Any) -> None:
        self._played = bytearray()
        self._ends_s = 0.0
        super().__init__(*args)

    def recording(self) -> Samples:
        """What was played, and what is about to be."""
        return np.frombuffer(bytes(self._played), np.int16)

    async def _read_until_closed(self) -> None:
        async for message in self.socket:
            frame = frames_pb2.Frame.FromString(message)  # pyright: ignore[reportAttributeAccessIssue]
            now_s = time.monotonic()
            if frame.WhichOneof("frame") == "audio":
                if now_s > self._ends_s:
                    self._ends_s = now_s + _LEAD_S
                self._played += frame.audio.audio
                self._ends_s += len(frame.audio.audio) / 2 / RATE_HZ
            elif "bot-interrupted" in frame.message.data and now_s < self._ends_s:
                unplayed = round((self._ends_s - now_s) * RATE_HZ) * 2
                del self._played[max(0, len(self._played) - unplayed) :]
                self._ends_s = 0.0


class RecordingPeer(PeerCaller):
    """Keeps what comes out of its jitter buffer, and says nothing."""

    says = AudioStreamTrack
    recorded_hz = 48_000

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._heard: list[Samples] = []

    def recording(self) -> Samples:
        """What was heard so far."""
        return np.concatenate([np.zeros(0, np.int16), *self._heard])

    async def _listen(self, track: Any) -> None:
        try:
            while True:
                frame = await track.recv()
                channels = len(frame.layout.channels)
                self._heard.append(frame.to_ndarray().reshape(-1, channels)[:, 0])
        except MediaStreamError:
            return


class WatchedSession(BotSession):
    """A session whose conversation can be read, with Offhook's ledger or Pipecat's own."""

    is_stock = False
    built: BotPipeline

    async def _run(self, pipeline: BotPipeline) -> None:
        if self.is_stock:
            stages = tuple(one for one in pipeline.stages if one.name not in ("words", "heard"))
            pipeline = replace(pipeline, stages=stages)
        self.built = pipeline
        await super()._run(pipeline)

    async def ask(self) -> None:
        """Have the brain answer."""
        assert self._worker
        await self._worker.queue_frame(LLMMessagesAppendFrame([QUESTION], run_llm=True))

    async def cut(self) -> None:
        """Interrupt the answer."""
        assert self._worker
        await self._worker.queue_frame(InterruptionFrame())

    @property
    def said(self) -> list[str]:
        """The bot's words in the conversation."""
        messages = self.built.context.get_messages()
        texts = [
            str(message.get("content"))
            for message in messages
            if isinstance(message, dict) and message["role"] == "assistant"
        ]
        return " ".join(texts).split()


@dataclass(frozen=True)
class Cut:
    """One answer that was cut off."""

    transport: str
    voice: str
    at_s: float
    recording: Samples = field(repr=False)
    recorded_hz: int
    known: int
    is_prefix: bool

    @cached_property
    def heard_s(self) -> float:
        """How much of the answer the caller heard."""
        made = np.frombuffer(encode(ANSWER, RATE_HZ), np.int16)
        return heard_s(self.recording, self.recorded_hz, made, RATE_HZ)

    @property
    def heard(self) -> int:
        """How many whole words the caller heard."""
        ends_s = np.cumsum([word_duration_s(word) for word in WORDS])
        return int((ends_s <= self.heard_s + 0.02).sum())

    @property
    def error(self) -> int:
        """Words that the context has too many (or too few, negative)."""
        return self.known - self.heard


class Hall:
    """A server with a bot a voice, and its sessions."""

    def __init__(self, served: Served, sessions: dict[str, WatchedSession]) -> None:
        self._served = served
        self._sessions = sessions

    async def cut(self, transport: str, voice: str, at_s: float) -> Cut:
        """Call the bot of that voice, let it answer, cut it off at `at_s`, and compare."""
        call = await self._served.create(transport, voice)
        caller = await self._join(call)
        try:
            session = self._sessions[call["session_id"]]
            await until(lambda: session.record.connected_at is not None)
            await session.ask()
            await until(lambda: _sounding_s(caller) >= at_s, timeout_s=15)
            await session.cut()
            await asyncio.sleep(_SETTLE_S)
            recording, known = caller.recording(), session.said
        finally:
            await caller.close()
        is_prefix = known == WORDS[: len(known)]
        return Cut(transport, voice, at_s, recording, caller.recorded_hz, len(known), is_prefix)

    async def _join(self, call: dict[str, Any]) -> PageCaller | RecordingPeer:
        if "websocket" in call:
            page = await PageCaller.join(call["websocket"]["url"])
            await page.say_ready()
            return page
        peer = RecordingPeer(self._served.client, call)
        assert (await peer.connect()).status_code == 200
        return peer


@asynccontextmanager
async def open_hall(*, is_stock: bool = False) -> AsyncIterator[Hall]:
    """A running server whose bots speak with the emulated voices."""
    sessions: dict[str, WatchedSession] = {}

    def build(**how: Any) -> WatchedSession:
        session = WatchedSession(models=FakeModels(), **how)
        session.is_stock = is_stock
        sessions[session.id] = session
        return session

    async with AsyncExitStack() as stack:
        script = Script(replies=[Reply(text=ANSWER)] * 1000)
        brain = await stack.enter_async_context(OpenAIEmulator(script=script))
        timed = await stack.enter_async_context(ElevenLabsEmulator())
        urls = {"elevenlabs": timed.base_url, "openai": brain.base_url}
        bots = [_bot(voice, url, brain.base_url) for voice, url in urls.items()]
        limits: dict[str, Any] = {
            "local_capacity": 20,
            "calls_per_minute": 6000,
            "calls_burst": 200,
        }
        app = build_app(*bots, session_factory=build, **limits)
        yield Hall(await stack.enter_async_context(serve(app)), sessions)


def _bot(voice: str, voice_url: str, brain_url: str) -> BotSpec:
    names = {"elevenlabs": "nora", "openai": "nova"}
    return BotSpec(
        name=voice,
        version="0" * 12,
        prompt="You tell when you are open.",
        answer=AnswerSpec(link=True),
        stt=(ProviderSpec(provider="local"),),
        llm=(ProviderSpec(provider="openai", model="gpt-4.1", base_url=brain_url),),
        tts=(ProviderSpec(provider=voice, voice=names[voice], base_url=voice_url),),
    )


def _sounding_s(caller: Caller) -> float:
    """How long the bot has been heard."""
    loud = np.flatnonzero(np.abs(caller.recording()) > 500)
    return 0.0 if not len(loud) else float(loud[-1] - loud[0]) / caller.recorded_hz


async def measure(points: int, at_once: int, *, is_stock: bool) -> list[Cut]:
    """Every transport and voice, cut at so many points."""
    gate = asyncio.Semaphore(at_once)

    async with open_hall(is_stock=is_stock) as hall:

        async def one(transport: str, voice: str, at_s: float) -> Cut:
            async with gate:
                return await hall.cut(transport, voice, at_s)

        wanted = [
            one(transport, voice, LENGTH_S * (number + 0.5) / points)
            for transport in TRANSPORTS
            for voice in VOICES
            for number in range(points)
        ]
        return list(await asyncio.gather(*wanted))


def table(cuts: Sequence[Cut]) -> str:
    """A row a transport and voice."""
    lines = [
        "| transport | voice | cuts | exact | within one word | worst, words | mean, words |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for transport in TRANSPORTS:
        for voice, kind in VOICES.items():
            rows = [cut for cut in cuts if (cut.transport, cut.voice) == (transport, voice)]
            errors = [cut.error for cut in rows]
            if not errors:
                continue
            within = sum(abs(cut.error) <= 1 and cut.is_prefix for cut in rows)
            worst, mean = max(errors, key=abs), statistics.mean(errors)
            lines.append(
                f"| {transport} | {kind} | {len(rows)} | {errors.count(0)} | {within} "
                f"| {worst:+d} | {mean:+.2f} |"
            )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--points", type=int, default=25)
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--ledger", choices=("offhook", "stock"), default="offhook")
    parser.add_argument("--each", action="store_true", help="print every cut")
    options = parser.parse_args(arguments)
    logger.remove()
    cuts = asyncio.run(measure(options.points, options.at_once, is_stock=options.ledger == "stock"))
    if options.each:
        print(
            "\n".join(
                f"{cut} heard_s={cut.heard_s:.2f} heard={cut.heard} error={cut.error:+d}"
                for cut in cuts
            )
        )
    print(table(cuts))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
