"""Which fact a question is about, and whether that fact answers it; pure, asked by brain.py.

Four signs are weighed: likeness in meaning (bots/local/recall.py), shared words, the day, and the
kind of answer that is wanted. A fact is spoken at once, as it stands, where the fitted model has
hardly a doubt (bots/local/weighing.py), or where the signs all agree by the rules here, which also
work without a sentence model; a small model could only spoil it. So is the fact whose author has
the caller's very question under it. Otherwise the brain is asked to choose, and its choice is a
vote beside the fitted model's (bots/local/ballot.py). The figures of the rules are set on
benchmarks/answers/tuning.yaml.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bots.local.asking import Kind, is_small_talk, is_spread, is_visit, offered, wanted
from bots.local.lexicon import Lexicon, Word, share
from bots.local.weighing import STEP, nearness, weigh
from bots.phrasing import bare
from processors.relevance import content_words, days_named

BY_WORDS = 0.08
"""What sharing all of a question's words is worth, in likeness (0 to 1; unrelated facts differ by
0.05)."""
BY_KIND = 0.02
"""What holding the kind of answer that is wanted is worth, and lacking it costs, in likeness."""
BY_DAY = 0.03
"""What being about the day that is named is worth, in likeness."""
BY_DAY_ALONE = 0.15
"""The same where a question has no other words: "And on Sunday?"."""
LEAD = 0.03
"""How far the nearest fact must lead the next one to be sure, in likeness."""
LEAD_OF_TWO = 0.1
"""The same where the caller says two sentences, either of which may be the question."""
NEAR = 0.06
"""How far it must lead the average fact to be sure, in likeness."""
FAR = 0.03
"""A nearest fact that leads the average by less is about something else."""
FAR_BY_WORDS = 0.02
"""The same where there is no sentence model, and words alone must tell."""
BESIDE = 0.012
"""A second fact this close to the first is told to the brain too, in likeness."""
CHOICES = 30
"""So many of the likeliest facts are left to choose from; all that most bots have."""

SETTLED = math.log(0.9)
"""The log probability from which a fact is the answer whatever the brain would choose."""
NOT_RULED_OUT = math.log(0.5)
"""The log probability from which a fact may be the answer, though the rules say that the facts
speak of other things only."""
HALF = 0.5
"""A fact that says this share of a question's words is about the same thing."""

_PRICED = re.compile(r"^(.{2,80}?) (?:costs?|takes?) (.*)")
_RELATIVE = re.compile(r" (?:that|which|who) ")
_TWO_SENTENCES = re.compile(r"[^\W\d_]{3,}[.!?] ")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in its call."""

    text: str
    before: str = ""
    """The question that it leans on, if it does."""
    days: frozenset[str] = frozenset()
    """The weekdays it is about, "tomorrow" resolved."""

    @property
    def whole(self) -> str:
        """What is compared with the facts by meaning."""
        return f"{self.before} {self.text}".strip()


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


@dataclass(frozen=True, slots=True)
class Match:
    """What the facts have on a question."""

    facts: tuple[str, ...] = ()
    """The one or two that it may be about, the nearest first."""
    is_sure: bool = False
    """Whether they answer it, word for word."""
    strange: float = 0.0
    """The share, 0 to 1, of the question that the nearest fact does not speak of."""
    is_silent: bool = False
    """Whether the facts speak of the thing, and do not answer what is asked of it."""
    candidates: Mapping[str, float] = field(default_factory=dict[str, float])
    """The likeliest facts, the best first, each with the log probability that it is the answer, for
    the brain to choose from; none for small talk."""
    unknown: float = 0.0
    """The log probability that none of the facts is."""


@dataclass(frozen=True)
class Knowledge:
    """A bot's facts, taken apart for matching."""

    facts: tuple[str, ...]
    language: str = "en"
    weekdays: tuple[str, ...] = ()
    character: str = ""
    """The bot's prompt: its words are known, but answer nothing."""
    asked: tuple[tuple[str, ...], ...] = ()
    """Of each of the `facts`, in their order, how callers ask for it; empty where nobody said."""

    @cached_property
    def lexicon(self) -> Lexicon:
        """The words of the facts."""
        return Lexicon(self.facts, self.weekdays, self.character)

    def strange_words(self, asked: Asked) -> tuple[str, ...]:
        """The words of a question that no fact has, which may mean the same as one that does."""
        words = dict.fromkeys(
            [*self.lexicon.contents(asked.text), *self.lexicon.contents(asked.before)]
        )
        return tuple(word for word in words if not self.lexicon.said(word).sayers)

    def match(self, asked: Asked, likeness: Likeness) -> Match:
        """Weigh every fact against the question."""
        if not self.facts:
            return Match()
        if (place := self._asked_word_for_word(asked)) is not None:
            return Match((self.facts[place],), is_sure=True)
        own, before = (
            self.lexicon.heard(text, likeness.words) for text in (asked.text, asked.before)
        )
        told = own or before
        kind = self._kind(asked)
        scores = [
            lead_of_mean
            + BY_WORDS * share(own, place, before)
            + self._by_day(place, asked, own, kind)
            + BY_KIND * self._by_kind(place, kind)
            for place, lead_of_mean in enumerate(self._over_mean(likeness))
        ]
        order = sorted(range(len(scores)), key=lambda place: -scores[place])
        best, lead = order[0], scores[order[0]] - (scores[order[1]] if order[1:] else -1.0)
        is_many, is_chat = is_spread(asked.text), is_small_talk(asked.text)
        chances, unknown = weigh(*self.signs(asked, likeness))
        likely = max(range(len(chances)), key=lambda place: chances[place])
        is_apt = self._is_about(likely, told) and self._by_kind(likely, kind) >= 0
        is_settled = chances[likely] >= SETTLED and is_apt
        if is_settled and likeness.facts and not is_many and not is_chat:
            return Match((self.facts[likely],), is_sure=True)
        if is_many and (pair := self._compared(order, told, kind)):
            return Match(tuple(self.facts[place] for place in pair), is_sure=True)
        told_share = share(told, best)
        is_of_day = bool(asked.days & self._days[best])
        is_only = kind is not None and all(
            share(told, place) < told_share or self._by_kind(place, kind) < 0 for place in order[1:]
        )
        is_sure = (
            (told_share == 1 if told else self._needs_no_words(asked, kind, is_of_day))
            and (scores[best] >= NEAR or (is_only and not told))
            and (lead >= LEAD or is_only or (is_of_day and not own))
            and self._by_kind(best, kind) >= 0
            and self._is_about(best, told)
            and (not asked.days or (len(asked.days) == 1 and bool(self._days[best])))
            and (lead >= LEAD_OF_TWO or not _TWO_SENTENCES.search(asked.text))
            and not is_many
            and not is_chat
        )
        near = [place for place in order[:2] if scores[best] - scores[place] <= BESIDE]
        far = FAR if likeness.facts else FAR_BY_WORDS
        if is_sure:
            near = [best]
        elif scores[best] < far or is_chat or (is_many and not told):
            near = []
        return Match(
            tuple(self.facts[place] for place in near),
            is_sure,
            strange=1 - told_share if told else 0.0,
            is_silent=bool(told)
            and not is_chat
            and not (chances[likely] >= NOT_RULED_OUT and is_apt)
            and self._is_silent(order, told, kind),
            candidates={} if is_chat else self._choices(chances),
            unknown=unknown,
        )

    def signs(
        self, asked: Asked, likeness: Likeness
    ) -> tuple[list[dict[str, float]], dict[str, float]]:
        """What bots/local/weighing.py weighs: of each fact, and of not knowing."""
        kind = self._kind(asked)
        over_mean = self._over_mean(likeness)
        own = self._nearness(asked.text, likeness)
        before = self._nearness(asked.before, likeness)
        signs: list[dict[str, float]] = []
        for place, lead_of_mean in enumerate(over_mean):
            found = {
                "likeness": lead_of_mean / STEP,
                "words": own[place],
                "words_before": before[place],
            }
            if kind is not None:
                found["kind" if self._by_kind(place, kind) > 0 else "other_kind"] = 1.0
            if asked.days and self._days[place]:
                is_of_day = bool(asked.days & self._days[place])
                found["day" if is_of_day else "other_day"] = 1.0
                found["day_alone"] = float(is_of_day and not any(own))
            signs.append(found)
        is_wordless = not self.lexicon.contents(asked.text)
        silence = {
            "always": 1.0,
            "likeness": max(over_mean) / STEP,
            "strange": 0.0 if is_wordless else 1.0 - max(own),
            "wordless": float(is_wordless),
        }
        return signs, silence

    def _asked_word_for_word(self, asked: Asked) -> int | None:
        """The fact whose author has this very question under it."""
        place = self._questions.get(bare(asked.text, self.language))
        if place is None or (asked.before and not self.lexicon.contents(asked.text)):
            return None  # "How long does it take?" is about what was talked of before
        days = self._days[place]
        return place if not asked.days or not days or asked.days & days else None

    def _kind(self, asked: Asked) -> Kind | None:
        return wanted(asked.text, self.language) or wanted(asked.before, self.language)

    def _over_mean(self, likeness: Likeness) -> list[float]:
        """How much liker each fact is to the question than the average one; 0 without a model."""
        mean = sum(likeness.facts) / len(likeness.facts) if likeness.facts else 0.0
        return [value - mean for value in likeness.facts] or [0.0] * len(self.facts)

    def _choices(self, chances: Sequence[float]) -> dict[str, float]:
        order = sorted(range(len(chances)), key=lambda place: -chances[place])
        return {self.facts[place]: chances[place] for place in order[:CHOICES]}

    def _nearness(self, text: str, likeness: Likeness) -> list[float]:
        """The share of the weight of `text` that each fact says, in its words or in near ones."""
        said = [0.0] * len(self.facts)
        total = 0.0
        for word in self.lexicon.contents(text):
            found = self.lexicon.said(word)
            total += found.weight
            near = likeness.near.get(word, {})
            for place, own in enumerate(self.lexicon.words):
                is_said = place in found.sayers
                closest = max((near.get(other, 0.0) for other in own), default=0.0) if near else 0.0
                said[place] += found.weight * (1.0 if is_said else nearness(closest))
        return [value / total for value in said] if total else said

    def _compared(
        self, order: Sequence[int], told: Sequence[Word], kind: Kind | None
    ) -> Sequence[int]:
        """The two facts that a comparison is between: together they say all, and neither alone."""
        if kind is None or not all(word.sayers for word in told):
            return ()
        held = [place for place in order if self._by_kind(place, kind) > 0 and share(told, place)]
        shares = [frozenset(word for word in told if place in word.sayers) for place in held]
        for second in range(1, len(held)):
            first = shares[0]
            if first | shares[second] == frozenset(told) and first - shares[second]:
                is_pair = bool(shares[second] - first)
                return (held[0], held[second]) if is_pair else ()
        return ()

    def _needs_no_words(self, asked: Asked, kind: Kind | None, is_of_day: bool) -> bool:
        """Whether day or kind tell enough: "When do you open on Sunday?", "Where are you?"."""
        if asked.days:
            return is_of_day and (bool(asked.before) or is_visit(asked.text))
        return kind is Kind.PLACE

    def _by_day(self, place: int, asked: Asked, own: Sequence[Word], kind: Kind | None) -> float:
        """A fact of another day is out of the question, unless it tells when a thing is done."""
        days = self._days[place]
        if not asked.days or not days:
            return 0.0
        if not asked.days & days:
            return -BY_DAY if any(place in word.sayers for word in own) else -1.0
        if own or len(days) > 1:
            return BY_DAY + (BY_DAY if kind is Kind.TIME else 0.0)
        return BY_DAY_ALONE

    def _by_kind(self, place: int, kind: Kind | None) -> int:
        if kind is None:
            return 0
        return 1 if kind in offered(self.facts[place], self.language) else -1

    def _is_about(self, place: int, told: Sequence[Word]) -> bool:
        """Whether the thing that the fact gives a price or a length of was named."""
        head, _ = self._subject(place)
        return not head or any(head in word.forms for word in told)

    def _is_silent(self, order: Sequence[int], told: Sequence[Word], kind: Kind | None) -> bool:
        """Whether the wanted kind of answer is given of other things only."""
        if kind not in (Kind.PRICE, Kind.LENGTH, Kind.SIZE):
            return False
        best = order[0]
        if self._by_kind(best, kind) < 0:
            return all(
                share(told, place) < HALF for place in order if self._by_kind(place, kind) > 0
            )
        # "What does a new wheel cost?" is not about pads that cost so much a wheel.
        head, predicate = self._subject(best)
        return not self._is_about(best, told) and any(
            best in word.sayers and word.forms & predicate and head not in word.forms
            for word in told
        )

    def _subject(self, place: int) -> tuple[str, frozenset[str]]:
        """What a fact gives a price or a length of, in a word, and what else it says of it."""
        parts = _PRICED.match(self.facts[place])
        if parts is None:
            return "", frozenset()
        subject, predicate = parts.groups()
        words = content_words(_RELATIVE.split(subject)[0])
        own = frozenset(content_words(subject))
        return words[-1] if words else "", frozenset(content_words(predicate)) - own

    @cached_property
    def _questions(self) -> Mapping[str, int]:
        return {
            words: place
            for place, questions in enumerate(self.asked)
            for question in questions
            if (words := bare(question, self.language))
        }

    @cached_property
    def _days(self) -> tuple[frozenset[str], ...]:
        return tuple(days_named(fact, self.weekdays) for fact in self.facts)
