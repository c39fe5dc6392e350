"""The work of a chain of voices: one task that says a script with whichever voice can say it.

    inbox:  frames to be said, members' reports  ->  script, policy, attempts  ->  frames downstream

`FallbackTTS` is the processor round it.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from loguru import logger
from pipecat.frames.frames import (
    AggregatedTextFrame,
    EndFrame,
    Frame,
    InterruptionFrame,
    MetricsFrame,
    TTSAudioRawFrame,
    TTSTextFrame,
    TTSUpdateSettingsFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from processors.fallback.events import ChainExhausted, OnSwitch
from processors.fallback.failure import Failure, Reason, failure_of
from processors.fallback.line import Closed, Ended, Faulted, Ready, Report, Said, VoiceLine
from processors.fallback.outlet import Outlet
from processors.fallback.playout import LastResort
from processors.fallback.policy import Action, ChainPolicy, Drop, GiveUp, Use
from processors.fallback.script import Script
from processors.fallback.spoken import has_words
from processors.fallback.utterance import Attempt, Utterance

_GRACE_S = 0.02
"""For what a service had received when its connection failed to come out of its queues."""

OnExhausted = Callable[[], Awaitable[None]]


class Speaking:
    """Says what is put in, in order, over `lines` as `policy` decides; pushes through `owner`.

    Args:
        owner: the processor whose frames these are.
        lines: the members' services.
        names: the members' names, for events.
        policy: who is asked.
        on_switch: told of each switch.
        last_resort: played when nobody answers.
        on_exhausted: awaited after that.
    """

    def __init__(
        self,
        owner: FrameProcessor,
        lines: Sequence[VoiceLine],
        names: Sequence[str],
        policy: ChainPolicy,
        *,
        on_switch: OnSwitch | None,
        last_resort: LastResort | None,
        on_exhausted: OnExhausted | None,
    ) -> None:
        self._lines = lines
        self._names = names
        self._policy = policy
        self._out = Outlet(owner, names, on_switch)
        self._last_resort = last_resort
        self._on_exhausted = on_exhausted
        self._units_s: dict[int, float] = {}

        self._inbox: deque[Frame | tuple[int, Report]] = deque()
        self._has_mail = asyncio.Event()
        self._script = Script()
        self.playout = self._out.playout
        self._now: Utterance | None = None

    @property
    def voice(self) -> int:
        """The number of the member that speaks, or spoke last."""
        return self._out.voice

    def put(self, item: Frame | tuple[int, Report]) -> None:
        """A frame to be worked in, or what a member reports."""
        self._inbox.append(item)
        self._has_mail.set()

    def interrupt(self, frame: InterruptionFrame) -> None:
        """Before all that waits, most of which it drops."""
        kept = [item for item in self._inbox if not _is_dropped(item)]
        self._inbox = deque([frame, *kept])
        self._has_mail.set()

    async def run(self) -> None:
        """Work through the inbox, for ever."""
        while True:
            if not self._inbox:
                self._has_mail.clear()
                await self._wait_for_mail()
            try:
                await self._work()
            except Exception as error:
                # Our own fault must not leave the bot without a voice for the rest of the call.
                await self._out.push_error(f"{type(error).__name__} in the chain of voices", error)

    async def _work(self) -> None:
        if self._inbox:
            item = self._inbox.popleft()
            if isinstance(item, Frame):
                await self._take(item)
            else:
                await self._hear(*item)
        await self._watch()

    async def _wait_for_mail(self) -> None:
        attempt = self._now.attempt if self._now else None
        wakes_s = attempt.ends_s if attempt and attempt.ends_s else self._policy.wakes_s
        try:
            async with asyncio.timeout(None if wakes_s is None else wakes_s - _now_s()):
                await self._has_mail.wait()
        except TimeoutError:
            pass

    async def _watch(self) -> None:
        """Let the policy see the time; a voice that owes nothing is not kept to it."""
        attempt = self._now.attempt if self._now else None
        if attempt is None:
            return
        now_s = _now_s()
        wakes_s = self._policy.wakes_s
        if attempt.ends_s is not None:
            if now_s >= attempt.ends_s:
                await self._judge(attempt)
        elif not attempt.is_due:
            self._rest(attempt, now_s)
        elif wakes_s is not None and now_s >= wakes_s:
            if attempt.is_finished and attempt.is_through:
                # Some services only notice by a silence of seconds that they are through.
                await self._lines[attempt.member].drop()
                await self._finish(attempt)
            else:
                await self._act(self._policy.tick(now_s))

    def _rest(self, attempt: Attempt, now_s: float) -> None:
        attempt.rests(now_s)
        self._policy.progress(attempt.member, now_s)

    # What is to be said

    async def _take(self, frame: Frame) -> None:
        if isinstance(frame, InterruptionFrame):
            await self._interrupt(frame)
        elif isinstance(frame, TTSUpdateSettingsFrame):
            await self._update(frame)
        else:
            closed = self._script.add(frame)
            if self._now is not None:
                await self._say_more(self._now, is_closed=closed is self._now)
            await self._go_on()

    async def _go_on(self) -> None:
        """Work through the script until something has to be waited for."""
        while self._now is None and (item := self._script.pop()) is not None:
            if isinstance(item, Frame):
                await self._pass(item)
            elif has_words(item.text) or not item.is_closed:
                self._now = item
                await self._say_more(item)

    async def _say_more(self, utterance: Utterance, *, is_closed: bool = False) -> None:
        """The utterance under way has grown, or will not grow any more."""
        attempt = utterance.attempt
        if attempt is None:
            if utterance.is_closed and (utterance.is_lost or not has_words(utterance.rest)):
                self._now = None
            elif has_words(utterance.rest) and not utterance.is_lost:
                await self._act(self._policy.start(_now_s()))
            return
        more = utterance.text[attempt.begins + len(attempt.spoken.text) :]
        attempt.spoken.extend(more)
        if attempt.stretch is None:
            return
        line = self._lines[attempt.member]
        if more:
            await line.say(more)
        if is_closed:
            attempt.is_finished = True
            self._policy.progress(attempt.member, _now_s())
            await line.finish()

    async def _update(self, frame: TTSUpdateSettingsFrame) -> None:
        meant = [line for line in self._lines if frame.service in (None, line.service)]
        if meant:
            await meant[0].put(frame, FrameDirection.DOWNSTREAM)
        else:
            await self._out.push(frame)

    async def _pass(self, frame: Frame) -> None:
        if isinstance(frame, EndFrame):
            for line in self._lines:
                await line.put(frame, FrameDirection.DOWNSTREAM)
        await self._out.pass_on(frame)

    # What the policy says

    async def _act(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Drop(member):
                    await self._drop(member)
                case Use():
                    await self._use(action)
                case GiveUp(failure):
                    await self._give_up(failure)

    async def _drop(self, member: int) -> None:
        """Take nothing more from a voice; what it has said stays said."""
        await self._lines[member].drop(is_broken=True)
        utterance = self._now
        attempt = utterance.attempt if utterance else None
        if utterance is None or attempt is None or attempt.member != member:
            return
        await self._out.push_audio(utterance, attempt, await self.playout.flush())
        await self._out.push_all(utterance.release(attempt))
        utterance.resumes = attempt.resumes
        utterance.attempt = None

    async def _use(self, use: Use) -> None:
        utterance = self._now
        assert utterance is not None
        unit_s = self._units_s.get(use.member)
        attempt = Attempt(use.member, utterance.resumes, unit_s, utterance.audio_s)
        attempt.spoken.extend(utterance.rest)
        utterance.attempt = attempt
        self.playout.change_voice()
        await self._out.announce(use)
        if not has_words(attempt.spoken.text) and utterance.is_closed:
            # The voice died on its last breath: nothing is left to say.
            self._policy.interrupted()
            await self._over(utterance)
        elif self._lines[use.member].is_ready:
            await self._feed(attempt)

    async def _feed(self, attempt: Attempt) -> None:
        line = self._lines[attempt.member]
        attempt.stretch = await line.begin()
        await line.say(attempt.spoken.text)
        if self._now and self._now.is_closed:
            attempt.is_finished = True
            await line.finish()

    async def _give_up(self, failure: Failure) -> None:
        utterance = self._now
        assert utterance is not None
        utterance.is_lost = True
        await self._out.push_all(utterance.stop())
        await self._out.push(ChainExhausted(kind="tts", reason=failure.reason))
        if self._last_resort:
            await self._out.push_all(await self._last_resort.frames(self.playout.rate_hz))
        await self._out.push_error("No voice of the chain answers.", category=failure.category)
        if self._on_exhausted:
            await self._on_exhausted()
        if utterance.is_closed:
            self._now = None
            await self._go_on()

    # What the voices say

    async def _hear(self, member: int, report: Report) -> None:
        utterance = self._now
        attempt = utterance.attempt if utterance else None
        if utterance is None or attempt is None or attempt.member != member:
            if isinstance(report, Faulted):
                await self._fail(member, failure_of(report.error))
            return
        if isinstance(report, Ready):
            if attempt.stretch is None:
                await self._feed(attempt)
            return
        if report.stretch is None or report.stretch != attempt.stretch:
            return
        match report:
            case Said(_, frame):
                await self._hear_frame(utterance, attempt, frame)
            case Ended():
                if attempt.audio_s and not attempt.is_through:
                    self._judge_soon(attempt, None)
                else:
                    await self._finish(attempt)
            case Closed():
                self._judge_soon(attempt, Failure(Reason.CLOSED))
            case Faulted(_, error):
                # At once: a service that speaks sentence by sentence goes on with the next one.
                await self._fail(member, failure_of(error))

    def _judge_soon(self, attempt: Attempt, failure: Failure | None) -> None:
        """Let through what was received before the failure, or learn why the end came early."""
        attempt.failure = attempt.failure or failure
        attempt.ends_s = attempt.ends_s or _now_s() + _GRACE_S

    async def _judge(self, attempt: Attempt) -> None:
        if attempt.failure:
            await self._fail(attempt.member, attempt.failure)
        elif attempt.is_cut_short:
            await self._fail(attempt.member, Failure(Reason.CLOSED))
        else:
            await self._finish(attempt)

    async def _hear_frame(self, utterance: Utterance, attempt: Attempt, frame: Frame) -> None:
        now_s = _now_s()
        if isinstance(frame, TTSAudioRawFrame):
            if not attempt.audio_s:
                await self._act(self._policy.first_output(attempt.member, now_s))
            await self._out.push_all(utterance.start())
            await self._out.push_audio(utterance, attempt, await self.playout.convert(frame))
            attempt.sounds(len(frame.audio) / (2 * frame.num_channels * frame.sample_rate), now_s)
            self._policy.progress(attempt.member, attempt.keeps_up_till_s(now_s))
            await self._out.push_all(utterance.release(attempt))
        elif isinstance(frame, TTSTextFrame):
            if frame.pts:
                attempt.time_word(frame, self._lines[attempt.member].began_ns)
            elif not attempt.end_sentence(frame.text):
                await self._fail(attempt.member, Failure(Reason.EMPTY))
                return
            await self._out.push_all(utterance.release(attempt))
        elif isinstance(frame, AggregatedTextFrame):
            if not attempt.is_due:
                self._rest(attempt, now_s)
            announced = utterance.announce(*attempt.take_up(frame.text))
            for one in announced:
                one.pts = self.playout.next_ns(self._out.clock_ns())
            await self._out.push_all(announced)
        elif isinstance(frame, MetricsFrame):
            await self._out.push(frame)

    async def _fail(self, member: int, failure: Failure) -> None:
        logger.warning("{} failed: {}", self._names[member], failure.reason)
        await self._act(self._policy.failed(member, failure, _now_s()))

    async def _finish(self, attempt: Attempt) -> None:
        utterance = self._now
        assert utterance is not None
        if not attempt.audio_s:
            await self._act(self._policy.finished(attempt.member, _now_s(), is_empty=True))
            return
        await self._act(self._policy.finished(attempt.member, _now_s()))
        attempt.spoken.take_up(len(attempt.spoken.text))
        if unit_s := attempt.spoken.unit_s:
            self._units_s[attempt.member] = unit_s
        await self._out.push_audio(utterance, attempt, await self.playout.flush())
        await self._out.push_all(utterance.release(attempt, len(attempt.spoken.words)))
        await self._over(utterance)

    async def _over(self, utterance: Utterance) -> None:
        utterance.attempt = None
        await self._out.stop(utterance)
        self._now = None
        await self._go_on()

    async def _interrupt(self, frame: InterruptionFrame) -> None:
        utterance = self._now
        self._script.interrupt()
        if utterance and utterance.interruptible:
            self._now = None
            for action in self._policy.interrupted():
                if isinstance(action, Drop):
                    await self._lines[action.member].drop()
        self.playout.interrupt()
        await self._out.push(frame)
        await self._go_on()


def _is_dropped(item: Frame | tuple[int, Report]) -> bool:
    """Whether an interruption takes what waits in the inbox."""
    if isinstance(item, Frame):
        return item.interruptible
    return False


def _now_s() -> float:
    return time.monotonic()
