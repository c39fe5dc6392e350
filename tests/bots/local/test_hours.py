"""The weekdays that questions ask for by the hours."""

from __future__ import annotations

import pytest

from bots.local.hours import Hours, hours_of
from bots.local.subjects import Subjects
from bots.wording import wording

pytestmark = pytest.mark.unit

FACTS = (
    "On Monday the shop is closed.",
    "On Tuesday the shop is open from eight in the morning to five in the afternoon.",
    "On Wednesday the shop is open from noon to eight in the evening.",
    "On Thursday the shop is open from 8 am to 17:00.",
    "On Friday the shop opens every week from seven in the morning to two in the afternoon.",
    "A wash takes from one to two hours.",
    "On Thursday evening there is a class.",
)


def hours(facts: tuple[str, ...], language: str = "en") -> Hours:
    """Those that a bot's facts tell."""
    return hours_of(Subjects(facts, language, wording("en").weekdays))


HOURS = hours(FACTS)


def test_hours_are_read_from_facts_of_one_day() -> None:
    """In minutes from midnight; a fact without both times tells none."""
    assert HOURS.closed == {"Monday"}
    assert HOURS.spans == {
        "Tuesday": (480, 1020),
        "Wednesday": (720, 1200),
        "Thursday": (480, 1020),
        "Friday": (420, 840),
    }


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("Which day are you closed?", {"Monday"}),
        ("Is there a day when you are shut?", {"Monday"}),
        ("Is there an evening when you stay open longer?", {"Wednesday"}),
        ("Are you open late any day of the week?", {"Wednesday"}),
        ("On which day are you open the longest?", {"Tuesday", "Thursday"}),
        ("Do you ever close early?", {"Friday"}),
        ("When do you open earliest?", {"Friday"}),
        ("Are you open?", set()),
        ("Are you closed every day at noon?", set()),
        ("Do you close on some days for lunch?", set()),
        ("Can I cancel late?", set()),
        ("How late are you open?", set()),
    ],
)
def test_a_question_means_the_days_that_stand_out(question: str, days: set[str]) -> None:
    """The latest, the shortest, the closed ones; none where the hours are not asked for."""
    assert HOURS.meant(question) == days


def test_no_day_stands_out_where_all_are_alike() -> None:
    """ "Which day are you open late?" has no answer then."""
    alike = hours(FACTS[1:2] + FACTS[3:4])
    assert not alike.meant("Which day are you open late?")


def test_hours_are_read_in_english_only() -> None:
    """The patterns are English; elsewhere no day is meant."""
    assert not hours(FACTS, "es").spans


def test_an_evening_may_end_after_midnight() -> None:
    """Two in the morning is later than ten in the evening."""
    bar = (
        "On Friday the bar is open from six in the evening to two in the morning.",
        "On Sunday the bar is open from six in the evening to ten in the evening.",
    )
    assert hours(bar).meant("Which day are you open late?") == {"Friday"}


def test_hours_of_two_things_tell_no_day() -> None:
    """A kitchen and a bar have hours of their own, and it is not known which is asked for."""
    kitchen = "On Monday the kitchen is open from noon to eight in the evening."
    assert not hours((*FACTS, kitchen)).closed
