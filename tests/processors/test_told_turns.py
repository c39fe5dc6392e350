"""Turns whose end the ears tell, pure: who decides, and what happens when they cannot."""

from __future__ import annotations

import pytest

from processors.end_of_turn import End, EndOfTurn, Score, Speculate, Wait, Why, Withdraw

pytestmark = pytest.mark.unit

LONG_S = 60.0


def told(*interim: str) -> EndOfTurn:
    """A turn under way of a caller whose ears tell turns, silent since 1 s."""
    policy = EndOfTurn(language="en", is_told=True)
    policy.speech_started(0.0)
    policy.turn_started()
    for words in interim:
        policy.overheard(words)
    policy.speech_stopped(1.0)
    return policy


def test_no_silence_ends_a_turn_that_the_ears_hold_open() -> None:
    """Nor is the model asked about it."""
    policy = told("on Saturday")
    assert policy.decide(1.2) == Wait(None)
    assert policy.decide(LONG_S) == Wait(None)


def test_the_ears_end_a_turn_whatever_the_vad_hears() -> None:
    """A noise that the VAD takes for speech does not keep the caller waiting."""
    policy = told("on Saturday")
    policy.speech_started(1.2)
    policy.transcribed("on Saturday", 1.3, is_final=True)
    policy.told()
    assert policy.why() is Why.PROVIDER
    assert policy.decide(1.3) == End("on Saturday")


def test_what_the_ears_foretell_is_answered_ahead() -> None:
    """And confirmed by the words that they commit, whatever their commas."""
    policy = told("on Saturday")
    policy.foretold("on saturday")
    assert policy.decide(1.1) == Speculate("on saturday")
    assert policy.decide(1.2) == Wait(None)
    policy.transcribed("On Saturday.", 1.3, is_final=True)
    policy.told()
    assert policy.decide(1.3) == End("On Saturday.", confirms=True)


def test_the_vad_alone_takes_nothing_back() -> None:
    """The ears that foretold the end say themselves when the caller goes on."""
    policy = told("on Saturday")
    policy.foretold("on Saturday")
    policy.decide(1.1)
    assert policy.speech_started(1.2) == Wait(None)
    policy.speculation_refused()
    policy.overheard("on Saturday or")
    assert policy.decide(1.4) == Wait(None)
    policy.foretold("on Saturday or Sunday")
    assert policy.decide(2.0) == Speculate("on Saturday or Sunday")


def test_a_turn_without_a_word_ends_by_its_silence() -> None:
    """The VAD opened it for a noise that the ears heard nothing in."""
    policy = told()
    assert not isinstance(policy.decide(1.2), Score | End)
    assert policy.decide(4.0) == End("")


def test_ears_that_may_still_have_a_word_keep_such_a_turn_open() -> None:
    """They may hang, and then others hear what was said."""
    policy = told()
    policy.words_awaited(1.2, 1.5)
    policy.hear_with(2.5, is_told=False)
    policy.transcribed("on Saturday", 3.0, is_final=True)
    policy.scored(1.0, 1.0, 3.1)
    assert policy.decide(3.1) == End("on Saturday")


def test_words_that_the_ears_disown_hold_nothing_open() -> None:
    """They told the end of a turn and gave no words for it."""
    policy = told("mumble")
    policy.told()
    assert policy.decide(4.0) == End("")


def test_words_that_wait_at_the_bar_are_answered_when_it_is_lifted() -> None:
    """The ears told of their end before the turn could begin, and will not tell again."""
    policy = EndOfTurn(language="en", is_told=True)
    policy.transcribed("what about Sunday", 1.0, is_final=True)
    policy.told()
    policy.turn_started()
    assert policy.decide(5.0) == End("what about Sunday")


def test_a_backchannel_is_forgotten_with_its_end() -> None:
    """What was told of "mm-hm" is not believed of the turn that follows."""
    policy = EndOfTurn(language="en", is_told=True)
    policy.transcribed("mm-hm", 1.0, is_final=True)
    policy.told()
    policy.forget_words()
    policy.turn_started()
    policy.overheard("and on")
    assert policy.decide(LONG_S) == Wait(None)


def test_other_ears_at_work_leave_the_turn_to_our_own_detector() -> None:
    """In mid-silence: the model is asked at once, and the silence counts from where it began."""
    policy = told("on Saturday")
    policy.hear_with(1.3, is_told=False)
    assert policy.decide(1.3) == Score(1.0)
    policy.scored(1.0, 1.0, 1.35)
    policy.transcribed("on Saturday", 1.4, is_final=True)
    assert policy.decide(1.4) == End("on Saturday")


def test_words_that_other_ears_hear_again_are_waited_for() -> None:
    """However long the silence is by then: a turn must not end empty for want of them."""
    policy = told("on Saturday")
    policy.hear_with(4.2, is_told=False)
    policy.decide(4.2)
    policy.scored(1.0, 1.0, 4.3)
    assert isinstance(policy.decide(5.0), Wait)
    policy.transcribed("on Saturday", 5.5, is_final=True)
    assert policy.decide(5.5) == End("on Saturday")


def test_an_answer_begun_for_the_ears_that_left_is_withdrawn_if_the_words_differ() -> None:
    """What one recogniser foretold another need not have heard."""
    policy = told("on Saturday")
    policy.foretold("on Saturday")
    policy.decide(1.1)
    policy.hear_with(1.15, is_told=False)
    policy.scored(1.0, 1.0, 1.2)
    policy.transcribed("on Sunday", 1.4, is_final=True)
    assert policy.decide(1.4) == End("on Sunday", withdraws=True)


def test_a_new_turn_begins_with_nothing_foretold() -> None:
    """The end of a turn by the watchdog drops what was begun for it."""
    policy = told("on Saturday")
    policy.foretold("on Saturday")
    policy.decide(1.1)
    assert policy.turn_ended() == Withdraw()
    policy.turn_started()
    policy.overheard("hello")
    assert policy.decide(LONG_S) == Wait(None)
