"""Who listens to the caller, and what of it is passed on: the inside of `processors.fallback.stt`.

One event at a time: what a provider says, or that time has passed. The pipeline's own frames only
add to the kept audio and to what is owed, and never wait for a provider.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

from loguru import logger
from pipecat.frames.frames import (
    EagerTranscriptionFrame,
    ErrorFrame,
    Frame,
    InputAudioRawFrame,
    InterimTranscriptionFrame,
    ProposedUserStartedSpeakingFrame,
    ProposedUserStoppedSpeakingFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessorSetup
from pipecat.utils.errors import ErrorCategory
from pipecat.utils.time import time_now_iso8601

from processors.fallback.bench import Bench, Outside
from processors.fallback.breaker import Health
from processors.fallback.candidates import Candidates
from processors.fallback.deadlines import Deadlines
from processors.fallback.ears import Ears, EarsMember, is_final
from processors.fallback.events import RECOVERED, ChainExhausted, ProviderSwitched, WordsAwaited
from processors.fallback.events_in_turn import EventsInTurn
from processors.fallback.failure import Failure, Reason, failure_of
from processors.fallback.overlap import Overlap
from processors.fallback.policy import ChainPolicy, Use, Waits
from processors.fallback.settings import ChainSettings
from processors.fallback.speech import Speech

CONNECT_S = 5.0
"""For a provider to connect while nobody speaks; while somebody does, the words' deadlines hold."""
LOOK_S = 1.0
"""Between two looks at the health of the providers, while nobody speaks."""
RETRY_S = 1.0
"""After all have failed, until one is tried again."""


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
        self._outside = outside
        self._on_switch = on_switch
        self._clock = clock
        waits = Waits(settings.stt_s, settings.stall_s, max_silence_s=math.inf)
        keys = [member.key for member in members]
        self._policy = ChainPolicy(keys, health, waits)
        self._candidates = Candidates(keys, health)
        self._speech = Speech(setup.audio_in_sample_rate)
        self._owed = self._speech.owed
        self._deadlines = Deadlines(settings, self._speech)
        self._events = EventsInTurn(self._tick, self._tell_awaited, self._wakes_s, clock)
        self.bench = Bench(members, self._speech.kept, setup, outside, self._heard)
        self._active_since_s = 0.0
        self._other_until_s = 0.0
        self._is_opinion = False
        self._awaited_until_s: float | None = None
        self._retry_s = math.inf
        self._look_s = clock() + LOOK_S
        self._listen_with(self._policy.choice(clock()))
        self._loop = outside.create_task(self._events.run(), name="ears")

    # What the pipeline tells

    async def audio(self, frame: InputAudioRawFrame) -> None:
        self._speech.kept.add(frame)
        await self.bench.feed(frame)

    async def speech_started(self, frame: VADUserStartedSpeakingFrame) -> None:
        now_s, active = self._clock(), self.bench.active
        if self._speech.started(frame, (ears.number for ears in self.bench.seated), now_s):
            for ears in self.bench.seated:
                ears.overlap = Overlap(())
                ears.collected.clear()
            if active:
                self._policy.start(now_s, active.number)
                if not self._candidates.is_well(active.number, now_s):
                    self._events.put(self._leave_untrusted)
        await self.bench.feed(frame)
        self._events.put(self._tick)

    async def speech_stopped(self, frame: VADUserStoppedSpeakingFrame) -> None:
        if not self._speech.is_open:
            return
        now_s = self._clock()
        self._speech.stopped(frame, now_s)
        if self.bench.other and self._is_opinion:
            self._other_until_s = now_s + self._deadlines.opinion_s(self.bench.other)
        await self.bench.feed(frame)
        self._events.put(self._settle)

    async def finish(self, timeout_s: float) -> None:
        """The call ends: pass the last words on."""
        if self.bench.active:
            await self.bench.active.finish(timeout_s)
        await self._events.caught_up(timeout_s)

    async def close(self) -> None:
        """Release every service; bounded, and safe to repeat."""
        await self._outside.cancel_task(self._loop)
        await self.bench.close()

    # One event at a time

    def _wakes_s(self) -> float:
        due = [self._retry_s, self._other_until_s if self.bench.other else math.inf]
        if not self._speech.is_open:
            due.append(self._look_s)
        if self.bench.active:
            owed_s = self._deadlines.owed_due_s(self.bench.active)
            due.append(math.inf if owed_s is None else owed_s)
            if not self.bench.active.is_ready:
                due.append(self._active_since_s + CONNECT_S)
        return min(due)

    async def _tick(self) -> None:
        now_s = self._clock()
        if self.bench.active is None:
            if now_s >= self._retry_s or self._speech.is_open:
                await self._restart(now_s)
            return
        due_s = self._deadlines.owed_due_s(self.bench.active)
        if due_s is not None and now_s >= due_s:
            await self._overdue(self.bench.active, now_s)
        elif not self.bench.active.is_ready and now_s >= self._active_since_s + CONNECT_S:
            await self._fail(self.bench.active, Failure(Reason.LATE, ErrorCategory.CONNECTIVITY))
        if self.bench.other and now_s >= self._other_until_s:
            await self._other_is_late(self.bench.other)
        if not self._speech.is_open and now_s >= self._look_s:
            self._look_s = now_s + LOOK_S
            await self._look(now_s)

    async def _take(self, ears: Ears, frame: Frame, direction: FrameDirection) -> None:
        """What a provider says."""
        if ears.is_closed:
            return
        if isinstance(frame, ErrorFrame) and frame.category is not ErrorCategory.APPLICATION:
            logger.warning("{} failed: {}", ears.member.name, frame.category)
            await self._fail(ears, failure_of(frame))
        elif ears.is_cut_short(frame):
            await self._fail(ears, Failure(Reason.CLOSED, ErrorCategory.CONNECTIVITY))
        elif isinstance(frame, InterimTranscriptionFrame | TranscriptionFrame):
            if ears is self.bench.active:
                await self._pass_on(ears, frame)
            else:
                ears.collected.append(frame)
                await self._other_heard(ears, frame)
        elif ears is self.bench.active and not isinstance(frame, ProposedUserStartedSpeakingFrame):
            # Ears that die never take a proposal back: it would keep the caller's turn open.
            if isinstance(frame, EagerTranscriptionFrame):
                frame.text = ears.overlap.preview(frame.text)
            await self._outside.push_frame(frame, direction)

    async def _pass_on(
        self, ears: Ears, frame: InterimTranscriptionFrame | TranscriptionFrame
    ) -> None:
        now_s = self._clock()
        self._policy.first_output(ears.number, now_s)
        new = ears.overlap.hear(frame)
        if isinstance(frame, TranscriptionFrame):
            self._speech.transcribed(new, now_s, ears.reaches_s(frame), is_whole=ears.tells_turns)
            # A later stretch is still owed, as in a replay of two: no turn is to end on the first.
            frame.finalized = frame.finalized and self._owed.is_paid
        else:
            self._speech.told(new.strip(), now_s)
        if new.strip():
            frame.text = new
            await self._outside.push_frame(frame)
        await self._settle()

    # Utterances

    async def _tell_awaited(self) -> None:
        """A turn without a word is not over while somebody may still hear some."""
        until_s = self._deadlines.awaited_until_s(self.bench.active)
        if until_s == self._awaited_until_s or self._speech.has_words:
            return
        self._awaited_until_s = until_s
        for_s = 0.0 if until_s is None else max(0.0, until_s - self._clock())
        await self._outside.push_frame(WordsAwaited(for_s))

    async def _settle(self) -> None:
        """The utterance is over once the caller is silent and every word has been told."""
        if not self._speech.is_open or not self._owed.is_settled:
            return
        now_s = self._clock()
        self._speech.ended()
        if self.bench.active and self._speech.said:
            self._policy.finished(self.bench.active.number, now_s)
        else:
            self._policy.interrupted()
        if self.bench.other and self._is_opinion:
            self.bench.drop_other()
        elif self.bench.other and self._speech.said and math.isinf(self._other_until_s):
            self._other_until_s = now_s + self._deadlines.final_s(self.bench.other)
        await self._look(now_s)

    async def _overdue(self, ears: Ears, now_s: float) -> None:
        """Words are late. Whose fault it is shows when somebody else hears some."""
        was_heard = self._owed.has_sign and (self._owed.is_speaking or bool(self._owed.partial))
        if was_heard or not ears.is_ready:
            asked = self._candidates.opinion(self._speech.heard_by, now_s)
            if asked is None and not self._speech.is_extended:
                # Late words are better than none, and nobody else is there to say them.
                self._speech.is_extended = True
                self._owed.looked_into(now_s)
                return
            reason = Reason.STALLED if self._owed.is_speaking else Reason.LATE
            await self._fail(ears, Failure(reason))
        elif self.bench.other and self.bench.other.has_news(self._speech.said):
            await self._fail(ears, Failure(Reason.EMPTY))
        elif self.bench.other and self._is_opinion:
            self._owed.looked_into(now_s)
        else:
            await self._consult(now_s)

    async def _consult(self, now_s: float) -> None:
        """Let another provider hear the utterance; nobody is to blame yet."""
        self.bench.drop_other()
        asked = self._candidates.opinion(self._speech.heard_by, now_s)
        self._owed.looked_into(now_s)
        if asked is not None:
            self._is_opinion = True
            self.bench.other = self._open(asked)
            due_s = now_s + self._deadlines.opinion_s(self.bench.other)
            self._other_until_s = math.inf if self._owed.is_speaking else due_s
        elif not self._owed.is_speaking:
            self._owed.excused()
            await self._settle()

    # The other ears

    async def _other_heard(
        self, ears: Ears, frame: InterimTranscriptionFrame | TranscriptionFrame
    ) -> None:
        if self._is_opinion and self.bench.active and ears.has_news(self._speech.said):
            await self._fail(self.bench.active, Failure(Reason.EMPTY))
        elif not self._is_opinion and is_final(frame):
            self._health.succeeded(ears.member.key, self._clock())
            self._other_until_s = math.inf
            if not self._speech.is_open:
                await self._look(self._clock())

    async def _other_is_late(self, ears: Ears) -> None:
        if self._is_opinion:
            self.bench.drop_other()
            await self._consult(self._clock())
        else:
            await self._fail(ears, Failure(Reason.LATE))

    async def _look(self, now_s: float) -> None:
        """Between utterances: leave who is known to be ill, let who may be well prove it."""
        active = self.bench.active
        if active is None or self._speech.is_open:
            return
        choice = self._policy.choice(now_s)
        other = self.bench.other
        if other and not self._is_opinion and other.has_final:
            if choice == other.number:
                await self._switch(other.number, RECOVERED, 0.0)
            else:
                other.collected.clear()  # once more: its breaker asks for more than one proof
            return
        if choice != active.number and not self._candidates.is_well(active.number, now_s):
            await self._switch(choice, Reason.ERROR, 0.0)
        elif other is None and active.is_ready:
            better = (
                choice if choice < active.number else self._candidates.claimed(active.number, now_s)
            )
            if better is not None:
                self._is_opinion = False
                self.bench.other = self._open(better)
                self._other_until_s = math.inf

    async def _leave_untrusted(self) -> None:
        """Others have found out that the provider at work is ill: do not try it with this."""
        now_s = self._clock()
        choice = self._policy.choice(now_s)
        if self._speech.is_open and self.bench.active and choice != self.bench.active.number:
            self._policy.start(now_s, choice)
            await self._switch(choice, Reason.ERROR, 0.0)

    # Switching

    async def _fail(self, ears: Ears, failure: Failure) -> None:
        now_s = self._clock()
        actions = self._policy.failed(ears.number, failure, now_s)
        if ears is self.bench.other:
            was_opinion = self._is_opinion
            self.bench.drop_other()
            if was_opinion:
                await self._consult(now_s)
            return
        waited_ms = self._owed.waited_s(now_s) * 1000 if self._speech.is_open else 0.0
        following = next((action.member for action in actions if isinstance(action, Use)), None)
        if following is None and not self._speech.is_open:
            choice = self._policy.choice(now_s)
            is_well = self._candidates.is_well(choice, now_s)
            following = choice if is_well and choice != ears.number else None
        if following is not None:
            await self._switch(following, failure.reason, waited_ms)
        else:
            await self._give_up(ears, failure)

    async def _switch(self, number: int, reason: str, gap_ms: float) -> None:
        now_s = self._clock()
        left = self.bench.active
        self.bench.leave()
        if promoted := self.bench.promote(number):
            promoted.overlap = Overlap(self._speech.said)
            self._active_since_s = now_s
        else:
            self.bench.drop_other()
            self._listen_with(number)
        self._owed.asked(now_s, 0.0 if promoted else self._speech.kept.length_s)
        if left:
            switched = ProviderSwitched(
                "stt", left.member.name, self._members[number].name, str(reason), round(gap_ms, 1)
            )
            logger.info("stt: {} -> {} ({})", switched.from_name, switched.to_name, reason)
            self._on_switch(switched)
            await self._outside.push_frame(switched)
        await self.bench.introduce()
        if promoted:
            collected, promoted.collected = promoted.collected, []
            for frame in collected:
                if promoted is self.bench.active:
                    await self._pass_on(promoted, frame)
            if collected and is_final(collected[-1]):
                await self._end_turn(promoted)

    async def _give_up(self, ears: Ears, failure: Failure) -> None:
        """Nobody is left: what was heard so far is all there is, and it is passed on."""
        self.bench.leave()
        self.bench.drop_other()
        self._retry_s = self._clock() + RETRY_S
        was_open = self._speech.is_open
        partial = self._speech.abandoned()
        if partial:
            await self._outside.push_frame(
                TranscriptionFrame(partial, "", time_now_iso8601(), finalized=True)
            )
            await self._end_turn(ears)
        if was_open:
            await self._outside.push_frame(ChainExhausted("stt", str(failure.reason)))
            await self._outside.push_error(
                "No provider can hear the caller.", category=ErrorCategory.SERVER
            )

    async def _restart(self, now_s: float) -> None:
        self._retry_s = math.inf
        self._listen_with(self._policy.choice(now_s))
        if self._speech.is_open and self.bench.active:
            self._policy.start(now_s, self.bench.active.number)
            self._owed.asked(now_s)
        await self.bench.introduce()

    async def _end_turn(self, ears: Ears) -> None:
        """Nobody else tells the end of a turn that `ears` had the say on."""
        if ears.tells_turns:
            await self._outside.push_frame(ProposedUserStoppedSpeakingFrame())

    def _listen_with(self, number: int) -> None:
        self.bench.active, self._active_since_s = self._open(number), self._clock()

    def _open(self, number: int) -> Ears:
        self._speech.heard_by.add(number)
        return self.bench.open(number, self._speech.said)

    def _heard(self, ears: Ears, frame: Frame, direction: FrameDirection) -> None:
        self._events.put(partial(self._take, ears, frame, direction))
