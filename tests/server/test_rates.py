"""Token buckets, with time as data."""

from __future__ import annotations

import pytest

from server.rates import Bucket, RateLimiter, group_address

pytestmark = pytest.mark.unit


def test_burst_then_refill():
    """A burst goes through, then one call every six seconds at ten a minute."""
    limiter = RateLimiter(per_minute=10, burst=3)
    assert [limiter.take("192.0.2.1", 0.0) for _ in range(3)] == [0.0] * 3
    assert limiter.take("192.0.2.1", 0.0) == pytest.approx(6.0)
    assert limiter.take("192.0.2.1", 3.0) == pytest.approx(3.0)
    assert limiter.take("192.0.2.1", 6.1) == 0.0


def test_clients_do_not_share_a_bucket():
    """One who calls too often does not lock out another."""
    limiter = RateLimiter(per_minute=1, burst=1)
    assert limiter.take("192.0.2.1", 0.0) == 0.0
    assert limiter.take("192.0.2.1", 0.0) > 0
    assert limiter.take("192.0.2.2", 0.0) == 0.0


def test_memory_is_bounded():
    """The client seen least recently is forgotten first."""
    limiter = RateLimiter(per_minute=1, burst=1, max_clients=2)
    for client in ("192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.3"):
        limiter.take(client, 0.0)
    assert len(limiter) == 2
    assert limiter.take("192.0.2.1", 0.0) > 0
    assert limiter.take("192.0.2.2", 0.0) == 0.0


def test_clock_that_goes_back_gives_nothing():
    """A step back in time neither refills nor breaks a bucket."""
    bucket = Bucket(per_s=1, burst=1, now_s=10.0)
    assert bucket.take(1, 10.0) == 0.0
    assert bucket.take(1, 5.0) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("client", "group"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::9", "2001:db8::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("unknown", "unknown"),
    ],
)
def test_addresses_are_grouped_by_subscriber(client, group):
    """An IPv6 subscriber has a whole /64 to call from."""
    assert group_address(client) == group
