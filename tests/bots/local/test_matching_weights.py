"""The tuned sentence model as it is shipped, with the real weights and a shipped bot."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.load import load_bot
from bots.local.knowledge import Knowledge
from bots.local.lookup import knowledge_of
from bots.local.matching import Matcher, load_matcher
from bots.local.models import brief
from bots.local.question import Asked
from bots.local.told import Told

pytestmark = [pytest.mark.alone, pytest.mark.call]

RECEPTIONIST = Path(__file__).parents[3] / "configs" / "bots" / "receptionist.yaml"


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    """The model of this machine."""
    loaded = load_matcher()
    assert loaded is not None
    return loaded


@pytest.fixture(scope="module")
def known(matcher: Matcher) -> Knowledge:
    """What the receptionist knows, read."""
    known = knowledge_of(brief(load_bot(RECEPTIONIST, {}).spec))
    for group in matcher.unread(known):
        matcher.read(group)
    return known


def told(matcher: Matcher, known: Knowledge, question: str) -> Told:
    """What the model says of `question` in the end."""
    found = matcher.matched(known, Asked(question))
    assert found is not None
    return found.ranked


@pytest.mark.parametrize(
    ("question", "of_fact"),
    [
        ("Where do I leave my car?", "Parking is free"),
        ("Which of you sees kids?", "treats children"),
        ("Can I get in with my wheelchair?", "has a ramp"),
        ("My tooth is killing me, must I book?", "toothache"),
        ("How long will I be in the chair for a cleaning?", "cleaning takes"),
        ("how do i find you", "Orchard Street"),
    ],
)
def test_a_question_in_other_words_finds_its_fact(
    matcher: Matcher, known: Knowledge, question: str, of_fact: str
) -> None:
    """It is likelier than any other fact, and than that none answers."""
    found = told(matcher, known, question)
    best = max(range(len(known.facts)), key=lambda place: found.facts[place])
    assert of_fact in known.facts[best]
    assert found.facts[best] > found.unknown


@pytest.mark.parametrize(
    "question",
    ["What is the capital of Australia?", "Who won the football match last night?"],
)
def test_what_no_fact_is_about_is_told_unknown(
    matcher: Matcher, known: Knowledge, question: str
) -> None:
    """It is likelier that none answers than that any does."""
    found = told(matcher, known, question)
    assert found.unknown > found.facts.max()
