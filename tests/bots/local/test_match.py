"""Which fact answers a question, from words, days, kinds and a given likeness."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.local.knowledge import Knowledge
from bots.local.match import CHOICES, find_match
from bots.local.question import Asked, Likeness
from bots.wording import wording

pytestmark = pytest.mark.unit

DAYS = wording("en").weekdays
FACTS = (
    "On Saturday the practice is open from ten in the morning to four in the afternoon.",
    "On Sunday the practice is closed.",
    "A filling costs one hundred and fifty dollars.",
    "A cleaning costs ninety dollars.",
    "A cleaning takes forty-five minutes.",
    "New brake pads cost eighteen pounds a wheel.",
    "Doctor Osei treats children.",
    "New patients arrive ten minutes early to fill in a form.",
    "The practice stands on Pier Four.",
)
KNOWN = Knowledge(FACTS, "en", DAYS, "You are Nora, the receptionist.")


def days(*names: str) -> frozenset[str]:
    """Weekdays as a question names them."""
    return frozenset(names)


@pytest.mark.parametrize(
    ("asked", "fact"),
    [
        (Asked("How much is a filling?"), FACTS[2]),
        (Asked("How long will the cleaning take?"), FACTS[4]),
        (Asked("And how long does it take?", "How much is a cleaning?"), FACTS[4]),
        (Asked("And a filling?", "How much is a cleaning?"), FACTS[2]),
        (Asked("When do you close on Saturday?", days=days("Saturday")), FACTS[0]),
        (Asked("And tomorrow?", "Are you open today?", days("Sunday")), FACTS[1]),
        (Asked("Nora, are you open on Sundays?", days=days("Sunday")), FACTS[1]),
        (Asked("What are new brake pads?"), FACTS[5]),
        (Asked("Where are you located?"), FACTS[8]),
        (Asked("What is your address?"), FACTS[8]),
    ],
)
def test_a_fact_that_answers_is_sure(asked: Asked, fact: str) -> None:
    """Its words, its day and its kind of answer are all that was asked for."""
    match = find_match(KNOWN, asked, Likeness())
    assert match.is_sure
    assert match.facts[0] == fact


@pytest.mark.parametrize(
    "asked",
    [
        Asked("How long does a filling take?"),  # another kind of answer
        Asked("How much is a crown?"),  # a word that no fact has
        Asked("What does a new wheel cost?"),  # a word beside the subject
        Asked("Is a filling or a crown the cheaper one?"),  # more than one fact
        Asked("Do you do fillings on Sunday?", days=days("Sunday")),  # two facts, no one
        Asked("Are you open?"),  # which day?
        Asked("I cannot make it, what then?", days=days("Sunday")),  # a day, and not its hours
        Asked("What day is it today?", days=days("Saturday")),  # small talk
        Asked("A filling fell out. Does Doctor Osei do that?"),  # two sentences
        Asked("What is your e-mail address?"),  # of another kind
        Asked("Where are you from?"),
        Asked(""),
    ],
)
def test_a_fact_that_may_not_answer_is_not_sure(asked: Asked) -> None:
    """One sign that does not agree is enough: the brain is asked then."""
    assert not find_match(KNOWN, asked, Likeness()).is_sure


def test_the_hours_of_each_day_are_told_where_two_are_meant() -> None:
    """A weekend is two days, and one of them alone would mislead."""
    asked = Asked("Are you open on the weekend?", days=days("Saturday", "Sunday"))
    match = find_match(KNOWN, asked, Likeness())
    assert match.is_sure
    assert [fact.split()[1] for fact in match.facts] == ["Saturday", "Sunday"]


def test_the_likeliest_fact_must_hold_the_kind_of_answer_that_is_wanted() -> None:
    """However near it is, a fact without a price does not answer what something costs."""
    near = Likeness([0.99 if fact == FACTS[6] else 0.7 for fact in FACTS])
    assert find_match(KNOWN, Asked("Who treats kids?"), near).is_sure
    assert not find_match(KNOWN, Asked("What do you charge to treat kids?"), near).is_sure


@pytest.mark.parametrize(
    ("asked", "is_silent"),
    [
        (Asked("How tall is Doctor Osei?"), True),  # no fact has a size
        (Asked("How long does a filling take?"), True),  # only its price is known
        (Asked("What does a new wheel cost?"), True),  # pads cost so much a wheel
        (Asked("How much is a filling?"), False),
        (Asked("How much is a crown?"), False),  # nothing speaks of crowns: the brain is asked
        (Asked("How much?"), False),
    ],
)
def test_facts_may_be_silent_about_what_they_speak_of(asked: Asked, is_silent: bool) -> None:
    """What is known of a thing is not all that can be asked of it."""
    near = Likeness([0.8] * 6 + [0.81, 0.8, 0.8])
    assert find_match(KNOWN, asked, near).is_silent is is_silent


@pytest.mark.parametrize(
    "asked",
    [
        Asked("What is cheaper, a filling or a cleaning?"),
        Asked("Which of the two is cheaper?", "How much is a filling? And a cleaning?"),
    ],
)
def test_both_facts_of_a_comparison_are_told(asked: Asked) -> None:
    """A small model compares wrongly; the caller does not."""
    match = find_match(KNOWN, asked, Likeness())
    assert match.is_sure
    assert set(match.facts) == {FACTS[2], FACTS[3]}


def test_a_thing_done_on_other_days_is_told_with_its_days() -> None:
    """ "On a Wednesday?" is answered by the days on which it can be done."""
    facts = (
        "On Wednesday the museum is open.",
        "The tower can be climbed on Saturday and Sunday.",
        "The tower has forty steps.",
    )
    asked = Asked("Can the tower be climbed on a Wednesday?", days=days("Wednesday"))
    match = find_match(Knowledge(facts, "en", DAYS), asked, Likeness([0.8, 0.86, 0.81]))
    assert match.is_sure
    assert match.facts == (facts[1],)


def test_a_word_of_like_meaning_is_as_good() -> None:
    """A kid is a child, to the sentence model."""
    asked = Asked("Who treats kids?")
    assert find_match(KNOWN, asked, Likeness()).strange > 0
    alike = Likeness([0.8] * 6 + [0.85, 0.8, 0.8], {"kids": frozenset({"children"})})
    match = find_match(KNOWN, asked, alike)
    assert match.is_sure
    assert match.facts == (FACTS[6],)
    assert KNOWN.strange_words(asked) == ("kids",)


def test_a_fact_far_likelier_than_all_others_is_sure() -> None:
    """Signs that agree by far need no rule that fits."""
    text = "Could your people see my kids?"
    near = {"people": {"doctor": 0.9}, "kids": {"children": 0.97}}
    likeness = Likeness([0.75] * 6 + [0.95, 0.75, 0.75], {}, near)
    asked = Asked(text)
    assert find_match(KNOWN, asked, likeness).facts == (FACTS[6],)
    assert find_match(KNOWN, asked, likeness).is_sure
    assert not find_match(KNOWN, asked, Likeness([0.75] * 6 + [0.77, 0.75, 0.75])).is_sure


def test_the_likeliest_facts_are_left_to_choose_from() -> None:
    """The best comes first; small talk has none."""
    likeness = Likeness([0.8, 0.8, 0.85, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8])
    match = find_match(KNOWN, Asked("What does a tooth job come to?"), likeness)
    assert next(iter(match.candidates)) == FACTS[2]
    assert len(match.candidates) == len(FACTS)
    assert list(match.candidates.values()) == sorted(match.candidates.values(), reverse=True)
    assert not find_match(KNOWN, Asked("Thank you!"), likeness).candidates


def test_a_long_list_is_cut_to_its_likeliest() -> None:
    """A grammar of hundreds of facts would be read for seconds."""
    facts = tuple(f"Room {number} has a view." for number in range(2 * CHOICES))
    likeness = Likeness([0.8 + number / 1000 for number in range(len(facts))])
    known = Knowledge(facts, "en", DAYS)
    match = find_match(known, Asked("What can you see from there?"), likeness)
    assert list(match.candidates) == list(reversed(facts[CHOICES:]))


def test_two_near_facts_are_both_told() -> None:
    """Which of them is meant, the brain may see."""
    near = Likeness([0.8, 0.8, 0.86, 0.861, 0.8, 0.8, 0.8, 0.8, 0.8])
    match = find_match(KNOWN, Asked("What does a tooth job come to?"), near)
    assert set(match.facts) == {FACTS[2], FACTS[3]}


def test_what_is_far_from_every_fact_has_none_beside() -> None:
    """A greeting takes no opening hours with it."""
    assert find_match(KNOWN, Asked("Hello!"), Likeness([0.8] * len(FACTS))).facts == ()


@given(
    st.lists(st.text(max_size=40), max_size=6),
    st.text(max_size=60),
    st.text(max_size=60),
    st.sets(st.sampled_from(DAYS)),
)
def test_anything_can_be_matched(facts: list[str], text: str, before: str, on: set[str]) -> None:
    """Whatever is said, facts come out of the facts, and a share is a share."""
    known = Knowledge(tuple(facts), "en", DAYS)
    match = find_match(known, Asked(text, before, frozenset(on)), Likeness())
    assert set(match.facts) <= set(facts)
    assert 0 <= match.strange <= 1 + 1e-9
