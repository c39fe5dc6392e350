"""Prompt and facts as each kind of model gets them."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.facts import date_line, shape_large, shape_small, spell_weekdays

pytestmark = pytest.mark.unit

PROMPT = "You are Ava, the friendly receptionist of Bloom Dental, on the phone with a caller."
FACTS = (
    "Mon-Fri the practice is open from nine in the morning to six in the evening",
    "On Saturday the practice is open from ten in the morning to four in the afternoon.",
    "On Sunday the practice is closed.",
    "A cleaning costs 120 dollars.",
    "The address is 12 Main Street.",
)
SATURDAY = datetime(2026, 11, 21, 14, 5)


def test_each_fact_has_a_line_under_the_rule() -> None:
    """A small model reads the character, the rule, one fact a line, and what to say otherwise."""
    brief = shape_small(PROMPT, FACTS)
    lines = brief.system.split("\n")
    assert lines[0] == PROMPT
    assert "one short spoken sentence" in lines[1]
    assert lines[2].startswith("- Monday, Tuesday, Wednesday, Thursday and Friday the practice")
    assert [line.startswith("- ") for line in lines[2:7]] == [True] * 5
    assert brief.unknown in lines[7]


def test_examples_are_made_of_the_bots_own_facts() -> None:
    """Answers of examples are facts, or a refusal of them, or that the bot does not know."""
    brief = shape_small(PROMPT, FACTS)
    asked = {example.caller: example.bot for example in brief.examples}
    assert asked["Are you open on Sunday?"] == "No, on Sunday the practice is closed."
    assert asked["How much is a cleaning?"] == "A cleaning costs 120 dollars."
    assert (
        asked["Who am I speaking to?"] == "This is Ava, the friendly receptionist of Bloom Dental."
    )
    assert brief.unknown in asked.values()
    assert len(brief.examples) >= 3


def test_the_unknown_example_is_truly_unknown() -> None:
    """A bicycle shop is not taught that it knows nothing of bicycles."""
    brief = shape_small("You are Bo.", ["We sell bicycles."])
    assert not [example for example in brief.examples if "bicycle" in example.caller]


def test_the_prefix_does_not_depend_on_the_day() -> None:
    """What is cached holds no date; a question that turns on one gets it."""
    brief = shape_small(PROMPT, FACTS, greeting="Bloom Dental, how can I help?")
    text = str(brief.messages())
    assert "Bloom Dental, how can I help?" in text
    assert "November" not in text
    assert brief.question("Are you open today?", SATURDAY) == (
        "(Today is Saturday, 21 November, and it is two oh five in the afternoon."
        ") Are you open today?"
    )
    assert "Tomorrow: Sunday." in brief.question("And tomorrow?", SATURDAY)
    assert brief.question("Do you like music?", SATURDAY) == "Do you like music?"


def test_messages_alternate_after_the_system_text() -> None:
    """Examples stand as turns of a conversation, the caller first."""
    roles = [message["role"] for message in shape_small(PROMPT, FACTS).messages()]
    assert roles[0] == "system"
    assert roles[1::2] == ["user"] * (len(roles) // 2)
    assert roles[2::2] == ["assistant"] * (len(roles) // 2)


def test_without_facts_the_character_is_all_there_is() -> None:
    """The shortest bot, one line of prompt, is left as it is."""
    brief = shape_small("You are a pirate.", [])
    assert brief.system == "You are a pirate."
    assert not brief.examples


@pytest.mark.parametrize(
    ("language", "unknown"),
    [("es", "Eso no lo sé"), ("fr", "Je ne le sais pas"), ("it", "non lo so"), ("pt", "não sei")],
)
def test_a_bot_is_instructed_in_its_own_language(language: str, unknown: str) -> None:
    """The rule, the examples and the date speak the bot's language."""
    brief = shape_small("Ava.", ["Dos hechos aquí están.", "Otro más."], language)
    assert unknown in brief.unknown
    assert "You are on the phone" not in brief.system
    assert "Today" not in date_line(SATURDAY, language)


def test_a_language_without_wording_is_named() -> None:
    """Instructions are English then, and say in which language to answer."""
    assert "(pl)" in shape_small("Ava.", ["Fakt."], "pl").system


@pytest.mark.parametrize(
    ("fact", "spelled"),
    [
        ("Open Mon-Wed.", "Open Monday, Tuesday and Wednesday."),
        ("Open Friday to Sunday.", "Open Friday, Saturday and Sunday."),
        ("Weekdays till 5.", "On Monday, Tuesday, Wednesday, Thursday and Friday till 5."),
        ("It takes two working days.", "It takes two working days."),
        ("Sat – Mon closed.", "Saturday, Sunday and Monday closed."),
        ("Open from Sat to Mon, from ten.", "Open on Saturday, Sunday and Monday, from ten."),
        ("From Fri to Sat we sing.", "On Friday and Saturday we sing."),
        ("From nine to five on Friday.", "From nine to five on Friday."),
    ],
)
def test_weekdays_are_spelled_out(fact: str, spelled: str) -> None:
    """A small model does not count through a range of days, so none is left."""
    assert spell_weekdays(fact) == spelled


def test_a_large_model_reads_prose_and_the_date_last() -> None:
    """Everything that stays the same comes before what changes, for the provider's cache."""
    text = shape_large(PROMPT, FACTS, "en", SATURDAY)
    assert text.startswith(PROMPT)
    assert "- A cleaning costs 120 dollars." in text
    assert text.endswith(date_line(SATURDAY))
    assert "language with the code es" in shape_large(PROMPT, FACTS, "es", SATURDAY)


def test_a_question_about_a_known_person_may_be_unknown() -> None:
    """That a name stands in the facts does not mean that they tell all about it."""
    brief = shape_small(PROMPT, ["The dentist is Doctor Amara Osei.", *FACTS])
    asked = {example.caller: example.bot for example in brief.examples}
    assert asked["Where was Doctor Amara Osei born?"] == brief.unknown


def test_subjects_of_examples_read_as_in_a_sentence() -> None:
    """A subject loses its capital inside a question, a name keeps it."""
    brief = shape_small("Sal.", ["Mending a tyre costs $12.", "X-rays cost $40.", "It is fine."])
    asked = [example.caller for example in brief.examples]
    assert "How much is mending a tyre?" in asked
    assert "What do you charge for X-rays?" in asked


@given(st.text(), st.lists(st.text(), max_size=4), st.sampled_from(["en", "es", "xx", ""]))
def test_any_prompt_and_facts_can_be_shaped(prompt: str, facts: list[str], language: str) -> None:
    """No text breaks the shaping, and every fact reaches the model."""
    brief = shape_small(prompt, facts, language)
    assert len(brief.facts) == len(facts)
    assert all(fact in brief.system for fact in brief.facts)
    assert shape_large(prompt, facts, language, SATURDAY)


def test_near_facts_stand_beside_the_question() -> None:
    """The date comes first where the question turns on it."""
    brief = shape_small(PROMPT, FACTS)
    asked = brief.question("Can I stop by your office?", SATURDAY, [FACTS[4]])
    assert asked == f"({FACTS[4]}) Can I stop by your office?"
    both = brief.question("Which is nearer today?", SATURDAY, FACTS[3:5])
    assert both.startswith("(Today is Saturday, 21 November")
    assert both.endswith(f"{FACTS[3]} {FACTS[4]}) Which is nearer today?")


def test_examples_show_that_a_fact_beside_may_not_answer() -> None:
    """A price beside the question about another thing's price is not its answer."""
    messages = shape_small(PROMPT, FACTS).messages()
    texts = [message["content"] for message in messages]
    at = texts.index("(A cleaning costs 120 dollars.) How much is a haircut?")
    assert "do not know" in texts[at + 1]
