"""Two halves of an answer become one."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.fallback.seam import Seam

pytestmark = pytest.mark.unit


def joined(said: str, *stream: str, is_new_message: bool = True) -> str:
    seam = Seam(said, is_new_message=is_new_message)
    return said + "".join(seam.feed(text) for text in stream) + seam.finish()


@pytest.mark.parametrize(
    ("said", "stream", "expected"),
    [
        ("We open at ten.", "On Saturday too.", "We open at ten. On Saturday too."),
        ("We open at ten. ", " On Saturday too.", "We open at ten. On Saturday too."),
        ("We open at", "ten on Saturday.", "We open at ten on Saturday."),
        ("We open at", "We open at ten.", "We open at ten."),
        ("We open at", "we open AT, ten.", "We open at, ten."),
        (
            "We open at ten. On Satur",
            "On Saturday at nine.",
            "We open at ten. On Saturday at nine.",
        ),
        ("We open at ten", "ten.", "We open at ten."),
        ("It is w1 w2", "w2 w3", "It is w1 w2 w3"),
        ("The code is 4", "4 2", "The code is 4 4 2"),
        ("The code is 4", "The code is 4 4 2", "The code is 4 4 2"),
        ("I", "In the morning.", "In the morning."),
        ("So I", "In the morning.", "So I In the morning."),
        (
            "We open at ten. We close at six. Bring",
            "We open at ten. And your card.",
            "We open at ten. We close at six. Bring And your card.",
        ),
        ("That is all we have. ", "That is all we have.", "That is all we have. "),
        ("Hello", ", how are you?", "Hello, how are you?"),
    ],
)
def test_joins(said: str, stream: str, expected: str) -> None:
    """What was said is not said again, and nothing new is lost, however the stream is cut."""
    assert joined(said, stream) == expected
    assert joined(said, *re.findall(r"\s*\S+", stream)) == expected
    assert joined(said, *stream) == expected


def test_goes_on_within_a_word() -> None:
    """A provider that goes on with its own last message finishes the word."""
    assert joined("On Satur", "day.", is_new_message=False) == "On Saturday."


def test_new_words_are_not_held() -> None:
    """The first word that was not said goes out before the second has come."""
    seam = Seam("We open at ten.")
    assert seam.feed("Yes") == " Yes"
    assert seam.feed(", we do.") == ", we do."


def test_nothing_said_is_no_seam() -> None:
    """Without anything said, everything is new."""
    assert joined("", "We open", " at ten.") == "We open at ten."


def chunks(text: str, cuts: list[int]) -> list[str]:
    ends = sorted({min(cut, len(text)) for cut in cuts} | {len(text)})
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


words = st.lists(st.integers(0, 675), min_size=2, max_size=20, unique=True).map(
    lambda numbers: [f"{chr(97 + n // 26)}{chr(97 + n % 26)}word" for n in numbers]
)
answers = st.builds(
    lambda all_, ends: " ".join(w + ends[i % len(ends)] for i, w in enumerate(all_)),
    words,
    st.lists(st.sampled_from(["", "", ",", ".", "!"]), min_size=1, max_size=7),
)
cuts = st.lists(st.integers(1, 200), max_size=20)


@settings(deadline=None)  # the machine may be busy
@given(answers, st.data(), cuts)
def test_any_overlap_is_said_once(answer: str, data: st.DataObject, at: list[int]) -> None:
    """Going back by any number of words, in any pieces, gives the answer itself."""
    all_ = answer.split(" ")
    cut = data.draw(st.integers(1, len(all_)))
    back = data.draw(st.integers(1, cut))
    said, again = " ".join(all_[:cut]), " ".join(all_[cut - back :]).swapcase()
    assert joined(said, *chunks(again, at)).casefold() == answer


@settings(deadline=None)  # the machine may be busy
@given(answers, st.data(), cuts)
def test_a_cut_anywhere_heals_from_the_beginning(
    answer: str, data: st.DataObject, at: list[int]
) -> None:
    """Wherever the stream broke, an answer begun again goes on at the very letter."""
    cut = data.draw(st.integers(1, len(answer)))
    assert joined(answer[:cut], *chunks(answer, at)) == answer


@settings(deadline=None)  # the machine may be busy
@given(answers, st.data(), cuts)
def test_a_cut_anywhere_heals_from_the_cut(answer: str, data: st.DataObject, at: list[int]) -> None:
    """A provider that goes on at the very letter is passed through."""
    cut = data.draw(st.integers(1, len(answer)))
    said, rest = answer[:cut], answer[cut:]
    assert joined(said, *chunks(rest, at), is_new_message=False) in (answer, said + rest.lstrip())


@settings(deadline=None)  # the machine may be busy
@given(answers, answers, cuts)
def test_what_was_not_said_is_passed(said: str, new: str, at: list[int]) -> None:
    """An answer in other words loses none of them."""
    new = " ".join(f"x{word}" for word in new.split(" "))
    assert joined(said, *chunks(new, at)).split() == said.split() + new.split()
