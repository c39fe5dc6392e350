"""A bot's file is edited while a call is live: the next call changes, the live one does not."""

from __future__ import annotations

import re

import pytest

from tests.fakes.caller_page import chromium
from tests.fakes.receptionist import Receptionist

pytestmark = pytest.mark.browser

GREETING = "Bloom Dental, this is Nora. How can I help you?"


def test_the_next_call_greets_anew_and_a_broken_file_changes_nothing(
    receptionist: Receptionist,
) -> None:
    """Edit, call, break, call: a new greeting, the same live call, the last good version."""
    offhook, file = receptionist.offhook, receptionist.file
    # A caller who waits for what the test does elsewhere is not asked whether he is still there.
    good = re.sub(r"caller_quiet:\n(?:  .*\n)+", "", file.read_text())
    assert GREETING in good and "caller_quiet" not in good
    file.write_text(good)
    version = offhook.wait_for_version("receptionist", other_than=receptionist.shipped_version)
    with chromium(offhook.url) as first:
        first.call("receptionist", transport="websocket")
        first.wait_for_answers(1)
        assert GREETING in first.said_by_bot()[0]

        file.write_text(good.replace("this is Nora", "you reached the new greeting"))
        version = offhook.wait_for_version("receptionist", other_than=version)
        second = first.another_tab()
        second.call("receptionist", transport="websocket")
        second.wait_for_answers(1)
        assert "new greeting" in second.said_by_bot()[0]
        second.hang_up()

        first.type("What is your name?")
        first.wait_for_answers(2)
        assert "nora" in first.said_by_bot()[1].lower()
        first.hang_up()
        offhook.wait_idle()

        file.write_text(good.replace("prompt:", "promt:"))
        problems = offhook.wait_for_problems("receptionist")
        third = first.another_tab()
        third.call("receptionist", transport="websocket")
        third.wait_for_answers(1)
        assert "new greeting" in third.said_by_bot()[0]
        third.hang_up()

    line = good.splitlines().index("prompt: >-") + 1
    assert offhook.bot("receptionist")["version"] == version
    assert any(problem["line"] == line and "promt" in problem["cause"] for problem in problems)
    assert f"receptionist.yaml:{line}:1" in offhook.log.read_text()
