"""A call's floor and its caller, on a clock that is data."""

from __future__ import annotations

from dataclasses import dataclass, field

from processors.floor import Floor
from processors.floor_terms import Action, Take
from processors.loudness import SILENCE_DBFS

FRAME_S = 0.02
VAD_S = 0.2
LOUD, QUIET = -25.0, -90.0


@dataclass
class Line:
    """A floor on a clock of its own, with a caller whose sounds the VAD hears as Silero does."""

    floor: Floor = field(default_factory=Floor)
    now_s: float = 0.0
    actions: list[Action] = field(default_factory=list)
    spoke_s: float = 0.0
    quiet_s: float = 1.0
    is_vad_on: bool = False

    def do(self, actions: list[Action]) -> None:
        """Note what the floor decided, and let a turn begin where it says so."""
        self.actions += actions
        if any(isinstance(action, Take) for action in actions):
            self.actions += self.floor.turn_started(self.now_s)

    def let(self, seconds: float, dbfs: float = QUIET, bot_dbfs: float = SILENCE_DBFS) -> None:
        """Time passes; above -50 dBFS the caller makes a sound."""
        until_s = self.now_s + seconds
        while self.now_s < until_s - 1e-9:
            self.now_s = round(self.now_s + FRAME_S, 6)
            while (due_s := self.floor.due_s) is not None and due_s <= self.now_s:
                self.do(self.floor.tick(due_s))
            is_sound = dbfs > -50
            self.do(self.floor.hear(1.0 if is_sound else 0.0, dbfs, bot_dbfs, self.now_s))
            self.spoke_s = self.spoke_s + FRAME_S if is_sound else 0.0
            self.quiet_s = 0.0 if is_sound else self.quiet_s + FRAME_S
            if not self.is_vad_on and self.spoke_s >= VAD_S:
                self.is_vad_on = True
                self.do(self.floor.speech_started(self.now_s, VAD_S))
            elif self.is_vad_on and self.quiet_s >= VAD_S:
                self.is_vad_on = False
                self.do(self.floor.speech_stopped(self.now_s))

    def speak(self, seconds: float, dbfs: float = LOUD) -> None:
        """The caller makes a sound."""
        self.let(seconds, dbfs)

    def hears(self, text: str, *, is_final: bool = False) -> None:
        """The ears come up with words."""
        self.do(self.floor.words(text, self.now_s, is_final=is_final))

    def bot_speaks(self) -> None:
        """The bot begins."""
        self.do(self.floor.bot_started(self.now_s))
        self.let(1.0)
        self.actions.clear()

    def bot_ends(self) -> None:
        """The bot has said it all."""
        self.do(self.floor.bot_stopped(self.now_s))

    @property
    def kinds(self) -> list[str]:
        """What was decided, by name."""
        return [type(action).__name__ for action in self.actions]

    def only(self, kind: type[Action]) -> Action:
        """The one decision of a kind."""
        (found,) = (action for action in self.actions if isinstance(action, kind))
        return found
