"""The brain is killed in the middle of a call: at most that answer is lost."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest

from tests.fakes.caller_page import chromium
from tests.fakes.receptionist import Receptionist

pytestmark = pytest.mark.browser


def brain_pids(parent: int) -> list[int]:
    """The brain's child processes of a server."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                status = (entry / "status").read_text()
            except OSError:
                continue
            if b"bots.local.llama_child" in words and f"PPid:\t{parent}\n" in status:
                found.append(int(entry.name))
    return found


def test_the_call_goes_on_after_the_brain_was_killed(receptionist: Receptionist) -> None:
    """kill -9, and the next question is answered by the restarted brain, in the same call."""
    offhook = receptionist.offhook
    assert offhook.process
    with chromium(offhook.url) as caller:
        caller.call("receptionist", transport="websocket")
        caller.wait_for_answers(1)
        (before,) = brain_pids(offhook.process.pid)
        os.kill(before, signal.SIGKILL)
        caller.type("What time do you open on Saturday?")
        caller.wait_for_answers(2)
        caller.type("And what does a cleaning cost?")
        caller.wait_for_answers(3)
        answers = " ".join(caller.said_by_bot()[1:]).lower()
        caller.hang_up()
    (after,) = brain_pids(offhook.process.pid)
    assert after != before
    assert re.search(r"\b(ninety|90)\b", answers)
    assert offhook.process.poll() is None
