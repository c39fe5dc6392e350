"""The silence guard: when it sounds, and what cuts it off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipecat.frames.frames import (
    Frame,
    FunctionCallInProgressFrame,
    FunctionCallResultFrame,
    InterruptionFrame,
    OutputAudioRawFrame,
    TTSAudioRawFrame,
    TTSTextFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from emulators.word_tones import encode
from processors.silence import SilenceGuard, SilencePolicy
from tests.emulators.rig import running

pytestmark = pytest.mark.unit

FILLER = encode("one moment please", 16_000)


def test_a_filler_is_due_after_the_wait_and_once() -> None:
    """Not before max_silence_s, then once, then not before the caller's next turn."""
    policy = SilencePolicy(3.0)
    assert not policy.take(0.0)
    policy.caller_stopped(10.0)
    assert not policy.take(12.9)
    assert policy.take(13.0)
    assert not policy.take(99.0)
    policy.caller_stopped(100.0)
    assert policy.take(103.0)


EVENTS = ["caller stops", "relieve", "sound", "bot+", "bot-", "tool+", "tool-", "time"]


@given(st.lists(st.tuples(st.sampled_from(EVENTS), st.floats(0.0, 5.0))))
def test_once_a_turn_and_never_early_whatever_happens(steps: list[tuple[str, float]]) -> None:
    """A filler comes the wait after the last cause of one, once for each but while a tool runs,
    when it is a cause itself."""
    policy, now_s = SilencePolicy(3.0), 0.0
    cause_s: float | None = None
    is_running = is_speaking = False
    for kind, passed_s in steps:
        now_s += passed_s
        match kind:
            case "caller stops":
                policy.caller_stopped(now_s)
                cause_s = now_s
            case "relieve":
                policy.relieve()
                cause_s = None
            case "sound":
                policy.sounded(now_s)
                cause_s = None if cause_s is None else now_s
            case "bot+":
                policy.bot_started()
                is_speaking, cause_s = True, None
            case "bot-":
                policy.bot_stopped(now_s)
                is_speaking, cause_s = False, now_s if is_running else cause_s
            case "tool+":
                policy.tool_started("call", now_s)
                is_running = True
                if cause_s is None and not is_speaking:
                    cause_s = now_s
            case "tool-":
                policy.tool_ended("call")
                is_running = False
            case _:
                was_due = cause_s is not None and now_s >= cause_s + 3.0
                assert policy.take(now_s) == was_due
                if was_due:
                    cause_s = now_s if is_running else None
        assert policy.due_s == (None if cause_s is None else cause_s + 3.0)


async def test_the_filler_bridges_a_late_answer() -> None:
    """The whole filler sounds at the output's rate, and nothing of it is text or the bot's."""
    async with running(SilenceGuard(FILLER, 16_000, 0.05)) as rig:
        await rig.push(UserStoppedSpeakingFrame())
        await rig.wait_until(lambda: rig.heard() == ["one", "moment", "please"])
        assert rig.all(TTSTextFrame) == []
        assert rig.all(TTSAudioRawFrame) == []
        assert {frame.sample_rate for frame in rig.all(OutputAudioRawFrame)} == {24_000}


async def test_the_answer_cuts_the_filler() -> None:
    """With the answer's first audio no more of the filler comes."""
    async with running(SilenceGuard(FILLER, 16_000, 0.05)) as rig:
        await rig.push(UserStoppedSpeakingFrame())
        await rig.wait_for(OutputAudioRawFrame, 2)
        await rig.push(TTSAudioRawFrame(bytes(960), 24_000, 1))
        await rig.wait_for(TTSAudioRawFrame)
        assert await rig.stays_without(OutputAudioRawFrame)


@pytest.mark.parametrize(
    "frame", [UserStartedSpeakingFrame(), InterruptionFrame(), TTSAudioRawFrame(b"", 24_000, 1)]
)
async def test_nothing_sounds_once_the_wait_is_over(frame: Frame) -> None:
    """An answer, the caller or an interruption within the wait leaves no filler."""
    async with running(SilenceGuard(FILLER, 16_000, 0.1)) as rig:
        await rig.push(UserStoppedSpeakingFrame(), frame)
        await rig.wait_for(type(frame))
        assert await rig.stays_without(OutputAudioRawFrame, 0.2)


def test_a_running_tool_makes_the_filler_come_again() -> None:
    """From its start on, as often as the wait goes by, until it is done."""
    policy = SilencePolicy(3.0)
    policy.tool_started("c", 10.0)
    assert [policy.take(now_s) for now_s in (12.9, 13.0, 15.9, 16.0)] == [False, True, False, True]
    policy.tool_ended("c")
    assert policy.take(19.0)
    assert not policy.take(60.0)


def test_the_wait_for_a_tool_begins_behind_what_the_bot_says() -> None:
    """Not over "let me look that up"."""
    policy = SilencePolicy(3.0)
    policy.bot_started()
    policy.tool_started("c", 10.0)
    assert policy.due_s is None
    policy.bot_stopped(12.0)
    assert policy.due_s == 15.0


async def test_a_long_tool_is_bridged_until_its_answer() -> None:
    """Any processor's function call: the filler sounds more than once, and the answer ends it."""
    call = {"function_name": "find", "tool_call_id": "c", "arguments": {}}
    async with running(SilenceGuard(FILLER[:3840], 16_000, 0.05)) as rig:
        await rig.push(FunctionCallInProgressFrame(**call, cancel_on_interruption=True))
        await rig.wait_for(OutputAudioRawFrame, 7)
        await rig.push(FunctionCallResultFrame(**call, result="here"))
        await rig.push(TTSAudioRawFrame(bytes(960), 24_000, 1))
        await rig.wait_for(TTSAudioRawFrame)
        assert await rig.stays_without(OutputAudioRawFrame)


class Desk(FrameProcessor):
    """A bot's own: looks something up for as long as the caller's turn is over."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)
        if isinstance(frame, UserStoppedSpeakingFrame):
            call = {"function_name": "find", "tool_call_id": "c", "arguments": {}}
            await self.broadcast_frame(
                FunctionCallInProgressFrame, **call, cancel_on_interruption=True
            )


@pytest.mark.parametrize("is_behind", [False, True])
async def test_a_tool_of_a_processor_of_the_bots_own_is_bridged_too(is_behind: bool) -> None:
    """Wherever it stands, the filler sounds for it again and again."""
    guard, desk = SilenceGuard(FILLER[:3840], 16_000, 0.05), Desk()
    async with running(Pipeline([guard, desk] if is_behind else [desk, guard])) as rig:
        await rig.push(UserStoppedSpeakingFrame())
        await rig.wait_for(OutputAudioRawFrame, 10)


def test_hold_music_of_the_bots_own_is_not_talked_over() -> None:
    """The filler waits until it has been silent for as long as the answer may be."""
    policy = SilencePolicy(3.0)
    policy.tool_started("c", 10.0)
    policy.sounded(12.0)
    assert not policy.take(13.0)
    assert policy.take(15.0)


async def test_a_tool_in_the_background_is_not_waited_for() -> None:
    """The conversation goes on while it runs, so nobody waits in silence."""
    frame = FunctionCallInProgressFrame(
        function_name="mail", tool_call_id="c", arguments={}, cancel_on_interruption=False
    )
    async with running(SilenceGuard(FILLER, 16_000, 0.05)) as rig:
        await rig.push(frame)
        assert await rig.stays_without(OutputAudioRawFrame)
