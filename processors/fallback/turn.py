"""The answer under way in a chain of models: what was asked, and what has been said of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipecat.frames.frames import ErrorFrame, LLMContextFrame

from processors.fallback.continuation import continued
from processors.fallback.ending import SENTENCE_ENDS
from processors.fallback.seam import Seam


@dataclass
class Answer:
    """One turn's answer, by however many members.

    Attributes:
        asked: the frame that asked for it.
        said: the text that left the chain, in pieces.
        errors: what the members that failed reported.
        answered: members that produced text or a tool call.
        dropped: members that are not to be heard any more.
    """

    asked: LLMContextFrame
    said: list[str] = field(default_factory=list)
    errors: list[ErrorFrame] = field(default_factory=list)
    answered: set[int] = field(default_factory=set)
    dropped: set[int] = field(default_factory=set)
    _seams: dict[int, Seam] = field(default_factory=dict)

    def question_for(self, member: int, *, can_prefill: bool) -> LLMContextFrame:
        """What to ask `member`: the turn's own question, or for the rest of a begun answer.

        An unconfirmed speculation stays one.
        """
        text = "".join(self.said)
        if not text.strip():
            return LLMContextFrame(self.asked.context, speculation=self.asked.speculation)
        self._seams[member] = Seam(text, is_new_message=not can_prefill)
        context = continued(self.asked.context, text, can_prefill=can_prefill)
        return LLMContextFrame(context, speculation=self.asked.speculation)

    def take(self, member: int, text: str) -> str:
        """What of a member's text is new, counted as said."""
        seam = self._seams.get(member)
        return self._count(seam.feed(text) if seam else text)

    def take_rest(self, member: int) -> str:
        """What the seam still holds when the member is done, counted as said."""
        seam = self._seams.get(member)
        return self._count(seam.finish() if seam else "")

    def is_empty(self, member: int) -> bool:
        """Whether a member that is done has left the caller without an answer.

        Nothing is a good answer to a question for the rest when the sentence had ended.
        """
        if member in self.answered:
            return False
        text = "".join(self.said).rstrip()
        return not (member in self._seams and text and text[-1] in SENTENCE_ENDS)

    def error_of_all(self, fallback: ErrorFrame) -> ErrorFrame:
        """The error to report when nobody is left; permanent only if nothing else went wrong."""
        if len(self.errors) < len(self.dropped):
            return fallback
        passing = (e for e in self.errors if not (e.category and e.category.is_permanent))
        return next(passing, self.errors[-1])

    def _count(self, text: str) -> str:
        if text:
            self.said.append(text)
        return text
