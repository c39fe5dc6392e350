"""Names that nobody has said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.names import strange_names, words_known
from processors.number_guard import NumberPolicy

pytestmark = pytest.mark.unit

KNOWN = words_known(["The dentists are Doctor Osei and Doctor Lindqvist.", "On Monday."])


@pytest.mark.parametrize(
    ("clause", "names"),
    [
        ("Our director is John Smith.", ["John", "Smith"]),
        ("Doctor Osei is in on Monday.", []),
        ("Yes, Osei's door is the first.", []),
        ("Hello! You can ask Lindqvist.", []),
        ("Well, I am sure. That is fine.", []),
        ("We take Visa and cash", ["Visa"]),
    ],
)
def test_a_name_is_strange_if_nobody_said_it(clause: str, names: list[str]) -> None:
    """What begins a sentence has its capital from that."""
    assert strange_names(clause, KNOWN) == names


def test_a_language_that_writes_nouns_large_has_no_strange_names() -> None:
    """In German a capital tells nothing."""
    assert strange_names("Wir haben eine Rampe.", KNOWN, "de-AT") == []


def test_an_invented_name_is_not_spoken() -> None:
    """But one that the caller said is, and a storyteller may name whom she likes."""
    policy = NumberPolicy(facts=("Doctor Osei treats children.",))
    assert not policy.is_sound("The owner is Peter Miller.")
    assert policy.is_sound("I do not know Peter Miller.", said=["Who is Peter Miller?"])
    assert policy.is_sound("A child may see Osei.")
    assert policy.instead("Who owns it?") == policy.unknown
    assert NumberPolicy(facts=()).is_sound("And then came Juniper the owl.")


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    """Whatever the model writes, what it said itself is not strange."""
    assert strange_names(text, words_known([text])) == []
