"""The end-of-turn policy: events and times in, decisions out, no clock and no model."""

import pytest

from processors.end_of_turn import (
    UNHEARD_S,
    Decision,
    End,
    EndOfTurn,
    Score,
    Speculate,
    Wait,
    Why,
    Withdraw,
)
from processors.turn_cues import Announces, Cue
from tests.fakes.turns import PATIENCE

pytestmark = pytest.mark.unit


def a_pause(
    probability: float | None,
    text: str = "On Saturday.",
    *,
    speculates: bool = True,
    language: str = "",
    is_telephone: bool = False,
) -> EndOfTurn:
    """A caller who spoke until 10.0 s and has been scored and transcribed."""
    turn = EndOfTurn(
        patience=PATIENCE, speculates=speculates, language=language, is_telephone=is_telephone
    )
    turn.turn_started()
    turn.speech_started(8.0)
    turn.speech_stopped(10.0)
    assert turn.decide(10.2) == Score(10.0)
    if probability is not None:
        turn.scored(10.0, probability, 10.25)
    turn.transcribed(text, 10.3, is_final=True)
    return turn


def settled(turn: EndOfTurn, now_s: float) -> Decision:
    """The decision at `now_s` once the model has been asked, with no new verdict."""
    decision = turn.decide(now_s)
    return turn.decide(now_s) if isinstance(decision, Score) else decision


def until_s(decision: Decision) -> float:
    """What a decision to wait waits for."""
    assert isinstance(decision, Wait) and decision.until_s is not None
    return decision.until_s


def test_a_sure_model_ends_the_turn_with_the_words() -> None:
    """A finished question is answered as soon as its words are there."""
    assert a_pause(0.9).decide(10.35) == End("On Saturday.")


def test_an_unsure_model_answers_ahead_and_waits() -> None:
    """At an unsure pause the answer is prepared at once and released at the falling threshold."""
    turn = a_pause(0.25)
    assert turn.decide(10.35) == Speculate("On Saturday.")
    assert turn.decide(10.45) == Score(10.0)
    assert until_s(turn.decide(10.46)) == pytest.approx(10.9)
    assert turn.decide(10.9) == End("On Saturday.", confirms=True)


def test_a_growing_silence_is_scored_anew() -> None:
    """The model is asked again every rescore_s, never twice at once, and its last word counts."""
    turn = a_pause(0.1)
    assert isinstance(turn.decide(10.35), Speculate)
    assert until_s(turn.decide(10.36)) == pytest.approx(10.45)
    assert turn.decide(10.45) == Score(10.0)
    assert until_s(turn.decide(10.7)) == pytest.approx(11.32)
    turn.scored(10.0, 0.45, 10.71)
    assert turn.decide(10.71) == End("On Saturday.", confirms=True)


def test_a_believed_verdict_is_not_asked_for_again() -> None:
    """While the words alone hold the turn the model is left in peace."""
    turn = a_pause(0.9, "My number is 555 12", language="en")
    assert isinstance(turn.decide(10.35), Speculate)
    assert isinstance(turn.decide(10.6), Wait)


def test_speech_that_is_suspected_holds_the_end() -> None:
    """While the VAD suspects speech no turn ends; a suspicion that is dropped ends it at once."""
    turn = a_pause(0.9)
    turn.speech_suspected(True)
    assert isinstance(turn.decide(10.35), Speculate)
    assert isinstance(settled(turn, 10.5), Wait)
    turn.speech_suspected(False)
    assert turn.decide(10.5) == End("On Saturday.", confirms=True)


def test_speech_that_is_confirmed_takes_the_turn_on() -> None:
    """A suspicion that comes true withdraws what was prepared, and the turn has not ended."""
    turn = a_pause(0.9)
    turn.speech_suspected(True)
    assert isinstance(turn.decide(10.35), Speculate)
    assert turn.speech_started(10.3) == Withdraw()
    assert turn.withdrawn == 1


def test_words_that_announce_more_wait_longer() -> None:
    """Half a telephone number is not taken for the whole of it, however sure the model is."""
    turn = a_pause(0.9, "My number is 555 12", language="en")
    assert isinstance(turn.decide(10.35), Speculate)
    assert until_s(settled(turn, 10.6)) == pytest.approx(10.8)
    assert turn.why() is Why.MODEL


def test_words_that_announce_the_end_wait_less() -> None:
    """A finished question is answered after half of the model's doubt, and the words get it."""
    turn = a_pause(0.25, "Are you open on Saturday?", language="en")
    assert isinstance(turn.decide(10.35), Speculate)
    assert isinstance(settled(turn, 10.5), Wait)
    assert turn.decide(10.56) == End("Are you open on Saturday?", confirms=True)
    assert turn.why() is Why.WORDS


def test_interim_words_announce_but_are_not_answered() -> None:
    """What the recogniser may still change lengthens the wait and is no part of the turn."""
    turn = a_pause(0.9)
    turn.language = "en"
    turn.overheard("and my number is")
    assert turn.text == "On Saturday."
    known = turn.silence(10.4)
    assert known is not None and known.cue == Cue(Announces.MORE, "number")
    assert known.needed_s == pytest.approx(0.8)


def test_words_of_no_turn_are_forgotten() -> None:
    """A backchannel's words do not open the next turn."""
    turn = EndOfTurn(patience=PATIENCE)
    turn.transcribed("Mm-hm.", 5.0, is_final=True)
    turn.forget_words()
    turn.turn_started()
    turn.speech_started(6.0)
    turn.speech_stopped(7.0)
    turn.transcribed("On Saturday.", 7.3, is_final=True)
    assert turn.text == "On Saturday."


def test_the_telephone_asks_more_of_the_model() -> None:
    """The verdict that ends a turn at 16 kHz is waited upon at 8 kHz."""
    assert isinstance(a_pause(0.6).decide(10.35), End)
    assert isinstance(a_pause(0.6, is_telephone=True).decide(10.35), Speculate)


def test_a_caller_who_pauses_long_is_given_longer() -> None:
    """After a few long pauses inside turns the same verdict is waited upon longer."""
    turn = a_pause(0.25)
    before = turn.silence(10.4)
    for pause in range(4):
        turn.speech_started(11.4 + 10 * pause)
        turn.speech_stopped(20.0 + 10 * pause)
    turn.scored(50.0, 0.25, 50.2)
    after = turn.silence(50.4)
    assert before is not None and after is not None
    assert after.needed_s > before.needed_s


def test_a_caller_cut_off_is_given_longer() -> None:
    """Who speaks on right after the turn was taken from them had not finished it."""
    turn = a_pause(0.9)
    assert isinstance(turn.decide(10.35), End)
    turn.turn_ended()
    turn.speech_started(11.1)
    assert turn.pace.factor > 1


def test_going_on_withdraws_the_answer() -> None:
    """A caller who speaks on never hears what was prepared for half a sentence."""
    turn = a_pause(0.1)
    assert isinstance(turn.decide(10.35), Speculate)
    assert turn.speech_started(10.8) == Withdraw()
    assert turn.decide(11.0) == Wait(None)
    turn.speech_stopped(12.0)
    turn.scored(12.0, 0.9, 12.3)
    turn.transcribed("After lunch?", 12.4, is_final=True)
    assert turn.decide(12.4) == End("On Saturday. After lunch?")


def test_more_words_replace_the_prepared_answer() -> None:
    """A second transcript within a pause makes the first guess wrong, and says so once."""
    turn = a_pause(0.0)
    assert isinstance(turn.decide(10.35), Speculate)
    turn.transcribed("Or Sunday.", 10.5, is_final=True)
    assert settled(turn, 10.5) == Speculate("On Saturday. Or Sunday.")
    assert turn.decide(11.6) == End("On Saturday. Or Sunday.", confirms=True)


def test_punctuation_does_not_throw_an_answer_away() -> None:
    """The words are compared, not their commas."""
    turn = a_pause(0.0, "on saturday")
    assert isinstance(turn.decide(10.35), Speculate)
    turn.transcribed(" . ", 10.5, is_final=True)
    assert turn.decide(11.7) == End("on saturday .", confirms=True)


def test_a_refused_answer_is_not_started_again() -> None:
    """A speculation that wants a tool is left until the turn has ended."""
    turn = a_pause(0.0)
    assert isinstance(turn.decide(10.35), Speculate)
    turn.speculation_refused()
    assert until_s(settled(turn, 10.46)) == pytest.approx(11.6)
    assert turn.decide(11.6) == End("On Saturday.")


def test_missing_words_are_waited_for_then_given_up() -> None:
    """A sure model still waits for the words, but not beyond what the transcriber may take."""
    turn = EndOfTurn(patience=PATIENCE)
    turn.turn_started()
    turn.speech_started(11.0)
    turn.speech_stopped(10.0)
    turn.scored(10.0, 0.99, 12.3)
    assert until_s(settled(turn, 10.3)) == pytest.approx(11.0)
    assert turn.decide(11.0) == End("")


def test_a_stale_verdict_is_ignored() -> None:
    """A verdict on a pause that speech has ended says nothing of the next pause."""
    turn = a_pause(None)
    turn.speech_started(11.0)
    turn.speech_stopped(12.0)
    turn.scored(10.0, 0.99, 12.3)
    turn.transcribed("After lunch?", 12.1, is_final=True)
    assert settled(turn, 12.3) == Speculate("On Saturday. After lunch?")


def test_a_turn_ended_elsewhere_withdraws_what_was_prepared() -> None:
    """A watchdog that ends the turn leaves no held answer behind."""
    turn = a_pause(0.0)
    assert isinstance(turn.decide(10.35), Speculate)
    assert turn.turn_ended() == Withdraw()
    assert turn.turn_ended() == Wait(None)
    assert turn.text == ""


def test_an_old_silence_does_not_end_the_next_turn() -> None:
    """A turn that opens just before its speech is announced waits for that speech."""
    turn = a_pause(0.9)
    assert turn.decide(10.35) == End("On Saturday.")
    turn.turn_ended()
    assert turn.turn_started() == Wait(None)
    assert turn.decide(20.0) == Wait(None)
    turn.speech_started(11.0)
    turn.speech_stopped(21.0)
    turn.scored(21.0, 0.9, 21.2)
    turn.transcribed("On Sunday?", 21.3, is_final=True)
    assert turn.decide(21.3) == End("On Sunday?")


def test_an_end_that_is_refused_is_decided_again() -> None:
    """A host that cannot end the turn yet asks again at the next event, and is told the same."""
    turn = a_pause(0.9)
    assert turn.decide(10.35) == turn.decide(10.4) == End("On Saturday.")


def test_words_without_speech_end_a_turn_too() -> None:
    """Words that come after their turn was given up open and end one of their own."""
    turn = EndOfTurn(patience=PATIENCE)
    turn.turn_started()
    turn.transcribed("Hello?", 30.0, is_final=True)
    assert settled(turn, 30.0) == Speculate("Hello?")
    assert turn.decide(31.6) == End("Hello?", confirms=True)


def test_without_speculation_nothing_is_prepared() -> None:
    """The option off, a pause only waits."""
    assert isinstance(a_pause(0.0, speculates=False).decide(10.35), Wait)


def wordless() -> EndOfTurn:
    """A turn of whose speech, over at 10 s, the ears have no word so far."""
    turn = EndOfTurn(patience=PATIENCE)
    turn.speech_started(9.0)
    turn.turn_started()
    turn.speech_stopped(10.0)
    return turn


def test_a_turn_whose_words_may_still_come_is_not_over() -> None:
    """Ears that hang are found out after its silence would have ended it: its words, heard by
    others, are of this turn and not of a second one."""
    turn = wordless()
    turn.words_awaited(10.2, 2.2)
    assert not isinstance(settled(turn, 12.3), End)
    turn.words_awaited(12.3, 2.2)
    assert turn.decide(12.5) == Wait(10.0 + UNHEARD_S)
    turn.transcribed("On Saturday.", 12.8, is_final=True)
    assert settled(turn, 12.8) == End("On Saturday.")


def test_a_turn_that_nobody_heard_a_word_of_is_over() -> None:
    """At once when the ears say so, and in any case before Pipecat's watchdog."""
    turn = wordless()
    turn.words_awaited(10.2, 5.0)
    assert not isinstance(settled(turn, 13.0), End)
    turn.words_awaited(13.0, 0.0)
    assert turn.decide(13.0) == End("")
    turn = wordless()
    turn.words_awaited(10.2, 60.0)
    assert not isinstance(settled(turn, 10.0 + UNHEARD_S - 0.1), End)
    assert turn.decide(10.0 + UNHEARD_S) == End("")
