"""What holds of the end-of-turn policy whatever happens: any events at all, in any order."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.end_of_turn import (
    TAKEOVER_S,
    UNHEARD_S,
    End,
    EndOfTurn,
    Score,
    Speculate,
    Wait,
    Withdraw,
)
from processors.patience import Evidence
from processors.turn_cues import Announces
from tests.fakes.turns import PATIENCE

pytestmark = pytest.mark.unit

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "start",
                "speak",
                "stop",
                "score",
                "words",
                "overhear",
                "await",
                "told",
                "foretold",
                "ears that tell",
                "ears that do not",
                "refuse",
                "forget",
                "suspect",
                "drop",
                "end",
                "look",
            ]
        ),
        st.floats(0.01, 0.7),
        st.floats(0, 1),
    ),
    max_size=60,
)
SAID = ("yes", "and my number is", "are you open?", "555", "")


def bare(text: str | None) -> list[str]:
    """The words alone."""
    return re.findall(r"\w+", (text or "").casefold())


@given(EVENTS)
def test_every_open_silent_turn_ends(events: list[tuple[str, float, float]]) -> None:
    """Whatever happened, an open turn ends within the longest wait once the caller is silent and,
    where ears are at work that tell turns, they have told its end, though nobody asks but at the
    times that a Wait names and the model says no more; it ends with its own words, all of them;
    every Speculate is settled once, no answer is confirmed that was not prepared for those words,
    the model is asked about one silence at a time, and a Wait never names a time that is over."""
    turn = EndOfTurn(patience=PATIENCE, language="en")
    now_s, silent_since_s, pending, asked_s = 0.0, None, None, None
    is_open = False
    said: list[str] = []

    def settle(decision: object) -> None:
        nonlocal pending, is_open, silent_since_s, asked_s
        match decision:
            case Speculate(text):
                pending = text
            case Withdraw():
                assert pending is not None
                pending = None
            case Score(since_s):
                assert since_s != asked_s
                asked_s = since_s
            case End(text, confirms=confirms, withdraws=withdraws):
                assert is_open
                assert text == " ".join(said)
                assert (confirms or withdraws) == (pending is not None)
                assert not confirms or bare(pending) == bare(text)
                pending, is_open, silent_since_s, asked_s = None, False, None, None
                said.clear()
                settle(turn.turn_ended())
            case Wait(until_s):
                assert until_s is None or until_s > now_s

    for event, step_s, probability in events:
        now_s += step_s
        match event:
            case "start" if not is_open:
                is_open = True
                settle(turn.turn_started())
            case "speak":
                silent_since_s = asked_s = None
                settle(turn.speech_started(now_s))
            case "stop":
                silent_since_s, asked_s = now_s - 0.2, None
                turn.speech_stopped(silent_since_s)
            case "score" if asked_s is not None and asked_s == silent_since_s:
                turn.scored(asked_s, probability, now_s)
                asked_s = None
            case "words":
                words = SAID[int(probability * 4.99)]
                said.append(f"{words} {now_s:.2f}".strip())
                turn.transcribed(said[-1], now_s, is_final=probability > 0.3)
            case "overhear":
                turn.overheard(SAID[int(probability * 4.99)])
            case "told":
                turn.told()
            case "foretold":
                turn.foretold(SAID[int(probability * 4.99)])
            case "ears that tell":
                turn.hear_with(now_s, is_told=True)
            case "ears that do not":
                turn.hear_with(now_s, is_told=False)
            case "await":
                turn.words_awaited(now_s, 10 * probability)
            case "forget":
                turn.forget_words()
                if not is_open:  # nor is that silence any turn's
                    silent_since_s = asked_s = None
                    said.clear()
            case "suspect":
                turn.speech_suspected(True)
            case "drop":
                turn.speech_suspected(False)
            case "refuse" if pending is not None:
                turn.speculation_refused()
                pending = None
            case "end":
                is_open, silent_since_s, asked_s = False, None, None
                said.clear()
                settle(turn.turn_ended())
            case _:
                pass
        for _ in range(3):
            settle(turn.decide(now_s))

    if is_open and silent_since_s is not None:
        turn.speech_suspected(False)
        turn.told()  # the ears' part, of turns that are left to them
        late_s = PATIENCE.longest_of_all_s + PATIENCE.transcript_s + TAKEOVER_S
        last_s = now_s + max(late_s, UNHEARD_S)
        while is_open:
            decision = turn.decide(now_s)
            settle(decision)
            if isinstance(decision, Wait):
                assert decision.until_s is not None and decision.until_s <= last_s
                now_s = decision.until_s
    assert is_open or pending is None


@given(
    st.floats(0, 1), st.floats(0, 1), st.sampled_from(Announces), st.booleans(), st.floats(0.7, 1.5)
)
def test_a_surer_model_never_waits_longer(
    one: float, other: float, announces: Announces, is_telephone: bool, pace: float
) -> None:
    """The wait falls as the probability rises, is never below the shortest, never past the bound,
    and words that announce more or the end move it that way."""
    low, high = sorted((one, other))

    def wait_s(probability: float, announced: Announces = announces) -> float:
        return PATIENCE.wait_s(Evidence(probability, announced, is_telephone), pace)

    assert PATIENCE.longest_of_all_s >= wait_s(low) >= wait_s(high) >= PATIENCE.shortest_s
    assert wait_s(low, Announces.MORE) > wait_s(low, Announces.NOTHING)
    assert wait_s(low, Announces.NOTHING) >= wait_s(low, Announces.END)
