"""'Did you mean' names the nearest word, or all there are."""

from __future__ import annotations

import pytest

from bots.suggest import did_you_mean, nearest

pytestmark = pytest.mark.unit


def test_the_nearest_word_is_meant() -> None:
    """Whatever its case; nothing when nothing is near."""
    assert nearest("Temprature", ["temperature", "top_p"]) == "temperature"
    assert nearest("moonlight", ["temperature", "top_p"]) is None


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (["prompt", "title"], "Did you mean `title`?"),
        (["seed", "top_p"], "Settings: seed, top_p."),
        ([], "There are no settings here."),
    ],
)
def test_a_wrong_word_is_mended(known: list[str], said: str) -> None:
    """By the nearest, by all, or by saying that there are none."""
    assert did_you_mean("titel", known, noun="settings") == said
