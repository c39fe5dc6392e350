"""Who says a word of a question, and what it counts."""

import pytest

from bots.local.lexicon import BEFORE_SHARE, Lexicon, share

pytestmark = pytest.mark.unit

FACTS = (
    "The bakery sells rye bread.",
    "The bakery sells poppy cakes.",
    "The bakery delivers cakes on Friday.",
    "The bakery has a garden.",
)
WORDS = Lexicon(FACTS, ("Friday",), "You are Bo, the baker of a village.")


def test_a_word_is_said_literally_by_its_stem_or_by_one_alike() -> None:
    """In that order; a plural counts as the word itself."""
    assert WORDS.said("cake").sayers == {1, 2}
    assert WORDS.said("delivery").sayers == {2}
    assert WORDS.said("loaf").sayers == set()
    assert WORDS.said("loaf", {"loaf": frozenset({"bread"})}).sayers == {0}


def test_what_fewer_facts_say_counts_more() -> None:
    """A word that one fact has tells it from the others; one of the character tells nothing."""
    assert WORDS.said("rye").weight > WORDS.said("cakes").weight > 0
    assert WORDS.said("village").weight == 0


def test_words_that_say_what_a_question_is_about() -> None:
    """Neither those that only ask, nor weekdays, nor what all the facts say."""
    assert WORDS.contents("How much are the bakery's poppy cakes on Friday?") == ["poppy", "cakes"]
    assert "bakery" not in WORDS.vocabulary and "poppy" in WORDS.vocabulary


def test_the_question_before_counts_less() -> None:
    """Of two words in as many facts, the one of this question weighs more."""
    rye, poppy = ([WORDS.said(word)] for word in ("rye", "poppy"))
    assert share(rye, 0) == 1
    assert share(rye, 1) == 0
    assert share(rye, 1, before=poppy) == pytest.approx(BEFORE_SHARE / (1 + BEFORE_SHARE))
    assert share([], 0) == 0
