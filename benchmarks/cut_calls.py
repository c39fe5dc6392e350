"""Real calls whose answer is cut off, for benchmarks/heard.py: both sides, in one process.

server   a bot a voice, with an emulated brain and emulated voices; the real VAD and floor
caller   benchmarks/callers.py: over WebRTC (Opus, loopback), or over WebSocket as the page plays it
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pipecat.frames.frames import InterruptionFrame, LLMMessagesAppendFrame

from benchmarks.alignment import heard_s
from benchmarks.callers import Caller, Samples, Transport, join, recording
from bots.pipeline import BotPipeline
from bots.session import BotSession
from bots.spec import AnswerSpec, BotSpec, ProviderSpec
from bots.wav import read_wav
from emulators.elevenlabs import ElevenLabsEmulator
from emulators.openai import OpenAIEmulator
from emulators.script import Reply, Script
from emulators.word_tones import encode, split_words, word_duration_s
from processors.speech_models import SpeechModels
from tests.fakes.models import FakeModels
from tests.fakes.serving import Served, build_app, serve
from tests.fakes.waiting import until

How = Literal["frame", "voice"]
"""What cuts the answer off: an InterruptionFrame, or what the caller says."""

ANSWER = "we are open on saturday from ten to four. please come by any time before three."
WORDS = ANSWER.split()
MADE_HZ = 24_000
LENGTH_S = sum(word_duration_s(word) for word in split_words(ANSWER))
VOICES = {"elevenlabs": "timed", "openai": "untimed"}
OBJECTION = Path(__file__).parents[1] / "tests" / "audio" / "open_on_saturday.wav"
OBJECTION_HEARD = "Wait, what time do you open on Saturday?"
"""What the ears make of it: words that stop the bot at once."""
OBJECTION_HZ = 16_000
AUDIBLE = 300
"""s16 amplitude from which a sample counts as sound, also of a ducked voice."""
_SETTLE_S = 0.4
"""For what is on its way to the caller to arrive."""


class WatchedSession(BotSession):
    """A session whose conversation can be read, with Offhook's ledger or Pipecat's own."""

    is_stock = False
    built: BotPipeline

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self._is_committed = asyncio.Event()

    async def _run(self, pipeline: BotPipeline) -> None:
        if self.is_stock:
            stages = tuple(one for one in pipeline.stages if one.name not in ("words", "heard"))
            pipeline = replace(pipeline, stages=stages)
        self.built = pipeline
        memory = next(stage.processor for stage in pipeline.stages if stage.name == "memory")

        @memory.event_handler("on_assistant_turn_stopped")
        async def committed(*_: Any) -> None:
            self._is_committed.set()

        await super()._run(pipeline)

    async def ask(self, question: str) -> None:
        """Have the brain answer."""
        assert self._worker
        asked: list[Any] = [{"role": "user", "content": question}]
        await self._worker.queue_frame(LLMMessagesAppendFrame(asked, run_llm=True))

    async def cut(self) -> None:
        """Interrupt the answer; returns when the interruption is through the pipeline."""
        assert self._worker
        await self._worker.queue_frame(InterruptionFrame())
        async with asyncio.timeout(10):
            await self._is_committed.wait()

    @property
    def said(self) -> list[str]:
        """The bot's words in the conversation."""
        return words_of_the_bot(self.built.context.get_messages())


def words_of_the_bot(messages: Any) -> list[str]:
    """What the messages of a conversation hold of the bot."""
    said = [
        str(one.get("content"))
        for one in messages
        if isinstance(one, dict) and one["role"] == "assistant"
    ]
    return " ".join(said).split()


@dataclass(frozen=True)
class Cut:
    """One answer that was cut off."""

    transport: Transport
    voice: str
    how: How
    at_s: float
    recording: Samples = field(repr=False)
    recorded_hz: int
    known: int
    is_prefix: bool

    @cached_property
    def heard_s(self) -> float:
        """How much of the answer the caller heard."""
        made = np.frombuffer(encode(ANSWER, MADE_HZ), np.int16)
        return heard_s(self.recording, self.recorded_hz, made, MADE_HZ)

    @property
    def gap_s(self) -> float:
        """The longest silence inside of what was heard."""
        loud = np.flatnonzero(np.abs(self.recording) > AUDIBLE)
        return float(np.diff(loud).max(initial=0)) / self.recorded_hz

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
    """A server with a bot a voice, its sessions and their brain."""

    def __init__(
        self, served: Served, sessions: dict[str, WatchedSession], brain: OpenAIEmulator
    ) -> None:
        self._served = served
        self._sessions = sessions
        self._brain = brain

    async def cut(self, transport: Transport, voice: str, how: How, at_s: float) -> Cut:
        """Call the bot of that voice, let it answer, cut it off at `at_s`, and compare.

        Cut off by a frame, what counts is the context then; by the caller's voice, it is what the
        brain is sent when it is asked for the next answer.
        """
        call = await self._served.create(transport, voice)
        caller = await join(self._served, call)
        try:
            session = self._sessions[call["session_id"]]
            await until(lambda: session.record.connected_at is not None)
            question = f"When are you open? ({session.id})"
            await session.ask(question)
            await until(lambda: _sounding_s(caller) >= at_s, timeout_s=15)
            if how == "frame":
                await session.cut()
                known = session.said
                await asyncio.sleep(_SETTLE_S)
            else:
                caller.microphone.say(read_wav(OBJECTION, OBJECTION_HZ), OBJECTION_HZ)
                await until(lambda: bool(self._asked_next(question)), timeout_s=15)
                known = words_of_the_bot(self._asked_next(question))
            heard = recording(caller.played)
        finally:
            await caller.close()
        is_prefix = known == WORDS[: len(known)]
        return Cut(transport, voice, how, at_s, heard, caller.recorded_hz, len(known), is_prefix)

    def _asked_next(self, question: str) -> list[dict[str, Any]]:
        """The conversation the brain was sent for the next answer; empty if it was not yet."""
        for asked in reversed(self._brain.asked):
            messages = (asked.body or {}).get("messages", [])
            if asked.operation == "chat" and any(one["content"] == question for one in messages):
                was_said = [one for one in messages if one["role"] == "user"]
                return messages if len(was_said) > 1 else []
        return []


@asynccontextmanager
async def open_hall(*, is_stock: bool = False) -> AsyncIterator[Hall]:
    """A running server whose bots speak with the emulated voices and hear the real VAD."""
    sessions: dict[str, WatchedSession] = {}
    speech = SpeechModels()
    await asyncio.to_thread(speech.load)
    models = FakeModels(OBJECTION_HEARD, speech=speech)

    def build(**how: Any) -> WatchedSession:
        session = WatchedSession(models=models, **how)
        session.is_stock = is_stock
        sessions[session.id] = session
        return session

    async with AsyncExitStack() as stack:
        stack.callback(speech.close)
        script = Script(replies=[Reply(text=ANSWER)] * 2)
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
        yield Hall(await stack.enter_async_context(serve(app)), sessions, brain)


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
    loud = np.flatnonzero(np.abs(recording(caller.played)) > AUDIBLE)
    return 0.0 if not len(loud) else float(loud[-1] - loud[0]) / caller.recorded_hz
