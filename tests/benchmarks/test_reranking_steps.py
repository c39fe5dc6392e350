"""What the reranker sees in each step of tuning."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
import pytest

from benchmarks.businesses import Business, Fact
from benchmarks.reranking_steps import (
    FACTS,
    QUESTIONS,
    SHELF,
    Ordered,
    Reading,
    answers,
    as_heard,
    draw_places,
    draw_readings,
    order,
)
from bots.local import sentences
from bots.local.sentences import Sentences, Side
from bots.local.told import score, stack
from tests.fakes.sentences import HEADS, write_toy

pytestmark = pytest.mark.unit

NONE = frozenset[int]()
PLACES = [5, 3, 0, 4, 1, 2]


def town(name: str) -> Ordered:
    """A business with 10 facts, 400 questions that callers ask and 100 that its owner expects; the
    first stage has them all in one order."""
    facts = [
        Fact(
            f"{name} {n}",
            [f"Expected {name} {n} {m}?" for m in range(10)],
            [f"Free {name} {n} {m}?" for m in range(40)],
        )
        for n in range(10)
    ]
    business = Business(name, name, name, facts, [], [])
    return Ordered(business, np.tile(np.arange(10), (500, 1)))


def drawn(right: frozenset[int], count: int = 4) -> Counter[frozenset[int]]:
    """How often which of PLACES are shown, in 400 draws."""
    chance = Random(1)
    return Counter(frozenset(draw_places(PLACES, right, count, chance)) for _ in range(400))


def test_the_likeliest_facts_are_shown_or_a_stranger_for_the_last() -> None:
    """About half of the time each, whatever is right among the others."""
    for right in (NONE, frozenset({3})):
        shown = drawn(right)
        assert set(shown) == {frozenset({5, 3, 0, last}) for last in (4, 1, 2)}
        assert 160 <= shown[frozenset({5, 3, 0, 4})] <= 240


def test_a_right_fact_keeps_its_place() -> None:
    """No stranger displaces it."""
    assert set(drawn(frozenset({4}))) == {frozenset({5, 3, 0, 4})}


def test_a_right_fact_that_was_missed_is_shown_mostly() -> None:
    """And not always, so that "I do not know" is learnt there too."""
    shown = drawn(frozenset({2}))
    assert 280 <= shown[frozenset({5, 3, 0, 2})] <= 360
    assert shown[frozenset({5, 3, 0, 4})] > 0


def test_a_business_of_few_facts_shows_them_all_in_any_order() -> None:
    """Where a fact stands says nothing."""
    chance = Random(1)
    orders = {tuple(draw_places([1, 0, 2], frozenset({0}), 8, chance)) for _ in range(100)}
    assert len(orders) == 6


def test_ears_write_no_punctuation_and_no_capitals() -> None:
    """Words stay as they are."""
    heard = as_heard("I'm late. Mr O'Neil's check-in, please?")
    assert heard == "i'm late mr o'neil's check-in please"


def test_a_question_is_answered_by_its_facts_or_in_the_last_column() -> None:
    """However many facts the others of its step have."""
    step = [
        Reading("a", ["x", "y"], [False, True]),
        Reading("b", ["x", "y", "z"], [True, False, True]),
        Reading("c", ["x"], [False]),
    ]
    np.testing.assert_array_equal(answers(step), [[0, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1]])


def test_an_epoch_mixes_businesses_in_steps_of_like_length() -> None:
    """All that callers ask freely but what fills no step, a third of the expected, each once."""
    steps = draw_readings([town("a"), town("b" * 60)], Random(1))
    assert all(len(step) == QUESTIONS for step in steps)
    readings = [reading for step in steps for reading in step]
    assert {len(reading.facts) for reading in readings} == set(FACTS)
    questions = Counter(reading.question.lower().replace("?", "") for reading in readings)
    assert set(questions.values()) == {1}
    expected = sum(question.startswith("expected") for question in questions)
    assert 40 <= expected <= 80
    assert len(questions) - expected > 800 - QUESTIONS * (1 + len(questions) // (SHELF * QUESTIONS))
    heard = sum(not reading.question.endswith("?") for reading in readings)
    assert 50 <= heard <= 130
    widths = [{len(reading.facts[0]) > 50 for reading in step} for step in steps]
    assert sum(len(width) > 1 for width in widths) <= 3


def test_facts_are_in_the_order_of_the_first_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The likeliest first, for each question on its own."""
    monkeypatch.setattr(sentences, "HEADS", HEADS)
    model = Sentences.load(tmp_path, write_toy(tmp_path))
    facts = [
        Fact("the shop is open", [], ["when do you open", "is the shop open"]),
        Fact("you can park", [], ["can i park"]),
        Fact("park the shop", [], ["where is the shop"]),
    ]
    business = Business("shop", "Shop", "A shop.", facts, [], [])
    ordered = order(model, business)
    assert len(ordered.places) == len(business.asks)
    sheet = stack(model.read([fact.fact for fact in facts], Side.FACT), [()] * 3)
    for ask, places in zip(business.asks, ordered.places, strict=True):
        (read,) = model.read([ask.text], Side.QUESTION)
        scores = score(read, sheet, model.scales).facts[places]
        assert sorted(places) == [0, 1, 2]
        assert list(scores) == sorted(scores, reverse=True)
