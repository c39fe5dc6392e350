"""The first call with the network cut and the weights in place."""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fakes.caller_page import chromium
from tests.fakes.offhook_process import OffhookProcess
from tests.fakes.offline import cut_network
from tests.fakes.receptionist import SHIPPED
from tests.fakes.voices import microphone

pytestmark = pytest.mark.browser

Transcribe = Callable[[NDArray[np.int16]], str]


def test_a_call_needs_no_network(
    tmp_path: Path, transcribe: Transcribe, capsys: pytest.CaptureFixture[str]
) -> None:
    """WebRTC, real models, no way out: the question is answered all the same."""
    bots = tmp_path / "bots"
    bots.mkdir()
    shutil.copy(SHIPPED, bots)
    question = microphone(tmp_path / "one.wav", 7.0, "What time do you open on Saturday?", 40.0)
    with cut_network() as how, OffhookProcess(bots, tmp_path / "server.log") as offhook:
        with capsys.disabled():
            print(f"\nthe offline call ran {how}")
        if "namespace offhook" in how:
            with pytest.raises(OSError), socket.socket() as way_out:
                way_out.connect(("192.0.2.1", 80))
        offhook.wait_ready()
        with chromium(offhook.url, question) as caller:
            caller.call("receptionist", transport="webrtc")
            caller.wait_for_answers(2)
            answered, heard = caller.said_by_bot()[1].lower(), transcribe(caller.heard())
            caller.hang_up()
    assert re.search(r"\b(ten|10)\b", answered) and re.search(r"\b(ten|10)", heard)
