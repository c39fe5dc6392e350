"""How long a lost caller is waited for, with time as data."""

from __future__ import annotations

import pytest

from server.line import HOLD_S, RESUME_S, SILENCE_S, Line, LineState

pytestmark = pytest.mark.unit


def test_killed_browser_frees_its_place_within_ten_seconds():
    """Noticing and holding together stay under the bound."""
    assert SILENCE_S + HOLD_S < 10


def test_lost_caller_is_held_then_parked_then_over():
    """The place goes first, the session after half a minute."""
    line = Line()
    line.lose(100.0)
    assert line.has_place
    assert line.tick(100.0 + HOLD_S - 0.1) is LineState.HELD
    assert line.tick(100.0 + HOLD_S) is LineState.PARKED
    assert not line.has_place
    assert line.tick(100.0 + RESUME_S - 0.1) is LineState.PARKED
    assert line.tick(100.0 + RESUME_S) is LineState.OVER


def test_caller_who_comes_back_is_up_again():
    """A resume within the window restores the place."""
    line = Line()
    line.lose(0.0)
    assert line.can_resume(29.0)
    line.restore(is_resume=True)
    assert line.tick(1000.0) is LineState.UP
    assert line.has_place


def test_resume_is_granted_once():
    """A second break is the end."""
    line = Line()
    line.lose(0.0)
    line.restore(is_resume=True)
    assert not line.can_resume(1.0)
    assert line.lose(2.0) is LineState.OVER


def test_healed_connection_does_not_use_the_resume_up():
    """A network that only paused leaves the one resume for later."""
    line = Line()
    line.lose(0.0)
    line.restore(is_resume=False)
    assert line.lose(10.0) is LineState.HELD
    assert line.can_resume(11.0)


def test_resume_comes_too_late():
    """After the window there is nothing to come back to."""
    line = Line()
    line.lose(0.0)
    assert not line.can_resume(RESUME_S)


def test_browser_may_notice_a_break_first():
    """A resume is granted while the server still thinks the line is up."""
    assert Line().can_resume(0.0)
