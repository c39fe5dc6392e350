"""What a replay says again is taken out; nothing else is."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.fallback.overlap import Overlap, match

pytestmark = pytest.mark.unit

WORDS = st.lists(st.sampled_from(["no", "five", "5", "yes.", "the", "a"]), max_size=14)
CUTS = st.lists(st.integers(0, 14), max_size=5)


def pieces(words: list[str], cuts: list[int]) -> list[str]:
    """`words` as the texts of the finals that a provider makes of them."""
    edges = [0, *sorted(min(cut, len(words)) for cut in cuts), len(words)]
    return [" ".join(words[a:b]) for a, b in pairwise(edges)]


@given(words=WORDS, died=st.integers(0, 14), cuts=CUTS)
def test_no_word_is_lost_or_doubled(words: list[str], died: int, cuts: list[int]) -> None:
    """However the first provider's end and the second's pieces fall, each word comes once."""
    said = words[:died]
    overlap = Overlap(said)
    new = [overlap.take(piece) for piece in pieces(words, cuts)]
    assert [*said, *" ".join(new).split()] == words
    assert overlap.is_over


@given(words=WORDS, deaths=st.lists(st.integers(0, 14), max_size=4), cuts=CUTS)
def test_a_chain_of_deaths_loses_nothing_either(
    words: list[str], deaths: list[int], cuts: list[int]
) -> None:
    """Each provider dies some words further on; each next one hears the whole again."""
    said: list[str] = []
    for death in [*sorted(min(death, len(words)) for death in deaths), len(words)]:
        overlap = Overlap(said)
        for piece in pieces(words[:death], cuts):
            said += overlap.take(piece).split()
    assert said == words


@given(words=WORDS, died=st.integers(0, 14), grown=st.integers(0, 14))
def test_partials_show_only_what_is_new(words: list[str], died: int, grown: int) -> None:
    """A preview takes nothing: the final after it is the same as without it."""
    said = words[:died]
    overlap = Overlap(said)
    assert overlap.preview(" ".join(words[:grown])).split() == words[len(said) : grown]
    assert [*said, *overlap.take(" ".join(words)).split()] == words


@pytest.mark.parametrize(
    ("said", "heard", "new"),
    [
        ("When do you", "when do you open?", "open?"),
        ("We're open on", "Were open on Sunday", "Sunday"),
        ("I want tree", "I want three apples", "apples"),
        ("hello there", "Oh hello there friend", "friend"),
        ("at half past", "at past ten", "ten"),
        ("no no", "no no no", "no"),
        ("", "all of it", "all of it"),
        ("more than that", "more than", ""),
        ("one two", "", ""),
    ],
)
def test_words_misheard_by_one_of_the_two_are_still_one(said: str, heard: str, new: str) -> None:
    """Case, punctuation, a word more, less or other: the nearest beginning is what repeats."""
    assert Overlap(said.split()).take(heard) == new


def test_a_text_with_nothing_to_take_out_is_left_as_it_was() -> None:
    """Spacing that a provider chose stays."""
    assert Overlap(()).take("  two   words ") == "  two   words "


def test_one_side_is_always_used_up() -> None:
    """What is left of both would be words in the wrong order."""
    assert match(["a", "b"], ["x", "y", "z"])[0] == 2
    assert match(["a", "b", "c"], ["x"])[1] == 1
