"""The chain of models where one model stood: the turn in flight is answered, whoever fails.

    LLMContextFrame --> [asks] cerebras  "We open at t"  (the stream breaks)
                        [asks] anthropic "We open at ten. Ask me anything."
    LLMTextFrame    <-- "We open at t"              "en. Ask me anything."

`policy` decides, `seat` watches each service, `turn` remembers what was said; this moves frames.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Any

from loguru import logger
from pipecat.frames.frames import (
    CancelFrame,
    EagerEndOfTurnCancelFrame,
    EndFrame,
    ErrorFrame,
    Frame,
    InterruptionFrame,
    LLMConfigureOutputFrame,
    LLMContextFrame,
    LLMContextSummaryRequestFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    LLMThoughtEndFrame,
    LLMThoughtStartFrame,
    LLMThoughtTextFrame,
    LLMUpdateSettingsFrame,
    ServiceMetadataFrame,
    StartFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import (
    FrameDirection,
    FrameProcessor,
    FrameProcessorSetup,
)
from pipecat.services.llm_service import LLMService
from pipecat.turns.speculation_gate import SpeculationGate
from pipecat.utils.errors import ErrorCategory

from processors.fallback.breaker import Health
from processors.fallback.events import (
    AVOIDED,
    HEDGED,
    RECOVERED,
    ChainExhausted,
    OnSwitch,
    ProviderSwitched,
)
from processors.fallback.failure import Failure, Reason, failure_of
from processors.fallback.member import Member
from processors.fallback.policy import Action, ChainPolicy, Drop, GiveUp, Use, Waits
from processors.fallback.seat import Seat
from processors.fallback.seats import Seats
from processors.fallback.settings import ChainSettings
from processors.fallback.turn import Answer


class FallbackLLM(FrameProcessor):
    """Models in order of preference, in the place of one LLMService.

    Consumes LLMContextFrame and gives it to one member (two when hedging); LLMUpdateSettingsFrame
    goes to all members unless it names a model, and LLMContextSummaryRequestFrame to the one in
    use. What settles a speculation or ends an answer reaches all members and is passed on. Emits
    what the member in use emits, one LLMFullResponseStart/EndFrame a turn, ProviderSwitched, and,
    when everybody has failed, ChainExhausted downstream and one ErrorFrame upstream. Errors that
    another member makes good go no further. An interruption ends the turn and blames nobody.

    Args:
        members: with services that are not linked; they live and end with this processor.
        health: the process's breakers.
        settings: `first_token_s`, `stall_s`, `max_silence_s` and `hedge_s` are the chain's.
        on_switch: called with each switch, for the log, the metrics, the record and the page.
        clock: seconds, monotonic; the one of `health`'s other users.
    """

    def __init__(
        self,
        members: Sequence[Member[LLMService[Any]]],
        health: Health,
        settings: ChainSettings | None = None,
        *,
        on_switch: OnSwitch | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        settings = settings or ChainSettings()
        waits = Waits(
            settings.first_token_s, settings.stall_s, settings.max_silence_s, settings.hedge_s
        )
        self._policy = ChainPolicy([member.key for member in members], health, waits)
        self._seats = Seats(members, self)
        self._on_switch = on_switch
        self._clock = clock
        self._gate = SpeculationGate(name=f"{self}")
        self._answer: Answer | None = None
        self._speaker: int | None = None
        self._in_use = 0
        self._is_open = False
        self._has_changed = asyncio.Event()

    # The members as one service

    @property
    def members(self) -> tuple[Member[LLMService[Any]], ...]:
        """The members in order of preference."""
        return tuple(seat.member for seat in self._seats)

    @property
    def in_use(self) -> Member[LLMService[Any]]:
        """The member that answers, or answered last."""
        return self._seats[self._in_use].member

    def processors_with_metrics(self) -> list[FrameProcessor]:
        """The services that report metrics."""
        return [seat.service for seat in self._seats if seat.service.can_generate_metrics()]

    def register_function(self, function_name: str | None, handler: Any, **options: Any) -> None:
        """`LLMService.register_function` of every member."""
        for seat in self._seats:
            seat.service.register_function(function_name, handler, **options)

    def unregister_function(self, function_name: str | None) -> None:
        """`LLMService.unregister_function` of every member."""
        for seat in self._seats:
            seat.service.unregister_function(function_name)

    def append_system_instruction(self, instruction: str) -> None:
        """`LLMService.append_system_instruction` of every member."""
        for seat in self._seats:
            seat.service.append_system_instruction(instruction)

    async def run_inference(self, context: LLMContext, **options: Any) -> str | None:
        """`LLMService.run_inference` of the first member that answers.

        Raises:
            Exception: that of the last member, when all fail.
        """
        return await self._seats.infer(self._policy.choice(self._clock()), context, options)

    # Life

    async def setup(self, setup: FrameProcessorSetup) -> None:
        """Set the members up with the chain; one that cannot be is found out when it is asked."""
        await super().setup(setup)
        await self._seats.set_up(setup)

    async def cleanup(self) -> None:
        """Release the chain and its members."""
        await super().cleanup()
        await self._seats.clean_up()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Answer, or hand on what members must know."""
        await super().process_frame(frame, direction)
        match frame:
            case LLMContextFrame() if direction is FrameDirection.DOWNSTREAM:
                await self._answer_turn(frame)
            case LLMUpdateSettingsFrame():
                await self._seats.update_settings(frame, direction, self._in_use, self)
                await self.push_frame(frame, direction)
            case LLMContextSummaryRequestFrame():
                await self._seats[self._in_use].feed(frame, direction)
            case EndFrame():
                await self._seats.end(frame, direction)
                await self.push_frame(frame, direction)
            case UserStoppedSpeakingFrame():
                # The end of the turn goes before the answer that it releases.
                self._gate.process(frame, direction)
                await self.push_frame(frame, direction)
                await self._seats.feed(frame, direction)
            case InterruptionFrame():
                self._speaker = None
                await self._seats.feed(frame, direction)
                await self._close_response()
                self._gate.process(frame, direction)
                await self.push_frame(frame, direction)
            case EagerEndOfTurnCancelFrame():
                if self._gate.is_speculating:
                    await self._start_interruption()
                await self._tell_all(frame, direction)
            case StartFrame() | CancelFrame() | LLMConfigureOutputFrame():
                await self._tell_all(frame, direction)
            case UserStartedSpeakingFrame():
                await self._tell_all(frame, direction)
            case _:
                await self.push_frame(frame, direction)

    # A turn

    async def _answer_turn(self, frame: LLMContextFrame) -> None:
        """Ask, and wait for the end as a model itself does, so that what comes behind waits too."""
        await self._close_response()
        self._gate.begin_speculation(frame.speculation)
        self._answer, self._speaker = Answer(frame), None
        try:
            await self._follow(self._policy.start(self._clock()))
            while (wakes_s := self._policy.wakes_s) is not None:
                self._has_changed.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(max(0.0, wakes_s - self._clock())):
                        await self._has_changed.wait()
                await self._follow(self._policy.tick(self._clock()))
        finally:
            # Whoever took the turn away tells the members itself.
            self._policy.interrupted()

    async def _follow(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Drop(member):
                    await self._drop(member)
                case Use():
                    await self._use(action)
                case GiveUp(failure):
                    await self._give_up(failure)
        self._has_changed.set()

    async def _use(self, use: Use) -> None:
        seat = self._seats[use.member]
        if not seat.service.is_usable:
            # Pipecat writes a refused service off for good; here its breaker has decided.
            await seat.service.set_usable(True)
        if not use.is_hedge:
            reason = RECOVERED if use.member < self._in_use else AVOIDED
            if use.failure:
                reason = use.failure.reason
            await self._switch_to(use.member, reason, use.waited_s)
        if self._answer:
            can_prefill = seat.member.can_prefill
            await seat.ask(self._answer.question_for(use.member, can_prefill=can_prefill))

    async def _drop(self, member: int) -> None:
        if self._speaker == member:
            self._speaker = None
        if self._answer:
            self._answer.dropped.add(member)
        await self._seats[member].stop()

    async def _give_up(self, failure: Failure) -> None:
        await self._close_response()
        await self.push_frame(ChainExhausted("llm", failure.reason))
        error = ErrorFrame(
            f"No model answered; the last one failed: {failure.reason}",
            processor=self.in_use.service,
            category=failure.category,
        )
        if self._answer:
            error = self._answer.error_of_all(error)
        await self.push_frame(error, FrameDirection.UPSTREAM)

    async def _switch_to(self, member: int, reason: str, gap_s: float = 0.0) -> None:
        if member == self._in_use:
            return
        left, self._in_use = self._in_use, member
        names = self._seats[left].member.name, self._seats[member].member.name
        switched = ProviderSwitched("llm", *names, str(reason), round(gap_s * 1000, 1))
        logger.warning("The llm is {} instead of {}: {}", names[1], names[0], switched.reason)
        if self._on_switch:
            self._on_switch(switched)
        await self.push_frame(switched)

    # What the seats see

    async def on_sign(self, seat: Seat, *, is_answer: bool) -> None:
        """A token came; the first of a turn decides who speaks."""
        if self._answer is None or not self._policy.is_asked(seat.index):
            return
        if is_answer:
            self._answer.answered.add(seat.index)
        if self._policy.has_output(seat.index):
            self._policy.progress(seat.index, self._clock())
            return
        self._speaker = seat.index
        await self._follow(self._policy.first_output(seat.index, self._clock()))
        await self._switch_to(seat.index, HEDGED)

    async def on_end(self, seat: Seat) -> None:
        """A service is done; with nothing said and no tool called, or cut off, it has failed."""
        if self._answer is None or not self._policy.is_asked(seat.index):
            return
        now_s = self._clock()
        is_empty = self._answer.is_empty(seat.index)
        if seat.is_cut_off and not is_empty:
            failure = Failure(Reason.CLOSED)
            await self._follow(self._policy.failed(seat.index, failure, now_s))
            return
        if not is_empty:
            self._speaker = seat.index
        await self._follow(self._policy.finished(seat.index, now_s, is_empty=is_empty))

    async def on_error(self, seat: Seat, error: ErrorFrame) -> bool:
        """An error of the member that is asked moves the turn on; a dropped member's is nothing."""
        if self._answer is None or error.category is ErrorCategory.APPLICATION:
            return False
        if not self._policy.is_asked(seat.index):
            return seat.index in self._answer.dropped
        self._answer.errors.append(error)
        await self._follow(self._policy.failed(seat.index, failure_of(error), self._clock()))
        return True

    async def may_call(self, seat: Seat) -> bool:
        """Tools run for the member that has the turn only; with that, the turn is answered.

        So no other member is asked afterwards, and no call is made twice.
        """
        if self._policy.is_asked(seat.index):
            await self.on_sign(seat, is_answer=True)
            await self._follow(self._policy.finished(seat.index, self._clock()))
        return seat.index == self._speaker

    async def on_frame(self, seat: Seat, frame: Frame, direction: FrameDirection) -> None:
        """Pass on what a member emits, of an answer only what belongs to this turn."""
        may_speak = seat.index == self._speaker or self._policy.is_asked(seat.index)
        match frame:
            case LLMFullResponseStartFrame():
                if may_speak and not self._is_open:
                    self._is_open = True
                    await self.push_frame(frame, direction)
            case LLMFullResponseEndFrame():
                if may_speak:
                    await self._push_rest(seat.index)
                    await self._close_response(frame)
            case LLMTextFrame():
                if may_speak and self._answer:
                    frame.text = self._answer.take(seat.index, frame.text)
                    if frame.text:
                        await self.push_frame(frame, direction)
            case LLMThoughtStartFrame() | LLMThoughtTextFrame() | LLMThoughtEndFrame():
                if may_speak:
                    await self.push_frame(frame, direction)
            case ServiceMetadataFrame():
                if seat.index == self._in_use:
                    await self.push_frame(frame, direction)
            case _:
                self._gate.process(frame, direction)
                await self.push_frame(frame, direction)

    async def _push_rest(self, member: int) -> None:
        rest = self._answer.take_rest(member) if self._answer else ""
        if rest:
            await self.push_frame(LLMTextFrame(rest))

    async def _close_response(self, frame: LLMFullResponseEndFrame | None = None) -> None:
        if self._is_open:
            self._is_open = False
            await self.push_frame(frame or LLMFullResponseEndFrame())

    # What all members are told

    async def _tell_all(self, frame: Frame, direction: FrameDirection) -> None:
        self._gate.process(frame, direction)
        await self._seats.feed(frame, direction)
        await self.push_frame(frame, direction)
