"""The fit of the weights by which facts are judged."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.fit_answers import Case, Example, case_of, chances_of, fit
from benchmarks.scoring import Question
from bots.local.weighing import WITH_TOLD, WITHOUT_TOLD

pytestmark = pytest.mark.unit

QUESTION = Question("tuning", "shop", "When do you open?")
LIKENESS, KIND = (list(WITH_TOLD.fact).index(name) for name in ("likeness", "kind"))
ALWAYS = len(WITH_TOLD.fact)


def case(best: int, right: int) -> Case:
    """Two facts of which one is likelier, nothing else to tell, and what is right; 2 is none."""
    signs = np.zeros((3, len(WITH_TOLD.fact) + len(WITH_TOLD.silence)))
    signs[best, LIKENESS] = 1.0
    signs[:, KIND] = 1.0
    signs[2, ALWAYS] = 1.0
    return Case(QUESTION, False, signs, np.arange(3) == right)


def test_a_sign_of_the_right_facts_gets_its_weight() -> None:
    """Likeness told the fact in four questions of five; the kind told nothing."""
    cases = [case(0, 0), case(1, 1), case(0, 0), case(1, 1), case(0, 2)]
    weights = fit(cases)
    assert weights[LIKENESS] > 1.0
    assert weights[KIND] == pytest.approx(0.0)
    chances = chances_of(case(1, 1), weights)
    assert chances.sum() == pytest.approx(1.0)
    assert int(chances.argmax()) == 1


def test_where_facts_never_answer_not_knowing_wins() -> None:
    """The weight of silence is learnt like any other."""
    weights = fit([case(0, 2), case(1, 2)])
    assert int(chances_of(case(0, 2), weights).argmax()) == 2


def test_one_example_serves_every_table_of_weights() -> None:
    """Signs that a table has no weight for are left out of its case."""
    facts = [{"told": 2.0, "words": 1.0}, {"words": 0.5}]
    example = Example(QUESTION, False, facts, {"always": 1.0, "told": 2.0}, np.arange(3) == 0)
    for kept in (WITH_TOLD, WITHOUT_TOLD):
        signs = case_of(example, kept).signs
        names = [*kept.fact, *(f"silence: {name}" for name in kept.silence)]
        assert signs.shape == (3, len(names))
        assert signs[:, names.index("words")].tolist() == [1.0, 0.5, 0.0]
        assert signs[:, names.index("silence: always")].tolist() == [0.0, 0.0, 1.0]
        told = 2.0 if kept is WITH_TOLD else 0.0
        assert signs[0].sum() == 1.0 + told
