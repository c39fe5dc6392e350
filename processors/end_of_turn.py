"""When has the caller finished? A pure policy: events and times in, decisions out.

A turn ends when the silence has lasted longer than the evidence asks for. The evidence is the
end-of-turn model's probability, scored when the silence begins and again while it grows; what the
words announce; and how long this caller pauses. The surer the model, the shorter the wait, so an
unsure verdict is never worth seconds of dead air.

    caller   ~~~~~~~~~~~|                             (VAD stop: 0.2 s after the last speech)
    model               |-0.30----0.41----0.78        (scored anew each 0.2 s)
    words               |------"on Saturday"
    threshold  0.9 -----------.......____             (what the model must say; falls)
    decision            .......Speculate..End         (answer ready, released at End)
    caller   ~~~~~~~~~~~|         ~~~~~~~~            (spoke on: Withdraw, nothing was heard)

Ears that find a turn's end themselves have the say instead (`is_told`), on every turn that they
have words of; a turn without any ends by its silence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from processors.patience import Evidence, Pace, Patience
from processors.turn_cues import NOTHING, Announces, Cue, read_cue

HEARD_S = 8.0
"""The end of the turn that the end-of-turn model listens to; Smart Turn v3 takes 8 s."""
TAKEOVER_S = 2.0
"""For other ears to connect and to hear a turn under way again, before their words are late."""
UNHEARD_S = 4.5
"""The silence that ends a turn without a word, whatever the ears still look for: others have been
asked by then, and Pipecat's watchdog has not."""


class Why(StrEnum):
    """What ended a turn: the model's verdict, the words, the silence alone, or the ears."""

    MODEL = "model"
    WORDS = "words"
    PATIENCE = "patience"
    PROVIDER = "provider"


class Wait(NamedTuple):
    """Nothing to do before `until_s`; None is until the next event."""

    until_s: float | None


class Score(NamedTuple):
    """Ask the model about the silence that began at `silent_since_s`; answer with `scored`."""

    silent_since_s: float


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


Decision = Wait | Score | Speculate | Withdraw | End


def _as_said(text: str) -> str:
    """The words alone, so that a comma more does not throw an answer away."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())


@dataclass(frozen=True, slots=True)
class Silence:
    """What is known of a silence: how long it is, what the model said, what the words announce."""

    length_s: float
    probability: float | None
    cue: Cue
    needed_s: float
    """How long it has to be to end the turn, as things stand."""


@dataclass(slots=True)
class EndOfTurn:
    """One caller's end of turn. Every method takes the time in seconds, from any fixed clock.

    Call `decide` after each event and again at the time a Wait names.
    """

    patience: Patience = field(default_factory=Patience)
    speculates: bool = True
    language: str = ""
    """Two letters; the words announce nothing in a language without cues."""
    is_telephone: bool = False
    """Whether the caller is heard at 8 kHz: the model is less sure there and is asked for more."""
    is_told: bool = False
    """Whether the ears at work tell by themselves when a turn is over."""

    pace: Pace = field(default_factory=Pace)
    withdrawn: int = 0
    """Answers thrown away in this turn."""

    _is_open: bool = False
    _is_speaking: bool = False
    _is_suspected: bool = False
    _silent_since_s: float | None = None
    _ended_silence_s: float | None = None
    _probability: float | None = None
    _score_at_s: float | None = None
    """When to ask the model next; None while its verdict is on its way."""
    _segments: list[str] = field(default_factory=list)
    _interim: str = ""
    _cue: Cue = NOTHING
    _has_words_of_pause: bool = False
    """Whether every word before this silence is there."""
    _speculated: str | None = None
    """What the answer under way answers."""
    _was_refused: str | None = None
    """What is not to be answered ahead again in this turn."""
    _ears_since_s: float = float("-inf")
    """Since when the ears at work have been at work."""
    _awaited_until_s: float = float("-inf")
    """Until when the ears may still have words of a turn without any."""
    _has_been_told: bool = False
    """Whether they have said that the turn is over."""
    _foretold: str = ""
    """The whole turn, as the ears expect to end it."""

    @property
    def text(self) -> str:
        """The final words of the turn so far."""
        return " ".join(self._segments).strip()

    def turn_started(self) -> Decision:
        """The floor is the caller's. Words and silence already seen belong to this turn."""
        self._is_open = True
        self.withdrawn = 0
        return self._drop_speculation()

    def turn_ended(self) -> Decision:
        """The turn ended, by this policy's decision or by another's (a watchdog, a hang-up)."""
        decision = self._drop_speculation()
        self._is_open = False
        self._ended_silence_s = self._silent_since_s
        # The silence belongs to this turn: the next one, which may begin with speech that is not
        # announced yet, must not be judged by it.
        self._forget_silence()
        self._drop_words()
        self._was_refused = None
        return decision

    def speech_started(self, speaking_since_s: float) -> Decision:
        """The VAD hears speech, since `speaking_since_s`: what was concluded is void."""
        if self._is_open and self._silent_since_s is not None:
            self.pace.paused(speaking_since_s - self._silent_since_s)
        elif self._ended_silence_s is not None:
            self.pace.was_cut_off(speaking_since_s - self._ended_silence_s)
        self._ended_silence_s = None
        self._is_speaking, self._is_suspected = True, False
        self._forget_silence()
        self._has_words_of_pause = False
        # A sound is no reason to doubt ears that will say themselves whether it was speech.
        return Wait(None) if self._is_left_to_ears else self._drop_speculation()

    def speech_suspected(self, is_suspected: bool) -> None:
        """The VAD hears what may be speech, or has dropped the suspicion. No turn ends meanwhile;
        speech is confirmed or dropped within the VAD's start time."""
        self._is_suspected = is_suspected

    def speech_stopped(self, silent_since_s: float) -> None:
        """The VAD hears silence, which began at `silent_since_s`."""
        self._is_speaking = self._is_suspected = False
        self._forget_silence()
        self._silent_since_s = self._score_at_s = silent_since_s

    def scored(self, silent_since_s: float, probability: float, now_s: float) -> None:
        """The model's verdict, 0 to 1, on the speech before the silence of `silent_since_s`.

        A verdict on an earlier pause is stale and ignored. No other is asked for without one, nor
        after one that is believed.
        """
        if self._silent_since_s == silent_since_s:
            self._probability = probability
            # A verdict that is believed leaves the wait to the words: another has nothing to add.
            if not self.patience.believes(self._evidence()):
                self._score_at_s = now_s + self.patience.rescore_s

    def transcribed(self, text: str, now_s: float, *, is_final: bool) -> None:
        """Words arrived; `is_final` says that none of this pause's are still on their way."""
        if text.strip():
            self._segments.append(text.strip())
        self._interim = ""
        if is_final and not self._is_speaking:
            self._has_words_of_pause = True
        if self._silent_since_s is None and not self._is_speaking:
            # Words without a VAD stop: someone speaks too softly for it, and is not speaking now.
            self._silent_since_s = self._score_at_s = now_s
        self._read()

    def overheard(self, text: str) -> None:
        """Words that may still change, after the final ones: they announce, but answer nothing."""
        self._interim = text.strip()
        self._has_been_told = False
        self._read()

    def told(self) -> None:
        """The ears say that the turn is over; every word of it is there."""
        self._interim = ""
        self._has_been_told = bool(self.text)

    def foretold(self, text: str) -> None:
        """The ears expect the turn to end with `text`, after the final words."""
        self._foretold = f"{self.text} {text}".strip()

    def hear_with(self, now_s: float, *, is_told: bool) -> None:
        """Other ears are at work: whether they tell when a turn is over. What was said of the turn
        under way they hear again, so its words are on their way from now."""
        self.is_told, self._ears_since_s = is_told, now_s
        self._has_been_told, self._foretold = False, ""

    def words_awaited(self, now_s: float, for_s: float) -> None:
        """The ears may still have words of what was said, for so long; 0 is that none will come."""
        self._awaited_until_s = now_s + for_s

    def forget_words(self) -> None:
        """What was said outside of a turn (a backchannel, an echo) was not said to the bot."""
        if not self._is_open:
            self._drop_words()
            self._forget_silence()

    def _drop_words(self) -> None:
        self._segments.clear()
        self._interim = self._foretold = ""
        self._cue = NOTHING
        self._has_words_of_pause = self._has_been_told = False

    def speculation_refused(self) -> None:
        """The answer under way is void: it wants a tool, it failed, or the ears took back what they
        had foretold. Do not start it again."""
        self._was_refused, self._speculated = self._speculated, None
        self._foretold = ""

    def silence(self, now_s: float) -> Silence | None:
        """What is known of the silence at `now_s`; None while the caller speaks."""
        since_s = self._silent_since_s
        if since_s is None:
            return None
        return Silence(now_s - since_s, self._probability, self._cue, self._needed_s())

    def why(self) -> Why:
        """What would end the turn as things stand."""
        if self.is_told and self._has_been_told:
            return Why.PROVIDER
        if self._cue.announces is Announces.END and self._probability is not None:
            return Why.WORDS
        if self._probability is not None and self.patience.believes(self._evidence()):
            return Why.MODEL
        return Why.PATIENCE

    def decide(self, now_s: float) -> Decision:
        """What to do at `now_s`."""
        if self._is_open and self._is_left_to_ears:
            return self._as_told()
        since_s = self._silent_since_s
        if not self._is_open or self._is_speaking or since_s is None:
            return Wait(None)
        end_s = since_s + self._needed_s()
        if not self._has_words_of_pause:
            heard_s = max(since_s, self._ears_since_s + TAKEOVER_S)
            end_s = max(end_s, heard_s + self.patience.transcript_s)
        if not self._segments and not self._interim:
            end_s = max(end_s, min(self._awaited_until_s, since_s + UNHEARD_S))
        if now_s >= end_s and not self._is_suspected:
            return self._end()
        if self._score_at_s is not None and now_s >= self._score_at_s and not self.is_told:
            self._score_at_s = None
            return Score(since_s)
        text = self.text
        if self._has_words_of_pause and text and self._may_speculate(text):
            self._speculated = text
            return Speculate(text)
        due_s = [at_s for at_s in (end_s, self._score_at_s) if at_s is not None and at_s > now_s]
        # Past its end a turn waits for a suspicion to be dropped, which is an event of its own.
        return Wait(min(due_s, default=None))

    @property
    def _is_left_to_ears(self) -> bool:
        return self.is_told and bool(self._segments or self._interim)

    def _as_told(self) -> Decision:
        if self._has_been_told:
            return self._end()
        if self._foretold and self._may_speculate(self._foretold):
            self._speculated = self._foretold
            return Speculate(self._foretold)
        return Wait(None)

    def _evidence(self) -> Evidence:
        return Evidence(self._probability, self._cue.announces, self.is_telephone)

    def _needed_s(self) -> float:
        return self.patience.wait_s(self._evidence(), self.pace.factor)

    def _read(self) -> None:
        said = f"{self.text} {self._interim}".strip()
        self._cue = read_cue(said, self.language) if said else NOTHING

    def _forget_silence(self) -> None:
        self._silent_since_s = self._probability = self._score_at_s = None

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
        self.withdrawn += not confirms
        return End(text, confirms=confirms, withdraws=not confirms)

    def _drop_speculation(self) -> Decision:
        if self._speculated is None:
            return Wait(None)
        self._speculated = None
        self.withdrawn += 1
        return Withdraw()
