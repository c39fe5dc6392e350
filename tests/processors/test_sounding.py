"""What words sound like."""

from __future__ import annotations

import pytest

from processors.sounding import nearest, sound_of

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("one", "other"),
    [("stuff", "stop"), ("baste", "basta"), ("wade", "wate")],
)
def test_words_that_sound_alike_have_one_spelling(one: str, other: str) -> None:
    """Vowels are one sound, and so are consonants made at one place."""
    assert sound_of([one]) == sound_of([other])


def test_words_are_run_together() -> None:
    """Ears put the spaces where they like."""
    assert sound_of(["hang", "on"]) == sound_of(["hangon"])


def test_a_long_word_may_have_one_sound_wrong() -> None:
    """A short one none, and none its first."""
    espera = sound_of(["espera"])
    assert nearest(sound_of(["espera"]), [espera]) == 0
    assert nearest(sound_of(["espeda"]), [espera]) == 1
    assert nearest(sound_of(["halton"]), [sound_of(["alto"])]) == 1
    assert nearest(sound_of(["salto"]), [sound_of(["alto"])]) is None
    assert nearest(sound_of(["mespera"]), [espera]) is None
    assert nearest(sound_of(["stall"]), [sound_of(["stop"])]) is None
    assert nearest(sound_of(["a"]), [sound_of(["a"])]) is None
    assert nearest(espera, []) is None
