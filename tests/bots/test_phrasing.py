"""Two questions are the same word for word, or they are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.phrasing import bare

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("What's a check-up?", "whats a check up", "en"),
        ("Um, hello, where are you, please?", "Where are you?", "en"),
        ("What’s the way, uh, to you? Thank you!", "what's the way to you", "en"),
        ("¿Dónde están, por favor?", "dónde están", "es-MX"),
        ("Bonjour, où êtes-vous, s'il vous plaît ?", "Où êtes vous", "fr"),
        ("Wo sind Sie, äh, genau?", "wo sind sie genau", "de"),
    ],
)
def test_what_goes_with_a_question_does_not_change_it(one: str, other: str, language: str) -> None:
    """Case, punctuation, hesitations and courtesies, in the language of the call."""
    assert bare(one, language) == bare(other, language) != ""


def test_another_word_is_another_question() -> None:
    """Nothing that tells is dropped."""
    assert bare("What does it cost?", "en") != bare("What did it cost?", "en")
    assert bare("Hello?", "en") == ""


@given(st.text(), st.sampled_from(["en", "es", "xx", ""]))
def test_what_is_bare_stays_so(question: str, language: str) -> None:
    """Any text can be stripped, and its punctuation adds nothing to it."""
    assert bare(f"{question}?!", language) == bare(question, language)
