"""What a caller's last words are looked up with."""

from datetime import datetime

import pytest

from bots.facts import shape_small
from bots.local.lookup import Lookup

pytestmark = pytest.mark.unit

SATURDAY = datetime(2026, 11, 21, 14, 5)
FACTS = (
    "On Saturday the practice is open from ten to four.",
    "On Sunday the practice is closed.",
    "A cleaning costs 120 dollars.",
    "A cleaning takes forty minutes.",
)
BUS = "The bus that stops at the practice costs two dollars."
LOOKUP = Lookup(shape_small("You are Ava.", FACTS))


@pytest.mark.parametrize(
    ("questions", "before", "days"),
    [
        (("How much is a cleaning?", "And how long does it take?"), "How much is a cleaning?", ()),
        (("When do you open on Saturday?", "And on Sunday?"), None, ("Sunday",)),
        (("When do you open on Saturday?", "Until what time?"), None, ("Saturday",)),
        (("How much is a cleaning?", "Do you take patients without appointments?"), "", ()),
        (("How much is a cleaning?", "Cleaning, please."), "", ()),
        (("When do you open on Saturday?", "And what does a cleaning cost?"), "", ()),
        (("How much is a cleaning?", "And is the practice open?"), None, ()),
        (("How much is a cleaning?", "Are you open on Sunday?"), "", ("Sunday",)),
        (("When do you open on Saturday?", "On Sunday?"), None, ("Sunday",)),
        (("When do you open on Saturday?", "Where are you located?"), "", ()),
        (("How much is a cleaning?", "Are you open today?"), "", ("Saturday",)),
        (("And tomorrow?",), "", ("Sunday",)),
        (("Are you open the day after tomorrow?",), "", ("Monday",)),
        (("Are you open on Monday?",), "", ("Monday",)),
        (("Are you open on Saturday?", "And the day after?"), None, ("Sunday",)),
        (("Do you work at weekends?",), "", ("Saturday", "Sunday")),
    ],
)
def test_a_follow_up_is_asked_with_what_it_leans_on(
    questions: tuple[str, ...], before: str | None, days: tuple[str, ...]
) -> None:
    """The day of this question wins over that of the one before."""
    asked = LOOKUP.asked(questions, SATURDAY)
    assert asked.text == questions[-1]
    assert asked.before == (questions[0] if before is None else before)
    assert asked.days == frozenset(days)


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        ("Are you open today?", "Are you open on Saturday?"),
        ("I am busy today, are you open tomorrow?", "I am busy today, are you open on Sunday?"),
        ("Are you open the day after tomorrow?", "Are you open on Monday?"),
        ("Which day are you closed?", "Which day are you closed? On Sunday."),
        ("Are you open on Sunday?", "Are you open on Sunday?"),
    ],
)
def test_a_day_is_compared_by_its_name(question: str, whole: str) -> None:
    """Sentence models know neither the date nor the hours."""
    assert LOOKUP.asked((question,), SATURDAY).whole == whole


def test_a_chain_of_follow_ups_reaches_two_questions_back() -> None:
    """ "Which of them?" after "And whitening?" is about the check-up too."""
    questions = ("How much is a check-up?", "And whitening?", "Which of them is cheaper?")
    assert LOOKUP.asked(questions, SATURDAY).before == "How much is a check-up? And whitening?"


@pytest.mark.parametrize(
    ("questions", "fact"),
    [
        (("Are you open on Sunday?", "How much is the bus that stops at the practice?"), BUS),
        (("What does a cleaning cost?", "And how long does it take?"), FACTS[3]),
    ],
)
async def test_a_question_that_is_whole_is_found_by_itself(
    questions: tuple[str, ...], fact: str
) -> None:
    """Its "that" is of its own sentence; the "it" of another leans on the question before."""
    found = await Lookup(shape_small("You are Ava.", (*FACTS, BUS))).find(questions, SATURDAY)
    assert (found.facts[0], found.is_sure) == (fact, True)


async def test_without_facts_or_words_nothing_is_found() -> None:
    """A storyteller has no facts; a call may begin without a question."""
    assert not (await LOOKUP.find((), SATURDAY)).facts
    pirate = Lookup(shape_small("You are a pirate.", []))
    assert not (await pirate.find(("Are you a pirate?",), SATURDAY)).facts


async def test_another_language_leans_and_names_days_in_its_own_words() -> None:
    """ "mañana" is tomorrow, and "Y" goes on from the question before."""
    facts = ("El sábado abrimos de diez a cuatro.", "El domingo está cerrado.")
    lookup = Lookup(shape_small("Eres Ana.", facts, "es"))
    asked = lookup.asked(("¿Cuándo abren el sábado?", "¿Y mañana?"), SATURDAY)
    assert asked.before == "¿Cuándo abren el sábado?"
    assert asked.days == {"domingo"}
    match = await lookup.find(("¿Y el domingo?",), SATURDAY)
    assert match.facts == ("El domingo está cerrado.",)
