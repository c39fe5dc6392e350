"""The guard of a quiet caller: what counts as quiet, and what is said and done, in the order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    InputAudioRawFrame,
    TranscriptionFrame,
    TTSSpeakFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
    VADUserStartedSpeakingFrame,
)

from processors.quiet import ANSWER_S, QuietGuard, QuietPolicy, QuietStep
from tests.emulators.rig import running
from tests.fakes.waiting import until

pytestmark = pytest.mark.unit

ASK, HANG_UP = QuietStep(8.0, say="Are you still there?"), QuietStep(20.0, hangs_up=True)


def greeted() -> QuietPolicy:
    """After the bot's greeting."""
    policy = QuietPolicy([ASK, HANG_UP])
    policy.bot_started()
    policy.bot_stopped()
    return policy


def due(policy: QuietPolicy, seconds: float) -> list[QuietStep]:
    """What becomes due as so much time passes, in tenths."""
    steps = [policy.pass_time(0.1) for _ in range(round(seconds * 10))]
    return [step for step in steps if step]


def test_each_step_comes_at_its_time_and_once() -> None:
    """Not before, in order, and nothing more after the last."""
    policy = greeted()
    assert due(policy, 7.8) == []
    assert due(policy, 0.4) == [ASK]
    assert due(policy, 11.6) == []
    assert due(policy, 0.6) == [HANG_UP]
    assert due(policy, 100) == []


def test_before_the_first_word_nobody_is_quiet() -> None:
    """A call that has not begun has no silence."""
    assert due(QuietPolicy([ASK]), 60) == []


def test_the_bots_own_speech_holds_the_time() -> None:
    """Being asked "are you still there?" is no silence of the caller's, and begins none anew."""
    policy = greeted()
    assert due(policy, 8.1) == [ASK]
    policy.bot_started()
    assert due(policy, 60) == []
    policy.bot_stopped()
    assert due(policy, 11.7) == []
    assert due(policy, 0.5) == [HANG_UP]


def test_words_begin_the_silence_anew() -> None:
    """Every step comes again after them."""
    policy = greeted()
    due(policy, 8.1)
    policy.words()
    assert due(policy, 8.1) == [ASK]


def test_an_answer_that_is_owed_is_not_the_callers_silence() -> None:
    """Not while a tool runs, nor while the brain thinks; if nothing comes, it counts again."""
    policy = greeted()
    policy.turn_started()
    policy.words()
    assert due(policy, 60) == []
    policy.turn_ended()
    policy.tool_started("c1")
    assert due(policy, 60) == []
    policy.tool_ended("c1")
    assert due(policy, ANSWER_S + 7.8) == []
    assert due(policy, 0.5) == [ASK]


def test_a_cough_that_takes_the_floor_is_no_speech() -> None:
    """A turn without a word holds the time, begins none anew and is owed no answer."""
    policy = greeted()
    policy.words()
    policy.bot_started()
    policy.bot_stopped()
    assert due(policy, 7.0) == []
    policy.turn_started()
    assert due(policy, 60) == []
    policy.turn_ended()
    assert due(policy, 0.8) == []
    assert due(policy, 0.4) == [ASK]


EVENTS = ["bot+", "bot-", "turn+", "turn-", "words", "tool+", "tool-", "time"]


@given(st.lists(st.sampled_from(EVENTS)))
def test_no_event_makes_a_step_early_or_double(events: list[str]) -> None:
    """Whatever happens, a step comes only after its time of counted silence, in order."""
    policy, seen = QuietPolicy([ASK, HANG_UP]), [0.0]
    acts = {
        "bot+": policy.bot_started,
        "bot-": policy.bot_stopped,
        "turn+": policy.turn_started,
        "turn-": policy.turn_ended,
        "words": policy.words,
        "tool+": lambda: policy.tool_started("c"),
        "tool-": lambda: policy.tool_ended("c"),
    }
    for event in events * 3:
        if event == "words":
            seen = [0.0]
        if event in acts:
            acts[event]()
        elif step := policy.pass_time(5.0):
            assert policy.quiet_s >= step.after_s > seen[-1]
            seen.append(step.after_s)


async def test_a_quiet_caller_is_asked_and_then_let_go() -> None:
    """On the clock of the caller's audio, and a sound that is no word does not help."""
    ended: list[bool] = []
    second = InputAudioRawFrame(bytes(32_000), 16_000, 1)
    async with running(QuietGuard([ASK, HANG_UP], lambda: ended.append(True))) as rig:
        await rig.push(UserStartedSpeakingFrame(), UserStoppedSpeakingFrame())
        await rig.push(BotStartedSpeakingFrame(), BotStoppedSpeakingFrame())
        await rig.wait_for(BotStoppedSpeakingFrame)
        cough = (VADUserStartedSpeakingFrame, UserStartedSpeakingFrame, UserStoppedSpeakingFrame)
        await rig.push(*[second] * 7, *[kind() for kind in cough], second)
        await rig.wait_for(TTSSpeakFrame)
        (said,) = rig.all(TTSSpeakFrame)
        assert said.text == "Are you still there?" and said.append_to_context
        assert ended == []
        await rig.push(*[second] * 12)
        await until(lambda: ended == [True])


async def test_words_outside_of_any_turn_count_as_speech() -> None:
    """A transcript is enough to be there."""
    second = InputAudioRawFrame(bytes(32_000), 16_000, 1)
    async with running(QuietGuard([ASK], lambda: None)) as rig:
        await rig.push(BotStartedSpeakingFrame(), BotStoppedSpeakingFrame())
        await rig.wait_for(BotStoppedSpeakingFrame)
        await rig.push(*[second] * 7)
        await rig.wait_for(InputAudioRawFrame, 7)
        await rig.push(TranscriptionFrame("yes", "u", "t"), *[second] * 7)
        await rig.wait_for(InputAudioRawFrame, 14)
        assert rig.all(TTSSpeakFrame) == []
