"""The number guard: what is spoken, what is withheld, and when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words
from pipecat.frames.frames import (
    InterruptionFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TextFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.tests.utils import SleepFrame, run_test

from processors.number_guard import GuardedAnswer, NumberGuard, NumberPolicy

pytestmark = pytest.mark.unit

SATURDAY = "On Saturday the practice is open from ten in the morning to four in the afternoon."
FACTS = (
    SATURDAY,
    "On Sunday the practice is closed.",
    "A cleaning costs 120 dollars.",
    "Returns are accepted within 30 days.",
    "Our number is 555-0134.",
)
POLICY = NumberPolicy(FACTS, vouching=["Today is Saturday, 21 November."])
NUMBERS = {10, 4, 120, 30, 21, 555, 134}


def spoken(answer: str, question: str = "", said: tuple[str, ...] = (), size: int = 5) -> str:
    """What is let out of an answer that is generated `size` characters at a time."""
    guarded = GuardedAnswer(POLICY, question, lambda: said)
    pieces = [guarded.feed(answer[at : at + size]) for at in range(0, len(answer), size)]
    return "".join([*pieces, guarded.finish()])


@pytest.mark.parametrize(
    "answer",
    [
        "On Saturday we are open from ten to four.",
        "Yes, at 10 a.m. we open, and we close at 4 p.m. sharp.",
        "It is one hundred and twenty dollars.",
        "One moment, please. There are two options: both are fine.",
        "Our number is five five five, zero one three four.",
        "Today is the twenty-first of November.",
        "No numbers here, e.g. none; really!",
        "",
    ],
)
def test_known_numbers_pass_unaltered(answer: str) -> None:
    """An answer whose numbers are known comes out character by character as it went in."""
    assert spoken(answer) == answer


@given(st.integers(1, 40))
def test_the_size_of_the_pieces_changes_nothing(size: int) -> None:
    """However the model's tokens fall, the same is spoken."""
    answer = "On Saturday we open at 10:00 a.m., from eight to five. A cleaning is $120.00, yes."
    assert spoken(answer, size=size) == spoken(answer, size=1000)


def test_an_invented_number_gives_way_to_the_nearest_fact() -> None:
    """Wrong hours are not spoken; the fact about that day is, and the next sentence goes on."""
    answer = "On Saturday we open from nine to five. Anything else?"
    assert spoken(answer, "When are you open on Saturday?") == f"{SATURDAY} Anything else?"


def test_without_a_near_fact_it_does_not_know() -> None:
    """A price nobody knows becomes an offer to find out."""
    assert spoken("A crown costs 900 dollars.", "How much is a crown?") == POLICY.unknown


def test_only_the_clause_and_the_rest_of_its_sentence_are_withheld() -> None:
    """What was right before the invented number has been spoken already and stays."""
    answer = "A cleaning costs 120 dollars, including an exam for 50 dollars, and a towel. Goodbye!"
    assert spoken(answer, "Is there a towel?") == (
        f"A cleaning costs 120 dollars, {POLICY.unknown} Goodbye!"
    )


def test_it_is_replaced_once() -> None:
    """Two invented sentences do not make the bot repeat itself."""
    answer = "A crown costs 900 dollars. A bridge costs 800 dollars."
    assert spoken(answer, "How much is a crown?") == POLICY.unknown


def test_a_lead_in_does_not_contradict_what_follows() -> None:
    """ "No," is not spoken ahead of a clause that may be withheld."""
    assert spoken("No, it costs 50 dollars.", "What is a crown?") == POLICY.unknown


def test_what_the_caller_said_may_be_repeated() -> None:
    """Numbers of the transcript are the caller's own."""
    answer = "Yes, two weeks is within 30 days."
    assert spoken(answer, said=("I bought it two weeks ago, can I return it?",)) == answer
    assert spoken(answer) == POLICY.unknown


def test_the_first_clause_is_out_before_the_second_is_there() -> None:
    """The guard waits for the end of a clause, not of the answer."""
    guarded = GuardedAnswer(POLICY, "")
    assert guarded.feed("We open at ten on Saturday,") == "We open at ten on Saturday,"
    assert guarded.feed(" and close") == ""
    assert guarded.feed(" at four.") == " and close at four."


SHIPS = NumberPolicy(
    (
        "The biggest exhibit is the Halcyon, a schooner built in eighteen ninety-two.",
        "The whale skeleton is eighteen metres long.",
        "On Monday the museum is open from nine to five.",
        "On Saturday the museum is open from ten to six.",
    ),
    weekdays=("Monday", "Saturday"),
)


@pytest.mark.parametrize(
    ("question", "answer", "is_sound"),
    [
        ("How heavy is the Halcyon?", "The Halcyon is 18 metres long.", False),
        ("How long is the whale?", "The whale is 18 metres long.", True),
        ("How long is it?", "It is 18 metres long.", True),
        ("When was the Halcyon built?", "It was built in 1892.", True),
        ("When do you open on Monday?", "We open at ten.", False),
        ("When do you open?", "On Monday the museum is open from ten.", False),
        ("When do you open?", "On Saturday the museum is open from ten.", True),
        ("When do you open on Monday?", "On Monday we open at nine.", True),
    ],
)
def test_a_number_counts_only_where_its_fact_is_meant(
    question: str, answer: str, is_sound: bool
) -> None:
    """The length of a whale is not that of a ship, and Saturday's hours are not Monday's."""
    assert SHIPS.is_sound(answer, (question,), question) is is_sound


def test_what_was_asked_before_says_what_a_number_is_of() -> None:
    """ "And how long is it?" goes on about the whale."""
    said = ("Tell me about the whale in the museum.", "And how long is the thing?")
    assert SHIPS.is_sound("It is 18 metres long.", said, said[-1])


@given(st.integers(0, 99_999).filter(lambda number: number not in NUMBERS and number > 3))
def test_a_foreign_number_never_passes(number: int) -> None:
    """Whether in digits or in words, a number from nowhere is not spoken."""
    for text in (str(number), num2words(number)):
        assert text not in spoken(f"That makes {text} points.")


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=4), st.booleans())
def test_numbers_of_the_facts_always_pass(numbers: list[int], is_spelled: bool) -> None:
    """Every number of a fact may be said, in digits and in words."""
    policy = NumberPolicy([f"Prices are {number} dollars." for number in numbers])
    said = [num2words(number) if is_spelled else str(number) for number in numbers]
    assert all(policy.is_sound(f"It is {number} dollars.") for number in said)
    assert all(policy.is_sound(f"It is {number}.") for number in said)


@given(st.text(), st.text(), st.lists(st.text(), max_size=2))
def test_no_text_makes_it_raise(answer: str, question: str, said: list[str]) -> None:
    """Whatever the model or the caller utters, something sound comes out."""
    out = spoken(answer, question, tuple(said))
    assert POLICY.is_sound(out, said)


async def test_the_processor_lets_out_clauses_between_start_and_end() -> None:
    """Frames: start, guarded text, end; a tool's result and the caller vouch for numbers."""
    context = LLMContext(
        [
            {"role": "user", "content": "Where is order 4471?"},
            {"role": "tool", "content": "arrives at 6 pm", "tool_call_id": "1"},
        ]
    )
    pieces = ["Order 4471 ", "comes at six in the evening. ", "It costs ", "77 dollars."]
    down, _ = await run_test(
        NumberGuard(POLICY, context),
        frames_to_send=[
            LLMFullResponseStartFrame(),
            *[LLMTextFrame(piece) for piece in pieces],
            LLMFullResponseEndFrame(),
            TextFrame("99 is not the model's"),
        ],
        expected_down_frames=[
            LLMFullResponseStartFrame,
            LLMTextFrame,
            LLMTextFrame,
            LLMFullResponseEndFrame,
            TextFrame,
        ],
    )
    texts = [frame.text for frame in down if isinstance(frame, TextFrame)]
    assert texts == [
        "Order 4471 comes at six in the evening.",
        f" {POLICY.unknown}",
        "99 is not the model's",
    ]


async def test_an_interruption_drops_what_is_held() -> None:
    """A clause that was not finished when the caller spoke is never spoken."""
    down, _ = await run_test(
        NumberGuard(POLICY, LLMContext()),
        frames_to_send=[
            LLMFullResponseStartFrame(),
            LLMTextFrame("We open at"),
            SleepFrame(),  # an interruption overtakes what is still queued
            InterruptionFrame(),
            LLMFullResponseEndFrame(),
        ],
        expected_down_frames=None,
    )
    assert not [frame for frame in down if isinstance(frame, LLMTextFrame)]
