"""Where callers are told to come to."""

from __future__ import annotations

import pytest

from server.public_url import find_base, is_host, socket_url

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("public_url", "scheme", "host", "url"),
    [
        (None, "http", "localhost:7860", "ws://localhost:7860/x"),
        (None, "https", "voice.example", "wss://voice.example/x"),
        (None, "http", "[::1]:7860", "ws://[::1]:7860/x"),
        ("https://voice.example/calls", "http", "10.0.0.7", "wss://voice.example/calls/x"),
        (None, "http", 'evil"><script>', "ws://localhost/x"),
    ],
)
def test_socket_address(public_url, scheme, host, url):
    """The public address wins; a Host header that is none is not repeated."""
    assert socket_url(find_base(public_url, scheme, host), "/x") == url


@pytest.mark.parametrize("host", ["a b", "a;b", "a\r\nb", "", "a:b", "x" * 300])
def test_strange_hosts_are_none(host):
    """Only names, addresses and a port pass into headers."""
    assert not is_host(host)
