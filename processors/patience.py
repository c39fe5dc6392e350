"""How long a silence may last before the turn is taken: the knobs, and the caller's own pace. Pure.

processors/end_of_turn.py asks; docs/turn-taking.md says how the figures were found.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from processors.turn_cues import Announces


class Evidence(NamedTuple):
    """What speaks for the end of a turn."""

    probability: float | None
    """The model's, 0 to 1; None is not scored yet."""
    announces: Announces = Announces.NOTHING
    is_telephone: bool = False


@dataclass(frozen=True, slots=True)
class Patience:
    """The knobs. Seconds are counted from the last speech; probabilities are the model's."""

    shortest_s: float = 0.2
    """The wait when the model is sure."""
    longest_s: float = 1.4
    """The wait when it is sure of the opposite."""
    sure: float = 0.98
    """From this probability on the model is believed at once."""
    telephone_sure: float = 0.98
    """The same for 8 kHz, where the model takes more unfinished phrases for finished ones."""
    curve: float = 1.5
    """How the wait grows between the two: 1 evenly, below 1 at the first doubt, above 1 late."""
    more_s: float = 1.3
    """What words that announce more ("and", half a number) add to the wait."""
    done: float = 0.5
    """What is left of a doubtful wait after words that announce the end, 0 to 1."""
    rescore_s: float = 0.4
    """How often the model is asked anew while the silence grows."""
    pace: float = 1.0
    """How far the caller's own pace moves the waits: 0 not at all, 1 in proportion."""
    transcript_s: float = 1.5
    """How long the words may lag behind the silence before the turn ends on those there are."""

    def believes(self, evidence: Evidence) -> bool:
        """Whether the model alone says that the turn is over."""
        return evidence.probability is not None and evidence.probability >= self._sure(evidence)

    def wait_s(self, evidence: Evidence, pace: float = 1.0) -> float:
        """The silence that ends a turn with this `evidence`; `pace` is 1 for the usual caller."""
        sure = self._sure(evidence)
        probability = 0.0 if evidence.probability is None else evidence.probability
        doubt = max(0.0, 1 - probability / sure) ** self.curve
        wait_s = (self.longest_s - self.shortest_s) * doubt
        if evidence.announces is Announces.MORE:
            wait_s += self.more_s
        elif evidence.announces is Announces.END:
            wait_s *= self.done
        return self.shortest_s + wait_s * (1 + (pace - 1) * self.pace)

    def _sure(self, evidence: Evidence) -> float:
        return self.telephone_sure if evidence.is_telephone else self.sure

    @property
    def longest_of_all_s(self) -> float:
        """No silence with words lasts longer than this."""
        slowest = 1 + (SLOWEST - 1) * self.pace
        return self.shortest_s + (self.longest_s - self.shortest_s + self.more_s) * slowest


PATIENCES: dict[str, Patience] = {
    "eager": Patience(longest_s=0.8, sure=0.95, telephone_sure=0.95, more_s=0.8, done=0.0),
    "normal": Patience(),
    "patient": Patience(shortest_s=0.4, longest_s=2.4, curve=1.0, more_s=1.8),
}
"""By the word that a bot's `turns` takes."""

USUAL_PAUSE_S = 0.6
"""The pause inside a turn of a caller who is not known yet: its median."""
LONGEST_PAUSE_S = 2.5
"""A longer silence is no pause of the same turn."""
CUT_OFF_PAUSE_S = 1.2
"""Who speaks this soon after the end of a turn had not finished it."""
QUICKEST, SLOWEST = 0.7, 1.5
TRUST_PAUSES = 3
"""How many pauses it takes to weigh the caller's own as much as the usual."""


@dataclass(slots=True)
class Pace:
    """How long this caller pauses inside a turn, against the usual, learned over the call.

    A pause in which a turn was ended too early counts too.
    """

    count: int = 0
    log_sum: float = 0.0

    def paused(self, pause_s: float) -> None:
        """The caller was silent for `pause_s` and went on."""
        if 0 < pause_s <= LONGEST_PAUSE_S:
            self.count += 1
            self.log_sum += math.log(pause_s / USUAL_PAUSE_S)

    def was_cut_off(self, pause_s: float) -> None:
        """The caller spoke on `pause_s` after a silence that ended the turn; later than a bot could
        have answered, it is a turn of its own."""
        if pause_s <= CUT_OFF_PAUSE_S:
            self.paused(pause_s)

    @property
    def factor(self) -> float:
        """1 for the usual caller, above it for a slower one."""
        mean = self.log_sum / (self.count + TRUST_PAUSES)
        return min(SLOWEST, max(QUICKEST, math.exp(mean)))
