"""ICE servers, and the TURN credentials a coturn would accept."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from server.ice import build_ice_servers

pytestmark = pytest.mark.unit


def build(**given):
    given = {"stun_urls": (), "turn_urls": (), "turn_secret": None} | given
    return build_ice_servers(session_id="abc", expires_at_s=1_700_003_600, **given)


def test_nothing_set_means_no_servers():
    """No server of a stranger is asked by default."""
    assert build() == []


def test_stun_has_no_credentials():
    """STUN servers are listed as they are."""
    assert build(stun_urls=("stun:s.example:3478",)) == [{"urls": ["stun:s.example:3478"]}]


def test_turn_credential_is_what_coturn_computes():
    """The password is HMAC-SHA1 of `expiry:session` under the shared secret."""
    [server] = build(turn_urls=("turn:t.example",), turn_secret="north")
    assert server.get("username") == "1700003600:abc"
    expected = hmac.new(b"north", b"1700003600:abc", hashlib.sha1).digest()
    assert base64.b64decode(server.get("credential", "")) == expected
