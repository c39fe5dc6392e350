"""The businesses that the sentence model is tuned on."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from benchmarks.answers import BOTS
from benchmarks.businesses import (
    BUSINESSES,
    Business,
    Fact,
    Followed,
    Several,
    load_businesses,
)
from benchmarks.scoring import QUESTIONS, load_questions
from bots.load import load_bot
from bots.phrasing import bare

pytestmark = pytest.mark.unit

README = " ".join((BUSINESSES / "README.md").read_text(encoding="utf-8").split())
LONGEST_SHARED_WORDS = 9
SHARED_FACT = re.compile(r"on \w+day the \w+ is (?:open|closed)\b|payment is by card or cash$")


@pytest.fixture(scope="module")
def businesses() -> list[Business]:
    """All of them."""
    return load_businesses()


def test_each_has_what_a_model_learns_from(businesses: list[Business]) -> None:
    """Facts enough to choose from, each asked for in several ways, and as much that none tells."""
    assert len(businesses) == 191
    for business in businesses:
        assert business.title and business.about
        assert 20 <= len(business.facts) <= 30, business.name
        for fact in business.facts:
            assert min(len(fact.asked), len(fact.free)) >= 2, fact.fact
        assert len(business.unanswered) >= 30, business.name
        for one in business.several:
            assert len(set(one.facts)) >= 2, one.ask
        assert len(business.followed) >= 15, business.name
        assert any(not one.facts for one in business.followed), business.name


def test_a_text_is_a_sentence_and_stands_once_in_a_business(businesses: list[Business]) -> None:
    """What YAML takes for a number or a date is no text; what stands twice has two answers."""
    for business in businesses:
        assert all(isinstance(text, str) and text.strip() == text for text in business.texts)
        counts = Counter(text.lower() for text in business.texts)
        assert not [text for text, count in counts.items() if count > 1], business.name


def test_the_readme_counts_them(businesses: list[Business]) -> None:
    """Every kind, and all questions."""
    facts = [fact for business in businesses for fact in business.facts]
    counts = {
        "fact": len(facts),
        "asked": sum(len(fact.asked) for fact in facts),
        "free": sum(len(fact.free) for fact in facts),
        "unanswered": sum(len(business.unanswered) for business in businesses),
        "several": sum(len(business.several) for business in businesses),
        "followed": sum(len(business.followed) for business in businesses),
    }
    told = dict(re.findall(r"\| `(\w+)` \|[^|]+\| ([\d,]+) \|", README))
    assert told == {kind: f"{count:,}" for kind, count in counts.items()}
    assert README.count(f"{sum(counts.values()) - counts['fact']:,} questions") == 1


def test_only_short_questions_are_measured_too(businesses: list[Business]) -> None:
    """Those that all callers ask; the README says how many, and no long one was copied."""
    own = {bare(ask.text, "en") for business in businesses for ask in business.asks}
    own |= {bare(one.ask, "en") for business in businesses for one in business.followed}
    told = {
        name: (int(shared), int(of))
        for shared, of, name in re.findall(r"(\d+) of the (\d+) questions of `(\w+)`", README)
    }
    assert {"tuning", "held_out"} <= set(told)
    for path in QUESTIONS.glob("*.yaml"):
        questions = {bare(question.ask, "en") for question in load_questions(path.stem)}
        shared = questions & own
        assert told.get(path.stem, (len(shared), len(questions))) == (len(shared), len(questions))
        longest = max((len(question.split()) for question in shared), default=0)
        assert longest <= LONGEST_SHARED_WORDS, path.stem


def test_only_hours_and_payment_are_facts_of_a_shipped_bot_too(businesses: list[Business]) -> None:
    """What tells one business from another is not learnt from the bots that are measured."""
    own = {bare(fact.fact, "en") for business in businesses for fact in business.facts}
    for path in BOTS.glob("*.yaml"):
        facts = {bare(fact.fact, "en") for fact in load_bot(path, {}).spec.facts}
        assert all(SHARED_FACT.match(fact) for fact in facts & own), path.stem


def test_a_question_that_leans_on_another_is_read_after_it() -> None:
    """As the runtime puts them together; what answers it is asked of the latter."""
    facts = [Fact("It is open.", [], []), Fact("It is free.", [], [])]
    followed = [Followed("Are you open?", "Is it free?", [1]), Followed("Is it free?", "Why?", [])]
    business = Business("park", "Park", "A park.", facts, [], [], followed)
    assert [(ask.text, set(ask.facts)) for ask in business.asks] == [
        ("Are you open? Is it free?", {1}),
        ("Is it free? Why?", set()),
    ]


@pytest.mark.parametrize("place", [-1, 1])
def test_a_place_that_no_fact_has_is_refused(place: int) -> None:
    """It would be learnt as an answer of another fact, or none."""
    facts = [Fact("It is open.", [], [])]
    for several, followed in (
        ([Several("When?", [0, place])], []),
        ([], [Followed("Are you open?", "When?", [place])]),
    ):
        with pytest.raises(ValueError, match=r"park: 'When\?' has a place"):
            Business("park", "Park", "A park.", facts, [], several, followed)
