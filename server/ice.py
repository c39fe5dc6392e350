"""How WebRTC finds a way through NAT: STUN servers, and TURN servers with credentials that expire.

The credentials are those of the TURN REST scheme that coturn's `use-auth-secret` checks: the user
name is `<expiry>:<session>`, the password HMAC-SHA1 of it under the shared secret.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from typing import TypedDict


class _IceServerUrls(TypedDict):
    urls: list[str]


class IceServer(_IceServerUrls, total=False):
    """One entry of a browser's RTCConfiguration.iceServers."""

    username: str
    credential: str


def build_ice_servers(
    *,
    stun_urls: Sequence[str],
    turn_urls: Sequence[str],
    turn_secret: str | None,
    session_id: str,
    expires_at_s: int,
) -> list[IceServer]:
    """The servers for one session; its TURN credential is good until `expires_at_s` (Unix)."""
    servers: list[IceServer] = []
    if stun_urls:
        servers.append({"urls": list(stun_urls)})
    if turn_urls and turn_secret:
        username = f"{expires_at_s}:{session_id}"
        digest = hmac.digest(turn_secret.encode(), username.encode(), "sha1")
        servers.append(
            {
                "urls": list(turn_urls),
                "username": username,
                "credential": base64.b64encode(digest).decode(),
            }
        )
    return servers
