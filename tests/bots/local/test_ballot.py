"""What the local brain chooses among a bot's facts, token by token."""

from __future__ import annotations

import json

import pytest
from openai.types.chat import ChatCompletionChunk

from bots.local.ballot import AT_A_LOSS, DOUBTFUL, UNLIKELY, UNSURE, Ballot

pytestmark = pytest.mark.unit

SATURDAY = "On Saturday the shop is open from ten to four."
SUNDAY = "On Sunday the shop is closed."
DOGS = 'Dogs are "welcome".'
UNKNOWN = "I do not know that."


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


def heard(*tokens: tuple[str, float]) -> Ballot:
    """A choice after those tokens with their log probabilities, or as many as decided it."""
    ballot = Ballot((SATURDAY, SUNDAY, DOGS), UNKNOWN)
    for text, logprob in tokens:
        if ballot.is_decided:
            break
        ballot.hear(chunk(text, logprob))
    return ballot


def test_a_fact_is_chosen_as_soon_as_it_is_the_only_one() -> None:
    """ "On S" may be either day; "On Sa" is one, and the rest needs no generating."""
    assert not heard(("On", -0.1), (" S", -0.1)).is_decided
    ballot = heard(("On", -0.1), (" Sa", -0.1))
    assert ballot.is_decided
    assert ballot.answer(None) == SATURDAY


def test_not_knowing_takes_more_than_its_first_word() -> None:
    """What the model thinks of "I do not" counts, not of "I" alone."""
    assert not heard(("I", -0.1)).is_decided
    assert heard(("I", -0.1), (" do", 0.0), (" not", 0.0)).answer(SUNDAY) == UNKNOWN


def test_a_doubtful_not_knowing_gives_way_to_a_near_fact() -> None:
    """Without a near fact the model may speak for itself."""
    ballot = heard(("I", UNSURE), (" do", -0.1), (" not", -0.1))
    assert (ballot.answer(SUNDAY), ballot.answer(None)) == (SUNDAY, None)


def test_what_is_hardly_meant_is_not_said() -> None:
    """A fact taken for want of another is wrong more often than right."""
    assert heard(("Dogs", DOUBTFUL - 0.1)).answer(SUNDAY) == UNKNOWN
    assert heard(("I", AT_A_LOSS), (" do", -0.1), (" not", -0.1)).answer(SUNDAY) == UNKNOWN


def test_a_model_that_means_something_else_is_not_held_to_a_fact() -> None:
    """A greeting is no question of facts: the least unlikely one is still not meant."""
    ballot = heard(("Dogs", UNLIKELY - 1))
    assert ballot.is_decided
    assert ballot.answer(SUNDAY) is None


def test_a_stream_that_ends_early_decides_nothing() -> None:
    """A child that died, or said nothing."""
    assert heard().answer(SUNDAY) is None
    assert heard(("On", -0.1)).answer(SUNDAY) is None


def test_the_grammar_has_every_choice_once_and_quotes_them() -> None:
    """A quotation mark in a fact must not end the rule."""
    grammar = Ballot((SUNDAY, DOGS, SUNDAY), UNKNOWN).grammar
    assert grammar.count("Sunday") == 1
    assert grammar.endswith(f"{json.dumps(DOGS)} | {json.dumps(UNKNOWN)}")
