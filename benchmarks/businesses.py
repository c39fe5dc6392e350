"""The invented businesses that the sentence model is tuned on; see answers/businesses/README.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from bots.local.question import Asked

BUSINESSES = Path(__file__).parent / "answers" / "businesses"


@dataclass(frozen=True)
class Fact:
    """One plain sentence, and what callers say who want to know it."""

    fact: str
    asked: Sequence[str]
    """As the owner expects it to be asked."""
    free: Sequence[str]
    """As callers say it, in words of their own."""


@dataclass(frozen=True)
class Several:
    """What two facts or more answer alike."""

    ask: str
    facts: Sequence[int]


@dataclass(frozen=True)
class Followed:
    """What a caller says that only the question before makes clear."""

    before: str
    ask: str
    facts: Sequence[int]
    """None, one or several."""


@dataclass(frozen=True)
class Ask:
    """What a caller says, and the places of the facts that answer it: none, one or several."""

    text: str
    """As a model reads it: after the question that it leans on."""
    facts: frozenset[int]
    is_expected: bool = False
    """Whether it is among those that the owner expects."""


@dataclass(frozen=True)
class Business:
    """What a business knows, and what its callers say."""

    name: str
    title: str
    about: str
    facts: Sequence[Fact]
    unanswered: Sequence[str]
    """What no fact answers, though many share their words with one."""
    several: Sequence[Several]
    followed: Sequence[Followed] = ()

    def __post_init__(self) -> None:
        for one in (*self.several, *self.followed):
            if not set(one.facts) <= set(range(len(self.facts))):
                raise ValueError(f"{self.name}: {one.ask!r} has a place that no fact has.")

    @cached_property
    def asks(self) -> Sequence[Ask]:
        """All that callers say here."""
        return [
            *(Ask(text, frozenset({n})) for n, fact in enumerate(self.facts) for text in fact.free),
            *(
                Ask(text, frozenset({n}), is_expected=True)
                for n, fact in enumerate(self.facts)
                for text in fact.asked
            ),
            *(Ask(text, frozenset()) for text in self.unanswered),
            *(Ask(one.ask, frozenset(one.facts)) for one in self.several),
            *(Ask(Asked(one.ask, one.before).whole, frozenset(one.facts)) for one in self.followed),
        ]

    @property
    def texts(self) -> list[str]:
        """All that a model reads of it."""
        return [*(fact.fact for fact in self.facts), *(ask.text for ask in self.asks)]


def load_businesses(folder: Path = BUSINESSES) -> list[Business]:
    """The businesses of a folder by their names.

    Raises:
        TypeError: a file has a key too many or too few.
        ValueError: a file names a fact that it has not.
    """
    return [_business(path) for path in sorted(folder.glob("*.yaml"))]


def _business(path: Path) -> Business:
    # PyYAML's C parser, which Pipecat brings: ruamel.yaml takes twenty times as long.
    rows: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    facts = [Fact(**row) for row in rows.pop("facts")]
    several = [Several(**row) for row in rows.pop("several")]
    followed = [Followed(**row) for row in rows.pop("followed")]
    return Business(name=path.stem, facts=facts, several=several, followed=followed, **rows)
