"""What a call does about a failed part: a pure decision; `bots/session.py` carries it out.

error -> refused for good, nobody else to ask   -> notice, the call ends
      -> the voice                              -> notice, its words are on the page
      -> brain or ears, with a last resort      -> its line, then hang up or go on
      -> brain or ears                          -> an apology, at most one in APOLOGY_PAUSE_S
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pipecat.frames.frames import ErrorFrame
from pipecat.utils.errors import ErrorCategory

from bots.journal import PARTS
from bots.phrases import Phrases
from bots.record import EndReason
from bots.spec import LastResortSpec

POLICY_VIOLATION = 1008
APOLOGY_PAUSE_S = 4.0
"""Between two apologies, so that a provider that fails every second does not stutter."""


def category_of(frame: ErrorFrame) -> ErrorCategory:
    """What kind of failure it is: Pipecat's word, but where a socket was closed over the key.

    A vendor that takes a socket before it looks at the key can only close it, with 1008 and a
    sentence; it closes idle sockets in the same way, and those are worth another try.
    """
    closed = getattr(frame.exception, "rcvd", None)
    if closed is not None and closed.code == POLICY_VIOLATION and "key" in closed.reason.lower():
        return ErrorCategory.AUTHENTICATION
    return frame.category or ErrorCategory.UNKNOWN


def is_permanent(frame: ErrorFrame) -> bool:
    """Whether asking again is of no use: refused for good, or given up by the service itself."""
    gave_up = frame.processor is not None and not frame.processor.is_usable
    return gave_up or category_of(frame).is_permanent


@dataclass(frozen=True, slots=True)
class Response:
    """What to do about a failure: any of these, in this order."""

    notice: tuple[str, str] | None = None
    """A code and a sentence for the page."""
    says: str | None = None
    ends: EndReason | None = None


@dataclass(slots=True)
class Failures:
    """The failures of one call. Times are seconds of one monotonic clock."""

    phrases: Phrases
    last_resort: LastResortSpec | None = None
    _apologised_at_s: float = field(default=float("-inf"), init=False)

    def response(
        self, stage: str, *, is_permanent: bool, is_alone: bool, has_answered: bool, now_s: float
    ) -> Response:
        """What the failure of a `stage` (stt, llm, tts or pipeline) asks for.

        `is_alone`: no other provider is left for it; `has_answered`: the call has had a turn.
        """
        if is_permanent and is_alone and stage in PARTS:
            # A refused key or an unknown model stays refused: end now, and say why.
            refused = ("provider_refused", f"This bot's {PARTS[stage]} cannot be used.")
            return Response(
                notice=refused,
                ends=EndReason.ERROR if has_answered else EndReason.FAILED_TO_START,
            )
        if stage == "tts":
            # The voice itself is gone: words on the page are all that is left to give.
            lost = "The bot's voice failed; its words appear here."
            return Response(notice=("voice_failed", lost))
        if stage not in ("llm", "stt"):
            return Response()
        says = None
        if now_s - self._apologised_at_s >= APOLOGY_PAUSE_S:
            self._apologised_at_s = now_s
            apology = self.phrases.answer_lost if stage == "llm" else self.phrases.not_heard
            says = self.last_resort.say if self.last_resort else apology
        return Response(says=says, ends=self.without_anyone())

    def without_anyone(self) -> EndReason | None:
        """Whether the call ends when nobody of a chain is left."""
        ends = self.last_resort is not None and self.last_resort.do == "hang_up"
        return EndReason.LAST_RESORT if ends else None
