"""A question that a bot's author has under a fact is answered by it at once."""

from __future__ import annotations

from datetime import datetime

import pytest

from bots.facts import shape_small
from bots.local.knowledge import Knowledge
from bots.local.lookup import Lookup
from bots.local.match import find_match
from bots.local.question import Asked, Likeness

pytestmark = pytest.mark.unit

FACTS = (
    "A broom costs nine dollars.",
    "On Sunday the shop is closed.",
    "A parcel takes two days.",
    "The owner is Ada Bell.",
)
ASKED = (
    ("What do I need to sweep up for?",),
    ("Do you ever rest?",),
    ("How long does it take?", "Will it be here by the weekend?"),
    ("Who runs the place?",),
)
KNOWN = Knowledge(FACTS, "en", ("Sunday", "Monday"), asked=ASKED)
SUNDAY = datetime(2026, 11, 22, 12)


@pytest.mark.parametrize(
    "question",
    ["Who runs the place?", "who runs the place", "Um, hello, who runs the place, please?"],
)
@pytest.mark.parametrize("likeness", [Likeness(), Likeness([0.9, 0.8, 0.8, 0.7])])
def test_the_very_question_needs_no_model(question: str, likeness: Likeness) -> None:
    """Whatever the signs say of the other facts."""
    match = find_match(KNOWN, Asked(question), likeness)
    assert (match.facts, match.is_sure) == ((FACTS[3],), True)


def test_another_word_is_weighed_as_ever() -> None:
    """Only the very words are beyond doubt."""
    assert not find_match(KNOWN, Asked("Who runs the race?"), Likeness()).is_sure


def test_a_question_that_names_nothing_is_about_what_was_talked_of() -> None:
    """ "How long does it take?" is the parcel's only where nothing was asked before it."""
    alone = find_match(KNOWN, Asked("How long does it take?"), Likeness())
    assert (alone.facts, alone.is_sure) == ((FACTS[2],), True)
    after = find_match(KNOWN, Asked("How long does it take?", "Do you wash a broom?"), Likeness())
    assert not (after.is_sure and after.facts == (FACTS[2],))


def test_the_question_of_another_day_is_weighed_as_ever() -> None:
    """The words are those of Sunday's fact, the day is not."""
    asked = Asked("Do you ever rest?", days=frozenset({"Monday"}))
    assert not find_match(KNOWN, asked, Likeness()).is_sure


async def test_a_call_without_a_sentence_model_has_it_too() -> None:
    """The questions go from the bot's brief to its lookup."""
    lookup = Lookup(shape_small("You are Ava.", FACTS, asked=ASKED))
    match = await lookup.find(("What do I need to sweep up for?",), SUNDAY)
    assert (match.facts, match.is_sure) == ((FACTS[0],), True)
