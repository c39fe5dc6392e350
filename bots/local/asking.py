"""What kind of answer a question wants, and which facts have one; used by bots/local/match.py.

"How long does a filling take?" wants minutes, so a price does not answer it, however many words the
two share. Kinds are known by English phrases; in other languages a question wants any kind.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

from processors.relevance import stem, telling_words
from processors.spoken_numbers import mentions


class Kind(Enum):
    """What an answer must hold."""

    PRICE = "price"
    LENGTH = "length"
    """Of time."""
    SIZE = "size"
    NUMBER = "number"
    TIME = "time"
    """Of day, of the week or of history."""
    PLACE = "place"
    """Where the bot's own house is."""


_KINDS = tuple(
    (kind, re.compile(pattern, re.I))
    for kind, pattern in (
        (
            Kind.PRICE,
            r"\bhow much\b(?! time)|\bcosts?\b|\bprices?\b|\bcharges?\b|\bfees?\b|\bset me back\b"
            r"|\bthe damage\b|\b(?:in)?expensive\b|\bcheap\w*|\bpay for\b|\bfor less\b|\bfor free\b"
            r"|\bfree of charge\b|\bpay to\b|^what(?:'s| is| are) an? new\b|\b(?:that|it) come to\b"
            r"|\bwhat (?:do|will|would|must) (?:i|we) pay\b|\bhave to pay\b",
        ),
        (
            Kind.LENGTH,
            r"\bhow (?:long|many (?:minutes|hours|days|weeks|months))\b.*\b(?:take|need|plan|last)"
            r"|\bhow many (?:minutes|hours)\b|\b(?:take|takes|be) long\b"
            r"|\bhow long (?:will|does|do|has|have)\b|\bhow quickly\b",
        ),
        (
            Kind.SIZE,
            r"\bhow (?:tall|deep|heavy|wide|high|far|fast|big|large)\b|\bweighs?\b"
            r"|\bmet(?:re|er)s\b",
        ),
        (
            Kind.NUMBER,
            r"\bhow (?:many|old|long|often)\b|\b(?:which|what) year\b|\bphone number\b",
        ),
        (
            Kind.TIME,
            r"\bwhen (?:do|does|did|is|are|can|could|will|would|should|was|were|may|must)\b"
            r"|\bwhat (?:time|hour)\b|\bhow late\b|\b(?:until|till|from) (?:when|what)\b|\bhours\b"
            r"|\b(?:which|what) days?\b",
        ),
        (
            Kind.PLACE,
            r"\bwhere (?:exactly )?(?:are you|is your)\b(?! from)|\blocated\b"
            r"|\byour (?:address|location)\b"
            r"|\b(?:find|get to|reach) you(?!\w)|\b(?:what|which) (?:street|town|city)\b",
        ),
    )
)
_HELD = (
    (
        Kind.PRICE,
        re.compile(r"[$€£]|\b(?:dollars?|euros?|pounds?|cents?|pence|free|included)\b", re.I),
    ),
    (Kind.SIZE, re.compile(r"\b(?:met(?:re|er)s?|cm|feet|foot|miles?|kilo\w*|tons?)\b", re.I)),
    (
        Kind.PLACE,
        re.compile(
            r"\b(?:address|street|road|avenue|boulevard|lane|alley|terrace|highway|square|plaza"
            r"|quay|pier|wharf|located|situated|stands)\b",
            re.I,
        ),
    ),
    (Kind.TIME, re.compile(r"day\b|\b(?:morning|afternoon|evening|noon|night)\b", re.I)),
)
_WORKING_DAYS = re.compile(r"\b(?:working|business) (?=days?\b)", re.I)

_ASKING = telling_words(
    """
    address place located location cost price charge pay paid fee expensive cheap cheaper
    cheapest damage rate take last plan spend far tall deep heavy wide high big large often
    quickly open close closing shut hour hours late early until start begin finish morning
    mornings afternoon evening night week weekday weekend come coming visit drop find exactly
    make give use work working do does see please great thank help just only also ever all else
    really more less which whose may might must should shall could per each sort look after off
    out leave bring want get something anything somewhere anywhere anybody somebody everybody
    someone anyone happen mean hear maybe actually possible allowed still already next again
    metre metres meter meters dollar dollars euro euros pound pounds minute minutes going able
    would like doing ask asking question wonder wondering tell now right yesterday
    """
)
_NOT_ASKED = re.compile(
    r"\bwhat (?:day|time|date) is it\b|\btoday's date\b|\byour name\b|\bwho (?:are you|am i)\b"
    r"|\bhow are you\b|\bthank|\bbye\b|\bare you (?:a|an|the)\b|\bcall you\b"
    r"|\bwho(?:'s| is) (?:this|that|speaking)\W*$|\bsee you(?: \w+)?\W*$|\bcheers\b",
    re.I,
)
_SPREAD = re.compile(
    r"\b(?:cheap|dear|long|bigg|small|short|bett|fast|old|new)(?:er|est)\b"
    r"|\b(?:more|less|most|least) \w+"
    r"|\b(?:which|what) (?:of|(?:\w+ )?days?\b)|\bany (?:other )?days?\b|\bis there a day\b"
    r"|\bor an?\b|\bboth\b|\bevery day\b|\ball (?:the|your|of)\b|\b(?:this|next) week\b"
    r"|\byesterday\b",
    re.I,
)
_VISIT = re.compile(
    r"\b(?:open\w*|clos\w+|shut\w*|hours|come|visit|drop|stop|pop|there|in|when|what time|until"
    r"|work|late|early)\b",
    re.I,
)


def wanted(question: str, language: str) -> Kind | None:
    """The kind of answer that `question` wants, None where any will do."""
    if not language.startswith("en"):
        return None
    return next((kind for kind, pattern in _KINDS if pattern.search(question)), None)


def is_small_talk(question: str) -> bool:
    """Whether a question is to the bot as a person, or about the clock: no fact answers it."""
    return bool(_NOT_ASKED.search(question))


def is_spread(question: str) -> bool:
    """Whether the answer takes more than one fact: "Which is cheaper?", "Open on any evening?"."""
    return bool(_SPREAD.search(question))


def is_visit(question: str) -> bool:
    """Whether a question that names a day may be about its hours, and not about a thing done."""
    return bool(_VISIT.search(question))


def is_asking(word: str) -> bool:
    """Whether a word only asks, and says nothing about what: "cost", "open", "please"."""
    return stem(word) in _ASKING


@lru_cache(maxsize=1024)
def offered(fact: str, language: str) -> frozenset[Kind]:
    """The kinds of answer that `fact` holds."""
    found = {kind for kind, pattern in _HELD if pattern.search(fact)}
    for mention in mentions(_WORKING_DAYS.sub("", fact), language):
        found.add(Kind.NUMBER)
        units = {key[0] for key in mention.keys}
        if units & {"minutes", "months"}:
            found |= {Kind.LENGTH, Kind.TIME}
        if units & {"time", "any"}:  # of day, or a year
            found.add(Kind.TIME)
    return frozenset(found)
