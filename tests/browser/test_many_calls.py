"""Several calls to one server: they do not mix, and one that dies or is ended harms nobody."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Error as PlaywrightError

from tests.fakes.axe import faults
from tests.fakes.caller_page import chromium
from tests.fakes.offhook_process import OffhookProcess
from tests.fakes.scripted_brain import scripted_brains, write_bot
from tests.fakes.voices import microphone

pytestmark = pytest.mark.browser

Transcribe = Callable[[NDArray[np.int16]], str]
PLACE_IS_FREE_WITHIN_S = 10.0

BAKERY = "There is strawberry cake in the window."
GARAGE = "The mechanic ordered a new radiator."


@dataclass(frozen=True)
class Heard:
    """One call as its caller saw and heard it."""

    asked: str
    shown: str
    pcm: NDArray[np.int16]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Two bots with local ears and voice, and a scripted brain each."""
    folder = tmp_path_factory.mktemp("bots")
    with scripted_brains([BAKERY] * 9, [GARAGE] * 9) as brains:
        for name, brain in zip(("bakery", "garage"), brains, strict=True):
            write_bot(folder, name, brain)
        yield folder


@contextlib.contextmanager
def serve(folder: Path, log: Path) -> Iterator[OffhookProcess]:
    """A ready server with two places."""
    environ = {"OFFHOOK_CAPACITY": "2", "OFFHOOK_DRAIN_S": "1"}
    with OffhookProcess(folder, log, environ=environ) as process:
        process.wait_ready()
        yield process


@pytest.fixture(scope="module")
def shared(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OffhookProcess]:
    """The server of the tests that leave it standing."""
    with serve(folder, tmp_path_factory.mktemp("logs") / "server.log") as process:
        yield process


@pytest.fixture
def offhook(shared: OffhookProcess) -> Iterator[OffhookProcess]:
    """That server, left to the next test without a call."""
    yield shared
    shared.wait_idle()


def test_two_calls_at_once_do_not_mix(
    offhook: OffhookProcess, tmp_path: Path, transcribe: Transcribe
) -> None:
    """Each caller asks and hears its own bot, over either transport; a third is told to wait."""
    both_live = Barrier(2, timeout=60)
    third: list[httpx.Response] = []

    def call(bot: str, transport: str, question: str) -> Heard:
        # Played once from when the page opens it: the greeting is over by then.
        spoken = microphone(tmp_path / f"{bot}.wav", 9.0, question, 60.0)
        with chromium(offhook.url, spoken) as caller:
            caller.call(bot, transport=transport)
            if both_live.wait() == 0:
                body = {"bot": bot, "transport": transport}
                third.append(httpx.post(f"{offhook.url}/api/calls", json=body))
            caller.wait_for_answers(2)
            heard = Heard(
                asked=" ".join(caller.said_by_caller()).lower(),
                shown=" ".join(caller.said_by_bot()).lower(),
                pcm=caller.heard(),
            )
            caller.hang_up()
        return heard

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(call, "bakery", "webrtc", "Do you have any apple cake today?")
        second = threads.submit(call, "garage", "websocket", "Is the engine repaired by Friday?")
        bakery, garage = first.result(), second.result()
    offhook.wait_idle()

    assert third[0].status_code == 503
    assert int(third[0].headers["Retry-After"]) > 0
    assert "cake" in bakery.asked and "engine" not in bakery.asked
    assert "engine" in garage.asked and "cake" not in garage.asked
    for sides in (bakery.shown, transcribe(bakery.pcm)):
        assert "bakery" in sides and "berry" in sides
        assert "garage" not in sides and "mechanic" not in sides
    for sides in (garage.shown, transcribe(garage.pcm)):
        assert "garage" in sides and "mechanic" in sides
        assert "bakery" not in sides and "strawberry" not in sides


@pytest.mark.parametrize("transport", ["webrtc", "websocket"])
def test_killed_browser_frees_its_place(
    offhook: OffhookProcess, tmp_path: Path, transport: str
) -> None:
    """SIGKILL mid-call: the place is free within ten seconds, and the next call gets it."""
    quiet = microphone(tmp_path / f"{transport}.wav", 60.0)
    # Closing a browser that is dead already may fail.
    with contextlib.suppress(PlaywrightError), chromium(offhook.url, quiet) as caller:
        caller.call("bakery", transport=transport)
        assert offhook.get("/status")["live"] == 1
        os.kill(_browser_pid(quiet), signal.SIGKILL)
        killed_s = time.monotonic()
        offhook.wait_idle(PLACE_IS_FREE_WITHIN_S)
        assert time.monotonic() - killed_s < PLACE_IS_FREE_WITHIN_S
    with chromium(offhook.url) as caller:
        caller.call("garage", transport=transport)
        caller.hang_up()


def test_axe_finds_no_fault_before_in_and_after_a_call(offhook: OffhookProcess) -> None:
    """The list, a bot that is not there, a call, and its end."""
    with chromium(offhook.url) as caller:
        page = caller.page
        page.goto(offhook.url)
        page.get_by_test_id("bot-card-bakery").wait_for()
        found = faults(page)
        page.goto(f"{offhook.url}/call/nobody")
        page.get_by_test_id("error").wait_for()
        found += faults(page)
        caller.call("bakery", transport="websocket")
        caller.wait_for_answers(1)
        found += faults(page)
        caller.hang_up()
        found += faults(page)
    assert found == []


def test_a_short_phone_shows_all_that_is_left_of_a_call(offhook: OffhookProcess) -> None:
    """After it the page scrolls: the poster keeps its last line, and what was said is not cut."""
    with chromium(offhook.url) as caller:
        page = caller.page
        page.set_viewport_size({"width": 390, "height": 480})
        caller.call("bakery", transport="websocket")
        caller.wait_for_answers(1)
        caller.hang_up()
        poster, models = page.locator("main"), page.get_by_test_id("models")
        below = [
            box["y"] + box["height"]
            for box in (models.bounding_box(), poster.bounding_box())
            if box
        ]
        assert below == sorted(below) and len(below) == 2
        said = page.get_by_test_id("transcript")
        assert said.evaluate("box => box.scrollHeight <= box.clientHeight")


def test_sigterm_ends_a_call_cleanly(folder: Path, tmp_path: Path) -> None:
    """The page says why, the process exits with 0 in time, and its log has no failure."""
    log = tmp_path / "server.log"
    with serve(folder, log) as offhook, chromium(offhook.url) as caller:
        process = offhook.process
        assert process
        caller.call("bakery", transport="webrtc")
        caller.wait_for_answers(1)
        process.send_signal(signal.SIGTERM)
        ended = caller.page.get_by_test_id("ended")
        ended.wait_for(timeout=15_000)
        assert ended.get_attribute("data-reason") == "drain"
        assert caller.refused == []
        assert process.wait(20) == 0
    logged = log.read_text()
    assert '"end_reason": "drain"' in logged and '"is_abandoned": false' in logged
    assert "Traceback" not in logged and '"level": "ERROR"' not in logged


def _browser_pid(microphone: Path) -> int:
    """The main process of the browser that hears `microphone`."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                words = (entry / "cmdline").read_bytes().decode().replace("\0", " ")
                if f"{microphone}%noloop" in words and "--type=" not in words:
                    return int(entry.name)
    raise AssertionError("the browser does not run")
