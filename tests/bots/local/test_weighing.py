"""How likely each fact answers a question, by weighed signs."""

from __future__ import annotations

import math

import pytest

from bots.local.weighing import OTHER_WORD, SAME_WORD, nearness, weigh

pytestmark = pytest.mark.unit

with_and_without_the_tuned_model = pytest.mark.parametrize("has_told", [True, False])

NOTHING = {"always": 1.0}


@with_and_without_the_tuned_model
def test_all_there_is_to_say_shares_one_certainty(has_told: bool) -> None:
    """The probabilities of the facts and of not knowing add up to one."""
    chances, unknown = weigh([{"likeness": 1.0}, {"words": 1.0}, {}], NOTHING, has_told=has_told)
    assert math.fsum(map(math.exp, [*chances, unknown])) == pytest.approx(1.0)


@with_and_without_the_tuned_model
def test_each_sign_counts_for_or_against_a_fact(has_told: bool) -> None:
    """The day and the kind that were asked for speak for a fact, others against it."""
    for good, bad in (("day", "other_day"), ("kind", "other_kind")):
        (with_good, without, with_bad), _ = weigh(
            [{good: 1.0}, {}, {bad: 1.0}], NOTHING, has_told=has_told
        )
        assert with_good > without > with_bad


@with_and_without_the_tuned_model
def test_strange_words_speak_for_not_knowing(has_told: bool) -> None:
    """The more of a question no fact says, the likelier none answers it."""
    _, known = weigh([{"likeness": 1.0}], NOTHING | {"strange": 0.0}, has_told=has_told)
    _, strange = weigh([{"likeness": 1.0}], NOTHING | {"strange": 1.0}, has_told=has_told)
    assert strange > known


def test_words_are_near_by_degrees() -> None:
    """From nothing in common to the same in meaning."""
    between = (SAME_WORD + OTHER_WORD) / 2
    assert nearness(0.5) == nearness(OTHER_WORD) == 0.0
    assert 0.0 < nearness(between) < nearness(SAME_WORD) == 1.0 == nearness(1.0)


def test_the_tuned_model_speaks_for_a_fact_and_for_silence() -> None:
    """How well a fact answers by it counts for that fact, that none answers for silence."""
    signs = [{"told": 1.0}, {}]
    (told, other), unknown = weigh(signs, NOTHING, has_told=True)
    _, silent = weigh(signs, NOTHING | {"told_unknown": 1.0}, has_told=True)
    assert told > other
    assert silent > unknown
