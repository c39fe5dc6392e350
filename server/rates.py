"""How much one client may do: token buckets, with time as data."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict

MAX_CLIENTS = 10_000


class Bucket:
    """Holds up to `burst` and refills at `per_s`; starts full."""

    __slots__ = ("_burst", "_filled_at_s", "_level", "_per_s")

    def __init__(self, per_s: float, burst: float, now_s: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._level = burst
        self._filled_at_s = now_s

    def take(self, amount: float, now_s: float) -> float:
        """Takes `amount`: 0.0 when it was there, else nothing and the seconds until it is."""
        elapsed_s = max(0.0, now_s - self._filled_at_s)
        self._level = min(self._burst, self._level + elapsed_s * self._per_s)
        self._filled_at_s = now_s
        if self._level >= amount:
            self._level -= amount
            return 0.0
        return (amount - self._level) / self._per_s


class RateLimiter:
    """A bucket a client: `burst` calls at once, `per_minute` sustained.

    Memory is bounded: past `max_clients` the client seen least recently is forgotten.
    """

    def __init__(self, per_minute: float, burst: int, max_clients: int = MAX_CLIENTS) -> None:
        self._per_s = per_minute / 60
        self._burst = burst
        self._max_clients = max_clients
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, client: str, now_s: float) -> float:
        """Takes one call: 0.0 when it may go ahead, else the seconds until one may."""
        key = group_address(client)
        bucket = self._buckets.pop(key, None) or Bucket(self._per_s, self._burst, now_s)
        self._buckets[key] = bucket
        if len(self._buckets) > self._max_clients:
            self._buckets.popitem(last=False)
        return bucket.take(1, now_s)

    def __len__(self) -> int:
        return len(self._buckets)


def group_address(client: str) -> str:
    """The client a rate counts: an IPv4 address, or the /64 that one IPv6 subscriber holds."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return client
