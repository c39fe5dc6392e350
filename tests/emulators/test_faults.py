"""When a fault holds and what it does to an answer, in virtual time."""

import pytest
from pydantic import ValidationError

from emulators.faults import Fault, FaultKind, FaultPlan, Passage

pytestmark = pytest.mark.unit


def fault(kind: str, **details: object) -> Fault:
    return Fault.model_validate({"kind": kind, **details})


def test_a_fault_starts_and_recovers_at_its_times() -> None:
    """Well before, ill between, well after."""
    late = fault("503", starts_after_s=1, recovers_after_s=3)
    assert [late.holds(at) for at in (0, 1, 2.9, 3, 9)] == [False, True, True, False, False]
    assert [late.next_change_s(at) for at in (0, 1, 3)] == [1, 3, None]


def test_a_flapping_fault_is_down_and_up_in_turn() -> None:
    """Five seconds down, five up, until it recovers for good."""
    flapping = fault("refused", flaps_s=5, recovers_after_s=18)
    assert [flapping.holds(at) for at in (0, 4.9, 5, 9.9, 10, 15, 17, 18, 20)] == [
        *(True, True, False, False, True),
        *(False, False, False, False),
    ]
    assert [flapping.next_change_s(at) for at in (0, 5, 12, 16, 18)] == [5, 10, 15, 18, None]


def test_a_fault_is_used_up_after_its_times() -> None:
    """Looking does not use it up, meeting does."""
    plan = FaultPlan()
    plan.arm(fault("429", times=2), now_s=100)
    assert plan.look_up("chat", 101) is not None
    met = [plan.meet("chat", 101) is not None for _ in range(3)]
    assert met == [True, True, False]


def test_a_fault_of_one_operation_spares_the_others() -> None:
    """Speech fails, chat does not; cleared, both are well."""
    plan = FaultPlan()
    plan.arm(fault("500", operation="speak"), now_s=0)
    assert plan.meet("chat", 1) is None
    assert plan.meet("speak", 1) is not None
    plan.clear()
    assert plan.meet("speak", 1) is None


def test_the_plan_knows_when_to_open_the_port_again() -> None:
    """Only refusals move the port, and the next move is the earliest."""
    plan = FaultPlan()
    plan.arm(fault("503", recovers_after_s=1), now_s=10)
    assert plan.next_change_s(10) is None
    plan.arm(fault("refused", starts_after_s=2, recovers_after_s=5), now_s=10)
    assert (plan.is_refusing(11), plan.next_change_s(11)) == (False, 1)
    assert (plan.is_refusing(13), plan.next_change_s(13)) == (True, 2)
    assert plan.is_refusing(15) is False


@pytest.mark.parametrize(
    ("kind", "then"),
    [("stall", "stall"), ("drop", "drop"), ("malformed", "garble"), ("empty", "end")],
)
def test_a_cut_lets_exactly_its_bytes_pass(kind: str, then: str) -> None:
    """A piece across the limit passes in part."""
    passage = Passage(fault(kind, after_bytes=250))
    steps = [passage.step(100) for _ in range(3)]
    assert [(step.passes_bytes, step.then) for step in steps] == [
        (100, "go"),
        (100, "go"),
        (50, then),
    ]


def test_a_garbled_answer_goes_on() -> None:
    """Only one piece is malformed."""
    passage = Passage(fault("malformed"))
    assert passage.step(10).then == "garble"
    assert passage.step(10).then == "go"


def test_a_well_answer_passes_whole() -> None:
    """Without a fault, and with one that acts elsewhere, nothing is cut."""
    for passage in (Passage(None), Passage(fault("empty")), Passage(fault("hang"))):
        assert passage.step(1000).passes_bytes == 1000


@pytest.mark.parametrize(
    "details",
    [
        {"kind": "404"},
        {"kind": "stall", "after": 3},
        {"kind": "stall", "after_bytes": -1},
        {"kind": "503", "starts_after_s": 3, "recovers_after_s": 2},
        {"kind": "429", "times": 0},
    ],
)
def test_a_wrong_fault_is_refused(details: dict[str, object]) -> None:
    """A fault that could never hold, or that nobody knows, is an error."""
    with pytest.raises(ValidationError):
        Fault.model_validate(details)


def test_statuses_and_addresses_of_the_vocabulary() -> None:
    """Kinds that are numbers are statuses; TLS and DNS belong to the URL."""
    statuses = {kind.status for kind in FaultKind if kind.status}
    assert statuses == {401, 402, 429, 500, 503}
    assert {kind for kind in FaultKind if kind.is_of_address} == {FaultKind.TLS, FaultKind.DNS}
