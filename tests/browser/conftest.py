"""What the browser tests share: ears that write down what a page received."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from bots.local import weights
from bots.local.whisper import WhisperEars


@pytest.fixture(scope="session")
def transcribe() -> Callable[[NDArray[np.int16]], str]:
    """Words of PCM s16 mono at 16 kHz, lower case."""
    ears = WhisperEars.load(weights.path("whisper-tiny.en"), "en", threads=2)

    # Playwright's synchronous side keeps an event loop in the test's own thread.
    thread = ThreadPoolExecutor(1)

    def words(pcm: NDArray[np.int16]) -> str:
        return thread.submit(lambda: asyncio.run(ears.transcribe(pcm))).result().lower()

    return words
