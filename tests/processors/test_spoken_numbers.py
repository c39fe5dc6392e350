"""What counts as the same number, said or written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.spoken_numbers import known_keys, mentions

pytestmark = pytest.mark.unit


def is_known(claim: str, *sources: str) -> bool:
    """Whether every number of `claim` stands in the sources, figures of speech aside."""
    known = known_keys(sources)
    return all(mention.keys & known for mention in mentions(claim) if not mention.is_small)


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        ("It costs $12.50.", "twelve dollars fifty"),
        ("It costs $12.50.", "12 dollars and 50 cents"),
        ("It costs twelve dollars and fifty cents.", "$12.50"),
        ("It costs 40 dollars.", "It is forty."),
        ("It costs $1,200.", "twelve hundred dollars"),
        ("We open at 9:30 am.", "half past nine in the morning"),
        ("We open at half past nine.", "nine thirty in the morning"),
        ("We open at a quarter to nine.", "8:45"),
        ("We close at 18:00.", "six in the evening"),
        ("Open from nine in the morning to six in the evening.", "from nine to six"),
        ("Open from nine to six in the evening.", "at nine in the morning"),
        ("Closed from 12 pm.", "closed from noon"),
        ("Call 555-0134.", "five five five, zero one three four"),
        ("Call five five five zero one three four.", "555-0134"),
        ("Order AB-4471.", "four four seven one"),
        ("At 221 Baker Street.", "two twenty one Baker Street"),
        ("Since 1995.", "since nineteen ninety-five"),
        ("On 21 November.", "the twenty-first of November"),
        ("Within 14 days.", "within two weeks"),
        ("It takes half an hour.", "30 minutes"),
        ("It takes an hour.", "sixty minutes"),
        ("It takes 90 minutes.", "an hour and a half"),
        ("15 percent off.", "15% off"),
        ("A box of 12.", "a dozen"),
        ("Open 24/7.", "twenty four seven"),
        ("1 person.", "one person"),
    ],
)
def test_one_number_said_in_two_ways_is_one_number(source: str, claim: str) -> None:
    """However a fact writes a number, its spoken and written forms are known."""
    assert is_known(claim, source)


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        ("It costs 15 dollars.", "It takes 15 minutes."),
        ("It costs 15 dollars.", "15 percent off"),
        ("It takes 15 minutes.", "It costs $15."),
        ("We open at 9:30 am.", "We open at nine."),
        ("We open at nine in the morning.", "We open at nine in the evening."),
        ("We open at nine.", "We open at half past nine."),
        ("Call 555-0134.", "555-0143"),
        ("Call 555-0134.", "five five five zero one four three"),
        ("Closed from noon.", "closed from midnight"),
        ("On the 3rd floor.", "on the second floor"),
        ("At ten.", "at two"),
        ("It costs 40 dollars.", "It costs 1 dollar."),
        ("Within 30 days.", "within 30 months"),
    ],
)
def test_another_number_is_not_known(source: str, claim: str) -> None:
    """A figure that only looks like one of the source's is not vouched for by it."""
    assert not is_known(claim, source)


@pytest.mark.parametrize(
    "text", ["One moment, please.", "Both of the two options are fine.", "First, I can look."]
)
def test_small_counts_are_figures_of_speech(text: str) -> None:
    """Spelled counts up to three without a unit claim nothing."""
    assert all(mention.is_small for mention in mentions(text))


@pytest.mark.parametrize("text", ["at two", "two dollars", "2", "three weeks", "the second floor"])
def test_small_numbers_that_claim_something_are_not(text: str) -> None:
    """A time, a price, a length or a digit is a claim however small."""
    assert not all(mention.is_small for mention in mentions(text))


def test_other_languages_read_their_number_words() -> None:
    """Spanish numbers are known by their value."""
    known = known_keys(["Abrimos de diez a 16."], "es")
    assert [
        bool(mention.keys & known) for mention in mentions("de 10 a dieciséis, a once", "es")
    ] == [
        True,
        True,
        False,
    ]


@given(st.text(), st.sampled_from(["en", "es", "xx"]))
def test_any_text_vouches_for_itself(text: str, language: str) -> None:
    """Nothing raises, and a text's own numbers are always known from it."""
    known = known_keys([text], language)
    assert all(mention.keys & known for mention in mentions(text, language))
