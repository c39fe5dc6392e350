"""Where a stream of text is cut, and where it never is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pipecat.utils.text.base_text_aggregator import TextType

from processors.clauses import ClauseAggregator, ClauseCutter, ClausePolicy

pytestmark = pytest.mark.unit


def cut(text: str, language: str = "en", policy: ClausePolicy | None = None) -> list[str]:
    cutter = ClauseCutter(language, policy)
    pieces = cutter.feed(text)
    rest = cutter.flush()
    return [*pieces, rest] if rest else pieces


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Yes, we are open. Bye!", ["Yes, ", "we are open. ", "Bye!"]),
        ("Sure! No problem.", ["Sure! ", "No problem."]),
        ("Hours: nine to five.", ["Hours: ", "nine to five."]),
        ("One moment — here it is.", ["One moment — ", "here it is."]),
        ("It is open… I think. Yes.", ["It is open… ", "I think. ", "Yes."]),
        ('He said "Really?" Then he left.', ['He said "Really?" ', "Then he left."]),
        ("First\nSecond", ["First\n", "Second"]),
        ("1. Open it. 2. Close it.", ["1. Open it. ", "2. Close it."]),
    ],
)
def test_the_first_clause_comes_early_and_sentences_follow(text: str, pieces: list[str]) -> None:
    """The first piece ends at any mark, the next ones at the end of a sentence."""
    assert cut(text) == pieces


@pytest.mark.parametrize(
    "whole",
    [
        "It costs $12.50 a month",
        "It is 1,000 points or 1.5 million",
        "We open at 9:30 a.m. on Monday",
        "We close at 5 p.m. Please come early",
        "See Dr. Smith or Mrs. Jones",
        "It is at 12 Main St. by the park",
        "Write to info@bloom.example now",
        "J. K. Rowling wrote it",
        "Ask for No. 5 please",
        "Open March 3, 2026 at noon",
        "Weekdays 9 – 5 only",
        "Go to bloom.example/a,b now",
        "Use e.g. this one",
        "That is one hundred and fifty dollars and ten cents",
        "We are open every single day between nine and five",
    ],
)
def test_what_belongs_together_is_not_cut(whole: str) -> None:
    """Numbers, times, prices, addresses and abbreviations stay in one piece."""
    assert cut(whole) == [whole]


def test_other_languages_keep_their_abbreviations() -> None:
    """A Spanish title is no end of a sentence."""
    assert cut("Hola. El Sr. López abre. ¿Algo más?", "es") == [
        "Hola. ", "El Sr. López abre. ", "¿Algo más?"
    ]  # fmt: skip


def test_a_long_first_phrase_is_cut_before_a_joining_word() -> None:
    """Without a comma in sight the first words need not wait for the full stop."""
    text = "Our practice is open on Saturday from ten in the morning."
    assert cut(text) == ["Our practice is open on Saturday ", "from ten in the morning."]


def test_a_later_comma_cuts_only_a_long_piece() -> None:
    """Past the first piece a short clause waits for its sentence, a long one does not."""
    short = "Yes. Cats, dogs and birds are welcome."
    assert cut(short) == ["Yes. ", "Cats, dogs and birds are welcome."]
    long = "Yes. The doctor who sees new patients on a weekday is Doctor Lee, who is kind."
    assert cut(long)[1].endswith("Lee, ")


def test_text_without_a_mark_is_cut_in_the_end() -> None:
    """A model that forgets punctuation is still heard before it ends."""
    pieces = cut("Yes. " + "word " * 100)
    assert len(pieces) > 2
    assert max(map(len, pieces)) <= ClausePolicy().max_chars + len("word ")


def test_nothing_is_given_out_before_what_follows_is_known() -> None:
    """A mark at the end of what came may be the middle of a number."""
    cutter = ClauseCutter()
    assert cutter.feed("It is $12.") == []
    assert cutter.feed("50, ") == []
    assert cutter.pending == "It is $12.50, "
    assert cutter.feed("o") == ["It is $12.50, "]


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80) | st.text(alphabet="aB1 .,!?:;—\n\"'()$", max_size=80))
def test_joined_pieces_are_the_text(text: str) -> None:
    """Nothing is lost, added or moved."""
    assert "".join(cut(text)) == text


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="abC 1.,!?—\n", max_size=60), st.integers(1, 7))
def test_the_size_of_tokens_makes_no_difference(text: str, size: int) -> None:
    """The cuts depend on the text, not on how it arrived."""
    cutter = ClauseCutter()
    pieces = [p for at in range(0, len(text), size) for p in cutter.feed(text[at : at + size])]
    rest = cutter.flush()
    assert [*pieces, *([rest] if rest else [])] == cut(text)


async def test_the_aggregator_gives_stripped_sentences() -> None:
    """Pipecat joins pieces with a space, so a piece carries none."""
    aggregator = ClauseAggregator("en-US")
    pieces = [p async for p in aggregator.aggregate("Yes, we are open. Bye")]
    rest = await aggregator.flush()
    assert [p.text for p in pieces] == ["Yes,", "we are open."]
    assert rest is not None and rest.text == "Bye"
    assert {p.type for p in pieces} == {TextType.SENTENCE}
    assert await aggregator.flush() is None


async def test_an_interruption_forgets_the_pending_text() -> None:
    """The next reply begins anew, early first clause included."""
    aggregator = ClauseAggregator()
    assert [p.text async for p in aggregator.aggregate("Yes, we are")] == ["Yes,"]
    assert aggregator.text.text == "we are"
    await aggregator.handle_interruption()
    assert aggregator.text.text == ""
    assert [p.text async for p in aggregator.aggregate("No, it")] == ["No,"]


async def test_a_change_of_language_reaches_the_cuts() -> None:
    """`TTSUpdateSettingsFrame` may change the language between replies."""
    aggregator = ClauseAggregator("en")
    aggregator.set_language("es-MX")
    text = "Nuestra clínica abre todos los sábados desde las diez."
    assert [p.text async for p in aggregator.aggregate(text)] == [
        "Nuestra clínica abre todos los sábados"
    ]
