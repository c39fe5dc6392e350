"""How loud the bot is while a caller's sound is doubted; kept by processors/floor.py, pure."""

from __future__ import annotations

from enum import Enum

from processors.floor_terms import Action, Duck, Innocence, Pause, Resume

LONGEST_PAUSE_S = 1.5
"""A sound that has not become words by then is not going to: the bot goes on over it."""
WARY_AFTER = 2
"""So many sounds in a row that paused the bot in vain, coughs or "mm-hm": the next only duck it."""


class _Gain(Enum):
    FULL = 0
    DUCKED = 1
    PAUSED = 2


class Volume:
    """Full, ducked or paused. It only gets quieter until it is full again.

    After pauses in vain it is wary: it ducks and does not pause, until `believe`.
    """

    def __init__(self) -> None:
        self._gain = _Gain.FULL
        self._in_vain = 0
        self.since_s = 0.0
        """When it was full last."""

    @property
    def is_quiet(self) -> bool:
        """Whether the bot is ducked or paused."""
        return self._gain is not _Gain.FULL

    @property
    def is_paused(self) -> bool:
        """Whether the bot's audio is held."""
        return self._gain is _Gain.PAUSED

    @property
    def due_s(self) -> float:
        """When the bot goes on, whatever is heard; meant while it is quiet."""
        return self.since_s + LONGEST_PAUSE_S

    def quieten(self, after_ms: int, now_s: float, *, may_pause: bool) -> list[Action]:
        """Duck, or go on to pause; the actions that are new."""
        is_wary = self._in_vain >= WARY_AFTER
        gain = _Gain.PAUSED if may_pause and not is_wary else _Gain.DUCKED
        if gain.value <= self._gain.value:
            return []
        actions: list[Action] = []
        if self._gain is _Gain.FULL:
            self.since_s = now_s
            actions.append(Duck(after_ms))
        if gain is _Gain.PAUSED:
            actions.append(Pause(after_ms))
        self._gain = gain
        return actions

    def resume(self, after_ms: int, reason: Innocence) -> list[Action]:
        """Full again, if it is not."""
        if not self.is_quiet:
            return []
        self.restore()
        return [Resume(after_ms, reason)]

    def restore(self) -> None:
        """Full again, by somebody else's doing."""
        self._gain = _Gain.FULL

    def paused_in_vain(self) -> None:
        """The sound that it was paused for was nothing."""
        self._in_vain += 1

    def believe(self) -> None:
        """The caller took a turn: what they do next may be meant."""
        self._in_vain = 0
