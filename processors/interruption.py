"""Interruptions in the pipeline: a turn start strategy and a watcher round the Floor policy.

caller audio, VAD, words -> InterruptionStrategy (user aggregator) -> Floor
                                  | Duck Pause Resume                ^
                                  v                                  |
tts -> transport.output [DuckingFilter] -> FloorWatch (what is being heard)
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from pipecat.frames.frames import (
    AggregatedTextFrame,
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    CancelFrame,
    DataFrame,
    EndFrame,
    Frame,
    InputAudioRawFrame,
    InputDTMFFrame,
    InterimTranscriptionFrame,
    InterruptionFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    UserBackchannelFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.turns.types import ProcessFrameResult
from pipecat.turns.user_start import BaseUserTurnStartStrategy
from pipecat.utils.time import time_now_iso8601

from processors.ducking import DuckingFilter
from processors.floor import Floor
from processors.floor_terms import Action, Disregard, Duck, Hush, Pause, Resume, Take
from processors.loudness import level_dbfs
from processors.speech_models import SpeechProbability

FloorKind = Literal["duck", "resume", "backchannel", "ignored", "interruption"]


@dataclass(frozen=True, slots=True)
class FloorEvent:
    """What became of a sound over the bot, `after_ms` from where the sound began.

    `reason`: of an interruption command, words, answer, speech, key or waited; of a resume noise,
    backchannel, far, echo or unclear; of ignored words far, echo or unclear.
    """

    kind: FloorKind
    after_ms: int
    reason: str = ""


OnFloor = Callable[[FloorEvent], None]


@dataclass
class DisregardedWordsFrame(DataFrame):
    """Transcribed words that were not said to the bot: an echo, or somebody far away.

    Like Pipecat's UserBackchannelFrame it says that they belong to no turn.
    """


class InterruptionStrategy(BaseUserTurnStartStrategy):
    """Begins the caller's turn when the Floor says so, and works the bot's volume until then.

    Reads InputAudioRawFrame, VADUserStarted/StoppedSpeakingFrame, InterimTranscriptionFrame,
    TranscriptionFrame, InputDTMFFrame, BotStarted/StoppedSpeakingFrame and InterruptionFrame;
    consumes none. Triggers the aggregator's turn start, which broadcasts the interruption. Emits
    UserBackchannelFrame for an acknowledgement and DisregardedWordsFrame for other words that are
    not for the bot, both behind the words they speak of, which it takes out of the aggregator; and
    InterruptionFrame when a key is pressed. EndFrame and CancelFrame let go of held audio.

    Args:
        floor: the call's, not shared with another.
        mouth: the filter of the call's output.
        probability: the VAD's, window by window.
        on_event: told of what people may want to see; must not block.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        floor: Floor,
        mouth: DuckingFilter,
        probability: SpeechProbability,
        *,
        on_event: OnFloor | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._floor = floor
        self._mouth = mouth
        self._probability = probability
        self._on_event: OnFloor = on_event or (lambda event: None)
        self._clock = clock
        self._speaker = ""
        self._timer: asyncio.TimerHandle | None = None

    @property
    def resolves_proposed_turn_start_frames(self) -> bool:
        """What the ears take for a turn's beginning is a sound like others: the Floor decides."""
        return True

    async def cleanup(self) -> None:
        """Stop the timer and let go of held audio."""
        await super().cleanup()
        self._sleep()
        self._mouth.end()

    async def handle_user_turn_started(self) -> None:
        """The caller has the floor, whoever gave it to them."""
        await self._act(self._floor.turn_started(self._clock()))

    async def handle_user_turn_stopped(self) -> None:
        """The caller's turn is over."""
        await self._act(self._floor.turn_ended(self._clock()))

    async def process_frame(self, frame: Frame) -> ProcessFrameResult:
        """Feed the policy; never keeps a frame from other strategies."""
        await self._act(self._events(frame))
        return ProcessFrameResult.CONTINUE

    async def heard(self, frame: Frame) -> None:
        """A frame that has left the output: what it carries is being heard now."""
        floor, now_s = self._floor, self._clock()
        if isinstance(frame, TTSAudioRawFrame):
            if floor.is_protected == frame.interruptible:
                await self._act(floor.protect(not frame.interruptible, now_s))
        elif isinstance(frame, AggregatedTextFrame):
            floor.bot_said(frame.text, now_s)
        elif isinstance(frame, InterruptionFrame):
            self._mouth.emptied()

    def _events(self, frame: Frame) -> list[Action]:
        floor, now_s = self._floor, self._clock()
        if isinstance(frame, InputAudioRawFrame):
            levels = level_dbfs(frame.audio), self._mouth.left_dbfs
            return floor.hear(self._probability.confidence, *levels, now_s)
        if isinstance(frame, VADUserStartedSpeakingFrame):
            return floor.speech_started(now_s, frame.start_secs)
        if isinstance(frame, VADUserStoppedSpeakingFrame):
            return floor.speech_stopped(now_s)
        if isinstance(frame, InterimTranscriptionFrame | TranscriptionFrame):
            self._speaker = frame.user_id
            is_final = isinstance(frame, TranscriptionFrame)
            return floor.words(frame.text, now_s, is_final=is_final)
        if isinstance(frame, InputDTMFFrame):
            return floor.key_pressed(now_s)
        if isinstance(frame, BotStartedSpeakingFrame):
            return floor.bot_started(now_s)
        if isinstance(frame, BotStoppedSpeakingFrame):
            return floor.bot_stopped(now_s)
        if isinstance(frame, InterruptionFrame):
            if floor.is_quiet:
                # The chunk in hand is of what was cut off, too.
                self._mouth.cut()
            return floor.interrupted(now_s)
        if isinstance(frame, EndFrame | CancelFrame):
            self._sleep()
            self._mouth.end()
        return []

    async def _act(self, actions: Sequence[Action]) -> None:
        was_over_bot = self._floor.is_bot_speaking
        for action in actions:
            # All that concerns the volume first: nothing below may delay it.
            self._work_mouth(action)
        self._wake_at(self._floor.due_s)
        for action in actions:
            await self._tell(action, was_over_bot)

    def _work_mouth(self, action: Action) -> None:
        match action:
            case Duck():
                self._mouth.duck()
            case Pause():
                self._mouth.pause()
            case Resume():
                self._mouth.resume()
            case Take() | Hush():
                self._mouth.cut()
            case Disregard():
                pass

    async def _tell(self, action: Action, was_over_bot: bool) -> None:
        match action:
            case Duck(after_ms):
                self._on_event(FloorEvent("duck", after_ms))
            case Resume(after_ms, reason):
                self._on_event(FloorEvent("resume", after_ms, reason))
            case Take(after_ms, reason):
                if was_over_bot:
                    self._on_event(FloorEvent("interruption", after_ms, reason))
                await self.trigger_user_turn_started()
            case Hush():
                self._on_event(FloorEvent("interruption", 0, "key"))
                await self.broadcast_frame(InterruptionFrame)
            case Disregard(after_ms, text, reason):
                is_backchannel = reason == "backchannel"
                kind: FloorKind = "backchannel" if is_backchannel else "ignored"
                self._on_event(FloorEvent(kind, after_ms, "" if is_backchannel else reason))
                await self.trigger_reset_aggregation()
                said = UserBackchannelFrame(text, self._speaker, time_now_iso8601())
                await self.push_frame(said if is_backchannel else DisregardedWordsFrame())

    def _wake_at(self, due_s: float | None) -> None:
        self._sleep()
        if due_s is not None:
            delay_s = max(0.0, due_s - self._clock())
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._wake)

    def _wake(self) -> None:
        self._timer = None
        actions = self._floor.tick(self._clock())
        self.task_manager.create_task(self._act(actions), f"{self}::act")

    def _sleep(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class FloorWatch(FrameProcessor):
    """Tells the strategy what is being heard now. Stands after the output; passes all frames on.

    Reads downstream TTSAudioRawFrame (whether it is protected: not `interruptible`),
    AggregatedTextFrame (whether the bot asks) and InterruptionFrame, which reaches this place when
    the output has been emptied by it.

    Args:
        strategy: the call's.
    """

    def __init__(self, strategy: InterruptionStrategy) -> None:
        super().__init__()
        self._strategy = strategy

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Pass `frame` on, then tell of it."""
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)
        if direction is FrameDirection.DOWNSTREAM:
            await self._strategy.heard(frame)
