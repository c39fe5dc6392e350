"""The questions that measure the brain, and how their answers are judged."""

import pytest

from benchmarks.answers import SETS, VOICE_EVERY
from benchmarks.scoring import Question, load_questions, score

pytestmark = pytest.mark.unit


def test_there_are_enough_questions_and_a_third_is_held_out() -> None:
    """At least 150, a third not tuned on, a third spoken, and none in two sets."""
    questions = {name: list(load_questions(name)) for name in SETS}
    keys = [question.key for rows in questions.values() for question in rows]
    assert len(keys) == len(set(keys)) >= 150
    untuned = [*questions["held_out"], *questions["everyday"]]
    assert len(untuned) * 3 >= len(keys)
    assert sum(len(rows[::VOICE_EVERY]) for rows in questions.values()) * 3 >= len(keys)
    assert sum(question.unknown for question in untuned) >= 15


HOURS = Question("", "", "When do you close?", expect=("5",), numbers=frozenset({8.0, 5.0}))
SILENT = Question("", "", "Who is it?", expect=("do not know",), numbers=frozenset(), unknown=True)


@pytest.mark.parametrize(
    ("question", "answer", "verdict"),
    [
        (HOURS, "From eight in the morning to five.", "right"),
        (HOURS, "At 5 p.m.", "right"),
        (HOURS, "At six.", "wrong"),
        (HOURS, "I do not know that.", "silent"),
        (HOURS, "At five. " + "word " * 40, "long"),
        (SILENT, "I do not know that.", "right"),
        (SILENT, "It is Mara.", "wrong"),
    ],
)
def test_an_answer_is_right_silent_wrong_or_long(
    question: Question, answer: str, verdict: str
) -> None:
    """A false claim is worse than none, and one where the facts are silent is false."""
    assert score(question, answer).verdict == verdict
