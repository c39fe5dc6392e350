"""Whether the local brain had better say that it does not know; used by bots/local/brain.py.

A small model that lacks a fact often takes the nearest one for it. The choice falls at the first
token, where "I do not know that" competes with the wrong fact. So the model's own probabilities at
that place are read, and where the question has words that the nearest fact has not, a narrow
victory of the wrong fact is not enough. It costs no time: the answer that is given instead needs no
generating.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from openai.types.chat import ChatCompletionChunk

TOKENS_SEEN = 8
"""Candidates for the first token that the child reports."""
LEAN = 0.5
"""How far, in nats, not knowing may lie behind and still win, for a wholly strange question."""


def first_choices(chunk: ChatCompletionChunk) -> dict[str, float]:
    """The candidates for the token of `chunk` with their log probabilities; empty if not told."""
    logprobs = chunk.choices[0].logprobs if chunk.choices else None
    if logprobs is None or not logprobs.content:
        return {}
    return {choice.token: choice.logprob for choice in logprobs.content[0].top_logprobs}


def lead_over(choices: Mapping[str, float], unknown: str) -> float:
    """How far, in nats, another beginning leads that of `unknown`; infinite if it is no choice,
    negative where it lies behind."""
    own = [logprob for token, logprob in choices.items() if token and unknown.startswith(token)]
    if not own:
        return math.inf
    others = [
        logprob for token, logprob in choices.items() if token and not unknown.startswith(token)
    ]
    silent = math.log(sum(math.exp(logprob) for logprob in own))
    return max(others) - silent if others else -math.inf


def is_in_doubt(choices: Mapping[str, float], unknown: str, strange: float) -> bool:
    """Whether to say `unknown` although another first token leads.

    `strange` is the share, 0 to 1, of the question that the nearest fact does not speak of.
    """
    return 0 < lead_over(choices, unknown) <= LEAN * strange


def begins_with(choices: Mapping[str, float], words: Collection[str]) -> bool:
    """Whether the answer begins with one of the `words`, by the token that leads."""
    return bool(choices) and max(choices, key=lambda token: choices[token]).strip() in words
