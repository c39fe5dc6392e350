"""What a tuned model is worth."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.tune_matching import Judged, judged, report
from bots.local.told import Told

pytestmark = pytest.mark.unit


def test_the_likeliest_fact_is_judged() -> None:
    """Its chance is beside that of the other facts and of not knowing."""
    told = Told(np.log([1.0, 2.0]), float(np.log(5.0)))
    rows = [judged(told, frozenset(facts)) for facts in ({1}, {0}, set[int]())]
    assert [row.chance for row in rows] == pytest.approx([0.25] * 3)
    assert [row.is_right for row in rows] == [True, False, False]
    assert [row.is_answered for row in rows] == [True, True, False]


def test_what_is_not_said_is_right_where_no_fact_answers() -> None:
    """And what is said there is wrong; a fact that is right but too unlikely is neither."""
    rows = [
        Judged(0.95, True, True),
        Judged(0.55, True, True),
        Judged(0.65, False, True),
        Judged(0.45, False, False),
    ]
    lines = list(report(rows))
    assert lines[0] == "the right fact is first for 66.7% of 3 that one answers"
    assert lines[1] == "from 0.30: right 50.0%, wrong 50.0%"
    assert lines[3] == "from 0.50: right 75.0%, wrong 25.0%"
    assert lines[5] == "from 0.70: right 50.0%, wrong 0.0%"
