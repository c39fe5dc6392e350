"""Google's list of voices, as its SDK hands it over."""

from __future__ import annotations

import pytest
from google.cloud import texttospeech_v1

from bots.providers.google_voices import listed

pytestmark = pytest.mark.unit


def test_a_voice_is_known_by_its_name() -> None:
    """With the codes of all it speaks."""
    voice = texttospeech_v1.Voice(name="en-US-Chirp3-HD-Kore", language_codes=["en-US", "en-GB"])
    assert listed(texttospeech_v1.ListVoicesResponse(voices=[voice])) == [
        ("en-US-Chirp3-HD-Kore", "en-US-Chirp3-HD-Kore", ["en-US", "en-GB"])
    ]
