"""How well facts answer, by vectors that can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bots.local.sentences import Read, Scales
from bots.local.told import score, stack
from bots.local.transformer import Linear

pytestmark = pytest.mark.unit

HIDDEN = Linear(np.array([[0.5, 0.0, 0.1, 0.2, 0.3, 0.4]]).T, np.array([-0.1]))
OUT = Linear(np.array([[2.0]]), np.array([0.25]))
SCALES = Scales((10.0, 4.0), (20.0, 8.0), 2.0, HIDDEN, OUT)
STATES = np.zeros((2, 2))
QUESTION = Read(
    np.array([1.0, 0.0]), np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0.75, 0.25]), STATES
)


def text(whole: tuple[float, float], *tokens: tuple[float, float]) -> Read:
    """A fact or a question under one; the weights of its tokens do not count."""
    return Read(np.array(whole), np.array(tokens), np.full(len(tokens), 1 / len(tokens)), STATES)


NEAR = text((0.6, 0.8), (1.0, 0.0), (0.6, 0.8), (0.0, -1.0))
FAR = text((0.0, 1.0), (-1.0, 0.0))


def test_whole_and_tokens_are_weighed() -> None:
    """Each token of the question counts by the nearest of the fact."""
    found = score(QUESTION, stack([NEAR, FAR], [(), ()]), SCALES).facts
    np.testing.assert_allclose(found, [10 * 0.6 + 4 * (0.75 * 1.0 + 0.25 * 0.8), 4 * -0.75])


def test_the_best_question_under_a_fact_counts_beside_it() -> None:
    """Softly the greater of the two, and a fact without any stands alone."""
    under = 20 * 0.6 + 8 * 0.95
    found = score(QUESTION, stack([FAR, NEAR, FAR], [(), (FAR, NEAR), (NEAR,)]), SCALES).facts
    own = 10 * 0.6 + 4 * 0.95
    assert found[0] == pytest.approx(-3.0)
    assert found[1] == pytest.approx(2 * math.log(math.exp(own / 2) + math.exp(under / 2)))
    assert found[2] == pytest.approx(2 * math.log(math.exp(-3.0 / 2) + math.exp(under / 2)))


def test_scores_do_not_depend_on_the_order_of_facts() -> None:
    """Each fact takes its questions with it."""
    under = {0: (NEAR,), 1: (), 2: (FAR, FAR)}
    facts = [FAR, NEAR, NEAR]
    found = score(QUESTION, stack(facts, list(under.values())), SCALES).facts
    order = [2, 0, 1]
    turned = stack([facts[place] for place in order], [under[place] for place in order])
    np.testing.assert_allclose(score(QUESTION, turned, SCALES).facts, found[order])


def test_great_scores_do_not_overflow() -> None:
    """A small tau makes the exponents large."""
    scales = Scales((1e4, 0.0), (2e4, 0.0), 0.01, HIDDEN, OUT)
    found = score(QUESTION, stack([NEAR], [(NEAR,)]), scales).facts
    np.testing.assert_allclose(found, [12000.0])


def test_not_knowing_follows_from_the_question_and_how_the_facts_fit() -> None:
    """The best score, its lead, and the likeness of the facts alone."""
    facts = [FAR, NEAR]
    told = score(QUESTION, stack(facts, [(NEAR,), ()]), SCALES)
    best, second = sorted(told.facts, reverse=True)
    likeness = 0.2 * (best - second) / 10 + 0.3 * 0.6 + 0.4 * 0.95
    hidden = math.tanh(0.5 * 1.0 + 0.1 * best / 10 + likeness - 0.1)
    assert told.unknown == pytest.approx(3 * (2 * hidden + 0.25) + 10)


def test_a_lone_fact_leads_by_nothing() -> None:
    """There is no second to lead."""
    told = score(QUESTION, stack([NEAR], [()]), SCALES)
    hidden = math.tanh(0.5 + 0.1 * told.facts[0] / 10 + 0.3 * 0.6 + 0.4 * 0.95 - 0.1)
    assert told.unknown == pytest.approx(3 * (2 * hidden + 0.25) + 10)
