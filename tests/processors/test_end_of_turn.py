"""The end-of-turn policy: events and times in, decisions out, no clock and no model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.end_of_turn import Decision, End, EndOfTurn, Patience, Speculate, Wait, Withdraw

pytestmark = pytest.mark.unit

PATIENCE = Patience(shortest_s=0.2, longest_s=1.6, sure=0.5, transcript_s=1.0)


def a_pause(
    probability: float | None, text: str = "On Saturday.", *, speculates: bool = True
) -> EndOfTurn:
    """A caller who spoke until 10.0 s and has been transcribed."""
    turn = EndOfTurn(patience=PATIENCE, speculates=speculates)
    turn.turn_started()
    turn.speech_started()
    turn.speech_stopped(10.0)
    if probability is not None:
        turn.scored(10.0, probability)
    turn.transcribed(text, 10.3, is_final=True)
    return turn


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
    assert until_s(turn.decide(10.36)) == pytest.approx(10.9)
    assert turn.decide(10.9) == End("On Saturday.", confirms=True)


def test_the_wait_falls_as_the_probability_rises() -> None:
    """No verdict waits longest, 0 the same, sure the least, and nothing in between jumps."""
    waits = [PATIENCE.wait_s(p) for p in (None, 0.0, 0.1, 0.3, 0.49, 0.5, 1.0)]
    assert waits == sorted(waits, reverse=True)
    assert waits[0] == waits[1] == 1.6
    assert waits[-1] == 0.2


def test_going_on_withdraws_the_answer() -> None:
    """A caller who speaks on never hears what was prepared for half a sentence."""
    turn = a_pause(0.1)
    assert isinstance(turn.decide(10.35), Speculate)
    assert turn.speech_started() == Withdraw()
    assert turn.decide(11.0) == Wait(None)
    turn.speech_stopped(12.0)
    turn.scored(12.0, 0.9)
    turn.transcribed("After lunch?", 12.4, is_final=True)
    assert turn.decide(12.4) == End("On Saturday. After lunch?")


def test_more_words_replace_the_prepared_answer() -> None:
    """A second transcript within a pause makes the first guess wrong, and says so once."""
    turn = a_pause(0.0)
    assert isinstance(turn.decide(10.35), Speculate)
    turn.transcribed("Or Sunday.", 10.5, is_final=True)
    assert turn.decide(10.5) == Speculate("On Saturday. Or Sunday.")
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
    assert until_s(turn.decide(10.4)) == pytest.approx(11.6)
    assert turn.decide(11.6) == End("On Saturday.")


def test_missing_words_are_waited_for_then_given_up() -> None:
    """A sure model still waits for the words, but not beyond what the transcriber may take."""
    turn = EndOfTurn(patience=PATIENCE)
    turn.turn_started()
    turn.speech_started()
    turn.speech_stopped(10.0)
    turn.scored(10.0, 0.99)
    assert until_s(turn.decide(10.3)) == pytest.approx(11.0)
    assert turn.decide(11.0) == End("")


def test_a_stale_verdict_is_ignored() -> None:
    """A verdict on a pause that speech has ended says nothing of the next pause."""
    turn = a_pause(None)
    turn.speech_started()
    turn.speech_stopped(12.0)
    turn.scored(10.0, 0.99)
    turn.transcribed("After lunch?", 12.1, is_final=True)
    assert turn.decide(12.3) == Speculate("On Saturday. After lunch?")


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
    turn.speech_started()
    turn.speech_stopped(21.0)
    turn.scored(21.0, 0.9)
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
    assert turn.decide(30.0) == Speculate("Hello?")
    assert turn.decide(31.6) == End("Hello?", confirms=True)


def test_without_speculation_nothing_is_prepared() -> None:
    """The option off, a pause only waits."""
    assert isinstance(a_pause(0.0, speculates=False).decide(10.35), Wait)


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["start", "speak", "stop", "score", "words", "refuse", "end", "look"]),
        st.floats(0.01, 0.7),
        st.floats(0, 1),
    ),
    max_size=60,
)


@given(EVENTS)
def test_every_open_silent_turn_ends(events: list[tuple[str, float, float]]) -> None:
    """Whatever happened, an open turn ends within the longest wait once the caller is silent,
    every Speculate is settled once, and no answer is confirmed that was not prepared."""
    turn, now_s, silent_since_s, pending = EndOfTurn(patience=PATIENCE), 0.0, None, None
    is_open = False

    def settle(decision: object) -> None:
        nonlocal pending, is_open, silent_since_s
        match decision:
            case Speculate(text):
                pending = text
            case Withdraw():
                assert pending is not None
                pending = None
            case End(_, confirms=confirms, withdraws=withdraws):
                assert is_open
                assert (confirms or withdraws) == (pending is not None)
                pending, is_open, silent_since_s = None, False, None
                settle(turn.turn_ended())
            case Wait():
                pass

    for event, step_s, probability in events:
        now_s += step_s
        match event:
            case "start" if not is_open:
                is_open = True
                settle(turn.turn_started())
            case "speak":
                silent_since_s = None
                settle(turn.speech_started())
            case "stop":
                silent_since_s = now_s - 0.2
                turn.speech_stopped(silent_since_s)
            case "score" if silent_since_s is not None:
                turn.scored(silent_since_s, probability)
            case "words":
                turn.transcribed(f"word{now_s:.2f}", now_s, is_final=probability > 0.3)
            case "refuse" if pending is not None:
                turn.speculation_refused()
                pending = None
            case "end":
                is_open, silent_since_s = False, None
                settle(turn.turn_ended())
        settle(turn.decide(now_s))

    if is_open and silent_since_s is not None:
        settle(turn.decide(now_s + PATIENCE.longest_s + PATIENCE.transcript_s))
        assert not is_open
    assert is_open or pending is None
