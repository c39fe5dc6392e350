"""The first call: a browser with a spoken question, real local ears, brain and voice."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fakes.caller_page import chromium
from tests.fakes.receptionist import Receptionist
from tests.fakes.voices import microphone

pytestmark = pytest.mark.browser

OPENS = "On Saturday the practice is open from ten in the morning to four in the afternoon."
Transcribe = Callable[[NDArray[np.int16]], str]


@pytest.fixture(scope="module")
def two_questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """After the greeting a question, and after its answer another that leans on it."""
    path = tmp_path_factory.mktemp("microphone") / "two.wav"
    return microphone(path, 7.0, "What time do you open on Saturday?", 14.0, "And on Sunday?", 30.0)


@pytest.mark.parametrize("transport", ["webrtc", "websocket"])
def test_a_spoken_question_is_answered_and_the_next_one_in_its_context(
    receptionist: Receptionist, two_questions: Path, transcribe: Transcribe, transport: str
) -> None:
    """What the page plays, transcribed, answers both questions, and its transcript agrees."""
    with chromium(receptionist.offhook.url, two_questions) as caller:
        caller.call("receptionist", transport=transport)
        caller.wait_for_answers(3)
        asked, answered = caller.said_by_caller(), caller.said_by_bot()
        heard = transcribe(caller.heard())
        caller.hang_up()
        assert caller.refused == []
    assert "saturday" in asked[0].lower()
    assert "sunday" in asked[1].lower()
    assert "bloom dental" in heard
    assert re.search(r"\b(ten|10)\b", answered[1].lower()) and re.search(r"\b(ten|10)", heard)
    assert "closed" in answered[2].lower() and "closed" in heard


def test_another_hour_in_the_file_is_another_answer(
    receptionist: Receptionist, tmp_path: Path, transcribe: Transcribe
) -> None:
    """The counterfactual: the hour in the YAML is changed, and so is what the next caller hears."""
    offhook, file = receptionist.offhook, receptionist.file
    before = file.read_text()
    question = microphone(tmp_path / "one.wav", 7.0, "What time do you open on Saturday?", 40.0)
    assert OPENS in before
    file.write_text(before.replace(OPENS, OPENS.replace("ten in", "eleven in")))
    offhook.wait_for_version("receptionist", other_than=receptionist.shipped_version)
    with chromium(offhook.url, question) as caller:
        caller.call("receptionist", transport="webrtc")
        caller.wait_for_answers(2)
        answered, heard = caller.said_by_bot()[1].lower(), transcribe(caller.heard())
    assert re.search(r"\b(eleven|11)\b", answered) and re.search(r"\b(eleven|11)", heard)
    assert not re.search(r"\b(ten|10)\b", answered)
