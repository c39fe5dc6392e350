"""Lets the local brain choose among a bot's facts instead of phrasing one; used by brain.py, pure.

A small model that answers in its own words mixes facts up and adds to them, yet mostly begins with
the right one. So its tokens are held to the likely facts, word for word, and to "I do not know"; as
soon as they fit only one of these, that one has the model's vote and nothing more is generated. The
vote is counted beside how likely each fact was before (bots/local/weighing.py), which is right more
often than the model alone. The model's own probability of what it was held to tells when it had
rather said something else, as to a greeting: then it may.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from openai.types.chat import ChatCompletionChunk

UNLIKELY = -6.0
"""A fact that the model would say with less than this log probability is not what it means."""
VOTE = 1.6
"""What the model's choice of a fact is worth, in nats of its log probability. That it knows none is
worth nothing: it says so of many questions that are asked in other words than the facts'."""
BELIEVED = 0.75
"""The probability from which a fact is said: a wrong one is worse than none. By these figures 89 %
of the tuning questions are answered right and 2.7 % wrong; from 0.5 on, 92 and 5 %."""
UNKNOWN_TOKENS = 3
"""So many of the model's tokens tell that it means `unknown`: other answers begin with "I" too, but
not with "I do not"."""


@dataclass(slots=True)
class Ballot:
    """One choice, made as the model's tokens come in.

    Args:
        facts: what may be said, word for word, each with the log probability that it answers.
        unknown: what is said where none of them answers.
        silence: the log probability that none does.
        others: what else may be said, like the bot's name.
    """

    facts: Mapping[str, float]
    unknown: str
    silence: float = 0.0
    others: Sequence[str] = ()
    _said: str = field(default="", init=False)
    _tokens: int = field(default=0, init=False)
    _logprob: float = field(default=0.0, init=False)

    @property
    def grammar(self) -> str:
        """What llama.cpp holds the model to, in its GBNF."""
        said = (json.dumps(text, ensure_ascii=False) for text in self._all)
        return f"root ::= {' | '.join(said)}"

    @property
    def is_decided(self) -> bool:
        """Whether nothing that follows can change the choice."""
        left = self._left
        if self._logprob < UNLIKELY or not left:
            return True
        is_unknown = left == [self.unknown]
        return len(left) == 1 and (not is_unknown or self._tokens >= UNKNOWN_TOKENS)

    def hear(self, chunk: ChatCompletionChunk) -> None:
        """Take the next tokens of the model's answer."""
        if not chunk.choices:
            return
        choice = chunk.choices[0]
        self._said += choice.delta.content or ""
        for token in (choice.logprobs and choice.logprobs.content) or ():
            self._tokens += 1
            self._logprob += token.logprob

    def answer(self) -> str | None:
        """What is said; None where the model means something else, or nothing was decided."""
        left = self._left
        if not self._tokens or self._logprob < UNLIKELY or len(left) != 1:
            return None
        chosen = left[0]
        if chosen in self.others:
            return chosen
        weights = {fact: chance + VOTE * (fact == chosen) for fact, chance in self.facts.items()}
        best = max(weights, key=lambda fact: weights[fact])
        total = sum(math.exp(weight) for weight in (*weights.values(), self.silence))
        return best if math.exp(weights[best]) >= BELIEVED * total else self.unknown

    @property
    def _all(self) -> list[str]:
        return list(dict.fromkeys([*self.facts, *self.others, self.unknown]))

    @property
    def _left(self) -> list[str]:
        return [text for text in self._all if text.startswith(self._said)]
