"""A chain's choices on a clock that is data."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pipecat.utils.errors import ErrorCategory

from processors.fallback.breaker import Health
from processors.fallback.failure import Failure, Reason
from processors.fallback.policy import Action, ChainPolicy, Drop, GiveUp, Use, Waits

pytestmark = pytest.mark.unit

WAITS = Waits(first_s=1.5, stall_s=1.0)
BROKEN = Failure(Reason.ERROR, ErrorCategory.SERVER)
WRONG_KEY = Failure(Reason.ERROR, ErrorCategory.AUTHENTICATION)


def chain(size: int = 3, health: Health | None = None, hedge_s: float | None = None) -> ChainPolicy:
    keys = [f"llm {name}" for name in "abcdef"[:size]]
    waits = Waits(first_s=1.5, stall_s=1.0, hedge_s=hedge_s)
    return ChainPolicy(keys, health or Health(), waits)


def answer(policy: ChainPolicy, now_s: float) -> int:
    """Let whoever is asked answer a whole turn; the member that did."""
    (use,) = policy.start(now_s)
    assert isinstance(use, Use)
    policy.first_output(use.member, now_s + 0.1)
    assert policy.finished(use.member, now_s + 0.2) == []
    return use.member


def test_a_healthy_turn() -> None:
    """The first member answers and nobody else is asked."""
    policy = chain()
    assert policy.start(0.0) == [Use(0)]
    assert policy.wakes_s == 1.5
    assert policy.first_output(0, 0.3) == []
    assert policy.wakes_s == 1.3
    policy.progress(0, 0.5)
    assert policy.tick(1.4) == []
    assert policy.finished(0, 1.4) == []
    assert policy.wakes_s is None
    assert not policy.is_on


def test_an_error_switches_at_once() -> None:
    """The same turn goes to the next member, which is told why."""
    policy = chain()
    policy.start(0.0)
    assert policy.failed(0, BROKEN, 0.2) == [Drop(0), Use(1, BROKEN, waited_s=0.2)]
    assert policy.current == 1


def test_a_late_first_token_switches() -> None:
    """Slow is broken too."""
    policy = chain()
    policy.start(0.0)
    assert policy.tick(1.49) == []
    late = Failure(Reason.LATE)
    assert policy.tick(1.5) == [Drop(0), Use(1, late, waited_s=1.5)]


def test_a_stall_switches() -> None:
    """A stream that stops in the middle is continued by the next member."""
    policy = chain()
    policy.start(0.0)
    policy.first_output(0, 0.3)
    policy.progress(0, 0.6)
    assert policy.tick(1.6) == [Drop(0), Use(1, Failure(Reason.STALLED), waited_s=1.0)]


def test_an_empty_success_switches() -> None:
    """Done, with nothing in it, is a failure."""
    policy = chain()
    policy.start(0.0)
    actions = policy.finished(0, 0.5, is_empty=True)
    assert actions == [Drop(0), Use(1, Failure(Reason.EMPTY), waited_s=0.5)]


def test_gives_up_when_all_have_failed() -> None:
    """Each member is asked once a turn, then the last resort's time has come."""
    policy = chain(2)
    policy.start(0.0)
    policy.failed(0, BROKEN, 0.1)
    assert policy.failed(1, BROKEN, 0.2) == [Drop(1), GiveUp(BROKEN)]
    assert not policy.is_on


def test_old_news_of_a_dropped_member_is_ignored() -> None:
    """What a member says after it was dropped changes nothing."""
    policy = chain()
    policy.start(0.0)
    policy.tick(1.5)
    assert policy.first_output(0, 1.6) == []
    assert policy.finished(0, 1.7) == []
    assert policy.failed(0, BROKEN, 1.8) == []
    assert policy.current == 1


def test_stays_with_the_backup_until_the_first_has_proved_itself() -> None:
    """The session comes back between turns, after a probe or another session's answer."""
    health = Health()
    health.probed = {"llm a"}
    policy = chain(health=health)
    policy.start(0.0)
    policy.failed(0, BROKEN, 0.1)
    policy.first_output(1, 0.2)
    policy.finished(1, 0.3)
    assert answer(policy, 5.0) == 1
    health.succeeded("llm a", 6.0)
    assert answer(policy, 7.0) == 0


def test_never_goes_back_within_a_turn() -> None:
    """A provider that recovers while its turn is answered elsewhere waits for the next."""
    health = Health()
    policy = chain(2, health)
    policy.start(0.0)
    policy.failed(0, BROKEN, 0.1)
    health.succeeded("llm a", 0.2)
    assert policy.failed(1, BROKEN, 0.3) == [Drop(1), GiveUp(BROKEN)]


def test_without_background_probes_a_turn_is_the_trial() -> None:
    """A member that nobody probes is tried by one turn when its probe is due."""
    policy = chain()
    policy.start(0.0)
    policy.failed(0, BROKEN, 0.1)
    policy.first_output(1, 0.2)
    policy.finished(1, 0.3)
    assert answer(policy, 0.5) == 1
    assert answer(policy, 1.2) == 0
    assert answer(policy, 2.0) == 0


def test_all_sessions_share_the_outage() -> None:
    """After the first few sessions, nobody waits for the dead provider."""
    health = Health()
    health.probed = {"llm a", "llm b"}
    waited = 0
    for session in range(20):
        policy = chain(2, health)
        start_s = session * 0.2
        (use,) = policy.start(start_s)
        assert isinstance(use, Use)
        if use.member == 0:
            waited += 1
            policy.failed(0, BROKEN, start_s)
            policy.finished(1, start_s + 0.1)
    assert waited == 2


def test_a_refused_provider_is_no_last_chance() -> None:
    """A wrong key is not tried again for want of a better one; a broken one is."""
    health = Health()
    health.failed("llm a", 0.0, WRONG_KEY)
    for _ in range(2):
        health.failed("llm b", 0.0, BROKEN)
    policy = chain(3, health)
    assert policy.start(0.1) == [Use(2)]
    assert policy.failed(2, BROKEN, 0.2) == [Drop(2), Use(1, BROKEN, waited_s=0.1)]
    assert policy.failed(1, BROKEN, 0.3) == [Drop(1), GiveUp(BROKEN)]


def test_no_last_chance_after_too_long_a_silence() -> None:
    """A provider known to be down is not waited for once the caller has waited enough."""
    health = Health()
    for _ in range(2):
        health.failed("llm b", 0.0, BROKEN)
    policy = chain(2, health)
    policy.start(0.0)
    assert policy.failed(0, BROKEN, 3.0) == [Drop(0), GiveUp(BROKEN)]


def test_a_failure_between_turns_moves_the_next_turn() -> None:
    """A socket that closes while nobody asks costs no turn."""
    policy = chain()
    assert policy.failed(0, Failure(Reason.CLOSED), 0.0) == []
    assert policy.start(0.1) == [Use(1)]


def test_an_interruption_blames_nobody() -> None:
    """A turn that is not wanted any more leaves the member's health alone."""
    health = Health()
    policy = chain(health=health)
    policy.start(0.0)
    assert policy.interrupted() == [Drop(0)]
    assert policy.tick(5.0) == []
    assert policy.start(6.0) == [Use(0)]


def test_a_hedge_takes_the_first_to_answer() -> None:
    """The next member is asked in parallel and drops the slower one."""
    policy = chain(hedge_s=0.5)
    policy.start(0.0)
    assert policy.wakes_s == 0.5
    assert policy.tick(0.5) == [Use(1, is_hedge=True)]
    assert policy.asked == (0, 1)
    assert policy.first_output(1, 0.7) == [Drop(0)]
    assert policy.current == 1
    assert policy.finished(1, 0.9) == []


def test_a_hedge_stands_in_for_a_failure() -> None:
    """When the hedged member fails, its rival is already at work."""
    policy = chain(hedge_s=0.5)
    policy.start(0.0)
    policy.tick(0.5)
    assert policy.failed(0, BROKEN, 0.6) == [Drop(0)]
    assert policy.current == 1
    assert policy.tick(2.0) == [Drop(1), Use(2, Failure(Reason.LATE), waited_s=1.5)]


def test_a_flapping_primary_never_costs_an_answer() -> None:
    """Up and down every 5 s for 3 minutes: each turn is answered, and few pay for it."""
    health = Health()
    health.probed = {"llm a"}
    policy = chain(2, health)
    paid = turns = 0
    now_s = 0.0
    while now_s < 180.0:
        is_up = int(now_s / 5) % 2 == 0
        for _ in health.claim_probes(now_s):
            if is_up:
                health.succeeded("llm a", now_s, asked_s=now_s)
            else:
                health.failed("llm a", now_s, BROKEN, asked_s=now_s)
        if round(now_s * 10) % 20 == 0:
            turns += 1
            (use,) = policy.start(now_s)
            assert isinstance(use, Use)
            if use.member == 0 and not is_up:
                paid += 1
                (_, use) = policy.failed(0, BROKEN, now_s)
                assert isinstance(use, Use)
            policy.first_output(use.member, now_s)
            policy.finished(use.member, now_s)
        now_s = round(now_s + 0.1, 1)
    assert turns == 90
    assert paid <= 10


events = st.lists(
    st.tuples(
        st.floats(0, 2),
        st.sampled_from(["start", "output", "fail", "close", "empty", "done", "interrupt", "tick"]),
        st.integers(0, 2),
    ),
    max_size=80,
)


@settings(deadline=None)  # the machine may be busy
@given(events, st.sampled_from([None, 0.4]))
def test_any_history_keeps_the_shell_in_step(
    history: list[tuple[float, str, int]], hedge_s: float | None
) -> None:
    """Members are dropped once, asked once a turn, and a turn ends in one way or has a deadline."""
    policy, now_s = chain(hedge_s=hedge_s), 0.0
    at_work: list[int] = []
    asked: list[int] = []

    def follow(actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Use(member=member):
                    assert member not in asked
                    at_work.append(member)
                    asked.append(member)
                case Drop(member=member):
                    at_work.remove(member)
                case GiveUp():
                    assert not at_work

    for wait_s, what, member in history:
        now_s += wait_s
        match what:
            case "start":
                asked.clear()
                begun = policy.start(now_s)
                assert sum(isinstance(action, Use) for action in begun) == 1
                follow(begun)
            case "output":
                follow(policy.first_output(member, now_s))
            case "fail":
                follow(policy.failed(member, BROKEN, now_s))
            case "close":
                follow(policy.failed(member, Failure(Reason.CLOSED), now_s))
            case "empty":
                follow(policy.finished(member, now_s, is_empty=True))
            case "done":
                is_at_work = member in at_work
                follow(policy.finished(member, now_s))
                if is_at_work:
                    at_work.remove(member)
            case "interrupt":
                follow(policy.interrupted())
            case "tick":
                follow(policy.tick(now_s))
        assert tuple(at_work) == policy.asked
        assert policy.is_on == bool(at_work)
        assert (policy.wakes_s is not None) == bool(at_work)
