"""Who listens to the caller, and what of it is passed on: the inside of `processors.fallback.stt`.

One event at a time: what a provider says, or that time has passed. The pipeline's own frames only
add to the kept audio and to what is owed, and never wait for a provider.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from loguru import logger
from pipecat.frames.frames import (
    ErrorFrame,
    Frame,
    InputAudioRawFrame,
    InterimTranscriptionFrame,
    StartFrame,
    STTUpdateSettingsFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessorSetup
from pipecat.transcriptions.language import Language
from pipecat.utils.errors import ErrorCategory
from pipecat.utils.time import time_now_iso8601
from pipecat.utils.types import is_given

from processors.fallback.breaker import Breaker, BreakerState, Health
from processors.fallback.ears import Ears, EarsMember
from processors.fallback.events import RECOVERED, ChainExhausted, ProviderSwitched
from processors.fallback.failure import Failure, Reason, failure_of
from processors.fallback.kept import KeptAudio
from processors.fallback.overlap import Overlap
from processors.fallback.owed import REPLAY_RATE, Owed
from processors.fallback.policy import ChainPolicy, Use, Waits
from processors.fallback.settings import ChainSettings

CONNECT_S = 5.0
"""For a provider to connect while nobody speaks; while somebody does, the words' deadlines hold."""
LOOK_S = 1.0
"""Between two looks at the health of the providers, while nobody speaks."""
RETRY_S = 1.0
"""After all have failed, until one is tried again."""
LATE_FINAL_S = 0.3
"""A transcript outside any utterance is of speech at least so old: providers take their time."""

Event = Callable[[], Coroutine[Any, Any, None]]


class Outside(Protocol):
    """What the processor gives."""

    async def push_frame(
        self, frame: Frame, direction: FrameDirection = FrameDirection.DOWNSTREAM
    ) -> None: ...

    async def push_error(self, error_msg: str, *, category: ErrorCategory) -> None: ...

    async def broadcast_frame_instance(self, frame: Frame) -> None: ...

    def create_task(
        self, coroutine: Coroutine[Any, Any, None], name: str
    ) -> asyncio.Task[None]: ...

    async def cancel_task(self, task: asyncio.Task[None]) -> None: ...


class Listening:
    """One call's chain of ears.

    At most two listen at a time: the one that has the word, and another that is asked about a
    silence or proves itself. Times are seconds of `clock`.
    """

    def __init__(
        self,
        members: Sequence[EarsMember],
        health: Health,
        settings: ChainSettings,
        outside: Outside,
        on_switch: Callable[[ProviderSwitched], None],
        clock: Callable[[], float],
        setup: FrameProcessorSetup,
    ) -> None:
        self._members = tuple(members)
        self._health = health
        self._settings = settings
        self._outside = outside
        self._on_switch = on_switch
        self._clock = clock
        self._setup = setup
        waits = Waits(settings.stt_s, settings.stall_s, max_silence_s=math.inf)
        self._policy = ChainPolicy([member.key for member in members], health, waits)
        self._kept = KeptAudio(setup.audio_in_sample_rate)
        self._owed = Owed()
        self._said: list[str] = []
        self._is_open = False
        self._floor = 0
        self._language: Language | str | None = None
        self._starting: asyncio.Future[StartFrame] = asyncio.get_running_loop().create_future()
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._tasks: dict[Ears, asyncio.Task[None]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._active: Ears | None = None
        self._active_since_s = 0.0
        self._other: Ears | None = None
        self._other_until_s = 0.0
        self._is_opinion = False
        self._tried: set[int] = set()
        self._is_extended = False
        self._retry_s = math.inf
        self._look_s = clock() + LOOK_S
        self._listen_with(self._policy.choice(clock()))
        self._loop = outside.create_task(self._run(), name="ears")

    # What the pipeline tells

    async def started(self, frame: StartFrame) -> None:
        """The pipeline has started, and so may the services."""
        if not self._starting.done():
            self._starting.set_result(frame)
            await self._introduce()

    async def audio(self, frame: InputAudioRawFrame) -> None:
        self._kept.add(frame)
        await self._feed()

    async def speech_started(self, frame: VADUserStartedSpeakingFrame) -> None:
        now_s = self._clock()
        if not self._is_open:
            self._begin(frame.start_secs, now_s)
            if self._active and not self._is_trusted(self._active, now_s):
                self._events.put_nowait(self._leave_untrusted)
        self._owed.speech_started(now_s)
        self._kept.add(frame)
        await self._feed()
        self._events.put_nowait(self._tick)

    async def speech_stopped(self, frame: VADUserStoppedSpeakingFrame) -> None:
        if not self._is_open:
            return
        self._kept.add(frame)
        self._floor = self._kept.end
        at_s = self._kept.now_bytes / self._kept.bytes_per_s - frame.stop_secs
        now_s = self._clock()
        self._owed.speech_stopped(at_s, now_s)
        if self._other and self._is_opinion:
            self._other_until_s = now_s + self._opinion_s(self._other)
        await self._feed()
        self._events.put_nowait(self._settle)

    async def tell(self, frame: Frame) -> None:
        """Hand on a frame that services read beside audio."""
        for ears in self._listening():
            await ears.tell(frame)

    async def update(self, frame: STTUpdateSettingsFrame) -> None:
        """The provider at work takes all of it; those after it at least the language."""
        if frame.delta is not None and is_given(frame.delta.language):
            self._language = frame.delta.language
        if self._active:
            await self._active.tell(replace(frame, service=None))

    async def finish(self, timeout_s: float) -> None:
        """The call ends: pass the last words on."""
        if self._active:
            await self._active.finish(timeout_s)
        told = asyncio.Event()

        async def mark() -> None:
            told.set()

        self._events.put_nowait(mark)
        waiting = asyncio.create_task(told.wait())
        await asyncio.wait({waiting}, timeout=timeout_s)
        waiting.cancel()

    async def close(self) -> None:
        """Release every service; bounded, and safe to repeat."""
        await self._outside.cancel_task(self._loop)
        for ears in self._listening():
            self._close(ears)
        self._active = self._other = None
        if self._closing:
            await asyncio.wait(self._closing)

    # One event at a time

    async def _run(self) -> None:
        while True:
            event: Event = self._tick
            try:
                async with asyncio.timeout(max(0.0, self._wakes_s() - self._clock())):
                    event = await self._events.get()
            except TimeoutError:
                pass
            try:
                await event()
            except Exception as error:
                logger.exception("The chain of ears failed: {}", type(error).__name__)

    def _wakes_s(self) -> float:
        due = [self._retry_s, self._other_until_s if self._other else math.inf]
        if not self._is_open:
            due.append(self._look_s)
        if self._active:
            owed_s = self._owed_due_s(self._active)
            due.append(math.inf if owed_s is None else owed_s)
            if not self._active.is_ready:
                due.append(self._active_since_s + CONNECT_S)
        return min(due)

    def _owed_due_s(self, ears: Ears) -> float | None:
        if not self._is_open:
            return None
        nothing_s = self._settings.stt_s + self._settings.stall_s if ears.tells else None
        return self._owed.due_s(self._final_s(ears), nothing_s)

    def _final_s(self, ears: Ears) -> float:
        """A slow model is not late before its own word for its latency is up."""
        return max(self._settings.stt_s, ears.metadata.ttfs_p99_latency)

    def _opinion_s(self, ears: Ears) -> float:
        """For somebody else to connect, hear the utterance and say what was said."""
        replay_s = self._kept.length_s / REPLAY_RATE
        return self._final_s(ears) + self._settings.stall_s + replay_s

    async def _tick(self) -> None:
        now_s = self._clock()
        if self._active is None:
            if now_s >= self._retry_s or self._is_open:
                await self._restart(now_s)
            return
        due_s = self._owed_due_s(self._active)
        if due_s is not None and now_s >= due_s:
            await self._overdue(self._active, now_s)
        elif not self._active.is_ready and now_s >= self._active_since_s + CONNECT_S:
            await self._fail(self._active, Failure(Reason.LATE, ErrorCategory.CONNECTIVITY))
        if self._other and now_s >= self._other_until_s:
            await self._other_is_late(self._other)
        if not self._is_open and now_s >= self._look_s:
            self._look_s = now_s + LOOK_S
            await self._look(now_s)

    async def _take(self, ears: Ears, frame: Frame, direction: FrameDirection) -> None:
        """What a provider says."""
        if ears.is_closed:
            return
        if isinstance(frame, ErrorFrame) and frame.category is not ErrorCategory.APPLICATION:
            logger.warning("{} failed: {}", ears.member.name, frame.category)
            await self._fail(ears, failure_of(frame))
        elif isinstance(frame, InterimTranscriptionFrame | TranscriptionFrame):
            if ears is self._active:
                await self._pass_on(ears, frame)
            else:
                ears.collected.append(frame)
                if frame.text.strip():
                    await self._other_heard(ears, frame)
        elif ears is self._active:
            await self._outside.push_frame(frame, direction)

    async def _pass_on(
        self, ears: Ears, frame: InterimTranscriptionFrame | TranscriptionFrame
    ) -> None:
        now_s = self._clock()
        at_s = self._kept.now_bytes / self._kept.bytes_per_s
        self._policy.first_output(ears.number, now_s)
        if isinstance(frame, InterimTranscriptionFrame):
            new = ears.overlap.preview(frame.text)
            if self._is_open:
                self._owed.told(new.strip(), now_s)
        else:
            new = ears.overlap.take(frame.text)
            if self._is_open:
                self._said += new.split()
                self._owed.paid(at_s, now_s, ears.reaches_s(frame))
            else:
                self._kept.utterance_ended(self._kept.since(LATE_FINAL_S))
        if new.strip():
            frame.text = new
            await self._outside.push_frame(frame)
        await self._settle()

    # Utterances

    def _begin(self, start_s: float, now_s: float) -> None:
        self._is_open = True
        self._said = []
        self._tried = {ears.number for ears in self._listening()}
        self._is_extended = False
        self._kept.utterance_began(start_s)
        self._owed.began(now_s)
        for ears in self._listening():
            ears.overlap = Overlap(())
            ears.collected.clear()
        if self._active:
            self._policy.start(now_s, self._active.number)

    async def _settle(self) -> None:
        """The utterance is over once the caller is silent and every word has been told."""
        if not self._is_open or not self._owed.is_settled:
            return
        now_s = self._clock()
        self._is_open = False
        self._kept.utterance_ended(self._floor)
        if self._active and self._said:
            self._policy.finished(self._active.number, now_s)
        else:
            self._policy.interrupted(now_s)
        if self._other and self._is_opinion:
            self._drop_other()
        elif self._other and self._said and math.isinf(self._other_until_s):
            self._other_until_s = now_s + self._final_s(self._other)
        await self._look(now_s)

    async def _overdue(self, ears: Ears, now_s: float) -> None:
        """Words are late. Whose fault it is shows when somebody else hears some."""
        was_heard = self._owed.has_sign and (self._owed.is_speaking or bool(self._owed.partial))
        if was_heard or not ears.is_ready:
            if not self._is_extended and not self._left(now_s):
                # Late words are better than none, and nobody else is there to say them.
                self._is_extended = True
                self._owed.looked_into(now_s)
                return
            reason = Reason.STALLED if self._owed.is_speaking else Reason.LATE
            await self._fail(ears, Failure(reason))
        elif self._other and any(frame.text.strip() for frame in self._other.collected):
            await self._fail(ears, Failure(Reason.EMPTY))
        elif self._other and self._is_opinion:
            self._owed.looked_into(now_s)
        else:
            await self._consult(now_s)

    async def _consult(self, now_s: float) -> None:
        """Let another provider hear the utterance; nobody is to blame yet."""
        self._drop_other()
        left = self._left(now_s)
        self._owed.looked_into(now_s)
        if left:
            trusted = (n for n in left if self._breaker(n).is_closed(now_s))
            asked = next(trusted, left[0])
            self._is_opinion = True
            self._other = self._open(asked)
            is_speaking = self._owed.is_speaking
            self._other_until_s = math.inf if is_speaking else now_s + self._opinion_s(self._other)
        elif not self._owed.is_speaking:
            self._owed.excused()
            await self._settle()

    def _left(self, now_s: float) -> list[int]:
        """The members that have not heard this utterance and may be asked."""
        numbers = range(len(self._members))
        return [n for n in numbers if n not in self._tried and self._breaker(n).may_try(now_s)]

    def _breaker(self, number: int) -> Breaker:
        return self._health.breaker(self._members[number].key)

    # The other ears

    async def _other_heard(
        self, ears: Ears, frame: InterimTranscriptionFrame | TranscriptionFrame
    ) -> None:
        if self._is_opinion and self._active:
            await self._fail(self._active, Failure(Reason.EMPTY))
        elif not self._is_opinion and isinstance(frame, TranscriptionFrame):
            self._health.succeeded(ears.member.key, self._clock())
            self._other_until_s = math.inf
            if not self._is_open:
                await self._look(self._clock())

    async def _other_is_late(self, ears: Ears) -> None:
        if self._is_opinion:
            self._drop_other()
            await self._consult(self._clock())
        else:
            await self._fail(ears, Failure(Reason.LATE))

    async def _look(self, now_s: float) -> None:
        """Between utterances: leave who is known to be ill, let who may be well prove it."""
        active = self._active
        if active is None or self._is_open:
            return
        choice = self._policy.choice(now_s)
        other = self._other
        if other and not self._is_opinion and any(_is_final(frame) for frame in other.collected):
            if choice == other.number:
                await self._switch(other.number, RECOVERED, 0.0)
            else:
                other.collected.clear()  # once more: its breaker asks for more than one proof
            return
        if choice != active.number and not self._is_trusted(active, now_s):
            await self._switch(choice, Reason.ERROR, 0.0)
        elif other is None and active.is_ready:
            better = choice if choice < active.number else self._claimed(active.number, now_s)
            if better is not None:
                self._is_opinion = False
                self._other = self._open(better)
                self._other_until_s = math.inf

    async def _leave_untrusted(self) -> None:
        """Others have found out that the provider at work is ill: do not try it with this."""
        now_s = self._clock()
        choice = self._policy.choice(now_s)
        if self._is_open and self._active and choice != self._active.number:
            self._policy.start(now_s, choice)
            await self._switch(choice, Reason.ERROR, 0.0)

    def _claimed(self, before: int, now_s: float) -> int | None:
        """A better provider whose breaker wants to be asked and has given the question to us."""
        for number in range(before):
            breaker = self._breaker(number)
            if breaker.state(now_s) is not BreakerState.OPEN and breaker.claim_probe(now_s):
                return number
        return None

    def _is_trusted(self, ears: Ears, now_s: float) -> bool:
        return self._breaker(ears.number).is_closed(now_s)

    # Switching

    async def _fail(self, ears: Ears, failure: Failure) -> None:
        now_s = self._clock()
        actions = self._policy.failed(ears.number, failure, now_s)
        if ears is self._other:
            was_opinion = self._is_opinion
            self._drop_other()
            if was_opinion:
                await self._consult(now_s)
            return
        waited_ms = self._owed.waited_s(now_s) * 1000 if self._is_open else 0.0
        following = next((action.member for action in actions if isinstance(action, Use)), None)
        if following is None and not self._is_open:
            choice = self._policy.choice(now_s)
            is_well = self._breaker(choice).is_closed(now_s)
            following = choice if is_well and choice != ears.number else None
        if following is not None:
            await self._switch(following, failure.reason, waited_ms)
        else:
            await self._give_up(ears, failure)

    async def _switch(self, number: int, reason: str, gap_ms: float) -> None:
        now_s = self._clock()
        left = self._active
        promoted = self._other if self._other and self._other.number == number else None
        if promoted:
            self._other = None
        else:
            self._drop_other()
        if left:
            self._close(left)
        if promoted:
            promoted.overlap = Overlap(self._said)
            self._active, self._active_since_s = promoted, now_s
        else:
            self._listen_with(number)
        self._owed.asked(now_s, 0.0 if promoted else self._kept.length_s)
        if left:
            switched = ProviderSwitched(
                "stt", left.member.name, self._members[number].name, str(reason), round(gap_ms, 1)
            )
            logger.info("stt: {} -> {} ({})", switched.from_name, switched.to_name, reason)
            self._on_switch(switched)
            await self._outside.push_frame(switched)
        await self._introduce()
        if promoted:
            collected, promoted.collected = promoted.collected, []
            for frame in collected:
                if promoted is self._active:
                    await self._pass_on(promoted, frame)

    async def _give_up(self, ears: Ears, failure: Failure) -> None:
        """Nobody is left: what was heard so far is all there is, and it is passed on."""
        self._close(ears)
        self._drop_other()
        self._active = None
        self._retry_s = self._clock() + RETRY_S
        partial, was_open = self._owed.partial, self._is_open
        self._is_open = False
        self._kept.utterance_ended(self._kept.end)
        if partial:
            await self._outside.push_frame(
                TranscriptionFrame(partial, "", time_now_iso8601(), finalized=True)
            )
        if was_open:
            await self._outside.push_frame(ChainExhausted("stt", str(failure.reason)))
            await self._outside.push_error(
                "No provider can hear the caller.", category=ErrorCategory.SERVER
            )

    async def _restart(self, now_s: float) -> None:
        self._retry_s = math.inf
        self._listen_with(self._policy.choice(now_s))
        if self._is_open and self._active:
            self._policy.start(now_s, self._active.number)
            self._owed.asked(now_s)
        await self._introduce()

    def _listen_with(self, number: int) -> None:
        self._active, self._active_since_s = self._open(number), self._clock()

    def _open(self, number: int) -> Ears:
        self._tried.add(number)
        ears = Ears(number, self._members[number], self._kept, Overlap(self._said), self._heard)
        self._tasks[ears] = self._outside.create_task(
            ears.open(self._setup, self._starting, self._language), name=f"open {number}"
        )
        return ears

    def _heard(self, ears: Ears, frame: Frame, direction: FrameDirection) -> None:
        self._events.put_nowait(partial(self._take, ears, frame, direction))

    def _drop_other(self) -> None:
        other, self._other = self._other, None
        if other:
            self._close(other)

    def _close(self, ears: Ears) -> None:
        """Nothing more is taken from it; its sockets close beside the call."""
        ears.is_closed = True
        task = asyncio.get_running_loop().create_task(self._release(ears))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _release(self, ears: Ears) -> None:
        opening = self._tasks.pop(ears, None)
        if opening and not opening.done():
            await self._outside.cancel_task(opening)
        await ears.close()

    async def _introduce(self) -> None:
        """Tell the turn's end how long the words of who is listening take."""
        if self._active and self._starting.done():
            await self._outside.broadcast_frame_instance(self._active.metadata)

    def _listening(self) -> list[Ears]:
        return [ears for ears in (self._active, self._other) if ears is not None]

    async def _feed(self) -> None:
        for ears in self._listening():
            await ears.feed()


def _is_final(frame: InterimTranscriptionFrame | TranscriptionFrame) -> bool:
    return isinstance(frame, TranscriptionFrame) and bool(frame.text.strip())
