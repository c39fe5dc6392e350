"""Which facts a text is about, by its words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.relevance import (
    days_named,
    relevance,
    telling_words,
)

pytestmark = pytest.mark.unit

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FACTS = (
    "On Saturday the practice is open from ten to four.",
    "On Sunday the practice is closed.",
    "Whitening costs 300 dollars.",
    "An appointment can be cancelled free of charge.",
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("opening", "opens"),
        ("cancelled", "cancellation"),
        ("close", "closed"),
        ("whitened", "whitening"),
        ("Sunday", "Sundays"),
        ("services", "serviced"),
    ],
)
def test_forms_of_a_word_are_one(one: str, other: str) -> None:
    """A question seldom has the words of a fact in the same form."""
    assert telling_words(one) == telling_words(other)


def test_words_of_another_meaning_stay_apart() -> None:
    """A squeak is not a squeal, and a tooth no toothbrush."""
    assert telling_words("squeak") != telling_words("squeal")
    assert telling_words("toothbrush") != telling_words("toothache")


def test_the_fact_with_the_rare_words_leads() -> None:
    """ "The practice" stands in two facts and says little; "whitening" decides."""
    scores = relevance(FACTS, "What is whitening at the practice?")
    assert scores.index(max(scores)) == 2


def test_weekdays_are_found_in_the_plural_too() -> None:
    """ "On Sundays" is about Sunday."""
    assert days_named("Open on Sundays or saturday?", DAYS) == {"Saturday", "Sunday"}
    assert days_named("When?", DAYS) == frozenset()


@given(st.lists(st.text(max_size=40), max_size=5), st.text(max_size=60))
def test_shares_are_shares(facts: list[str], question: str) -> None:
    """Whatever is said, every figure is between 0 and 1."""
    scores = relevance(tuple(facts), question)
    assert len(scores) == len(facts)
    for share in scores:
        assert 0.0 <= share <= 1.0 + 1e-9
