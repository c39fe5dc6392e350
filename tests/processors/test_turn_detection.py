"""The stop strategy inside a real user aggregator, in front of a real speculation gate."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from pipecat.frames.frames import (
    Frame,
    FunctionCallFromLLM,
    InputAudioRawFrame,
    InterruptionFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    TranscriptionFrame,
    TTSStartedFrame,
    TTSTextFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.llm_service import FunctionCallParams, LLMService
from pipecat.turns.user_turn_strategies import UserTurnStrategies
from pipecat.utils.text.base_text_aggregator import TextType

from processors import turn_detection
from processors.audio_gate import AudioGate
from processors.patience import Patience
from processors.turn_detection import CommitWatch, SpeculativeUserTurnStopStrategy, TurnEnded
from tests.fakes.brain import ScriptedLLM, last_user_text
from tests.fakes.hand_fed import HandFed
from tests.fakes.turns import FixedScorer
from tests.fakes.waiting import until

pytestmark = pytest.mark.unit

SHORT = Patience(
    shortest_s=0.02,
    longest_s=0.3,
    sure=0.5,
    curve=1.0,
    more_s=0.1,
    rescore_s=0.05,
    transcript_s=0.2,
)


class BookingLLM(ScriptedLLM):
    """Wants the tool `book` for whatever is said."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Call the tool for an LLMContextFrame."""
        if not isinstance(frame, LLMContextFrame):
            await super().process_frame(frame, direction)
            return
        await LLMService.process_frame(self, frame, direction)
        said = last_user_text(frame.context)
        self.asked.append((said, frame.speculation))
        await self.push_frame(LLMFullResponseStartFrame())
        call = FunctionCallFromLLM(
            context=frame.context, tool_call_id="1", function_name="book", arguments={"day": said}
        )
        await self.run_function_calls([call])
        await self.push_frame(LLMFullResponseEndFrame())


class Call(HandFed):
    """A pipeline of aggregator, gate and scripted brain, fed by hand."""

    def __init__(
        self,
        scorer: FixedScorer,
        llm: ScriptedLLM | None = None,
        patience: Patience = SHORT,
    ) -> None:
        context = LLMContext()
        self.ended: list[TurnEnded] = []
        self.is_quiet = True
        strategy = SpeculativeUserTurnStopStrategy(
            scorer,
            patience=patience,
            language="en",
            is_quiet=lambda: self.is_quiet,
            on_ended=self.ended.append,
        )
        params = LLMUserAggregatorParams(user_turn_strategies=UserTurnStrategies(stop=[strategy]))
        pair = LLMContextAggregatorPair(context, user_params=params)
        self.llm = llm or ScriptedLLM(lambda said: f"You said {said}")
        super().__init__(context, pair.user(), AudioGate(), self.llm)

    async def speak(self) -> None:
        await self.give(VADUserStartedSpeakingFrame(start_secs=0.2))
        await self.give(InputAudioRawFrame(b"\0\0" * 320, 16000, 1))


async def test_a_finished_sentence_is_answered_once() -> None:
    """A sure pause runs one ordinary inference with the words in the context."""
    async with Call(FixedScorer(0.9)) as call:
        await call.speak()
        await call.hear("on Saturday")
        await until(lambda: call.heard.text == "You said on Saturday")
        assert call.said == ["on Saturday"]
        assert [said for said, _ in call.llm.asked] == ["on Saturday"]


async def test_an_unsure_pause_is_answered_ahead_and_heard_at_its_end() -> None:
    """The answer is prepared while the turn is open and comes out without a second inference."""
    async with Call(FixedScorer(0.1)) as call:
        await call.speak()
        await call.hear("on Saturday")
        await until(lambda: bool(call.llm.asked))
        assert call.heard.text == "" and call.said == []
        await until(lambda: call.heard.text == "You said on Saturday")
        assert call.said == ["on Saturday"]
        assert call.llm.asked == [("on Saturday", True)]


async def test_going_on_leaves_no_trace_of_the_wrong_answer() -> None:
    """A caller who speaks on hears one answer, to all that was said, and so does the context."""
    long = replace(SHORT, longest_s=10.0)  # a busy machine may take its time to let them go on
    async with Call(FixedScorer(0.1, 0.9), patience=long) as call:
        await call.speak()
        await call.hear("on Saturday")
        await until(lambda: bool(call.llm.asked))
        await call.speak()
        await call.hear("after lunch")
        await until(lambda: call.heard.text == "You said on Saturday after lunch")
        assert call.said == ["on Saturday after lunch"]
        assert call.llm.asked[0] == ("on Saturday", True)
        assert [said for said, _ in call.llm.asked[1:]] == ["on Saturday after lunch"]


async def test_one_turn_after_another_is_answered() -> None:
    """The silence that ended a turn has no part in the next one."""
    async with Call(FixedScorer(0.9)) as call:
        for words in ("on Saturday", "on Sunday", "on Monday"):
            await call.speak()
            await call.hear(words)
            await until(lambda said=words: call.heard.text.endswith(f"You said {said}"))
        assert call.said == ["on Saturday", "on Sunday", "on Monday"]


async def test_the_model_hears_the_turn_and_later_stages_do_not() -> None:
    """Caller audio reaches the end-of-turn model and stops at the gate."""
    scorer = FixedScorer(0.9)
    async with Call(scorer) as call:
        await call.speak()
        await call.hear("hello")
        await until(lambda: call.heard.text == "You said hello")
        assert scorer.heard_samples == [320]
        assert not any(isinstance(frame, InputAudioRawFrame) for frame in call.heard.frames)


async def test_the_end_of_a_turn_is_told_in_figures() -> None:
    """Who ended it, on what, after how long, and what became of the answer begun before it."""
    async with Call(FixedScorer(0.9)) as call:
        await call.speak()
        await call.hear("Are you open on Saturday?")
        await until(lambda: call.heard.text != "")
        ended = call.ended[0]
        assert (ended.why, ended.cue, ended.probability) == ("words", "question", 0.9)
        assert ended.withdrawn == 0
        assert 0 < ended.silence_ms < 1000


async def test_answers_thrown_away_are_counted() -> None:
    """A pause that was not the end costs one answer, and the end keeps the next."""
    async with Call(FixedScorer(0.1)) as call:
        await call.speak()
        await call.hear("on Saturday")
        await until(lambda: len(call.llm.asked) == 1)
        await call.speak()
        await call.hear("after lunch")
        await until(lambda: bool(call.ended))
        assert (call.ended[0].speculation, call.ended[0].withdrawn) == ("kept", 1)


async def test_a_growing_silence_is_heard_again() -> None:
    """The model is asked anew while nobody speaks, with the silence in what it hears."""
    scorer = FixedScorer(0.0, 0.9)
    async with Call(scorer) as call:
        await call.speak()
        await call.hear("on Saturday")
        await call.worker.queue_frame(InputAudioRawFrame(b"\0\0" * 320, 16000, 1))
        await until(lambda: call.heard.text == "You said on Saturday")
        assert scorer.heard_samples == [320, 640]
        assert call.ended[0].probability == 0.9


async def test_what_may_be_speech_keeps_the_turn_open() -> None:
    """While the VAD suspects speech nothing is taken from the caller."""
    async with Call(FixedScorer(0.9)) as call:
        await call.speak()
        call.is_quiet = False
        await call.worker.queue_frame(VADUserStoppedSpeakingFrame(stop_secs=0.0))
        await call.worker.queue_frame(InputAudioRawFrame(b"\0\0" * 320, 16000, 1))
        said = TranscriptionFrame("on Saturday", "caller", "2026-01-01T00:00:00Z", finalized=True)
        await call.worker.queue_frame(said)
        await until(lambda: bool(call.llm.asked))
        assert not call.ended and call.heard.text == ""
        call.is_quiet = True
        await call.worker.queue_frame(InputAudioRawFrame(b"\0\0" * 320, 16000, 1))
        await until(lambda: call.heard.text == "You said on Saturday")
        assert call.ended[0].speculation == "kept"


async def test_the_tools_of_a_wrong_speculation_never_run() -> None:
    """What was begun on half a sentence books nothing; what the whole sentence asks for is booked
    once, and the context has one turn."""
    booked: list[str] = []

    async def book(params: FunctionCallParams) -> None:
        booked.append(params.arguments["day"])
        await params.result_callback("done")

    llm = BookingLLM(lambda said: "It is booked.")
    llm.register_function("book", book)
    async with Call(FixedScorer(0.1), llm) as call:
        await call.speak()
        await call.hear("on Saturday")
        await until(lambda: call.llm.asked == [("on Saturday", True)])
        await call.speak()
        await call.hear("no, on Sunday")
        await until(lambda: bool(booked))
        assert booked == ["on Saturday no, on Sunday"]
        assert call.said[0] == "on Saturday no, on Sunday"
        assert not any(one == "on Saturday" for one in call.said)


LOOP_ROUNDS = 200
"""Of the event loop: many times what a question takes to the brain."""


class LongWay(FrameProcessor):
    """A busy pipeline before the conversation: interruptions take until it `is_open`."""

    def __init__(self) -> None:
        super().__init__()
        self.is_open = asyncio.Event()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Pass `frame` on, an interruption when it may."""
        await super().process_frame(frame, direction)
        if isinstance(frame, InterruptionFrame):
            await self.is_open.wait()
        await self.push_frame(frame, direction)


class InterruptedCall(HandFed):
    """A bot in mid-answer whose caller's turns end as they begin."""

    def __init__(self) -> None:
        self.knew: list[list[Any]] = []
        context = LLMContext()
        stop = SpeculativeUserTurnStopStrategy(FixedScorer(0.9), patience=SHORT, is_watched=True)
        params = LLMUserAggregatorParams(user_turn_strategies=UserTurnStrategies(stop=[stop]))
        pair = LLMContextAggregatorPair(context, user_params=params)
        self.way, self.llm = LongWay(), ScriptedLLM(self._answer)
        super().__init__(
            context, pair.user(), self.llm, self.way, pair.assistant(), CommitWatch(stop)
        )

    def _answer(self, said: str) -> str:
        self.knew.append(self.said)
        return "You said it"

    async def begin(self) -> None:
        """The bot has said something, and the caller says something over it."""
        heard = TTSTextFrame("We are open", TextType.SENTENCE)
        await self.give(TTSStartedFrame("a", append_to_context=True), heard)
        await until(lambda: self.heard.has(TTSStartedFrame))
        await self.give(VADUserStartedSpeakingFrame(start_secs=0.2))
        await self.hear("on Sunday?")


async def test_the_brain_is_not_asked_before_the_conversation_has_what_was_heard() -> None:
    """The question of a turn that is over as it begins does not overtake its own interruption."""
    async with InterruptedCall() as call:
        await call.begin()
        for _ in range(LOOP_ROUNDS):
            await asyncio.sleep(0)
        assert call.llm.asked == []
        call.way.is_open.set()
        await until(lambda: bool(call.knew))
        assert "We are open" in call.knew[0]


async def test_an_interruption_that_never_arrives_costs_no_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A processor of a bot's own may swallow it: the turn goes on after a bound."""
    monkeypatch.setattr(turn_detection, "COMMIT_S", 0.05)
    async with InterruptedCall() as call:
        await call.begin()
        await until(lambda: bool(call.llm.asked))
        call.way.is_open.set()
