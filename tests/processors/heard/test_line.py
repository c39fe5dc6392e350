"""A line's words: each heard once, in order, when the last of its audio is out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.heard.line import Line, Word

pytestmark = pytest.mark.unit


def word(text: str, start_s: float, end_s: float) -> Word:
    return Word(text, lambda: (start_s, end_s))


def texts(words: list[Word]) -> list[str]:
    return [one.text for one in words]


def test_a_word_is_heard_when_its_end_is_written() -> None:
    """Half a word is none."""
    line = Line("c")
    line.give(1.0)
    line.add(word("one", 0.0, 0.4))
    line.add(word("two", 0.4, 0.9))
    line.wrote(0.38)
    assert texts(line.heard()) == []
    line.wrote(0.04)
    assert texts(line.heard()) == ["one"]
    line.wrote(0.40)
    assert texts(line.heard()) == []


def test_a_word_that_comes_late_is_heard_at_once() -> None:
    """A voice may report a word after its audio has left."""
    line = Line("c")
    line.give(1.0)
    line.wrote(1.0)
    line.add(word("one", 0.0, 0.4))
    assert texts(line.heard()) == ["one"]


def test_the_end_of_the_audio_ends_the_last_word() -> None:
    """A word reckoned too long is heard all the same when nothing more can come."""
    line = Line("c")
    line.give(0.5)
    line.add(word("one", 0.0, 0.9))
    line.wrote(0.5)
    assert texts(line.heard()) == []
    line.close()
    assert texts(line.heard()) == ["one"]


def test_a_word_that_is_placed_anew_counts_where_it_stands_now() -> None:
    """A sentence's real length moves its words."""
    ends_s = 0.4
    line = Line("c")
    line.give(2.0)
    line.add(Word("one", lambda: (0.0, ends_s)))
    ends_s = 0.8
    line.wrote(0.5)
    assert texts(line.heard()) == []


@given(
    st.lists(st.floats(0.05, 1.0), min_size=1, max_size=20),
    st.lists(st.floats(0.01, 0.5), min_size=1, max_size=80),
)
def test_every_word_once_in_order_never_early(lengths_s: list[float], steps: list[float]) -> None:
    """However the audio is cut: no word before its end, none twice, all in the end."""
    line, at_s = Line("c"), 0.0
    ends: dict[str, float] = {}
    for number, length_s in enumerate(lengths_s):
        line.add(word(str(number), at_s, at_s + length_s))
        at_s += length_s
        ends[str(number)] = at_s
    line.give(at_s)
    line.close()
    heard: list[str] = []
    for step in steps:
        line.wrote(step)
        for text in texts(line.heard()):
            assert ends[text] <= line.written_s + 0.02
            heard.append(text)
    heard += texts(line.rest())
    assert heard == [str(number) for number in range(len(lengths_s))]
