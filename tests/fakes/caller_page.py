"""A caller in a real Chromium: a fake microphone that plays a WAV, and ears on what comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray
from playwright.sync_api import BrowserContext, Page, Response, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
SAMPLE_RATE_HZ = 16000
LIVE = ("listening", "thinking", "speaking")

# What the page is given to play is copied on its way: the remote track of a peer connection through
# WebAudio, the chunks of a WebSocket call where the player hands them to its worklet.
_TAP = """
(() => {
  const heard = (window.heard = { rate: 24000, chunks: [], peers: [] });
  const listen = (track) => {
    const context = new AudioContext();
    const stream = new MediaStream([track]);
    const sink = new Audio();            // Chromium pulls remote audio only into a sink
    sink.srcObject = stream; sink.muted = true; sink.play();
    const source = context.createMediaStreamSource(stream);
    const tap = context.createScriptProcessor(2048, 1, 1);
    heard.rate = context.sampleRate;
    tap.onaudioprocess = (event) => heard.chunks.push([performance.timeOrigin + performance.now(),
      Array.from(event.inputBuffer.getChannelData(0), (x) => Math.round(x * 32767))]);
    source.connect(tap); tap.connect(context.destination);
  };
  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    constructor(...options) {
      super(...options);
      heard.peers.push(this);
      this.addEventListener('track', ({ track }) => track.kind === 'audio' && listen(track));
    }
  };
  const post = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function (message, ...rest) {
    if (message && message.event === 'write' && message.buffer)
      heard.chunks.push([performance.timeOrigin + performance.now(), Array.from(message.buffer)]);
    return post.call(this, message, ...rest);
  };
})();
"""


class CallerPage:
    """One tab on a bot's call page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.console: list[str] = []
        self.refused: list[str] = []
        """What the page asked for and was answered with 400 or more."""
        page.on("response", self._note_refusal)
        page.on("console", lambda line: self.console.append(f"{line.type}: {line.text}"))
        page.on("pageerror", lambda error: self.console.append(f"pageerror: {error}"))

    def call(self, bot: str, *, transport: str) -> None:
        """Open the bot's page and press Call; returns when the call is live.

        Raises:
            AssertionError: the page shows a failure instead.
        """
        self.page.goto(f"{self.url}/call/{bot}?transport={transport}")
        self.page.get_by_test_id("call-button").click()
        live = ", ".join(f"[data-state={state}]" for state in LIVE)
        failed = "[data-testid=error]"
        self.page.locator(f"{live}, {failed}").first.wait_for(timeout=30_000)
        errors = self.page.locator(failed).all_inner_texts()
        assert not errors, f"the call did not start: {errors}"

    def another_tab(self) -> CallerPage:
        """A second caller in the same browser."""
        return CallerPage(self.page.context.new_page(), self.url)

    def type(self, text: str) -> None:
        """Send a line instead of speaking."""
        box = self.page.get_by_test_id("text-input")
        if not box.is_visible():
            self.page.get_by_test_id("type-button").click()
        box.fill(text)
        box.press("Enter")

    def hang_up(self) -> None:
        """Press the button; returns when the server has taken note."""
        with self.page.expect_response(lambda answer: answer.request.method == "DELETE"):
            self.page.get_by_test_id("hangup-button").click()
        self.page.get_by_test_id("ended").wait_for()

    def _note_refusal(self, answer: Response) -> None:
        if answer.status >= 400:
            self.refused.append(f"{answer.status} {answer.request.method} {answer.url}")

    def said_by_bot(self) -> list[str]:
        """The bot's side of the page's transcript, an entry a turn."""
        return self.page.get_by_test_id("transcript-bot").all_inner_texts()

    def said_by_caller(self) -> list[str]:
        """The caller's side of the page's transcript, an entry a turn."""
        return self.page.get_by_test_id("transcript-user").all_inner_texts()

    def wait_for_answers(self, count: int, *, timeout_s: float = 90.0) -> None:
        """Until the bot has spoken `count` turns, the greeting counted, and is listening again.

        Raises:
            TimeoutError: it has not; with the console and the transcript.
        """
        deadline_s = time.monotonic() + timeout_s
        while time.monotonic() < deadline_s:
            state = self.page.get_by_test_id("agent-state").first.get_attribute("data-state")
            if len(self.said_by_bot()) >= count and state == "listening":
                self.page.wait_for_timeout(1500)
                return
            self.page.wait_for_timeout(200)
        raise TimeoutError(
            f"{self.said_by_caller()} {self.said_by_bot()}\n" + "\n".join(self.console[-20:])
        )

    def heard(self) -> NDArray[np.int16]:
        """All the page was given to play, PCM s16 mono at 16 kHz, shape (n_samples,)."""
        heard: dict[str, Any] = self.page.evaluate("({rate: heard.rate, chunks: heard.chunks})")
        chunks: Sequence[list[Any]] = heard["chunks"]
        samples = np.array([x for _, chunk in chunks for x in chunk], np.int16)
        return soxr.resample(samples, heard["rate"], SAMPLE_RATE_HZ)


@contextmanager
def chromium(url: str, microphone: Path | None = None) -> Iterator[CallerPage]:
    """A fresh browser whose microphone plays `microphone` once from when it is opened."""
    flags: list[str] = [*FLAGS]
    if microphone:
        flags.append(f"--use-file-for-fake-audio-capture={microphone}%noloop")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=flags)
        try:
            context: BrowserContext = browser.new_context(
                ignore_https_errors=url.startswith("https:")  # self-signed ones
            )
            context.add_init_script(_TAP)
            yield CallerPage(context.new_page(), url)
        finally:
            browser.close()
