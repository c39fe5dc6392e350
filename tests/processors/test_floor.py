"""Who has the floor, on a clock that is data: conversations as timelines."""

from __future__ import annotations

import pytest

from processors.floor import Floor
from processors.floor_terms import Disregard, Hush, Manners, Owner, Take
from tests.fakes.floor_line import LOUD, Line

pytestmark = pytest.mark.unit


@pytest.fixture
def line() -> Line:
    """A call in which the bot has been speaking for a second."""
    made = Line()
    made.bot_speaks()
    return made


def test_a_silent_bot_gives_the_floor_at_once() -> None:
    """Nobody speaks: the VAD's word is enough, and it is the caller's floor."""
    line = Line()
    line.speak(0.3)
    assert line.actions == [Take(200, "speech")]
    assert line.floor.owner is Owner.CALLER


def test_words_alone_take_a_silent_floor() -> None:
    """Somebody speaks too softly for the VAD and is understood all the same."""
    line = Line()
    line.hears("hello")
    assert line.kinds == ["Take"]


def test_the_bot_is_quiet_from_the_first_suspicion(line: Line) -> None:
    """One frame of speech ducks it; the VAD's confirmation, and a little more, pauses it."""
    line.speak(0.4)
    assert line.kinds == ["Duck", "Pause"]
    assert line.actions[0].after_ms == 0  # pyright: ignore[reportAttributeAccessIssue]
    assert 360 <= line.actions[1].after_ms <= 400  # pyright: ignore[reportAttributeAccessIssue]


def test_a_click_only_ducks(line: Line) -> None:
    """A sound that the VAD does not confirm is over before anything is held."""
    line.speak(0.06)
    line.let(0.5)
    assert line.kinds == ["Duck", "Resume"]
    assert line.actions[1].reason == "noise"  # pyright: ignore[reportAttributeAccessIssue]


def test_a_cough_does_not_stop_the_bot(line: Line) -> None:
    """Speech to the VAD, no words to the ears: the bot goes on when slow ears had time for some."""
    line.speak(0.4)
    line.let(1.0)
    assert line.kinds == ["Duck", "Pause", "Resume"]
    assert line.actions[-1].after_ms <= 1200 + 40  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize("text", ["Stop", "Wait.", "No", "Hold on"])
def test_a_command_stops_it_at_once(line: Line, text: str) -> None:
    """An interim is enough."""
    line.speak(0.3)
    line.hears(text)
    assert isinstance(line.actions[-1], Take) and line.actions[-1].reason == "command"
    assert line.floor.owner is Owner.CALLER


def test_a_sentence_stops_it_once_it_is_longer_than_a_hum(line: Line) -> None:
    """Words of half a second may be a hum misheard; the bot has been quiet for long by then."""
    line.speak(0.5)
    line.hears("I need to")
    assert "Take" not in line.kinds
    line.speak(0.32)
    assert isinstance(line.actions[-1], Take) and line.actions[-1].reason == "words"


def test_a_word_or_two_have_to_last_longer(line: Line) -> None:
    """ "Uh-huh, uh-huh" is as long as a sentence, and is heard as "our house"."""
    line.speak(1.0)
    line.hears("our house")
    line.let(0.16)
    assert "Take" not in line.kinds
    line.speak(0.3)
    assert line.kinds[-1] == "Take"


def test_the_beginning_of_an_acknowledgement_is_waited_out(line: Line) -> None:
    """ "That makes" is on its way to "that makes sense"."""
    line.speak(0.9)
    line.hears("Oh, that makes")
    assert "Take" not in line.kinds
    line.hears("Oh, that makes no difference")
    assert line.kinds[-1] == "Take"


def test_a_short_word_waits_for_the_bot_to_be_done(line: Line) -> None:
    """ "Tomorrow." does not stop it, and is answered afterwards."""
    line.speak(0.64)
    line.let(0.3)
    line.hears("Tomorrow.", is_final=True)
    assert "Take" not in line.kinds and not line.floor.is_quiet
    line.bot_ends()
    assert line.only(Take).reason == "waited"  # pyright: ignore[reportAttributeAccessIssue]


def test_a_cough_does_not_bring_a_waiting_word_forward(line: Line) -> None:
    """What waits for the bot to be done waits on, whatever is heard meanwhile."""
    line.speak(0.64)
    line.let(0.3)
    line.hears("Tomorrow.", is_final=True)
    line.speak(0.1)
    line.let(1.0)
    assert "Take" not in line.kinds and line.floor.has_pending
    line.bot_ends()
    assert line.kinds[-1] == "Take"


def test_a_command_over_a_notice_stops_what_follows_it() -> None:
    """The notice plays to its end; the bot's next sentence, which may be interrupted, does not."""
    line = Line()
    line.bot_speaks()
    line.do(line.floor.protect(True, line.now_s))
    line.speak(0.4)
    line.let(0.3)
    line.hears("Stop.", is_final=True)
    line.let(1.0)
    assert line.actions == []
    line.do(line.floor.protect(False, line.now_s))
    assert line.only(Take).reason == "waited"  # pyright: ignore[reportAttributeAccessIssue]


def test_an_acknowledgement_lets_the_bot_go_on(line: Line) -> None:
    """ "Mm-hm": resumed with the silence after it, and its final belongs to no turn."""
    line.speak(0.4)
    line.let(0.14)
    line.hears("Mm-hm.")
    line.let(0.1)
    assert line.kinds == ["Duck", "Pause", "Resume"]
    line.hears("Mm-hm.", is_final=True)
    assert line.only(Disregard).reason == "backchannel"  # pyright: ignore[reportAttributeAccessIssue]
    assert line.floor.owner is Owner.BOT


def test_an_acknowledgement_that_goes_on_is_waited_for(line: Line) -> None:
    """ "Yeah, but I wanted" is no "yeah"."""
    line.speak(0.5)
    line.hears("Yeah")
    line.speak(0.3)
    assert "Resume" not in line.kinds
    line.hears("Yeah, but I wanted")
    assert line.kinds[-1] == "Take"


def test_yes_answers_a_question(line: Line) -> None:
    """The bot has just asked, so "yes" is the answer and not a listener's noise."""
    line.do(line.floor.bot_said("Shall I book it for nine?", line.now_s))
    line.speak(0.3)
    line.hears("Yes")
    assert isinstance(line.actions[-1], Take) and line.actions[-1].reason == "answer"


def test_a_question_passes(line: Line) -> None:
    """Some way into the next sentence "yes" is a listener's noise again."""
    line.do(line.floor.bot_said("Shall I book it?", line.now_s))
    line.do(line.floor.bot_said("We are open all day.", line.now_s))
    line.let(2.0)
    line.speak(0.3)
    line.let(0.3)
    line.hears("Yes.", is_final=True)
    assert "Take" not in line.kinds


def test_words_after_the_bot_went_on_still_count(line: Line) -> None:
    """Slow ears: the bot resumed, and stops when the words come."""
    line.speak(0.4)
    line.let(1.5)
    assert line.kinds[-1] == "Resume"
    line.hears("Stop.", is_final=True)
    assert line.kinds[-1] == "Take"


def test_a_voice_far_away_is_not_obeyed(line: Line) -> None:
    """Somebody else in the room says "stop"; the caller's own level is known by then."""
    line.speak(0.9)
    line.hears("I need")
    line.speak(1.0)
    line.let(0.3)
    line.do(line.floor.turn_ended(line.now_s))
    line.bot_speaks()
    line.speak(0.5, LOUD - 22)
    line.let(0.3)
    line.hears("Stop it now.", is_final=True)
    assert line.kinds == ["Disregard"]
    assert line.only(Disregard).reason == "far"  # pyright: ignore[reportAttributeAccessIssue]


def test_ears_without_interims_are_not_waited_for_for_ever(line: Line) -> None:
    """With finals only, long speech takes the floor by its length."""
    line.speak(1.6)
    line.let(0.3)
    line.hears("I would like to know", is_final=True)
    line.let(0.4)
    line.do(line.floor.turn_ended(line.now_s))
    line.bot_speaks()
    line.speak(1.3)
    assert isinstance(line.actions[-1], Take) and line.actions[-1].reason == "speech"
    assert 1200 <= line.actions[-1].after_ms <= 1240


def test_music_does_not_stop_a_bot_whose_ears_give_interims(line: Line) -> None:
    """The VAD hears speech for seconds, the ears hear no word: the bot waits once and goes on."""
    line.speak(0.4)
    line.hears("Wait")
    line.let(0.4)
    line.do(line.floor.turn_ended(line.now_s))
    line.bot_speaks()
    line.speak(6.0)
    assert line.kinds == ["Duck", "Pause", "Resume"]
    assert line.actions[-1].reason == "unclear"  # pyright: ignore[reportAttributeAccessIssue]


def test_a_caller_who_keeps_coughing_pauses_the_bot_no_more(line: Line) -> None:
    """After two wordless pauses the bot only ducks."""
    for _ in range(3):
        line.speak(0.4)
        line.let(1.0)
    assert line.kinds == ["Duck", "Pause", "Resume"] * 2 + ["Duck", "Resume"]


def test_a_caller_who_keeps_saying_mm_hm_pauses_the_bot_no_more(line: Line) -> None:
    """After two the bot has learnt it, until a turn of the caller's; a command still stops it."""
    for _ in range(3):
        line.speak(0.46)
        line.let(0.26)
        line.hears("Mm-hm.", is_final=True)
        line.let(0.5)
    assert line.kinds == ["Duck", "Pause", "Resume", "Disregard"] * 2 + [
        *("Duck", "Resume", "Disregard")
    ]
    line.speak(0.46)
    line.hears("Wait")
    assert line.kinds[-2:] == ["Duck", "Take"]


def test_a_protected_line_is_neither_ducked_nor_stopped_and_the_caller_answered_after() -> None:
    """What was said over a legal notice takes the floor when the notice is over."""
    line = Line()
    line.bot_speaks()
    line.do(line.floor.protect(True, line.now_s))
    line.speak(1.0)
    line.let(0.3)
    line.hears("Is this call recorded?", is_final=True)
    line.let(2.0)
    assert line.actions == [] and line.floor.has_pending
    line.bot_ends()
    assert line.only(Take).reason == "waited"  # pyright: ignore[reportAttributeAccessIssue]


def test_a_bot_that_is_never_interrupted_answers_afterwards() -> None:
    """`mode: never` is a bar over all the bot says; an acknowledgement leaves nothing to answer."""
    line = Line(Floor(Manners(may_interrupt=False)))
    line.bot_speaks()
    line.speak(0.4)
    line.let(0.3)
    line.hears("Mm-hm.", is_final=True)
    assert line.kinds == ["Disregard"]
    line.speak(0.8)
    line.let(0.3)
    line.hears("And on Sunday?", is_final=True)
    line.let(1.0)
    line.bot_ends()
    assert line.kinds == ["Disregard", "Take"]


def test_words_that_are_too_few_wait_for_the_bot() -> None:
    """`words:3`: two do not stop it and are answered afterwards; a command always stops it."""
    line = Line(Floor(Manners(words=3)))
    line.bot_speaks()
    line.speak(0.9)
    line.let(0.3)
    line.hears("on Sunday?", is_final=True)
    assert "Take" not in line.kinds and not line.floor.is_quiet
    line.let(1.0)
    line.bot_ends()
    assert line.kinds[-1] == "Take"


def test_acknowledgements_that_count_are_counted() -> None:
    """`words:3` of a bot that does not ignore "yeah": one does not stop it, three do."""
    line = Line(Floor(Manners(words=3, ignores_backchannels=False)))
    line.bot_speaks()
    line.speak(0.4)
    line.hears("Yeah")
    assert "Take" not in line.kinds
    line.hears("Yeah, yeah, yeah")
    assert line.kinds[-1] == "Take"


def test_a_key_stops_the_bot() -> None:
    """A digit over a menu's prompt: silence at once, and no turn of words."""
    line = Line()
    assert line.floor.key_pressed(0.0) == []
    line.bot_speaks()
    line.do(line.floor.key_pressed(line.now_s))
    assert line.actions == [Hush()]


def test_a_cough_does_not_cost_an_answer_that_is_on_its_way() -> None:
    """Between the turn and the answer nobody speaks, and the floor is the bot's."""
    line = Line()
    line.speak(0.5)
    line.let(0.4)
    line.hears("On Saturday?", is_final=True)
    line.do(line.floor.turn_ended(line.now_s))
    line.actions.clear()
    assert line.floor.owner is Owner.BOT
    line.speak(0.24)
    line.let(1.0)
    assert line.actions == []
    line.speak(0.8)
    assert line.only(Take).reason == "speech"  # pyright: ignore[reportAttributeAccessIssue]


def test_a_turn_without_words_owes_no_answer() -> None:
    """Its late words begin a turn of their own, also when they are but "yes"."""
    line = Line()
    line.speak(0.4)
    line.let(2.0)
    line.do(line.floor.turn_ended(line.now_s))
    assert line.floor.owner is Owner.NOBODY
    line.actions.clear()
    line.hears("Yes.", is_final=True)
    assert line.kinds == ["Take"]


def test_a_bot_that_begins_while_the_caller_speaks_is_quiet() -> None:
    """The answer came in the middle of a second sentence: ducked with its first frames."""
    line = Line()
    line.speak(0.5)
    line.let(0.3)
    line.hears("On Saturday?", is_final=True)
    line.do(line.floor.turn_ended(line.now_s))
    line.actions.clear()
    line.speak(0.3)
    line.do(line.floor.bot_started(line.now_s))
    line.speak(0.1)
    assert line.kinds == ["Duck", "Pause"]
