"""The first call: a browser with a spoken question, real local ears, brain and voice."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fakes.caller_page import chromium
from tests.fakes.offhook_process import OffhookProcess
from tests.fakes.voices import microphone

pytestmark = pytest.mark.browser

SHIPPED = Path(__file__).parents[2] / "configs" / "bots"
OPENS = "On Saturday the practice is open from ten in the morning to four in the afternoon."
Transcribe = Callable[[NDArray[np.int16]], str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The receptionist alone, in a folder of its own."""
    folder = tmp_path_factory.mktemp("bots")
    shutil.copy(SHIPPED / "receptionist.yaml", folder)
    return folder


@pytest.fixture(scope="module")
def offhook(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OffhookProcess]:
    """A server that is ready."""
    log = tmp_path_factory.mktemp("logs") / "server.log"
    with OffhookProcess(folder, log) as process:
        process.wait_ready()
        yield process


@pytest.fixture(autouse=True)
def one_call_at_a_time(offhook: OffhookProcess) -> Iterator[None]:
    """A small machine holds one local call: each test leaves it free for the next."""
    yield
    offhook.wait_idle()


@pytest.fixture(scope="module")
def two_questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """After the greeting a question, and after its answer another that leans on it."""
    path = tmp_path_factory.mktemp("microphone") / "two.wav"
    return microphone(path, 7.0, "What time do you open on Saturday?", 14.0, "And on Sunday?", 30.0)


@pytest.mark.parametrize("transport", ["webrtc", "websocket"])
def test_a_spoken_question_is_answered_and_the_next_one_in_its_context(
    offhook: OffhookProcess, two_questions: Path, transcribe: Transcribe, transport: str
) -> None:
    """What the page plays, transcribed, answers both questions, and its transcript agrees."""
    with chromium(offhook.url, two_questions) as caller:
        caller.call("receptionist", transport=transport)
        caller.wait_for_answers(3)
        asked, answered = caller.said_by_caller(), caller.said_by_bot()
        heard = transcribe(caller.heard())
        caller.hang_up()
    assert "saturday" in asked[0].lower()
    assert "sunday" in asked[1].lower()
    assert "bloom dental" in heard
    assert re.search(r"\b(ten|10)\b", answered[1].lower()) and re.search(r"\b(ten|10)", heard)
    assert "closed" in answered[2].lower() and "closed" in heard


def test_another_hour_in_the_file_is_another_answer(
    offhook: OffhookProcess, folder: Path, tmp_path: Path, transcribe: Transcribe
) -> None:
    """The counterfactual: the hour in the YAML is changed, and so is what the next caller hears."""
    file = folder / "receptionist.yaml"
    before = file.read_text()
    version = offhook.bot("receptionist")["version"]
    question = microphone(tmp_path / "one.wav", 7.0, "What time do you open on Saturday?", 40.0)
    assert OPENS in before
    file.write_text(before.replace(OPENS, OPENS.replace("ten in", "eleven in")))
    try:
        offhook.wait_for_version("receptionist", other_than=version)
        with chromium(offhook.url, question) as caller:
            caller.call("receptionist", transport="webrtc")
            caller.wait_for_answers(2)
            answered, heard = caller.said_by_bot()[1].lower(), transcribe(caller.heard())
    finally:
        file.write_text(before)
    assert re.search(r"\b(eleven|11)\b", answered) and re.search(r"\b(eleven|11)", heard)
    assert not re.search(r"\b(ten|10)\b", answered)
