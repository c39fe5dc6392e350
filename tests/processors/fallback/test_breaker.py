"""The breakers on a clock that is data."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pipecat.utils.errors import ErrorCategory

from processors.fallback.breaker import Breaker, BreakerSettings, BreakerState, Health
from processors.fallback.failure import Failure, Reason

pytestmark = pytest.mark.unit

SLOW = Failure(Reason.LATE)
WRONG_KEY = Failure(Reason.ERROR, ErrorCategory.AUTHENTICATION)
BAD_REQUEST = Failure(Reason.ERROR, ErrorCategory.INVALID_REQUEST)
THROTTLED = Failure(Reason.ERROR, ErrorCategory.RATE_LIMIT, retry_after_s=20.0)


def opened(at_s: float = 0.0) -> Breaker:
    breaker = Breaker()
    breaker.failed(at_s, SLOW)
    breaker.failed(at_s, SLOW)
    return breaker


def test_opens_after_the_budget() -> None:
    """One failure is bad luck, two in a row are an outage."""
    breaker = Breaker()
    breaker.failed(0.0, SLOW)
    assert breaker.is_closed(0.0)
    breaker.failed(0.1, SLOW)
    assert breaker.state(0.1) is BreakerState.OPEN


def test_a_success_between_failures_keeps_it_closed() -> None:
    """Failures count in a row only."""
    breaker = Breaker()
    for at_s in range(10):
        breaker.failed(at_s, SLOW)
        breaker.succeeded(at_s + 0.5)
    assert breaker.is_closed(10.0)


def test_a_refusal_opens_at_once() -> None:
    """A wrong key needs no second try, nor one as a last chance."""
    breaker = Breaker()
    breaker.failed(0.0, WRONG_KEY)
    assert breaker.state(59.0) is BreakerState.OPEN
    assert not breaker.may_try(59.0)
    assert breaker.state(60.0) is BreakerState.HALF_OPEN


def test_a_bad_request_is_nobody_elses_trouble() -> None:
    """One session's malformed request does not close the provider to the others."""
    breaker = Breaker()
    for at_s in range(5):
        breaker.failed(at_s, BAD_REQUEST)
    assert breaker.is_closed(5.0)


def test_retry_after_is_respected() -> None:
    """Neither a probe nor a desperate turn asks before the provider said it may."""
    breaker = Breaker()
    breaker.failed(0.0, THROTTLED)
    assert not breaker.may_try(19.9)
    assert not breaker.claim_probe(19.9)
    assert breaker.claim_probe(20.0)


def test_comes_back_only_when_proved() -> None:
    """Two probes that work, apart in time, close it."""
    breaker = opened()
    assert not breaker.claim_probe(1.9)
    assert breaker.claim_probe(2.0)
    breaker.succeeded(2.1, asked_s=2.0)
    assert breaker.state(2.1) is BreakerState.HALF_OPEN
    assert not breaker.claim_probe(2.2)
    assert breaker.claim_probe(3.1)
    breaker.succeeded(3.2, asked_s=3.1)
    assert breaker.is_closed(3.2)
    assert breaker.has_proved_since(3.0)
    assert breaker.probe_due_s is None


def test_hands_out_one_probe_at_a_time() -> None:
    """A provider that comes back meets one question, not a stampede."""
    breaker = opened()
    assert [breaker.claim_probe(5.0) for _ in range(20)] == [True] + [False] * 19


def test_a_probe_that_is_never_answered_is_handed_out_again() -> None:
    """A claim is a lease."""
    breaker = opened()
    assert breaker.claim_probe(2.0)
    assert breaker.claim_probe(12.0)


def test_stays_away_longer_from_a_flapping_provider() -> None:
    """Failing soon after coming back doubles the time it is left alone."""
    breaker = Breaker()
    open_s = []
    now_s = 0.0
    for _ in range(7):
        breaker.failed(now_s, SLOW)
        breaker.failed(now_s, SLOW)
        due_s = breaker.probe_due_s
        assert due_s is not None
        open_s.append(due_s - now_s)
        breaker.succeeded(due_s)
        breaker.succeeded(due_s + 1)
        now_s = due_s + 5
    assert open_s == [2, 4, 8, 16, 32, 60, 60]


def test_old_news_changes_nothing() -> None:
    """Answers asked for before it opened neither prove the provider nor lengthen the outage."""
    breaker = opened(at_s=10.0)
    breaker.failed(12.5, SLOW, asked_s=9.0)
    assert breaker.state(12.5) is BreakerState.HALF_OPEN
    breaker.succeeded(13.0, asked_s=9.0)
    breaker.succeeded(13.0, asked_s=9.0)
    assert not breaker.is_closed(13.0)


def test_a_single_failure_asks_for_a_probe() -> None:
    """The session that met it learns from a probe when it may come back."""
    breaker = Breaker()
    breaker.failed(0.0, SLOW)
    assert not breaker.has_proved_since(0.0)
    assert breaker.claim_probe(1.0)
    breaker.succeeded(1.2)
    assert breaker.has_proved_since(0.0)


def test_health_is_shared_by_key() -> None:
    """Two sessions that name one provider have one breaker, and probes go to the probed."""
    wanted: list[None] = []
    health = Health(BreakerSettings(failures=1), on_change=lambda: wanted.append(None))
    health.failed("llm a", 0.0, SLOW)
    health.failed("llm b", 0.0, SLOW)
    assert not health.breaker("llm a").is_closed(0.0)
    assert health.breaker("llm c").is_closed(0.0)
    assert len(wanted) == 2
    assert health.next_probe_s is None
    health.probed = {"llm b"}
    assert health.next_probe_s == 2.0
    assert health.claim_probes(2.0) == ["llm b"]


steps = st.lists(
    st.tuples(
        st.floats(0, 20),
        st.sampled_from(["ok", "slow", "key", "throttled", "probe"]),
    ),
    max_size=60,
)


@settings(deadline=None)  # the machine may be busy
@given(steps)
def test_any_history_comes_to_rest(history: list[tuple[float, str]]) -> None:
    """Whatever happened, an open breaker wants a probe, and enough proofs close it."""
    breaker, now_s = Breaker(), 0.0
    for wait_s, what in history:
        now_s += wait_s
        match what:
            case "ok":
                breaker.succeeded(now_s, asked_s=now_s)
            case "probe":
                was_open = not breaker.is_closed(now_s)
                assert breaker.claim_probe(now_s) or was_open or breaker.probe_due_s != now_s
            case _:
                failure = {"slow": SLOW, "key": WRONG_KEY, "throttled": THROTTLED}[what]
                breaker.failed(now_s, failure, asked_s=now_s)
        if not breaker.is_closed(now_s):
            assert breaker.probe_due_s is not None
            assert breaker.probe_due_s <= now_s + 60
    for _ in range(2):
        now_s += 61
        if not breaker.is_closed(now_s):
            assert breaker.claim_probe(now_s)
        breaker.succeeded(now_s, asked_s=now_s)
    assert breaker.is_closed(now_s)
    assert breaker.may_try(now_s)
