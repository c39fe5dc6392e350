"""What kind of answer a question wants."""

import pytest

from bots.local.asking import Kind, is_small_talk, is_spread, offered, wanted

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How much is a filling?", Kind.PRICE),
        ("What would that set me back?", Kind.PRICE),
        ("How long does a filling take?", Kind.LENGTH),
        ("How tall is the lighthouse?", Kind.SIZE),
        ("How many steps does it have?", Kind.NUMBER),
        ("Until when are you open?", Kind.TIME),
        ("Where are you located?", Kind.PLACE),
        ("Is there something to eat?", None),
    ],
)
def test_a_question_wants_a_kind_of_answer(question: str, kind: Kind | None) -> None:
    """Told by English phrases; in other languages any kind will do."""
    assert wanted(question, "en-GB") is kind
    assert wanted(question, "es") is None


@pytest.mark.parametrize(
    ("fact", "kinds"),
    [
        ("A filling costs 150 dollars.", {Kind.PRICE, Kind.NUMBER}),
        ("Parking is free.", {Kind.PRICE}),
        ("A cleaning takes forty-five minutes.", {Kind.LENGTH, Kind.NUMBER, Kind.TIME}),
        ("A service takes two working days.", {Kind.LENGTH, Kind.NUMBER, Kind.TIME}),
        ("It sank in nineteen hundred and eleven.", {Kind.NUMBER, Kind.TIME}),
        ("It was raised in nineteen eighty-seven.", {Kind.NUMBER, Kind.TIME}),
        ("The whale is eighteen metres long.", {Kind.SIZE, Kind.NUMBER, Kind.TIME}),
        ("On Monday the museum is closed.", {Kind.TIME}),
        ("The practice is in Orchard Street.", {Kind.PLACE}),
        ("The bakery is situated by the old mill.", {Kind.PLACE}),
        ("You find the chandler on Baker's Quay.", {Kind.PLACE}),
        ("Doctor Osei treats children.", set()),
    ],
)
def test_a_fact_holds_kinds_of_answers(fact: str, kinds: set[Kind]) -> None:
    """A figure without a unit may be a year."""
    assert offered(fact, "en") == kinds


@pytest.mark.parametrize(
    ("question", "is_of_many"),
    [
        ("Which of the two is cheaper?", True),
        ("On which day are you open longest?", True),
        ("What costs more, a filling or a cleaning?", True),
        ("How much is a filling?", False),
        ("Is the water cold?", False),
    ],
)
def test_a_comparison_takes_more_than_one_fact(question: str, is_of_many: bool) -> None:
    """No single fact answers it, however near."""
    assert is_spread(question) is is_of_many


@pytest.mark.parametrize("question", ["Thanks a lot!", "Who am I talking to?", "What day is it?"])
def test_no_fact_answers_small_talk(question: str) -> None:
    """Nor a question about the clock."""
    assert is_small_talk(question)
