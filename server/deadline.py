"""Ends the process when its own end takes too long.

A pipeline that would not close leaves tasks that take no cancellation, and a library may leave a
thread that nobody can stop; asyncio and the interpreter wait for both for ever.
"""

from __future__ import annotations

import os
import threading
import time

from loguru import logger

EXIT_UNCLEAN = 70
"""The exit code of a process that had to be ended (EX_SOFTWARE of sysexits.h)."""
LAST_S = 7.0
"""What models, tasks and threads get to close before the process is ended."""


class Deadline:
    """Once set, it can only come nearer. Safe to set from a signal handler."""

    def __init__(self) -> None:
        self._at_s = float("inf")

    def within(self, seconds: float) -> None:
        """The process has ended in `seconds`, or is ended then with EXIT_UNCLEAN."""
        at_s = time.monotonic() + seconds
        if at_s < self._at_s:
            self._at_s = at_s
            timer = threading.Timer(seconds, self._end)
            timer.daemon = True
            timer.start()

    def _end(self) -> None:
        logger.error("What was left of the process would not close; it ends with {}", EXIT_UNCLEAN)
        os._exit(EXIT_UNCLEAN)
