"""The line that sums up what a member's failures cost."""

from __future__ import annotations

import pytest

from server.commands.rehearse import summary
from server.rehearsal.call import Outcome
from server.rehearsal.plan import Case

pytestmark = pytest.mark.unit

HEALTHY = Outcome(first_s=1.0, last_s=2.0, lost=0, repeated=0, switches=(), other="")


def case(member: str, *, has_backup: bool = True) -> Case:
    return Case("llm", member, "503", (), has_backup)


def outcome(last_s: float | None, *, lost: int = 0, repeated: int = 0) -> Outcome:
    return Outcome(1.0, last_s, lost, repeated, (), "")


def test_what_failures_cost_is_told_by_member() -> None:
    """Answers are counted, and how much later than a healthy one they were."""
    cases = [case("first"), case("first"), case("second"), case("all", has_backup=False)]
    outcomes = [outcome(2.5), outcome(4.0, lost=1, repeated=2), outcome(None), outcome(None)]
    assert list(summary(cases, outcomes, HEALTHY)) == [
        "llm first: 1 of 2 failures answered, later by 1.2 s, at most 2.0 s; "
        "words lost 1, twice 2.",
        "llm second: 0 of 1 failures answered; words lost 0, twice 0.",
    ]


def test_an_answer_before_the_healthy_one_is_not_later_by_less_than_nothing() -> None:
    """Where the two differ by the machine alone, neither figure is below zero."""
    (line,) = summary([case("first")], [outcome(1.8)], HEALTHY)
    assert "later by 0.0 s, at most 0.0 s;" in line
