"""A bot's file is edited while a call is live: the next call changes, the live one does not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.caller_page import chromium
from tests.fakes.offhook_process import OffhookProcess

pytestmark = pytest.mark.browser

SHIPPED = Path(__file__).parents[2] / "configs" / "bots"
GREETING = "Bloom Dental, this is Nora. How can I help you?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The receptionist alone, in a folder of its own."""
    shutil.copy(SHIPPED / "receptionist.yaml", tmp_path)
    return tmp_path


@pytest.fixture
def offhook(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OffhookProcess]:
    """A ready server that takes two local calls at once, slowly or not."""
    log = tmp_path_factory.mktemp("logs") / "server.log"
    with OffhookProcess(folder, log, environ={"OFFHOOK_LOCAL_CAPACITY": "2"}) as process:
        process.wait_ready()
        yield process


def test_the_next_call_greets_anew_and_a_broken_file_changes_nothing(
    offhook: OffhookProcess, folder: Path
) -> None:
    """Edit, call, break, call: a new greeting, the same live call, the last good version."""
    file = folder / "receptionist.yaml"
    good = file.read_text()
    version = offhook.bot("receptionist")["version"]
    assert GREETING in good
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
