"""Which fact a question is about, and whether that fact answers it; pure, asked by brain.py.

Five signs are weighed: how well a fact answers by the tuned sentence model (matching.py beside this
file), likeness in meaning (recall.py), shared words, the day, and the kind of answer that is
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

from bots.local.asking import Kind, is_small_talk, is_spread, is_visit
from bots.local.knowledge import Knowledge
from bots.local.lexicon import Word, share
from bots.local.question import Asked, Likeness
from bots.local.signs import over_mean, signs_of
from bots.local.weighing import weigh

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

    @property
    def best_chance(self) -> float:
        """The log probability of the likeliest candidate."""
        return max(self.candidates.values(), default=-math.inf)


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


def find_match(known: Knowledge, asked: Asked, likeness: Likeness) -> Match:
    """Weigh every fact that is known against the question."""
    if not known.facts:
        return Match()
    if (place := known.asked_word_for_word(asked)) is not None:
        return Match((known.facts[place],), is_sure=True)
    seen = _hold_against(known, asked, likeness)
    if seen.is_settled and likeness.facts and not seen.is_many and not seen.is_chat:
        return Match((known.facts[seen.likely],), is_sure=True)
    if seen.is_many and (pair := known.subjects.compared(seen.order, seen.words, seen.kind)):
        return Match(tuple(known.facts[place] for place in pair), is_sure=True)
    if of_days := _of_days(known, asked, seen):
        return Match(of_days, is_sure=True)
    is_sure = _is_agreed(known, asked, seen)
    far = FAR if likeness.facts else FAR_BY_WORDS
    if is_sure:
        near = [seen.best]
    elif seen.scores[seen.best] < far or seen.is_chat or (seen.is_many and not seen.words):
        near = []
    else:
        near = [place for place in seen.order[:2] if seen.lag(place) <= BESIDE]
    return Match(
        tuple(known.facts[place] for place in near),
        is_sure,
        strange=1 - share(seen.words, seen.best) if seen.words else 0.0,
        is_silent=bool(seen.words)
        and not seen.is_chat
        and not (seen.chances[seen.likely] >= NOT_RULED_OUT and seen.is_apt)
        and known.subjects.is_silent(seen.order, seen.words, seen.kind),
        candidates={} if seen.is_chat else _choices(known, seen.chances),
        unknown=seen.unknown,
    )


def _hold_against(known: Knowledge, asked: Asked, likeness: Likeness) -> _Seen:
    own, before = (known.lexicon.heard(text, likeness.words) for text in (asked.text, asked.before))
    kind = known.kind(asked)
    scores = [
        lead_of_mean
        + BY_WORDS * share(own, place, before)
        + _by_day(known, place, asked, own, kind)
        + BY_KIND * known.subjects.by_kind(place, kind)
        for place, lead_of_mean in enumerate(over_mean(likeness.facts, len(known.facts)))
    ]
    chances, unknown = weigh(*signs_of(known, asked, likeness), has_told=bool(likeness.told))
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
        is_apt=known.subjects.is_about(likely, words) and known.subjects.by_kind(likely, kind) >= 0,
        is_many=is_spread(asked.text),
        is_chat=is_small_talk(asked.text),
    )


def _of_days(known: Knowledge, asked: Asked, seen: _Seen) -> tuple[str, ...]:
    """The hours of each day, where a question is about those of two or three days only."""
    if not 2 <= len(asked.days) <= SPOKEN_DAYS or seen.own or seen.is_chat:
        return ()
    if not is_visit(asked.text):
        return ()
    places = [
        place
        for place, days in enumerate(known.subjects.days)
        if len(days) == 1 and days <= asked.days
    ]
    return tuple(known.facts[place] for place in places) if len(places) == len(asked.days) else ()


def _is_agreed(known: Knowledge, asked: Asked, seen: _Seen) -> bool:
    """Whether all signs agree on the best fact, by rules that need no sentence model."""
    best, kind = seen.best, seen.kind
    told_share = share(seen.words, best)
    is_of_day = bool(asked.days & known.subjects.days[best])
    is_only = kind is not None and all(
        share(seen.words, place) < told_share or known.subjects.by_kind(place, kind) < 0
        for place in seen.order[1:]
    )
    return (
        (told_share == 1 if seen.words else _needs_no_words(asked, kind, is_of_day))
        and (seen.scores[best] >= NEAR or (is_only and not seen.words))
        and (seen.lead >= LEAD or is_only or (is_of_day and not seen.own))
        and known.subjects.by_kind(best, kind) >= 0
        and known.subjects.is_about(best, seen.words)
        and (not asked.days or (len(asked.days) == 1 and bool(known.subjects.days[best])))
        and (seen.lead >= LEAD_OF_TWO or not _TWO_SENTENCES.search(asked.text))
        and not seen.is_many
        and not seen.is_chat
    )


def _choices(known: Knowledge, chances: Sequence[float]) -> dict[str, float]:
    order = sorted(range(len(chances)), key=lambda place: -chances[place])
    return {known.facts[place]: chances[place] for place in order[:CHOICES]}


def _needs_no_words(asked: Asked, kind: Kind | None, is_of_day: bool) -> bool:
    """Whether day or kind tell enough: "When do you open on Sunday?", "Where are you?"."""
    if asked.days:
        return is_of_day and (bool(asked.before) or is_visit(asked.text))
    return kind is Kind.PLACE


def _by_day(
    known: Knowledge, place: int, asked: Asked, own: Sequence[Word], kind: Kind | None
) -> float:
    """A fact of another day is out of the question, unless it tells when a thing is done."""
    days = known.subjects.days[place]
    if not asked.days or not days:
        return 0.0
    if not asked.days & days:
        return -BY_DAY if any(place in word.sayers for word in own) else -1.0
    if own or len(days) > 1:
        return BY_DAY + (BY_DAY if kind is Kind.TIME else 0.0)
    return BY_DAY_ALONE
