"""What of a text has been said, reckoned from audio and marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.word_tones import word_duration_s
from processors.fallback.spoken import Spoken, has_words

pytestmark = pytest.mark.unit

WORDS = st.lists(
    st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12),
    min_size=1,
    max_size=30,
)
SHARE = st.floats(0.0, 1.0)


def spoken(text: str, unit_s: float | None = None) -> Spoken:
    said = Spoken(unit_s)
    said.extend(text)
    said.take_up(len(text))
    return said


@given(WORDS, SHARE)
def test_without_marks_words_take_their_share_of_the_letters(words: list[str], cut: float) -> None:
    """A voice at the known pace is followed to the word, wherever it is cut."""
    ends_s = [sum(word_duration_s(w) for w in words[: n + 1]) for n in range(len(words))]
    audio_s = cut * ends_s[-1]
    whole = sum(end_s <= audio_s + 1e-9 for end_s in ends_s)
    reckoned = spoken(" ".join(words), 0.05).heard(audio_s)
    assert reckoned in (whole, whole + 1)
    assert reckoned == whole or ends_s[whole] - audio_s <= 0.011


@given(WORDS, st.floats(0.5, 2.0), SHARE)
def test_marks_count_for_more_than_the_pace(words: list[str], speed: float, cut: float) -> None:
    """With the start of each word known, only the last one's end is reckoned."""
    said = spoken(" ".join(words))
    starts_s = [speed * sum(word_duration_s(w) for w in words[:n]) for n in range(len(words))]
    for word, start_s in zip(said.words, starts_s, strict=True):
        said.mark(word.start, start_s)
    audio_s = cut * starts_s[-1]
    heard = said.heard(audio_s)
    assert heard == sum(start_s <= audio_s + 0.01 for start_s in starts_s[1:])


@given(WORDS, st.lists(st.tuples(SHARE, st.floats(0.0, 20.0)), max_size=8), st.floats(0.0, 30.0))
def test_time_never_runs_backwards(
    words: list[str], marks: list[tuple[float, float]], audio_s: float
) -> None:
    """Whatever a voice reports, more audio never means fewer words, and no more than there are."""
    said = spoken(" ".join(words))
    for share, at_s in marks:
        said.mark(round(share * len(said.text)), at_s)
    counts = [said.heard(audio_s * part / 4) for part in range(5)]
    assert counts == sorted(counts)
    assert counts[-1] <= len(words)
    starts_s = [said.starts_s(number) for number in range(len(words))]
    assert starts_s == sorted(starts_s)


@given(WORDS, st.lists(st.integers(1, 7), min_size=1))
def test_text_may_come_in_any_pieces(words: list[str], sizes: list[int]) -> None:
    """Words are the same whether the text comes at once or in tokens."""
    text = " ".join(words)
    said, at = Spoken(), 0
    while at < len(text):
        size = sizes[at % len(sizes)]
        said.extend(text[at : at + size])
        at += size
    assert said.words == spoken(text).words


def test_a_voice_cannot_be_ahead_of_what_it_took_up() -> None:
    """A slow voice's long first sentence does not count as the second one's words."""
    said = Spoken()
    said.extend("one two. three four.")
    said.take_up(len("one two."))
    assert said.heard(60.0) == 2


def test_the_pace_shows_in_the_marks() -> None:
    """Two marks that are far enough apart tell the pace; a single short word does not."""
    said = spoken("seventeen eighteen nineteen")
    assert said.unit_s is None
    said.mark(said.words[1].start, 1.0)
    assert said.unit_s is None
    said.mark(said.words[2].start, 2.0)
    assert said.unit_s is None
    said.mark(len(said.text), 3.0)
    assert said.unit_s == pytest.approx(2.0 / (8 + 8 + 2 * 2.5))


def test_scripts_without_spaces_are_cut_at_each_character() -> None:
    """A Chinese or Japanese sentence is no single word."""
    said = spoken("你好。今日")
    assert [said.text[word.span] for word in said.words] == ["你", "好。", "今", "日"]


def test_what_is_spelt_otherwise_takes_its_length() -> None:
    """A voice's own spelling of a piece does not lose the place of what follows."""
    said = spoken("it costs $4 today. Anything else?")
    end = said.find("it costs four today.", 0)
    assert abs(end - len("it costs $4 today.")) <= 2
    assert said.find("Anything else?", end) == len(said.text)


@pytest.mark.parametrize(
    ("text", "is_so"), [("", False), (" \n", False), ("—…!", False), ("4", True), ("é", True)]
)
def test_has_words(text: str, is_so: bool) -> None:
    """Marks and spaces are nothing to say."""
    assert has_words(text) is is_so
