"""Whether a caller is still there, and how long to wait for one who dropped: a policy, no I/O.

A caller who says goodbye (a WebSocket close frame, a closed peer connection) is gone at once. One
whose connection breaks (TCP ends without a close frame, pings or media stop) may come back once:

    up --lost--> held ----HOLD_S----> parked ------until RESUME_S------> over
                  |  keeps its place     |  its place is free for others
                  +------ restored ------+--> up  (from parked only if a place is free)

HOLD_S is what lets a killed browser free its place within 10 s: a break is noticed after at most
SILENCE_S (at once when the operating system closes the connection), so the place is free after at
most SILENCE_S + HOLD_S = 8 s. RESUME_S counts from the break. A second break is final.
"""

from __future__ import annotations

from enum import StrEnum

SILENCE_S = 4.0
"""A connection that brought nothing for so long, not even a pong, is broken."""
HOLD_S = 4.0
"""A broken session keeps its place for so long."""
RESUME_S = 30.0
"""A broken session can be resumed for so long."""


class LineState(StrEnum):
    """Where the caller is."""

    UP = "up"
    HELD = "held"
    PARKED = "parked"
    OVER = "over"


class Line:
    """One caller's connection. Times are monotonic seconds."""

    def __init__(self, hold_s: float = HOLD_S, resume_s: float = RESUME_S) -> None:
        self.state = LineState.UP
        self._hold_s = hold_s
        self._resume_s = resume_s
        self._lost_at_s = 0.0
        self._is_resumed = False

    @property
    def has_place(self) -> bool:
        """Whether the session counts against the capacity."""
        return self.state in (LineState.UP, LineState.HELD)

    def lose(self, now_s: float) -> LineState:
        """The connection broke."""
        if self.state is LineState.UP:
            self.state = LineState.OVER if self._is_resumed else LineState.HELD
            self._lost_at_s = now_s
        return self.state

    def tick(self, now_s: float) -> LineState:
        """Lets time pass."""
        waited_s = now_s - self._lost_at_s
        if self.state is LineState.HELD and waited_s >= self._hold_s:
            self.state = LineState.PARKED
        if self.state is LineState.PARKED and waited_s >= self._resume_s:
            self.state = LineState.OVER
        return self.state

    def can_resume(self, now_s: float) -> bool:
        """Whether the caller may come back now. One who finds the line still up may: a browser can
        notice a break before the server does."""
        return self.tick(now_s) is not LineState.OVER and not self._is_resumed

    def restore(self, *, is_resume: bool) -> None:
        """The caller is back; a connection that healed by itself does not use the resume up."""
        self._is_resumed |= is_resume
        self.state = LineState.UP

    def end(self) -> None:
        """The caller is gone for good."""
        self.state = LineState.OVER
