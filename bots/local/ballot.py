"""Lets the local brain choose among a bot's facts instead of phrasing one; used by brain.py, pure.

A small model that answers in its own words mixes facts up and adds to them, yet mostly begins with
the right one. So its tokens are held to the nearest facts, word for word, and to "I do not know";
as soon as they fit only one of these, that one is the answer and nothing more is generated. The
model's own probability of what it was held to tells when it had rather said something else, as to
a greeting: then it may.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from openai.types.chat import ChatCompletionChunk

UNLIKELY = -6.0
"""A fact that the model would say with less than this log probability is not what it means."""
DOUBTFUL = -3.0
"""Below this one it may be meant, and is wrong more often than right: better not to know."""
UNSURE = -1.0
"""Not knowing less likely than this gives way to the fact that the lookup finds nearest..."""
AT_A_LOSS = -2.0
"""... but no longer below this: the model means neither."""
UNKNOWN_TOKENS = 3
""" "I" may begin much; "I do not" does not."""


@dataclass(slots=True)
class Ballot:
    """One choice.

    Args:
        candidates: what may be said, word for word.
        unknown: what is said where none of them answers.
    """

    candidates: Sequence[str]
    unknown: str
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

    def answer(self, nearest: str | None) -> str | None:
        """What was chosen; None where the model means something else, or nothing was decided.

        `nearest` is the fact that the lookup would have given, if one is near.
        """
        left = self._left
        if not self._tokens or self._logprob < UNLIKELY or len(left) != 1:
            return None
        if left == [self.unknown]:
            if self._logprob >= UNSURE:
                return self.unknown
            return self.unknown if nearest and self._logprob < AT_A_LOSS else nearest
        return left[0] if self._logprob >= DOUBTFUL else self.unknown

    @property
    def _all(self) -> list[str]:
        return list(dict.fromkeys([*self.candidates, self.unknown]))

    @property
    def _left(self) -> list[str]:
        return [text for text in self._all if text.startswith(self._said)]
