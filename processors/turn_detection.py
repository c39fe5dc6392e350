"""The caller's end of turn in the pipeline: a Pipecat stop strategy round the EndOfTurn policy.

It lives in the user aggregator (`UserTurnStrategies.stop`) and sees every frame that passes there.

Consumes nothing and emits no frame of its own. It reads VADUserStarted/StoppedSpeakingFrame,
TranscriptionFrame, InterimTranscriptionFrame, WordsAwaited and STTMetadataFrame of the ears,
InputAudioRawFrame (kept for 8 s, for the end-of-turn model), UserBackchannelFrame (what was heard
was no turn) and EagerEndOfTurnCancelFrame (a withdrawn speculation). While the ears at work find a
turn's end themselves, as their STTMetadataFrame says, it reads EagerTranscriptionFrame and
ProposedUserStoppedSpeakingFrame too. It triggers the aggregator's inference, with a
UserTurnSpeculation while the turn is open, and its turn stop. An interruption starts a new turn,
which resets it.

A turn may be over as it begins: a short word that the ears give only once it is said. The question
would then overtake the interruption that closes the bot's turn in the conversation, and be answered
without what was heard of it; CommitWatch tells when it may be asked.

words     "what about Sunday?"
aggregator Interruption, (waits)                     question --> brain
memory                          commits "We are open"
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from loguru import logger
from pipecat.frames.frames import (
    EagerEndOfTurnCancelFrame,
    EagerTranscriptionFrame,
    Frame,
    InputAudioRawFrame,
    InterimTranscriptionFrame,
    InterruptionFrame,
    ProposedUserStoppedSpeakingFrame,
    STTMetadataFrame,
    TranscriptionFrame,
    UserBackchannelFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor, FrameProcessorSetup
from pipecat.turns.types import ProcessFrameResult, UserTurnSpeculation
from pipecat.turns.user_stop import BaseUserTurnStopStrategy
from pipecat.turns.user_turn_strategies import ExternalUserTurnStrategies

from processors.end_of_turn import (
    HEARD_S,
    Decision,
    End,
    EndOfTurn,
    Score,
    Speculate,
    Wait,
    Withdraw,
)
from processors.fallback.events import WordsAwaited
from processors.interruption import DisregardedWordsFrame
from processors.patience import Patience
from processors.speech_models import TurnScorer

COMMIT_S = 1.0
"""How long an interruption may take to the conversation before the turn goes on without it."""
_TELEPHONE_HZ = 8000


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """Why and when a caller's turn ended, in figures and fixed words."""

    why: str
    """model, words, patience or provider (processors.end_of_turn.Why); watchdog for Pipecat's."""
    cue: str = ""
    """What the words announced: a Cue's `why`."""
    silence_ms: float = 0.0
    """From the caller's last sound to the decision."""
    probability: float | None = None
    """The model's last verdict on it."""
    speculation: Literal["none", "kept", "redone"] = "none"
    """Whether the answer had been begun, and whether that answer was the one."""
    withdrawn: int = 0
    """Answers begun and thrown away in this turn."""


OnTurnEnded = Callable[[TurnEnded], None]


class SpeculativeUserTurnStopStrategy(BaseUserTurnStopStrategy):
    """Ends the caller's turn by EndOfTurn, and answers ahead of it.

    Args:
        scorer: the end-of-turn model, shared by the process.
        patience: how long to wait; see Patience.
        speculates: whether to start answering at the first pause with words in it.
        language: two letters, for what the words announce.
        is_quiet: whether the VAD hears no speech and suspects none; None is not to be asked.
        on_ended: told of each turn's end; must not block.
        is_watched: whether a CommitWatch behind the conversation tells of each interruption.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        scorer: TurnScorer,
        *,
        patience: Patience | None = None,
        speculates: bool = True,
        language: str = "",
        is_quiet: Callable[[], bool] | None = None,
        on_ended: OnTurnEnded | None = None,
        is_watched: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._scorer = scorer
        self._policy = EndOfTurn(
            patience=patience or Patience(), speculates=speculates, language=language
        )
        self._is_quiet = is_quiet or (lambda: True)
        self._was_quiet = True
        self._on_ended = on_ended or (lambda ended: None)
        self._is_watched = is_watched
        self._committed_by_s = float("-inf")
        self._clock = clock
        self._audio: deque[bytes] = deque()
        self._audio_bytes = 0
        self._sample_rate_hz = 16000
        self._timer: asyncio.TimerHandle | None = None
        self._scoring: asyncio.Task[None] | None = None
        self._ended: TurnEnded | None = None
        self._has_just_started = False

    @property
    def resolves_proposed_turn_stop_frames(self) -> bool:
        """Nobody behind this one is to decide the same turn again."""
        return True

    async def setup(self, setup: FrameProcessorSetup) -> None:
        """Take the pipeline's input rate."""
        await super().setup(setup)
        self._sample_rate_hz = setup.audio_in_sample_rate
        self._policy.is_telephone = self._sample_rate_hz <= _TELEPHONE_HZ

    async def cleanup(self) -> None:
        """Stop the timer and forget the caller's audio."""
        await super().cleanup()
        self._sleep()
        scoring, self._scoring = self._scoring, None
        await self._cancel(scoring)
        self._audio.clear()

    async def handle_user_turn_started(self) -> None:
        """The caller has the floor."""
        await self._act(self._policy.turn_started())
        # The host has yet to announce the turn: its end must not be announced before.
        self._has_just_started = True
        if self._is_watched:
            self._committed_by_s = self._clock() + COMMIT_S

    def interruption_committed(self) -> None:
        """What was heard before this turn is in the conversation."""
        if self._clock() < self._committed_by_s:
            self._committed_by_s = float("-inf")
            self._sleep()
            self._wake()

    async def handle_user_turn_stopped(self) -> None:
        """The turn ended; the words of it are the aggregator's now."""
        self._sleep()
        await self._act(self._policy.turn_ended())
        ended, self._ended = self._ended, None
        self._on_ended(ended or TurnEnded("watchdog", withdrawn=self._policy.withdrawn))

    async def process_frame(self, frame: Frame) -> ProcessFrameResult:
        """Feed the policy; never stops later strategies from seeing the frame."""
        if isinstance(frame, InputAudioRawFrame):
            self._keep(frame.audio)
            await self._notice_quiet()
        elif isinstance(frame, VADUserStartedSpeakingFrame):
            self._sleep()
            await self._act(self._policy.speech_started(self._clock() - frame.start_secs))
        elif isinstance(frame, VADUserStoppedSpeakingFrame):
            self._policy.speech_stopped(self._clock() - frame.stop_secs)
            # A suspicion may be older than this frame, which was queued: the next audio tells.
            self._was_quiet = True
            await self._decide()
        elif isinstance(frame, TranscriptionFrame):
            self._policy.transcribed(frame.text, self._clock(), is_final=bool(frame.finalized))
            await self._decide()
        elif isinstance(frame, InterimTranscriptionFrame):
            self._policy.overheard(frame.text)
            await self._decide()
        elif isinstance(frame, UserBackchannelFrame | DisregardedWordsFrame):
            self._policy.forget_words()
        elif isinstance(frame, EagerEndOfTurnCancelFrame):
            # Our own withdrawals come back here too, with nothing left to refuse.
            self._policy.speculation_refused()
        elif isinstance(frame, EagerTranscriptionFrame):
            self._policy.foretold(frame.text)
            await self._decide()
        elif isinstance(frame, ProposedUserStoppedSpeakingFrame):
            self._policy.told()
            await self._decide()
        elif isinstance(frame, WordsAwaited):
            self._policy.words_awaited(self._clock(), frame.for_s)
            await self._decide()
        elif isinstance(frame, STTMetadataFrame):
            await self._hear_with(frame)
        if self._has_just_started:
            await self._decide()
        return ProcessFrameResult.CONTINUE

    async def _hear_with(self, ears: STTMetadataFrame) -> None:
        if ears.ttfs_p99_latency:
            patience = self._policy.patience
            lag_s = max(ears.ttfs_p99_latency, patience.shortest_s)
            self._policy.patience = replace(patience, transcript_s=lag_s)
        is_told = isinstance(ears.user_turn_strategies, ExternalUserTurnStrategies)
        self._policy.hear_with(self._clock(), is_told=is_told)
        await self._decide()

    def _keep(self, audio: bytes) -> None:
        self._audio.append(audio)
        self._audio_bytes += len(audio)
        limit_bytes = int(HEARD_S * self._sample_rate_hz) * 2
        while self._audio_bytes - len(self._audio[0]) >= limit_bytes:
            self._audio_bytes -= len(self._audio.popleft())

    async def _notice_quiet(self) -> None:
        is_quiet = self._is_quiet()
        if is_quiet != self._was_quiet:
            self._was_quiet = is_quiet
            self._policy.speech_suspected(not is_quiet)
            await self._decide()

    async def _score(self, silent_since_s: float) -> None:
        scoring, self._scoring = self._scoring, None
        await self._cancel(scoring)
        heard = np.frombuffer(b"".join(self._audio), np.int16)
        self._scoring = self.task_manager.create_task(
            self._score_and_decide(heard, silent_since_s), f"{self}::score"
        )

    async def _score_and_decide(self, heard: np.ndarray, silent_since_s: float) -> None:
        try:
            probability = await self._scorer.score(heard, self._sample_rate_hz)
        except Exception as error:
            # Without a verdict the policy waits its longest: slower, never stuck.
            logger.error(f"{self}: the end-of-turn model failed: {type(error).__name__}")
            return
        self._policy.scored(silent_since_s, probability, self._clock())
        # Past this point a decision may end the turn, which must not cancel the task it runs in.
        self._scoring = None
        await self._decide()

    async def _decide(self) -> None:
        self._has_just_started = False
        now_s = self._clock()
        if now_s < self._committed_by_s:
            self._wake_at(self._committed_by_s)
        else:
            await self._act(self._policy.decide(now_s))

    async def _act(self, decision: Decision) -> None:
        match decision:
            case Wait(until_s):
                self._wake_at(until_s)
            case Score(silent_since_s):
                await self._score(silent_since_s)
                await self._decide()
            case Speculate(text):
                await self.trigger_user_turn_inference_triggered(
                    speculation=UserTurnSpeculation(text=text)
                )
                await self._decide()
            case Withdraw():
                await self.trigger_user_turn_speculation_cancelled()
            case End(_, confirms=True) as end:
                self._ended = self._account(end)
                await self.trigger_user_turn_finalized(confirms_speculation=True)
            case End(_, withdraws=withdraws) as end:
                self._ended = self._account(end)
                if withdraws:
                    await self.trigger_user_turn_speculation_cancelled()
                await self.trigger_user_turn_stopped()

    def _account(self, end: End) -> TurnEnded:
        """What is told of `end`; the host that refuses it is told again at the next."""
        silence = self._policy.silence(self._clock())
        return TurnEnded(
            why=self._policy.why(),
            cue=silence.cue.why if silence else "",
            silence_ms=round(silence.length_s * 1000, 1) if silence else 0.0,
            probability=silence and silence.probability,
            speculation="kept" if end.confirms else "redone" if end.withdraws else "none",
            withdrawn=self._policy.withdrawn,
        )

    def _wake_at(self, until_s: float | None) -> None:
        self._sleep()
        if until_s is not None:
            # A handle and not a task: decisions come from several tasks at once, and replacing a
            # handle has no await in which two of them could each leave a timer behind.
            delay_s = max(0.0, until_s - self._clock())
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self.task_manager.create_task(self._decide(), f"{self}::decide")

    def _sleep(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _cancel(self, task: asyncio.Task[None] | None) -> None:
        if task is not None:
            await self.task_manager.cancel_task(task)


class CommitWatch(FrameProcessor):
    """Tells the strategy of each interruption that the conversation has taken in.

    Stands behind the conversation, and passes all frames on; reads downstream InterruptionFrames.

    Args:
        strategy: the call's.
    """

    def __init__(self, strategy: SpeculativeUserTurnStopStrategy) -> None:
        super().__init__(enable_direct_mode=True)
        self._strategy = strategy

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Pass `frame` on, then tell of it."""
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)
        if isinstance(frame, InterruptionFrame) and direction is FrameDirection.DOWNSTREAM:
            self._strategy.interruption_committed()
