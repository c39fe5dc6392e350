"""Which facts a text is about, by its words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.relevance import (
    about_day,
    days_named,
    relevance,
    strange_share,
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


def test_a_question_of_other_words_is_strange() -> None:
    """Strangeness is 1 for another subject, 0 for the facts' own words, and between for a mix."""
    assert strange_share(FACTS, "Can you paint my roof?") == 1.0
    assert strange_share(FACTS, "Whitening, please") == pytest.approx(0.0)
    assert 0.3 < strange_share(FACTS, "How painful is whitening?") < 0.9
    assert strange_share(FACTS, "Hello, how are you?") == 0.0
    assert strange_share(FACTS, "Is the roof red?", ["The roof is red."]) == 0.0


def test_weekdays_are_found_in_the_plural_too() -> None:
    """ "On Sundays" is about Sunday, and about the facts of that day."""
    assert days_named("Open on Sundays or saturday?", DAYS) == {"Saturday", "Sunday"}
    assert about_day(FACTS, "And on Sundays?", DAYS) == (FACTS[1],)
    assert about_day(FACTS, "When?", DAYS) == ()


@given(st.lists(st.text(max_size=40), max_size=5), st.text(max_size=60))
def test_shares_are_shares(facts: list[str], question: str) -> None:
    """Whatever is said, every figure is between 0 and 1."""
    scores = relevance(tuple(facts), question)
    assert len(scores) == len(facts)
    for share in (*scores, strange_share(tuple(facts), question)):
        assert 0.0 <= share <= 1.0 + 1e-9
