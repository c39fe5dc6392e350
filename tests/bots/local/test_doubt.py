"""When the local brain is made to say that it does not know."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.local.doubt import begins_with, is_in_doubt

pytestmark = pytest.mark.unit

UNKNOWN = "I do not know that."


def choices(**shares: float) -> dict[str, float]:
    """First tokens with their probabilities, as log probabilities."""
    return {token: math.log(share) for token, share in shares.items()}


@pytest.mark.parametrize(
    ("tokens", "strange", "is_doubtful"),
    [
        (choices(The=0.5, I=0.45), 0.7, True),  # nearly level, and a strange question
        (choices(The=0.5, I=0.45), 0.0, False),  # the facts speak of all of it
        (choices(The=0.98, I=0.002), 1.0, False),  # the model is sure
        (choices(The=0.98), 1.0, False),  # not knowing is no candidate
        (choices(I=0.6, The=0.3), 1.0, False),  # it says so by itself
        ({}, 1.0, False),  # the child tells no probabilities
    ],
)
def test_a_narrow_victory_is_not_enough(
    tokens: dict[str, float], strange: float, is_doubtful: bool
) -> None:
    """The stranger the question, the clearer the answer's lead has to be."""
    assert is_in_doubt(tokens, UNKNOWN, strange) is is_doubtful


@given(st.floats(0.01, 0.99), st.floats(0, 1), st.floats(0, 1))
def test_a_stranger_question_is_never_less_doubtful(lead: float, one: float, other: float) -> None:
    """Doubt grows with strangeness."""
    tokens = choices(The=lead, I=1 - lead)
    less, more = sorted((one, other))
    assert is_in_doubt(tokens, UNKNOWN, less) <= is_in_doubt(tokens, UNKNOWN, more)


def test_an_answer_may_begin_by_taking_a_side() -> None:
    """The token that leads tells; no probabilities tell nothing."""
    assert begins_with(choices(Yes=0.7, The=0.2), ("Yes", "No"))
    assert not begins_with(choices(Yes=0.2, The=0.7), ("Yes", "No"))
    assert not begins_with({}, ("Yes", "No"))
