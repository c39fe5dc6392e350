"""The signs that the fitted weights are given of a question."""

from __future__ import annotations

import pytest

from bots.local.knowledge import Knowledge
from bots.local.question import Asked, Likeness
from bots.local.signs import over_mean, signs_of
from bots.local.weighing import RANKED_STEP, STEP, TOLD_STEP, WITH_TOLD

pytestmark = pytest.mark.unit

FACTS = ("On Sunday the shop is closed.", "A saddle costs ninety pounds.", "On Monday we sell hay.")
KNOWN = Knowledge(FACTS, "en", ("Monday", "Sunday"))
ON_SUNDAY = Asked("And on Sunday?", days=frozenset({"Sunday"}))


def test_every_sign_has_a_weight() -> None:
    """And each weight a sign, of some question."""
    priced, _ = signs_of(KNOWN, Asked("How much is a saddle?"), Likeness())
    of_day, silence = signs_of(KNOWN, ON_SUNDAY, Likeness())
    assert {name for signs in (*priced, *of_day) for name in signs} == set(WITH_TOLD.fact)
    assert set(silence) == set(WITH_TOLD.silence)


def test_a_fact_that_names_no_day_is_of_neither_this_nor_another() -> None:
    """Only those that name one speak for or against it."""
    signs, _ = signs_of(KNOWN, ON_SUNDAY, Likeness())
    assert [(one.get("day"), one.get("other_day")) for one in signs] == [
        (1.0, None),
        (None, None),
        (None, 1.0),
    ]
    assert signs[0]["day_alone"] == 1.0


def test_likeness_counts_by_how_far_it_leads_the_average() -> None:
    """Each model on a scale of its own; silence is held against the best fact."""
    likeness = Likeness(
        [0.8, 0.9, 0.85],
        told=[0.0, 10.0, -4.0],
        told_unknown=5.0,
        ranked=[-9.0, -0.5, -6.0],
        ranked_unknown=-3.0,
    )
    signs, silence = signs_of(KNOWN, Asked("A saddle?"), likeness)
    assert [one["likeness"] for one in signs] == pytest.approx([-0.05 / STEP, 0.05 / STEP, 0.0])
    assert signs[1]["told"] == silence["told"] == pytest.approx(7.0 / TOLD_STEP)
    assert silence["told_unknown"] == pytest.approx(-5.0 / TOLD_STEP)
    assert signs[0]["ranked"] == pytest.approx(-9.0 / RANKED_STEP)
    assert signs[1]["ranked"] == silence["ranked"] == pytest.approx(-0.5 / RANKED_STEP)
    assert silence["ranked_unknown"] == pytest.approx(-3.0 / RANKED_STEP)


def test_what_is_not_known_is_left_out_of_the_average() -> None:
    """A fact whose questions are not learned is neither like nor unlike."""
    assert over_mean([0.9, 0.0, 0.7], 3) == pytest.approx([0.1, 0.0, -0.1])
    assert over_mean([], 2) == [0.0, 0.0]
