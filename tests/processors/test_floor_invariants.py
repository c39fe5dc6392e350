"""What holds of the floor whatever happens: any events at all, in any order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.floor import Floor
from processors.floor_terms import Action, Disregard, Manners, Owner, Take
from processors.loudness import SILENCE_DBFS
from tests.fakes.floor_line import FRAME_S, LOUD, QUIET, Line

pytestmark = pytest.mark.unit

EVENTS = st.one_of(
    st.tuples(st.just("let"), st.floats(0.02, 1.5), st.sampled_from([LOUD, LOUD - 22, QUIET])),
    st.tuples(
        st.just("words"),
        st.sampled_from(["mm-hm", "yeah", "stop", "Saturday", "I need it", "...", "[Music]"]),
        st.booleans(),
    ),
    st.tuples(st.just("bot"), st.booleans()),
    st.tuples(st.just("protect"), st.booleans()),
    st.tuples(st.just("asks"), st.booleans()),
    st.tuples(st.just("key")),
    st.tuples(st.just("interrupted")),
    st.tuples(st.just("turn starts")),
    st.tuples(st.just("turn ends")),
)
MANNERS = st.builds(
    Manners,
    may_interrupt=st.booleans(),
    words=st.sampled_from([0, 1, 2, 3, 6]),
    confirm_s=st.sampled_from([0.2, 0.4, 1.0]),
    ignores_backchannels=st.booleans(),
)


def play(line: Line, event: tuple) -> None:
    """One event on the line."""
    floor, now_s = line.floor, line.now_s
    match event:
        case ("let", seconds, dbfs):
            line.let(seconds, dbfs, LOUD if floor.is_bot_speaking else SILENCE_DBFS)
        case ("words", text, is_final):
            line.hears(text, is_final=is_final)
        case ("bot", is_on):
            line.do(floor.bot_started(now_s) if is_on else floor.bot_stopped(now_s))
        case ("protect", is_on):
            line.do(floor.protect(is_on and floor.is_bot_speaking, now_s))
        case ("asks", is_question):
            line.do(floor.bot_said("Yes?" if is_question else "Yes.", now_s))
        case ("key",):
            line.do(floor.key_pressed(now_s))
        case ("interrupted",):
            line.do(floor.interrupted(now_s))
        case ("turn starts",):
            line.do(floor.turn_started(now_s))
        case ("turn ends",):
            if floor.owner is Owner.CALLER and not line.is_vad_on:
                line.do(floor.turn_ended(now_s))


def gains(actions: list[Action]) -> list[str]:
    """Only what concerns the volume, in order."""
    kinds = [type(action).__name__ for action in actions]
    return [kind for kind in kinds if kind in ("Duck", "Pause", "Resume", "Take", "Hush")]


@given(MANNERS, st.lists(EVENTS, max_size=25))
def test_whatever_happens_the_floor_has_one_owner_and_nothing_is_left_waiting(
    manners: Manners, events: list[tuple]
) -> None:
    """In silence after anything: no deadline is left, the bot is loud, no words wait in vain."""
    line = Line(Floor(manners))
    for event in events:
        play(line, event)
    floor = line.floor
    line.let(4.0)
    assert not floor.is_quiet
    if floor.owner is not Owner.CALLER:
        assert floor.due_s is None
    line.bot_ends()
    line.let(10.0)
    assert floor.owner in (Owner.CALLER, Owner.NOBODY)
    assert not floor.has_pending
    assert floor.due_s is None


@given(MANNERS, st.lists(EVENTS, max_size=25))
def test_the_caller_has_the_floor_from_a_start_to_an_end_and_at_no_other_time(
    manners: Manners, events: list[tuple]
) -> None:
    """The owner is the caller exactly while their turn is open, else the bot while it speaks."""
    line = Line(Floor(manners))
    is_open = False
    for event in events:
        line.actions.clear()
        was_open = is_open
        play(line, event)
        is_open = line.floor.owner is Owner.CALLER
        began = "Take" in line.kinds or event[0] == "turn starts"
        assert not is_open or was_open or began
        assert is_open or not began
        assert is_open or not was_open or event[0] == "turn ends"
        assert is_open or not line.floor.is_bot_speaking or line.floor.owner is Owner.BOT


@given(MANNERS, st.lists(EVENTS, max_size=25))
def test_a_bot_that_is_quiet_has_a_deadline_to_be_loud_again(
    manners: Manners, events: list[tuple]
) -> None:
    """After every event; and a deadline is never one that has passed."""
    line = Line(Floor(manners))
    for event in events:
        play(line, event)
        due_s = line.floor.due_s
        assert due_s is not None or not line.floor.is_quiet
        line.let(FRAME_S)
        assert line.floor.due_s is None or line.floor.due_s > line.now_s


@given(MANNERS, st.lists(EVENTS, max_size=25))
def test_what_is_protected_is_neither_quieter_nor_stopped(
    manners: Manners, events: list[tuple]
) -> None:
    """Whatever the caller does while the bot may not be interrupted, keys too."""
    line = Line(Floor(manners))
    line.bot_speaks()
    floor = line.floor
    for event in events:
        line.actions.clear()
        is_barred = floor.is_protected or not manners.may_interrupt
        was_open = floor.owner is Owner.CALLER
        play(line, event)
        is_callers = event[0] in ("let", "words", "key")
        if is_barred and is_callers and floor.is_bot_speaking and not was_open:
            assert not {"Duck", "Pause", "Take", "Hush"} & set(line.kinds)


@given(MANNERS, st.lists(EVENTS, max_size=25))
def test_no_final_words_are_forgotten(manners: Manners, events: list[tuple]) -> None:
    """Once the bot is done, each were said in a turn, began one, or were told to be for nobody."""
    line = Line(Floor(manners))
    owed: list[str] = []
    for event in [*events, ("let", 4.0, QUIET), ("bot", False), ("let", 4.0, QUIET)]:
        line.actions.clear()
        if event[0] == "words" and event[2] and event[1] not in ("...", "[Music]"):
            owed.append(event[1])
        was_open = line.floor.owner is Owner.CALLER
        play(line, event)
        if was_open or line.floor.owner is Owner.CALLER or "Take" in line.kinds:
            owed.clear()
        for action in line.actions:
            if isinstance(action, Disregard):
                for text in list(owed):
                    if text in action.text:
                        owed.remove(text)
    assert owed == []


@given(MANNERS, st.lists(EVENTS, max_size=25))
def test_the_volume_is_worked_in_order(manners: Manners, events: list[tuple]) -> None:
    """A pause follows a duck, a resume follows either, and nothing is resumed twice."""
    line = Line(Floor(manners))
    state = "full"
    for event in events:
        line.actions.clear()
        was_cut = event[0] in ("interrupted", "turn starts")
        play(line, event)
        for kind in gains(line.actions):
            if kind == "Duck":
                assert state == "full"
                state = "ducked"
            elif kind == "Pause":
                assert state == "ducked"
                state = "paused"
            elif kind == "Resume":
                assert state != "full"
                state = "full"
            else:
                state = "full"
        if was_cut:
            state = "full"
        assert line.floor.is_quiet == (state != "full")


@given(MANNERS, st.lists(EVENTS, max_size=25))
def test_fewer_words_than_asked_for_never_stop_the_bot(
    manners: Manners, events: list[tuple]
) -> None:
    """`words:N`, whatever is said: where words took the floor there were N since the last turn."""
    line = Line(Floor(manners))
    said = 0
    for event in events:
        line.actions.clear()
        said = 0 if line.floor.owner is Owner.CALLER else said
        if event[0] == "words":
            said += len(event[1].split())
        play(line, event)
        if any(isinstance(action, Take) and action.reason == "words" for action in line.actions):
            assert said >= manners.words


@given(
    MANNERS,
    st.lists(EVENTS, max_size=15),
    st.sampled_from(["Stop.", "I need it on Saturday"]),
)
def test_no_sentence_is_lost(manners: Manners, events: list[tuple], text: str) -> None:
    """Whatever went before, what the caller says has the floor once the bot is done."""
    line = Line(Floor(manners))
    for event in events:
        play(line, event)
    line.let(4.0)
    line.speak(0.8)
    line.hears(text, is_final=True)
    line.let(0.4)
    line.bot_ends()
    line.let(1.0)
    assert line.floor.owner is Owner.CALLER
