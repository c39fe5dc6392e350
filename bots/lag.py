"""How far a caller hears behind the output, by transport: what an interruption still takes back.

Only audio counts that the far end throws away when the bot is cut off: what a WebRTC track has sent
is heard, whenever it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from processors.heard.ledger import Lag, no_lag

LAGS_S: Mapping[str, float] = {
    # The page plays with 60 ms of lead and empties its player at an interruption.
    "websocket": 0.06,
}


def lag_of(transport_name: str) -> Lag:
    """The lag of a transport; a carrier that reports what it has played will have its own."""
    lag_s = LAGS_S.get(transport_name, 0.0)
    return (lambda: lag_s) if lag_s else no_lag
