"""A chain of voices where one TTS service would stand: no sentence is lost and none is said twice.

text in      Start  "one two three four."  End
voice 1             one two |x|                      an error, late, stalled, silent, closed
voice 2                         three four.
audio out           one two .   three four.          at the pipeline's rate
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from loguru import logger
from pipecat.frames.frames import (
    AggregatedTextFrame,
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    CancelFrame,
    EndFrame,
    Frame,
    InterruptionFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    MetricsFrame,
    StartFrame,
    SystemFrame,
    TTSAudioRawFrame,
    TTSTextFrame,
    TTSUpdateSettingsFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor, FrameProcessorSetup
from pipecat.services.tts_service import TTSService

from processors.fallback.breaker import Health
from processors.fallback.events import (
    AVOIDED,
    RECOVERED,
    ChainExhausted,
    OnSwitch,
    ProviderSwitched,
)
from processors.fallback.failure import Failure, Reason, failure_of
from processors.fallback.line import Closed, Ended, Faulted, Ready, Report, Said, VoiceLine
from processors.fallback.member import Member
from processors.fallback.playout import LastResort, Playout
from processors.fallback.policy import Action, ChainPolicy, Drop, GiveUp, Use, Waits
from processors.fallback.script import Script
from processors.fallback.settings import ChainSettings
from processors.fallback.spoken import has_words
from processors.fallback.utterance import Attempt, Utterance

_NS = 1_000_000_000
_GRACE_S = 0.02
"""For what a service had received when its connection failed to come out of its queues."""

OnExhausted = Callable[[], Awaitable[None]]


class FallbackTTS(FrameProcessor):
    """Speaks with the first of its members that can, and goes on with the next where one fails.

    Consumes what a Pipecat TTS service does: LLM text between its reply frames, TTSSpeakFrame,
    TTSUpdateSettingsFrame. Emits for each utterance, once whatever happens: TTSStartedFrame,
    TTSAudioRawFrames at the pipeline's output rate, a TTSTextFrame a word that was heard,
    TTSStoppedFrame; and its members' MetricsFrames, a ProviderSwitched at each switch, and
    ChainExhausted with the last resort when nobody is left. All other frames keep their place
    among the utterances; system frames pass at once. An interruption drops what is being said and
    what waits, for all but uninterruptible lines.

    One task does all the work, in the order of its inbox; frames and the members' reports only
    put into it.

    Args:
        members: in order of preference; their services are not linked to anything yet.
        health: the process's breakers.
        settings: first_audio_s, stall_s and max_silence_s are used.
        on_switch: told of each switch; must not block.
        last_resort: played when all members are down; None stays silent.
        on_exhausted: awaited once the last resort is on its way to the caller.
    """

    def __init__(
        self,
        members: Sequence[Member[TTSService]],
        health: Health,
        settings: ChainSettings | None = None,
        *,
        on_switch: OnSwitch | None = None,
        last_resort: LastResort | None = None,
        on_exhausted: OnExhausted | None = None,
    ) -> None:
        super().__init__()
        settings = settings or ChainSettings()
        self._lines = [
            VoiceLine(member.service, lambda report, i=i: self._put((i, report)))
            for i, member in enumerate(members)
        ]
        self._members = tuple(
            replace(member, probe=member.probe or line.probe)
            for member, line in zip(members, self._lines, strict=True)
        )
        waits = Waits(settings.first_audio_s, settings.stall_s, settings.max_silence_s)
        self._policy = ChainPolicy([member.key for member in members], health, waits)
        self._connect_s = settings.first_audio_s
        self._on_switch = on_switch or (lambda switch: None)
        self._last_resort = last_resort
        self._on_exhausted = on_exhausted
        self._units_s: dict[int, float] = {}
        self._voice = 0

        self._inbox: deque[Frame | tuple[int, Report]] = deque()
        self._has_mail = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

        self._script = Script()
        self._playout = Playout()
        self._now: Utterance | None = None
        self._reply_pts = 0

    @property
    def members(self) -> tuple[Member[TTSService], ...]:
        """The members in order of preference, each with a probe: a word, for nobody's ears."""
        return self._members

    @property
    def in_use(self) -> Member[TTSService]:
        """The member that speaks, or spoke last."""
        return self._members[self._voice]

    def processors_with_metrics(self) -> list[FrameProcessor]:
        """The services that report metrics."""
        return [line.service for line in self._lines if line.service.can_generate_metrics()]

    # The processor

    async def setup(self, setup: FrameProcessorSetup) -> None:
        """Connect all members, and wait for them no longer than a caller would for audio."""
        await super().setup(setup)
        self._playout.rate_hz = setup.audio_out_sample_rate
        for line in self._lines:
            line.open(setup)
        connected = [asyncio.create_task(line.is_connected.wait()) for line in self._lines]
        _, waiting = await asyncio.wait(connected, timeout=self._connect_s)
        for task in waiting:
            task.cancel()

    async def cleanup(self) -> None:
        """Stop, and let all members go."""
        await super().cleanup()
        if self._task:
            await self.cancel_task(self._task)
            self._task = None
        await asyncio.gather(*(line.close() for line in self._lines))

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Take `frame` in; see the class for what becomes of it."""
        await super().process_frame(frame, direction)
        if direction is FrameDirection.UPSTREAM:
            if isinstance(frame, (BotStartedSpeakingFrame, BotStoppedSpeakingFrame)):
                for line in self._lines:
                    await line.put(frame, direction)
            await self.push_frame(frame, direction)
        elif isinstance(frame, StartFrame):
            await self.push_frame(frame)
            for line in self._lines:
                line.start(frame)
            self._task = self.create_task(self._run())
        elif isinstance(frame, InterruptionFrame):
            kept = [item for item in self._inbox if not _is_dropped(item)]
            self._inbox = deque([frame, *kept])
            self._has_mail.set()
        elif isinstance(frame, CancelFrame):
            for line in self._lines:
                await line.put(frame, direction)
            await self.push_frame(frame)
        elif isinstance(frame, SystemFrame):
            await self.push_frame(frame)
        else:
            self._put(frame)

    # The one task

    def _put(self, item: Frame | tuple[int, Report]) -> None:
        self._inbox.append(item)
        self._has_mail.set()

    async def _run(self) -> None:
        while True:
            if not self._inbox:
                self._has_mail.clear()
                await self._wait_for_mail()
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
            await self.push_frame(frame)

    async def _pass(self, frame: Frame) -> None:
        if isinstance(frame, LLMFullResponseStartFrame):
            self._reply_pts = 0
        elif isinstance(frame, LLMFullResponseEndFrame) and self._reply_pts:
            # Behind the reply's last word, which waits for its time in the output.
            frame.pts = self._reply_pts
        elif isinstance(frame, EndFrame):
            for line in self._lines:
                await line.put(frame, FrameDirection.DOWNSTREAM)
        await self.push_frame(frame)

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
        await self._push_audio(utterance, attempt, await self._playout.flush())
        await self._push_all(utterance.release(attempt))
        utterance.resumes = attempt.resumes
        utterance.attempt = None

    async def _use(self, use: Use) -> None:
        utterance = self._now
        assert utterance is not None
        attempt = Attempt(use.member, utterance.resumes, self._units_s.get(use.member))
        attempt.spoken.extend(utterance.rest)
        utterance.attempt = attempt
        self._playout.change_voice()
        await self._announce_switch(use)
        if not has_words(attempt.spoken.text) and utterance.is_closed:
            # The voice died on its last breath: nothing is left to say.
            self._policy.interrupted(_now_s())
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

    async def _announce_switch(self, use: Use) -> None:
        before, self._voice = self._voice, use.member
        if before == use.member:
            return
        reason: str = RECOVERED if use.member < before else AVOIDED
        if use.failure:
            reason = use.failure.reason
        switch = ProviderSwitched(
            kind="tts",
            from_name=self._members[before].name,
            to_name=self._members[use.member].name,
            reason=reason,
            gap_ms=round(use.waited_s * 1000, 1),
        )
        self._on_switch(switch)
        await self.push_frame(switch)

    async def _give_up(self, failure: Failure) -> None:
        utterance = self._now
        assert utterance is not None
        utterance.is_lost = True
        await self._push_all(utterance.stop())
        await self.push_frame(ChainExhausted(kind="tts", reason=failure.reason))
        if self._last_resort:
            await self._push_all(await self._last_resort.frames(self._playout.rate_hz))
        await self.push_error("No voice of the chain answers.", category=failure.category)
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
            await self._push_all(utterance.start())
            await self._push_audio(utterance, attempt, await self._playout.convert(frame))
            attempt.sounds(len(frame.audio) / (2 * frame.num_channels * frame.sample_rate), now_s)
            self._policy.progress(attempt.member, attempt.keeps_up_till_s(now_s))
            await self._push_all(utterance.release(attempt))
        elif isinstance(frame, TTSTextFrame):
            if frame.pts:
                attempt.time_word(frame, self._lines[attempt.member].began_ns)
            elif not attempt.end_sentence(frame.text):
                await self._fail(attempt.member, Failure(Reason.EMPTY))
                return
            await self._push_all(utterance.release(attempt))
        elif isinstance(frame, AggregatedTextFrame):
            if not attempt.is_due:
                self._rest(attempt, now_s)
            announced = utterance.announce(*attempt.take_up(frame.text))
            for one in announced:
                one.pts = self._playout.next_ns(self._clock_ns())
            await self._push_all(announced)
        elif isinstance(frame, MetricsFrame):
            await self.push_frame(frame)

    async def _fail(self, member: int, failure: Failure) -> None:
        logger.warning("{} failed: {}", self._members[member].name, failure.reason)
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
        await self._push_audio(utterance, attempt, await self._playout.flush())
        await self._push_all(utterance.release(attempt, len(attempt.spoken.words)))
        await self._over(utterance)

    async def _over(self, utterance: Utterance) -> None:
        utterance.attempt = None
        await self._push_all(utterance.stop())
        self._reply_pts = max(self._reply_pts, utterance.last_pts)
        self._now = None
        await self._go_on()

    async def _interrupt(self, frame: InterruptionFrame) -> None:
        utterance = self._now
        self._script.interrupt()
        if utterance and utterance.interruptible:
            self._now = None
            for action in self._policy.interrupted(_now_s()):
                if isinstance(action, Drop):
                    await self._lines[action.member].drop()
        self._playout.interrupt()
        await self.push_frame(frame)
        await self._go_on()

    # Downstream

    async def _push_audio(self, utterance: Utterance, attempt: Attempt, pcm: bytes) -> None:
        if pcm:
            now_ns = self._clock_ns()
            attempt.shift_ns = self._playout.next_ns(now_ns) - round(attempt.audio_s * _NS)
            await self.push_frame(self._playout.emit(pcm, utterance, now_ns))

    async def _push_all(self, frames: list[Frame]) -> None:
        for frame in frames:
            await self.push_frame(frame)

    def _clock_ns(self) -> int:
        return self.get_clock().get_time()


def _is_dropped(item: Frame | tuple[int, Report]) -> bool:
    """Whether an interruption takes what waits in the inbox."""
    if isinstance(item, Frame):
        return item.interruptible
    return False


def _now_s() -> float:
    return time.monotonic()
