"""Which origins may call."""

from __future__ import annotations

import pytest

from bots.errors import CallRefused
from server.origins import is_allowed, require_origin

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("origin", "host", "is_ok"),
    [
        ("http://localhost:7860", "localhost:7860", True),
        ("https://voice.example", "voice.example", True),
        ("https://VOICE.example", "voice.example", True),
        ("http://localhost:3000", "localhost:7860", False),
        ("https://voice.example.evil.example", "voice.example", False),
        ("https://evil.example", "voice.example", False),
        ("null", "voice.example", False),
        ("file://", "voice.example", False),
        ("", "voice.example", False),
        ("https://", "", False),
        ("https://shop.example", "voice.example", True),
        ("https://shop.example:443", "voice.example", True),
        ("http://shop.example", "voice.example", False),
        ("https://shop.example:bad", "voice.example", False),
        ("https://public.example", "10.0.0.7:7860", True),
    ],
)
def test_own_public_and_allowed_origins(origin, host, is_ok):
    """The own host, the public address and named origins pass; nothing that resembles them does."""
    allowed = ("https://shop.example",)
    assert (
        is_allowed(origin, host=host, public_url="https://public.example", allowed=allowed) is is_ok
    )


def test_program_without_origin_passes():
    """What is no browser sends none."""
    require_origin(None, host="voice.example", public_url=None, allowed=())


def test_refusal_is_a_403_with_the_fix():
    """The operator is told which setting would allow it."""
    with pytest.raises(CallRefused) as refusal:
        require_origin("https://evil.example", host="voice.example", public_url=None, allowed=())
    assert (refusal.value.status, refusal.value.code) == (403, "origin_refused")
    assert "OFFHOOK_ALLOWED_ORIGINS" in refusal.value.hint
