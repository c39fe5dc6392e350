"""The start strategy inside a real user aggregator, with the watcher where the output would be."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from pipecat.audio.dtmf.types import KeypadEntry
from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    InputAudioRawFrame,
    InputDTMFFrame,
    InterruptionFrame,
    TTSAudioRawFrame,
    UserBackchannelFrame,
    UserStartedSpeakingFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.turns.user_turn_strategies import UserTurnStrategies

from processors.ducking import DuckingFilter
from processors.end_of_turn import Patience
from processors.floor import Floor
from processors.interruption import FloorEvent, FloorWatch, InterruptionStrategy
from processors.turn_detection import SpeculativeUserTurnStopStrategy
from tests.fakes.hand_fed import HandFed
from tests.fakes.turns import FixedScorer
from tests.fakes.waiting import until

pytestmark = pytest.mark.unit

SHORT = Patience(shortest_s=0.02, longest_s=0.3, sure=0.5, transcript_s=0.2)
CHUNK = np.random.default_rng(0).normal(0, 3000, 320).astype(np.int16).tobytes()


class Sure:
    """A VAD that is sure of speech."""

    confidence = 1.0


class Call(HandFed):
    """Aggregator and watcher, fed by hand."""

    def __init__(self) -> None:
        context = LLMContext()
        self.mouth = DuckingFilter()
        self.events: list[FloorEvent] = []
        start = InterruptionStrategy(Floor(), self.mouth, Sure(), on_event=self.events.append)
        stop = SpeculativeUserTurnStopStrategy(FixedScorer(0.9), patience=SHORT)
        strategies = UserTurnStrategies(start=[start], stop=[stop])
        params = LLMUserAggregatorParams(user_turn_strategies=strategies)
        pair = LLMContextAggregatorPair(context, user_params=params)
        super().__init__(context, pair.user(), FloorWatch(start))

    async def speak_over_bot(self) -> None:
        """A caller's first sound while the bot speaks, and the VAD's word on it."""
        sound = [InputAudioRawFrame(CHUNK, 16000, 1)] * 3
        await self.give(BotStartedSpeakingFrame())
        await until(lambda: self.heard.has(BotStartedSpeakingFrame))
        await self.give(*sound, VADUserStartedSpeakingFrame(start_secs=0.2), *sound)
        await until(lambda: self.kinds == ["duck"])

    @property
    def kinds(self) -> list[str]:
        """What people were told."""
        return [event.kind for event in self.events]


async def test_a_command_interrupts_and_is_the_turn() -> None:
    """The bot is ducked, then cut; the words are answered."""
    async with Call() as call:
        await call.speak_over_bot()
        assert not call.heard.has(InterruptionFrame)
        await call.hear("Stop, please.")
        await until(lambda: call.said == ["Stop, please."])
        assert call.heard.has(InterruptionFrame) and call.heard.has(UserStartedSpeakingFrame)
        assert call.kinds == ["duck", "interruption"]
        assert await asyncio.wait_for(call.mouth.filter(CHUNK), 1) == CHUNK


async def test_an_acknowledgement_leaves_no_trace_in_the_next_turn() -> None:
    """The bot goes on; Pipecat's frame tells of it; the words after it are a turn without it."""
    async with Call() as call:
        await call.speak_over_bot()
        await call.hear("Mm-hm.")
        await until(lambda: call.heard.has(UserBackchannelFrame))
        assert call.kinds == ["duck", "resume", "backchannel"]
        assert not call.heard.has(InterruptionFrame) and call.said == []
        await call.give(BotStoppedSpeakingFrame(), VADUserStartedSpeakingFrame(start_secs=0.2))
        await call.hear("On Saturday?")
        await until(lambda: call.said == ["On Saturday?"])


async def test_a_false_interruption_costs_no_word() -> None:
    """The bot is ducked, held and goes on: all that it had to say leaves, in order, once."""
    left: list[np.ndarray] = []

    async def bot_speaks(mouth: DuckingFilter) -> None:
        for number in range(150):
            chunk = np.zeros(320, np.int16)
            chunk[number] = 20000
            left.append(np.frombuffer(await mouth.filter(chunk.tobytes()), np.int16))
            await asyncio.sleep(0.002)

    async with Call() as call:
        await call.mouth.start(16000)
        speaking = asyncio.create_task(bot_speaks(call.mouth))
        await call.speak_over_bot()
        for _ in range(100):
            if not call.mouth._may_pass.is_set():
                break
            await call.give(InputAudioRawFrame(CHUNK, 16000, 1))
            await asyncio.sleep(0.005)
        held_at = len(left)
        assert not speaking.done()
        await call.hear("Mm-hm.")
        await asyncio.wait_for(speaking, 5)
        assert call.kinds == ["duck", "resume", "backchannel"]
    assert 0 < held_at < 150
    assert [np.flatnonzero(chunk).tolist() for chunk in left] == [[one] for one in range(150)]
    assert left[-1].max() == 20000 and min(chunk.max() for chunk in left) == 2000


async def test_a_key_interrupts_without_a_turn() -> None:
    """DTMF over a prompt: silence, and no words to answer."""
    async with Call() as call:
        await call.give(BotStartedSpeakingFrame())
        await until(lambda: call.heard.has(BotStartedSpeakingFrame))
        await call.give(InputDTMFFrame(KeypadEntry.ONE))
        await until(lambda: call.heard.has(InterruptionFrame))
        assert not call.heard.has(UserStartedSpeakingFrame)
        assert call.events == [FloorEvent("interruption", 0, "key")]


async def test_what_is_protected_is_played_and_the_caller_answered_after() -> None:
    """Audio that may not be interrupted bars the floor until the bot is done."""
    notice = TTSAudioRawFrame(CHUNK, 16000, 1)
    notice.interruptible = False
    async with Call() as call:
        await call.give(BotStartedSpeakingFrame(), notice)
        await until(lambda: call.heard.has(TTSAudioRawFrame))
        await call.give(VADUserStartedSpeakingFrame(start_secs=0.2))
        await call.hear("Is this recorded?")
        await until(lambda: call.heard.has(VADUserStoppedSpeakingFrame))
        assert not call.heard.has(InterruptionFrame) and call.events == []
        await call.give(BotStoppedSpeakingFrame())
        await until(lambda: call.said == ["Is this recorded?"])


async def test_the_end_of_a_call_lets_go_of_the_bots_audio() -> None:
    """A call that ends in the middle of a doubt plays out."""
    async with Call() as call:
        await call.speak_over_bot()
        await call.worker.stop_when_done()
        await asyncio.wait_for(asyncio.shield(call._running), 5)
    assert len(await asyncio.wait_for(call.mouth.filter(CHUNK), 1)) == len(CHUNK)
