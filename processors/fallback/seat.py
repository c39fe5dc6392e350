"""One model's service inside a chain: it is fed here, and what it does is seen here first.

The chain cannot wait for frames alone. A service holds an unconfirmed speculation back, so its
first token may never come out; the arguments of a tool call come out as nothing at all; and a tool
must be stopped before it runs. So public methods of the service are watched:

    process_frame        the question it is at work on: what it says to an earlier one is old
    push_frame           text, errors and the end of an answer, before the service's own gate
    stop_ttfat_metrics   a sign of life for each token, those of a tool call included
    run_function_calls   the question whether the calls may run

and the stream's own end, by `ending`.

What has passed the gate comes out of the service into the seat, which hands it to the chain.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any, Protocol

from pipecat.frames.frames import (
    EagerEndOfTurnCancelFrame,
    ErrorFrame,
    Frame,
    FunctionCallCancelFrame,
    FunctionCallFromLLM,
    FunctionCallInProgressFrame,
    FunctionCallResultFrame,
    InterruptionFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    LLMThoughtEndFrame,
    LLMThoughtStartFrame,
    LLMThoughtTextFrame,
)
from pipecat.processors.frame_processor import FrameCallback, FrameDirection, FrameProcessor
from pipecat.services.llm_service import LLMService

from processors.fallback.ending import Ending
from processors.fallback.member import Member

_OF_AN_ANSWER = (
    ErrorFrame,
    LLMFullResponseStartFrame,
    LLMFullResponseEndFrame,
    LLMTextFrame,
    LLMThoughtStartFrame,
    LLMThoughtTextFrame,
    LLMThoughtEndFrame,
)


class SeatEvents(Protocol):
    """What a chain learns from its seats."""

    async def on_sign(self, seat: Seat, *, is_answer: bool) -> None:
        """A token came; `is_answer` for text that can be spoken."""
        ...

    async def on_end(self, seat: Seat) -> None:
        """The service is done with its answer, however it went."""
        ...

    async def on_error(self, seat: Seat, error: ErrorFrame) -> bool:
        """The service reports an error; True if the chain deals with it."""
        ...

    async def may_call(self, seat: Seat) -> bool:
        """Whether the tools that the service wants to call may run."""
        ...

    async def on_frame(self, seat: Seat, frame: Frame, direction: FrameDirection) -> None:
        """A frame of the service's own came out of it."""
        ...


class Seat(FrameProcessor):
    """Stands before and behind a member's service and watches it; not in the pipeline itself.

    Frames given with `feed` that the service passes on end here: the chain passes its own. All
    others go to the chain, in both directions.
    """

    def __init__(self, index: int, member: Member[LLMService[Any]], chain: SeatEvents) -> None:
        super().__init__(name=f"Seat of {member.name}", enable_direct_mode=True)
        self.index = index
        self.member = member
        self.service = member.service
        self._chain = chain
        self._fed: deque[int] = deque(maxlen=64)
        self._running_calls: set[str] = set()
        self._asked: LLMContextFrame | None = None
        self._working_on: LLMContextFrame | None = None
        self._ending = Ending(self.service)
        self.link(self.service)
        self.service.link(self)
        _refuse_retries(self.service)
        self._watch()

    @property
    def is_cut_off(self) -> bool:
        """Whether the answer that is over stopped without having come to its end."""
        return self._ending.is_missing

    async def feed(
        self,
        frame: Frame,
        direction: FrameDirection = FrameDirection.DOWNSTREAM,
        callback: FrameCallback | None = None,
    ) -> None:
        """Give the service a frame; `callback` is called when it has processed it."""
        self._fed.append(frame.id)
        await self.service.queue_frame(frame, direction, callback)

    async def ask(self, question: LLMContextFrame) -> None:
        """Give the service a question; from now on what it says to an earlier one is dropped."""
        self._asked = question
        await self.feed(question)

    async def stop(self) -> None:
        """Make the service give up its answer and what it holds of it."""
        if self._running_calls:
            # An interruption would cancel the tools of an earlier answer as well; what is still
            # generated is not let out.
            await self.feed(EagerEndOfTurnCancelFrame())
        else:
            await self.feed(InterruptionFrame())

    async def queue_frame(
        self,
        frame: Frame,
        direction: FrameDirection = FrameDirection.DOWNSTREAM,
        callback: FrameCallback | None = None,
    ) -> None:
        """Take a frame that came out of the service."""
        del callback
        if frame.id in self._fed:
            return
        if isinstance(frame, FunctionCallInProgressFrame):
            self._running_calls.add(frame.tool_call_id)
        elif isinstance(frame, (FunctionCallResultFrame, FunctionCallCancelFrame)):
            self._running_calls.discard(frame.tool_call_id)
        await self._chain.on_frame(self, frame, direction)

    def _watch(self) -> None:
        service, chain = self.service, self._chain
        process_frame = service.process_frame
        push_frame = service.push_frame
        stop_ttfat_metrics = service.stop_ttfat_metrics
        run_function_calls = service.run_function_calls

        async def watched_process(frame: Frame, direction: FrameDirection) -> None:
            if isinstance(frame, LLMContextFrame):
                self._working_on = frame
                self._ending.begin()
            await process_frame(frame, direction)

        async def watched_push(
            frame: Frame, direction: FrameDirection = FrameDirection.DOWNSTREAM
        ) -> None:
            is_old = self._working_on is not self._asked
            if is_old and isinstance(frame, _OF_AN_ANSWER):
                return
            if isinstance(frame, ErrorFrame):
                if not await chain.on_error(self, frame):
                    await push_frame(frame, direction)
                return
            if isinstance(frame, LLMTextFrame) and frame.text.strip():
                self._ending.said(frame.text)
                await chain.on_sign(self, is_answer=True)
            elif isinstance(frame, LLMFullResponseEndFrame):
                await chain.on_end(self)
            await push_frame(frame, direction)

        async def watched_stop_ttfat(*, end_time: float | None = None) -> None:
            if self._working_on is self._asked:
                await chain.on_sign(self, is_answer=False)
            await stop_ttfat_metrics(end_time=end_time)

        async def watched_calls(function_calls: Sequence[FunctionCallFromLLM]) -> None:
            is_old = self._working_on is not self._asked
            if function_calls and not is_old and await chain.may_call(self):
                await run_function_calls(function_calls)

        # Set by name: a type checker does not take a method for an attribute.
        for name, watched in (
            ("process_frame", watched_process),
            ("push_frame", watched_push),
            ("stop_ttfat_metrics", watched_stop_ttfat),
            ("run_function_calls", watched_calls),
        ):
            setattr(service, name, watched)


def _refuse_retries(service: LLMService[Any]) -> None:
    """Let the vendors' clients report an error at once: the next provider is the retry."""
    client: Any = getattr(service, "_client", None)
    if isinstance(getattr(client, "max_retries", None), int):
        client.max_retries = 0
