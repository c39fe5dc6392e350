"""Cuts the brain's stream into what is spoken at once: a first clause early, then sentences.

    tokens   "Yes" "," " we" " are" " open" " on" " Saturday" " from" " ten" "." <end>
    pieces   "Yes, "     ^ here                 "we are open on Saturday from ten."

A piece ends only where white space follows, so numbers (1,000), times (9:30), prices ($12.50) and
e-mail addresses stay whole; what may follow decides the rest, hence one character of lookahead.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from pipecat.utils.string import match_endofsentence
from pipecat.utils.text.base_text_aggregator import Aggregation, BaseTextAggregator, TextType

_CLOSERS = "\"'”’»)]}*_"
_SENTENCE_MARKS = frozenset(".!?…。！？")
_CLAUSE_MARKS = frozenset(",;:—–")

# sentencex knows most abbreviations; these are the ones it ends a sentence at.
_ABBREVIATED = (
    "a.m p.m dr mr mrs ms st ave rd blvd no nos prof e.g i.e etc vs approx appt dept ext tel inc "
    "ltd jr sr mt ft gen sen rev capt mon tue tues wed thu thur thurs fri sat sun jan feb mar apr "
    "jun jul aug sep sept oct nov dec sra srta dra avda av núm ud uds sig sig.ra dott n mme mlle "
    "m bd env u.s u.k p.s min max fig vol ch sec pp art ste"
)
_ABBREVIATIONS = frozenset(_ABBREVIATED.split())

# Words a phrase can begin with: a long first clause without a comma may be cut before one.
_JOINTS = {
    "en": "and but or because so which who when where while if from with for at on in until "
    "after before by then",
    "es": "y pero o porque así que cuando donde si desde con para en hasta después antes por",
    "fr": "et mais ou parce donc qui quand où si depuis avec pour en jusqu'à après avant par",
    "it": "e ma o perché quindi che quando dove se da dalle con per in fino dopo prima",
    "pt": "e mas ou porque então que quando onde se desde com para em até depois antes por",
}
_COUNTS = re.compile(
    r"\d|^(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty(?:-\w+)?|"
    r"hundred|thousand|million|dollars?|pounds?|euros?|percent|cien|ciento|mil|cent|mille|cento)$",
    re.IGNORECASE,
)
_PAIRING = frozenset(("between", "both", "either", "neither", "entre", "tanto", "soit", "tra"))


@dataclass(frozen=True, slots=True)
class ClausePolicy:
    """When a piece is long enough to be spoken by itself. Characters, words: as written."""

    clause_chars: int = 60
    """A piece after the first ends at a comma only from this length on."""
    max_chars: int = 220
    """Text without punctuation is cut between two words at this length."""
    joint_words: int = 6
    """The first piece may end before a joining word ("from", "because") after so many words."""


class ClauseCutter:
    """The pure part: text in, pieces out. Joined, the pieces are the text, to the character.

    How the text is divided over the calls of `feed` makes no difference to the pieces.
    """

    def __init__(
        self, language: str = "en", policy: ClausePolicy | None = None, *, is_begun: bool = False
    ) -> None:
        """`is_begun`: something is being spoken already, so the first piece need not be short."""
        self.language = language
        self._policy = policy or ClausePolicy()
        self._buffer = ""
        self._is_first = not is_begun

    @property
    def pending(self) -> str:
        """Text taken in and not yet given out."""
        return self._buffer

    def feed(self, text: str) -> list[str]:
        """The pieces that `text` completes, in order, with the white space that follows each."""
        pieces = []
        for char in text:
            self._buffer += char
            length = self._cut()
            if length:
                pieces.append(self._buffer[:length])
                self._buffer = self._buffer[length:]
                self._is_first = False
        return pieces

    def flush(self) -> str:
        """The rest of the text; the next text begins anew, with an early first clause."""
        rest, self._buffer = self._buffer, ""
        self._is_first = True
        return rest

    def _cut(self) -> int:
        """Where the piece at the head of the buffer ends, or 0 while that is open."""
        if len(self._buffer) < 2:
            return 0
        last, before = self._buffer[-1], self._buffer[-2]
        if before.isspace() and not last.isspace():
            head = self._buffer[:-1]
            return len(head) if self._ends_before(head, last) else 0
        if last.isspace() and not before.isspace() and self._is_first:
            return self._joint()
        return 0

    def _ends_before(self, head: str, following: str) -> bool:
        stem = head.rstrip()
        if sum(char.isalpha() for char in stem) < 2:
            return False
        if "\n" in head[len(stem) :]:
            return True
        body = stem.rstrip(_CLOSERS)
        if not body:
            return False
        mark = body[-1]
        if mark in _SENTENCE_MARKS:
            return self._is_sentence(stem, body, following)
        if mark in _CLAUSE_MARKS or body.endswith((" -", " --")):
            long_enough = self._is_first or len(stem) >= self._policy.clause_chars
            return long_enough and not _is_inside_figures(body, following)
        last_word = stem.rsplit(maxsplit=1)[-1]
        return len(stem) >= self._policy.max_chars and not (
            following.isdigit() or any(char.isdigit() for char in last_word)
        )

    def _is_sentence(self, stem: str, body: str, following: str) -> bool:
        if not body.endswith(".") or body.endswith(".."):
            return not following.islower()
        word = body.rsplit(maxsplit=1)[-1].strip(".\"'“‘«([").lower()
        if following.islower() or word in _ABBREVIATIONS or len(word) == 1:
            return False
        if following.isdigit():
            return True
        # The last words only: sentencex reports the first boundary it sees, and wants a word next.
        tail = " ".join(stem.split()[-3:])
        next_char = following if following.isalpha() else "A"
        return match_endofsentence(f"{tail} {next_char}", language=self.language) == len(tail)

    def _joint(self) -> int:
        """The end of a long first phrase, when the word just finished begins another."""
        words = self._buffer.split()
        joints = _JOINTS.get(self.language.split("-")[0].lower(), "").split()
        if len(words) <= self._policy.joint_words or words[-1] not in joints:
            return 0
        if (
            words[-2] in joints
            or words[-2][-1] in ".:"
            or _COUNTS.search(words[-2])
            or _PAIRING.intersection(words)
        ):
            return 0
        return self._buffer.rindex(words[-1])


class ClauseAggregator(BaseTextAggregator):
    """`ClauseCutter` as Pipecat's text aggregator: each piece is one `Aggregation` of a sentence.

    An interruption drops what is pending.
    """

    def __init__(self, language: str | None = None, policy: ClausePolicy | None = None) -> None:
        super().__init__(language=language)
        self._cutter = ClauseCutter(self.language, policy)

    @property
    def text(self) -> Aggregation:
        """What has come in since the last piece."""
        return Aggregation(text=self._cutter.pending.strip(), type=TextType.SENTENCE)

    def set_language(self, language: str | None) -> None:
        """Cut by the rules of `language` from the next boundary on."""
        super().set_language(language)
        self._cutter.language = self.language

    async def aggregate(self, text: str) -> AsyncIterator[Aggregation]:
        """Yield the pieces that `text` completes."""
        for piece in self._cutter.feed(text):
            if piece.strip():
                yield Aggregation(text=piece.strip(), type=TextType.SENTENCE)

    async def flush(self) -> Aggregation | None:
        """The rest, at the end of a reply."""
        rest = self._cutter.flush().strip()
        return Aggregation(text=rest, type=TextType.SENTENCE) if rest else None

    async def handle_interruption(self) -> None:
        """Forget what was not spoken."""
        self._cutter.flush()

    async def reset(self) -> None:
        """Forget what was taken in."""
        self._cutter.flush()


def _is_inside_figures(body: str, following: str) -> bool:
    """Whether the mark stands between figures: "March 3, 2026", "9 – 5"."""
    before = body.rstrip(",;:—–- ")
    return following.isdigit() and before[-1:].isdigit()
