"""What the model sees in each step of tuning."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from benchmarks.businesses import Ask, Business, Fact, Several
from benchmarks.tuning_steps import (
    FEWEST,
    QUESTIONS,
    Phrasing,
    Step,
    draw_epoch,
    draw_phrasings,
    rate_share,
)

pytestmark = pytest.mark.unit

SHOP = Business(
    "shop",
    "The Shop",
    "A shop.",
    [
        Fact("The shop opens at nine.", ["When do you open?"], ["Is eight too early?"]),
        Fact("The shop is in Elm Street.", ["Where are you?"], ["I am lost.", "Near the church?"]),
    ],
    ["Do you sell tea?"],
    [Several("How do I get there in time?", [0, 1])],
)


def big(name: str) -> Business:
    """A business with 100 questions, 20 of them expected."""
    facts = [
        Fact(f"{name} {n}", [f"{name} {n}?"], [f"{name} {n} {m}?" for m in range(4)])
        for n in range(20)
    ]
    return Business(name, name, name, facts, [], [])


def test_callers_say_what_one_fact_answers_or_several_or_none() -> None:
    """The expected among them are marked."""
    assert {ask.text: ask.facts for ask in SHOP.asks} == {
        "Is eight too early?": {0},
        "When do you open?": {0},
        "I am lost.": {1},
        "Near the church?": {1},
        "Where are you?": {1},
        "Do you sell tea?": set(),
        "How do I get there in time?": {0, 1},
    }
    assert [ask.text for ask in SHOP.asks if ask.is_expected] == [
        "When do you open?",
        "Where are you?",
    ]


def test_a_question_that_no_fact_answers_is_answered_by_the_last_column() -> None:
    """One of several facts is as right as the other."""
    asks = [Ask("a", frozenset({1})), Ask("b", frozenset()), Ask("c", frozenset({0, 1}))]
    answers = Step(SHOP, asks, []).answers
    np.testing.assert_array_equal(answers, [[0, 1, 0], [0, 0, 1], [1, 1, 0]])


def test_a_question_is_not_compared_with_itself() -> None:
    """It may stand under its fact, where it would tell all."""
    step = Step(SHOP, SHOP.asks[:2], [Phrasing(SHOP.asks[1].text, 1), Phrasing("Where?", 1)])
    np.testing.assert_array_equal(step.is_other, [[True, True], [False, True]])


def test_an_epoch_has_each_business_in_steps_of_its_own() -> None:
    """No question twice, all that callers say freely, and about half of the expected."""
    businesses = [big(name) for name in "abc"]
    steps = draw_epoch(businesses, Random(1))
    assert all(FEWEST <= len(step.asks) <= QUESTIONS for step in steps)
    assert all(set(step.asks) <= set(step.business.asks) for step in steps)
    asks = [ask for step in steps for ask in step.asks]
    assert len(asks) == len(set(asks))
    assert sum(not ask.is_expected for ask in asks) >= 3 * 80 - 3 * FEWEST
    assert 10 <= sum(ask.is_expected for ask in asks) <= 50


def test_facts_stand_alone_or_with_up_to_three_of_their_questions() -> None:
    """Each under its own fact, none twice."""
    business = big("a")
    drawn = [draw_phrasings(business, Random(seed)) for seed in range(200)]
    assert 40 <= sum(not phrasings for phrasings in drawn) <= 100
    for phrasings in drawn:
        assert len(phrasings) == len(set(phrasings))
        for phrasing in phrasings:
            fact = business.facts[phrasing.owner]
            assert phrasing.text in {*fact.asked, *fact.free}
        counts = [sum(one.owner == owner for one in phrasings) for owner in range(20)]
        assert max(counts) <= 3


def test_a_fact_with_few_questions_has_those() -> None:
    """Two are fewer than the three that may be drawn."""
    drawn = [draw_phrasings(SHOP, Random(seed)) for seed in range(50)]
    assert max(sum(one.owner == 0 for one in phrasings) for phrasings in drawn) == 2


@pytest.mark.parametrize(
    ("number", "done", "share"),
    [(0, 0.0, 0.02), (24, 0.0, 0.5), (49, 0.01, 0.99), (500, 0.6, 0.4), (999, 0.999, 0.02)],
)
def test_the_rate_grows_then_falls(number: int, done: float, share: float) -> None:
    """By steps, and by what is over of the training."""
    assert rate_share(number, done) == pytest.approx(share)
