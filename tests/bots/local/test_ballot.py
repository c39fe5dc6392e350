"""What the local brain chooses among a bot's facts, token by token."""

from __future__ import annotations

import json

import pytest
from openai.types.chat import ChatCompletionChunk

from bots.local.ballot import UNLIKELY, Ballot

pytestmark = pytest.mark.unit

SATURDAY = "On Saturday the shop is open from ten to four."
SUNDAY = "On Sunday the shop is closed."
DOGS = 'Dogs are "welcome".'
UNKNOWN = "I do not know that."
NAME = "This is Nora."


def chunk(text: str, logprob: float = -0.1) -> ChatCompletionChunk:
    """One token of the model's answer."""
    token = {"token": text, "logprob": logprob, "bytes": None, "top_logprobs": []}
    choice = {
        "index": 0,
        "delta": {"content": text},
        "finish_reason": None,
        "logprobs": {"content": [token], "refusal": None},
    }
    return ChatCompletionChunk.model_validate(
        {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m"}
        | {"choices": [choice]}
    )


def heard(*tokens: tuple[str, float], dogs: float = -3.0) -> Ballot:
    """A choice after those tokens with their log probabilities, or as many as decided it."""
    facts = {SATURDAY: -0.9, SUNDAY: -1.8, DOGS: dogs}
    ballot = Ballot(facts, UNKNOWN, silence=-1.2, others=(NAME,))
    for text, logprob in tokens:
        if ballot.is_decided:
            break
        ballot.hear(chunk(text, logprob))
    return ballot


UNKNOWING = (("I", -0.1), (" do", 0.0), (" not", 0.0))


def test_a_fact_is_chosen_as_soon_as_it_is_the_only_one() -> None:
    """ "On S" may be either day; "On Sa" is one, and the rest needs no generating."""
    assert not heard(("On", -0.1), (" S", -0.1)).is_decided
    ballot = heard(("On", -0.1), (" Sa", -0.1))
    assert ballot.is_decided
    assert ballot.answer() == SATURDAY


def test_not_knowing_takes_more_than_its_first_word() -> None:
    """What the model thinks of "I do not" counts, not of "I" alone."""
    assert not heard(("I", -0.1)).is_decided
    assert heard(*UNKNOWING).answer() == UNKNOWN


def test_a_likely_fact_is_said_although_the_model_knows_none() -> None:
    """It says so of many questions that are not in the facts' own words."""
    assert heard(*UNKNOWING, dogs=1.5).answer() == DOGS


def test_an_unlikely_fact_is_not_said_although_the_model_chose_it() -> None:
    """One vote does not make a fact that hardly fits the answer."""
    assert heard(("Dogs", -0.1)).answer() == UNKNOWN


def test_the_likelier_of_two_facts_may_win_over_the_one_chosen() -> None:
    """The vote counts, and does not decide."""
    assert heard(("On", -0.1), (" Sa", -0.1), dogs=2.5).answer() == DOGS


def test_what_is_no_fact_is_said_as_chosen() -> None:
    """Nothing is known of how likely the bot's own name is asked for."""
    assert heard(("This", -0.1)).answer() == NAME


def test_a_model_that_means_something_else_is_not_held_to_a_fact() -> None:
    """A greeting is no question of facts: the least unlikely one is still not meant."""
    ballot = heard(("Dogs", UNLIKELY - 1))
    assert ballot.is_decided
    assert ballot.answer() is None


def test_a_stream_that_ends_early_decides_nothing() -> None:
    """A child that died, or said nothing."""
    assert heard().answer() is None
    assert heard(("On", -0.1)).answer() is None


def test_the_grammar_has_every_choice_once_and_quotes_them() -> None:
    """A quotation mark in a fact must not end the rule."""
    grammar = Ballot({SUNDAY: -1.0, DOGS: -1.0}, UNKNOWN, others=(SUNDAY,)).grammar
    assert grammar.count("Sunday") == 1
    assert grammar.endswith(f"{json.dumps(DOGS)} | {json.dumps(UNKNOWN)}")
