"""Which fact a question is about, and whether that fact answers it; pure, asked by brain.py.

Five signs are weighed: how well a fact answers by the tuned sentence model (bots/local/told.py),
likeness in meaning (bots/local/recall.py), shared words, the day, and the kind of answer that is
wanted. A fact is spoken at once, as it stands, where the fitted model has hardly a doubt
(bots/local/weighing.py), or where the signs all agree by the rules here, which also work without a
sentence model; a small model could only spoil it. So is the fact whose author has the caller's very
question under it. Otherwise the brain is asked to choose, and its choice is a vote beside the
fitted model's (bots/local/ballot.py). The figures of the rules are set on
benchmarks/answers/tuning.yaml.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bots.local.asking import Kind, is_small_talk, is_spread, is_visit, wanted
from bots.local.lexicon import Lexicon, Word, share
from bots.local.subjects import Subjects
from bots.local.weighing import STEP, TOLD_STEP, nearness, weigh
from bots.phrasing import bare

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
SPOKEN_DAYS = 3
"""The hours of so many days can still be listened to."""
CHOICES = 30
"""So many of the likeliest facts are left to choose from; all that most bots have. Of four, the
brain chooses more often, and on questions that nobody tuned on more often wrong."""

SETTLED = math.log(0.9)
"""The log probability from which a fact is the answer whatever the brain would choose."""
NOT_RULED_OUT = math.log(0.5)
"""The log probability from which a fact may be the answer, though the rules say that the facts
speak of other things only."""

_TWO_SENTENCES = re.compile(r"[^\W\d_]{3,}[.!?] ")


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


@dataclass(frozen=True, slots=True)
class _Seen:
    """A question held against every fact."""

    own: Sequence[Word]
    """The telling words of the question itself."""
    words: Sequence[Word]
    """These, or where it has none those of the question that it leans on."""
    kind: Kind | None
    scores: Sequence[float]
    """Of each fact, by the rules."""
    order: Sequence[int]
    """The facts' places by these scores, the best first."""
    chances: Sequence[float]
    """Of each fact, the log probability that it is the answer, by the fitted model."""
    unknown: float
    likely: int
    """The place of the likeliest fact."""
    is_apt: bool
    """Whether that fact is about what was asked, and holds the kind of answer that is wanted."""
    is_many: bool
    is_chat: bool

    @property
    def best(self) -> int:
        return self.order[0]

    @property
    def lead(self) -> float:
        """How far the best fact leads the next one, by the rules."""
        return self.scores[self.best] - (self.scores[self.order[1]] if self.order[1:] else -1.0)

    @property
    def is_settled(self) -> bool:
        return self.is_apt and self.chances[self.likely] >= SETTLED

    def lag(self, place: int) -> float:
        """How far a fact lies behind the best one, by the rules."""
        return self.scores[self.best] - self.scores[place]


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

    @cached_property
    def subjects(self) -> Subjects:
        """What each fact is about."""
        return Subjects(self.facts, self.language, self.weekdays)

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
        seen = self._hold_against(asked, likeness)
        if seen.is_settled and likeness.facts and not seen.is_many and not seen.is_chat:
            return Match((self.facts[seen.likely],), is_sure=True)
        if seen.is_many and (pair := self.subjects.compared(seen.order, seen.words, seen.kind)):
            return Match(tuple(self.facts[place] for place in pair), is_sure=True)
        if of_days := self._of_days(asked, seen):
            return Match(of_days, is_sure=True)
        is_sure = self._is_agreed(asked, seen)
        far = FAR if likeness.facts else FAR_BY_WORDS
        if is_sure:
            near = [seen.best]
        elif seen.scores[seen.best] < far or seen.is_chat or (seen.is_many and not seen.words):
            near = []
        else:
            near = [place for place in seen.order[:2] if seen.lag(place) <= BESIDE]
        return Match(
            tuple(self.facts[place] for place in near),
            is_sure,
            strange=1 - share(seen.words, seen.best) if seen.words else 0.0,
            is_silent=bool(seen.words)
            and not seen.is_chat
            and not (seen.chances[seen.likely] >= NOT_RULED_OUT and seen.is_apt)
            and self.subjects.is_silent(seen.order, seen.words, seen.kind),
            candidates={} if seen.is_chat else self._choices(seen.chances),
            unknown=seen.unknown,
        )

    def _hold_against(self, asked: Asked, likeness: Likeness) -> _Seen:
        own, before = (
            self.lexicon.heard(text, likeness.words) for text in (asked.text, asked.before)
        )
        kind = self._kind(asked)
        scores = [
            lead_of_mean
            + BY_WORDS * share(own, place, before)
            + self._by_day(place, asked, own, kind)
            + BY_KIND * self.subjects.by_kind(place, kind)
            for place, lead_of_mean in enumerate(_over_mean(likeness.facts, len(self.facts)))
        ]
        chances, unknown = weigh(*self.signs(asked, likeness), has_told=bool(likeness.told))
        likely = max(range(len(chances)), key=lambda place: chances[place])
        words = own or before
        return _Seen(
            own=own,
            words=words,
            kind=kind,
            scores=scores,
            order=sorted(range(len(scores)), key=lambda place: -scores[place]),
            chances=chances,
            unknown=unknown,
            likely=likely,
            is_apt=self.subjects.is_about(likely, words)
            and self.subjects.by_kind(likely, kind) >= 0,
            is_many=is_spread(asked.text),
            is_chat=is_small_talk(asked.text),
        )

    def _of_days(self, asked: Asked, seen: _Seen) -> tuple[str, ...]:
        """The hours of each day, where a question is about those of two or three days only."""
        if not 2 <= len(asked.days) <= SPOKEN_DAYS or seen.own or seen.is_chat:
            return ()
        if not is_visit(asked.text):
            return ()
        places = [
            place
            for place, days in enumerate(self.subjects.days)
            if len(days) == 1 and days <= asked.days
        ]
        return (
            tuple(self.facts[place] for place in places) if len(places) == len(asked.days) else ()
        )

    def _is_agreed(self, asked: Asked, seen: _Seen) -> bool:
        """Whether all signs agree on the best fact, by rules that need no sentence model."""
        best, kind = seen.best, seen.kind
        told_share = share(seen.words, best)
        is_of_day = bool(asked.days & self.subjects.days[best])
        is_only = kind is not None and all(
            share(seen.words, place) < told_share or self.subjects.by_kind(place, kind) < 0
            for place in seen.order[1:]
        )
        return (
            (told_share == 1 if seen.words else self._needs_no_words(asked, kind, is_of_day))
            and (seen.scores[best] >= NEAR or (is_only and not seen.words))
            and (seen.lead >= LEAD or is_only or (is_of_day and not seen.own))
            and self.subjects.by_kind(best, kind) >= 0
            and self.subjects.is_about(best, seen.words)
            and (not asked.days or (len(asked.days) == 1 and bool(self.subjects.days[best])))
            and (seen.lead >= LEAD_OF_TWO or not _TWO_SENTENCES.search(asked.text))
            and not seen.is_many
            and not seen.is_chat
        )

    def signs(
        self, asked: Asked, likeness: Likeness
    ) -> tuple[list[dict[str, float]], dict[str, float]]:
        """What bots/local/weighing.py weighs: of each fact, and of not knowing."""
        kind = self._kind(asked)
        over_mean = _over_mean(likeness.facts, len(self.facts))
        asked_over_mean = _over_mean(likeness.asked, len(self.facts))
        told_over_mean = _over_mean(likeness.told, len(self.facts))
        own = self._nearness(asked.text, likeness)
        before = self._nearness(asked.before, likeness)
        signs: list[dict[str, float]] = []
        for place, lead_of_mean in enumerate(over_mean):
            found = {
                "told": told_over_mean[place] / TOLD_STEP,
                "likeness": lead_of_mean / STEP,
                "asked": asked_over_mean[place] / STEP,
                "words": own[place],
                "words_before": before[place],
            }
            if kind is not None:
                found["kind" if self.subjects.by_kind(place, kind) > 0 else "other_kind"] = 1.0
            if asked.days and self.subjects.days[place]:
                is_of_day = bool(asked.days & self.subjects.days[place])
                found["day" if is_of_day else "other_day"] = 1.0
                found["day_alone"] = float(is_of_day and not any(own))
            signs.append(found)
        is_wordless = not self.lexicon.contents(asked.text)
        silence = {
            "always": 1.0,
            "told": max(told_over_mean) / TOLD_STEP,
            "told_unknown": (likeness.told_unknown - max(likeness.told, default=0.0)) / TOLD_STEP,
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
        days = self.subjects.days[place]
        return place if not asked.days or not days or asked.days & days else None

    def _kind(self, asked: Asked) -> Kind | None:
        return wanted(asked.text, self.language) or wanted(asked.before, self.language)

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

    def _needs_no_words(self, asked: Asked, kind: Kind | None, is_of_day: bool) -> bool:
        """Whether day or kind tell enough: "When do you open on Sunday?", "Where are you?"."""
        if asked.days:
            return is_of_day and (bool(asked.before) or is_visit(asked.text))
        return kind is Kind.PLACE

    def _by_day(self, place: int, asked: Asked, own: Sequence[Word], kind: Kind | None) -> float:
        """A fact of another day is out of the question, unless it tells when a thing is done."""
        days = self.subjects.days[place]
        if not asked.days or not days:
            return 0.0
        if not asked.days & days:
            return -BY_DAY if any(place in word.sayers for word in own) else -1.0
        if own or len(days) > 1:
            return BY_DAY + (BY_DAY if kind is Kind.TIME else 0.0)
        return BY_DAY_ALONE

    @cached_property
    def _questions(self) -> Mapping[str, int]:
        return {
            words: place
            for place, questions in enumerate(self.asked)
            for question in questions
            if (words := bare(question, self.language))
        }


def _over_mean(values: Sequence[float], count: int) -> list[float]:
    """How far each of the values lies above their mean, 0 for one that is 0 (not known); `count`
    zeros where there are none."""
    known = [value for value in values if value]
    mean = sum(known) / len(known) if known else 0.0
    return [value - mean if value else 0.0 for value in values] or [0.0] * count
