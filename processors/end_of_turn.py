"""When has the caller finished? A pure policy: events and times in, decisions out.

A turn ends when the silence has lasted longer than the evidence asks for. The evidence is the
end-of-turn model's probability, scored when the silence began: a sure "finished" ends the turn at
once, a sure "unfinished" waits for the full patience, and between the two the threshold falls as
the silence grows, so that an unsure verdict is never worth seconds of dead air.

    caller   ~~~~~~~~~~~|                             (VAD stop: 0.2 s after the last speech)
    model               |--p=0.30
    words               |------"on Saturday"
    decision            .......Speculate..........End  (answer ready, released at End)
    caller   ~~~~~~~~~~~|         ~~~~~~~~             (spoke on: Withdraw, nothing was heard)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a silence may last before the turn is taken. Seconds, counted from the last speech.

    `sure` is the model's probability from which its "finished" is believed at once; below it the
    wait grows linearly to `longest_s` at probability 0. `transcript_s` is how long the words may
    lag behind the silence before the turn ends on the words there are.
    """

    shortest_s: float = 0.2
    longest_s: float = 1.6
    sure: float = 0.5
    transcript_s: float = 1.5

    def wait_s(self, probability: float | None) -> float:
        """The silence that ends a turn the model gives `probability`; None is not scored yet."""
        if probability is None:
            return self.longest_s
        if probability >= self.sure:
            return self.shortest_s
        doubt = 1 - probability / self.sure
        return self.shortest_s + (self.longest_s - self.shortest_s) * doubt


class Wait(NamedTuple):
    """Nothing to do before `until_s`; None is until the next event."""

    until_s: float | None


class Speculate(NamedTuple):
    """Start answering `text` now, unheard; the turn is still open."""

    text: str


class Withdraw(NamedTuple):
    """Throw the unheard answer away: the caller went on, or said something else."""


class End(NamedTuple):
    """The turn is over. `confirms`: the unheard answer is the answer; `withdraws`: drop it."""

    text: str
    confirms: bool = False
    withdraws: bool = False


Decision = Wait | Speculate | Withdraw | End


def _as_said(text: str) -> str:
    """The words alone, so that a comma more does not throw an answer away."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())


@dataclass(slots=True)
class EndOfTurn:
    """One caller's end of turn. Every method takes the time in seconds, from any fixed clock.

    Call `decide` after each event and again at the time a Wait names.
    """

    patience: Patience = field(default_factory=Patience)
    speculates: bool = True

    _is_open: bool = False
    _is_speaking: bool = False
    _silent_since_s: float | None = None
    _probability: float | None = None
    _segments: list[str] = field(default_factory=list)
    _has_words_of_pause: bool = False
    _speculated: str | None = None
    _was_refused: str | None = None

    @property
    def text(self) -> str:
        """The words of the turn so far."""
        return " ".join(self._segments).strip()

    def turn_started(self) -> Decision:
        """The floor is the caller's. Words and silence already seen belong to this turn."""
        self._is_open = True
        return self._drop_speculation()

    def turn_ended(self) -> Decision:
        """The turn ended, by this policy's decision or by another's (a watchdog, a hang-up)."""
        decision = self._drop_speculation()
        self._is_open = False
        # The silence belongs to this turn: the next one, which may begin with speech that is not
        # announced yet, must not be judged by it.
        self._silent_since_s = None
        self._probability = None
        self._segments.clear()
        self._has_words_of_pause = False
        self._was_refused = None
        return decision

    def speech_started(self) -> Decision:
        """The VAD hears speech: whatever was concluded from the pause is void."""
        self._is_speaking = True
        self._silent_since_s = None
        self._probability = None
        self._has_words_of_pause = False
        return self._drop_speculation()

    def speech_stopped(self, silent_since_s: float) -> None:
        """The VAD hears silence, which began at `silent_since_s`."""
        self._is_speaking = False
        self._silent_since_s = silent_since_s
        self._probability = None

    def scored(self, silent_since_s: float, probability: float) -> None:
        """The model's verdict, 0 to 1, on the speech before the silence of `silent_since_s`.

        A verdict on an earlier pause is stale and ignored.
        """
        if self._silent_since_s == silent_since_s:
            self._probability = probability

    def transcribed(self, text: str, now_s: float, *, is_final: bool) -> None:
        """Words arrived; `is_final` says that none of this pause's are still on their way."""
        if text.strip():
            self._segments.append(text.strip())
        if is_final and not self._is_speaking:
            self._has_words_of_pause = True
        if self._silent_since_s is None and not self._is_speaking:
            # Words without a VAD stop: someone speaks too softly for it, and is not speaking now.
            self._silent_since_s = now_s

    def forget_words(self) -> None:
        """What was said outside of a turn was not said to the bot."""
        if self._is_open:
            return
        self._segments.clear()
        self._has_words_of_pause = False
        self._silent_since_s = None
        self._probability = None

    def speculation_refused(self) -> None:
        """The answer under way was void (it wants a tool, or failed): do not start it again."""
        self._was_refused, self._speculated = self._speculated, None

    def decide(self, now_s: float) -> Decision:
        """What to do at `now_s`."""
        if not self._is_open or self._is_speaking or self._silent_since_s is None:
            return Wait(None)
        end_s = self._silent_since_s + self.patience.wait_s(self._probability)
        if not self._has_words_of_pause:
            end_s = max(end_s, self._silent_since_s + self.patience.transcript_s)
        if now_s >= end_s:
            return self._end()
        text = self.text
        if self._has_words_of_pause and text and self._may_speculate(text):
            self._speculated = text
            return Speculate(text)
        return Wait(end_s)

    def _may_speculate(self, text: str) -> bool:
        said = _as_said(text)
        known = (self._speculated, self._was_refused)
        return self.speculates and all(_as_said(one) != said for one in known if one is not None)

    def _end(self) -> End:
        text, guessed = self.text, self._speculated
        self._speculated = None
        if guessed is None:
            return End(text)
        confirms = _as_said(guessed) == _as_said(text)
        return End(text, confirms=confirms, withdraws=not confirms)

    def _drop_speculation(self) -> Decision:
        if self._speculated is None:
            return Wait(None)
        self._speculated = None
        return Withdraw()
