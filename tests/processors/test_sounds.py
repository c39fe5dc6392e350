"""What a sound over the bot is taken for: how long it is waited for, and what its words weigh."""

from __future__ import annotations

import pytest

from processors.floor_terms import Disregard, Take
from tests.fakes.floor_line import Line

pytestmark = pytest.mark.unit


@pytest.fixture
def line() -> Line:
    """A call in which the bot has been speaking for a second."""
    made = Line()
    made.bot_speaks()
    return made


def says(line: Line, words: str, seconds: float = 0.4) -> None:
    """The caller, over the bot; the ears have the words 0.3 s later."""
    line.speak(seconds)
    line.let(0.3)
    line.hears(words, is_final=True)


def test_a_cough_holds_it_up_for_less_where_the_ears_are_quick(line: Line) -> None:
    """What they took after the VAD's last stops is what they are waited for."""
    says(line, "I would like to know", 1.0)
    line.let(0.4)
    line.do(line.floor.turn_ended(line.now_s))
    line.bot_speaks()
    line.speak(0.4)
    line.let(1.0)
    assert line.kinds == ["Duck", "Pause", "Resume"]
    assert line.actions[-1].after_ms <= 900 + 40  # pyright: ignore[reportAttributeAccessIssue]


def test_words_of_what_is_said_next_do_not_make_the_ears_late(line: Line) -> None:
    """Ears that end an utterance by themselves are done before the VAD is: that is not how long
    after the cough before it they took."""
    says(line, "I would like to know", 1.0)
    line.do(line.floor.turn_ended(line.now_s))
    line.bot_speaks()
    line.speak(0.4)
    line.let(1.0)
    line.speak(1.0)
    line.hears("Tell me the price.", is_final=True)
    line.let(0.3)
    line.do(line.floor.turn_ended(line.now_s))
    line.bot_speaks()
    line.speak(0.4)
    line.let(1.0)
    assert line.kinds == ["Duck", "Pause", "Resume"]
    assert line.actions[-1].after_ms <= 900 + 40  # pyright: ignore[reportAttributeAccessIssue]


def test_ears_that_were_late_are_waited_for(line: Line) -> None:
    """The bot is still quiet when a command comes 0.5 s after the VAD's stop."""
    line.speak(0.4)
    line.let(0.7)
    line.hears("Stop.", is_final=True)
    assert line.kinds == ["Duck", "Pause", "Take"]


def test_a_hum_misheard_is_nothing(line: Line) -> None:
    """To ears that have but a hum it is "him" or "come on"."""
    says(line, "Come on.")
    line.bot_ends()
    assert line.only(Disregard).reason == "unclear"  # pyright: ignore[reportAttributeAccessIssue]


def test_words_said_again_stop_it(line: Line) -> None:
    """Nobody could make anything of them, twice within 4 s: the caller wants to be heard."""
    for words in ("Done.", "Tone."):
        says(line, words)
        line.let(1.0)
    assert line.kinds == ["Duck", "Pause", "Resume", "Disregard", "Duck", "Pause", "Take"]


@pytest.mark.parametrize("between_s", [0.0, 4.0])
def test_what_is_not_said_again_stays_unclear(line: Line, between_s: float) -> None:
    """A long time passes, or the caller had a turn meanwhile."""
    says(line, "Done.")
    line.let(between_s)
    if not between_s:
        line.do(line.floor.turn_started(line.now_s))
        line.do(line.floor.turn_ended(line.now_s))
    says(line, "Done.")
    assert "Take" not in line.kinds


def test_other_words_are_not_the_same_again(line: Line) -> None:
    """So an echo's words come, one after the other."""
    for words in ("Mill Street.", "Bakery."):
        says(line, words)
        line.let(0.5)
    assert "Take" not in line.kinds


def test_an_acknowledgement_after_words_is_none_the_less_one(line: Line) -> None:
    """ "Come on" for a first "mm-hm", and the second is heard as such."""
    says(line, "Come on.")
    says(line, "Mm-hm.")
    assert "Take" not in line.kinds


def test_a_figure_stops_it(line: Line) -> None:
    """However short, once it is final: nobody hums a number."""
    line.speak(0.4)
    line.hears("5")
    assert "Take" not in line.kinds
    line.let(0.3)
    line.hears("5.", is_final=True)
    assert line.only(Take).reason == "words"  # pyright: ignore[reportAttributeAccessIssue]
