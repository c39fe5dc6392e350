"""Speaks to a caller who has gone quiet, and hangs up on one who is gone.

caller    ...on Saturday.|                                             (a cough)
bot                        Yes, we are.|        |Are you still there?|            |hang up
quiet, s                                |0     8|                    |8         20|

The time is that of the caller's own audio, so a broken connection or a muted page does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    Frame,
    FunctionCallCancelFrame,
    FunctionCallInProgressFrame,
    FunctionCallResultFrame,
    InputAudioRawFrame,
    InputDTMFFrame,
    InterimTranscriptionFrame,
    LLMMessagesAppendFrame,
    TranscriptionFrame,
    TTSSpeakFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

ANSWER_S = 15.0
"""For so long after the caller's turn the silence is the bot's, if no answer comes."""


@dataclass(frozen=True, slots=True)
class QuietStep:
    """What happens once the caller was quiet for `after_s`."""

    after_s: float
    say: str | None = None
    hangs_up: bool = False


class QuietPolicy:
    """How long the caller has been quiet, and what is due: pure, time comes in as it passes.

    Time counts while nobody speaks, no tool runs and no answer is owed, from the first word of
    either side on. The caller's words begin it anew, the bot's only stop it; so does a turn of the
    caller's without a word, a cough, to which no answer is owed.
    """

    def __init__(self, steps: Sequence[QuietStep]) -> None:
        self._steps = steps
        self._next = 0
        self._quiet_s = 0.0
        self._has_begun = False
        self._is_bot_speaking = False
        self._is_caller_speaking = False
        self._has_unanswered_words = False
        self._owed_s = 0.0
        self._tools: set[str] = set()

    @property
    def quiet_s(self) -> float:
        """How long the caller has been quiet."""
        return self._quiet_s

    def bot_started(self) -> None:
        """The bot speaks."""
        self._has_begun = self._is_bot_speaking = True
        self._has_unanswered_words = False
        self._owed_s = 0.0

    def bot_stopped(self) -> None:
        """The bot is silent."""
        self._is_bot_speaking = False

    def turn_started(self) -> None:
        """The caller's turn began."""
        self._is_caller_speaking = True

    def turn_ended(self) -> None:
        """The caller's turn is over; with words in it, an answer is owed."""
        self._is_caller_speaking = False
        if self._has_unanswered_words:
            self._owed_s = ANSWER_S

    def words(self) -> None:
        """The caller said, typed or dialled something, in a turn or not."""
        self._has_begun = self._has_unanswered_words = True
        self._quiet_s, self._next = 0.0, 0

    def tool_started(self, call_id: str) -> None:
        """A tool runs that the conversation waits for."""
        self._tools.add(call_id)

    def tool_ended(self, call_id: str) -> None:
        """It is done: an answer is owed."""
        if call_id in self._tools:
            self._tools.discard(call_id)
            self._owed_s = ANSWER_S

    def pass_time(self, length_s: float) -> QuietStep | None:
        """So much time has passed; returns the step that it made due."""
        if not self._has_begun or self._is_bot_speaking or self._is_caller_speaking or self._tools:
            return None
        if self._owed_s > 0:
            self._owed_s -= length_s
            return None
        self._quiet_s += length_s
        if self._next >= len(self._steps) or self._quiet_s < self._steps[self._next].after_s:
            return None
        self._next += 1
        return self._steps[self._next - 1]


class QuietGuard(FrameProcessor):
    """Says what a bot has to say to a quiet caller.

    Stands behind the ears, before the caller's turn, and passes every frame on. InputAudioRawFrame
    is its clock. Interim and final transcripts, typed lines and keys begin the silence anew, the
    VAD and a turn without words do not; turns, the bot's speech and the tools it waits for hold it.
    Emits a TTSSpeakFrame, which becomes part of the conversation. An interruption passes through.

    Args:
        steps: by `after_s`, rising.
        on_hang_up: called once when a step ends the call; must not block.
    """

    def __init__(self, steps: Sequence[QuietStep], on_hang_up: Callable[[], None]) -> None:
        super().__init__(enable_direct_mode=True)
        self._policy = QuietPolicy(steps)
        self._on_hang_up = on_hang_up

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Watch `frame` and pass it on; audio may make a step due."""
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)
        if isinstance(frame, InputAudioRawFrame):
            step = self._policy.pass_time(frame.num_frames / frame.sample_rate)
            if step:
                await self._take(step)
        else:
            self._watch(frame)

    async def _take(self, step: QuietStep) -> None:
        if step.say:
            await self.push_frame(TTSSpeakFrame(step.say, append_to_context=True))
        if step.hangs_up:
            self._on_hang_up()

    def _watch(self, frame: Frame) -> None:
        policy = self._policy
        match frame:
            case UserStartedSpeakingFrame():
                policy.turn_started()
            case UserStoppedSpeakingFrame():
                policy.turn_ended()
            case BotStartedSpeakingFrame():
                policy.bot_started()
            case BotStoppedSpeakingFrame():
                policy.bot_stopped()
            case InterimTranscriptionFrame() | TranscriptionFrame() if frame.text.strip():
                policy.words()
            case LLMMessagesAppendFrame() | InputDTMFFrame():
                policy.words()
            case FunctionCallInProgressFrame() if frame.cancel_on_interruption:
                policy.tool_started(frame.tool_call_id)
            case FunctionCallResultFrame() | FunctionCallCancelFrame():
                policy.tool_ended(frame.tool_call_id)
            case _:
                pass
