"""A question in its call, and what the sentence models say of it; what match.py works on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in its call."""

    text: str
    before: str = ""
    """The question that it leans on, if it does."""
    days: frozenset[str] = frozenset()
    """The weekdays it is about, "tomorrow" resolved."""
    resolved: str = ""
    """The whole of it with that day by name, where it says "today" or means a day by its hours."""

    @property
    def whole(self) -> str:
        """What is compared with the facts by meaning."""
        return self.resolved or f"{self.before} {self.text}".strip()


@dataclass(frozen=True, slots=True)
class Likeness:
    """What the sentence model says of a question; empty where there is none."""

    facts: Sequence[float] = ()
    """Of each fact, 0 to 1."""
    words: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """For words of the question that no fact has: the words of the facts that mean the same."""
    near: Mapping[str, Mapping[str, float]] = field(default_factory=dict[str, Mapping[str, float]])
    """For the same words: how like they are to those of the facts that come near them."""
    asked: Sequence[float] = ()
    """Of each fact, 0 to 1, that of the likest of its `asked`; 0 where it has none."""
    told: Sequence[float] = ()
    """Of each fact, how well it answers by bots/local/matching.py; only their differences count."""
    told_unknown: float = 0.0
    """The same of not knowing; says nothing where `told` is empty."""
    ranked: Sequence[float] = ()
    """Of each fact, the log probability that it answers where the likeliest are read together with
    the question (bots/local/reranker.py); there whenever `told` is."""
    ranked_unknown: float = 0.0
    """The same of not knowing."""
