"""What a rehearsal makes of its calls: the line that sums up a member, and the verdict."""

from __future__ import annotations

import math

import pytest

from server.commands.rehearse import TRIES, judge, summary, verdict
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


async def test_a_failure_on_a_busy_machine_is_not_the_bots() -> None:
    """It is tried again until the machine is on time, or somebody answers, and named apart."""
    calls: list[Outcome] = []

    async def unanswered() -> Outcome:
        calls.append(outcome(None))
        return calls[-1]

    async def answered_at_last() -> Outcome:
        return await unanswered() if len(calls) < TRIES + 2 else outcome(2.0)

    always_late_s, never_late_s = -1.0, math.inf
    one = case("first")
    assert await judge(one, unanswered, always_late_s) == (outcome(None), True)
    assert len(calls) == TRIES
    assert await judge(one, unanswered, never_late_s) == (outcome(None), False)
    assert len(calls) == TRIES + 1
    assert await judge(one, answered_at_last, always_late_s) == (outcome(2.0), False)


def test_the_verdict_tells_starvation_from_failure() -> None:
    """Both are named, with what they say of the bot."""
    cases = [case("first"), case("second"), case("third")]
    assert list(verdict(cases, cases[:2], cases[1:2])) == [
        "1 of 3 calls were not answered:",
        "  llm first 503",
        "1 of 3 calls were not answered on a machine that was late itself each time, "
        "and tell nothing of the bot:",
        "  llm second 503",
    ]
    assert list(verdict(cases, [], [])) == ["3 calls, each of them answered by whoever was left."]
