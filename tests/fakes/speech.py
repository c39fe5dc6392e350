"""Voices and speech models that sound like nothing but behave like the real ones."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import onnxruntime

from bots.local.polish import Samples


def tone(seconds: float, rate_hz: int, *, level: float = 0.3, hz: float = 200.0) -> Samples:
    """A sine of `seconds` at `level` of full scale."""
    at = np.arange(int(seconds * rate_hz), dtype=np.float32) / rate_hz
    return (level * np.sin(2 * np.pi * hz * at)).astype(np.float32)


class ToneModel:
    """A `SpeechModel` that hums 50 ms a letter, in silence of 200 ms at both ends."""

    sample_rate_hz = 16_000

    def __init__(self) -> None:
        self.rendered: list[str] = []
        self.hold: threading.Event | None = None
        self.entered = threading.Event()
        self.was_told_to_end = False

    def render(self, words: str, options: onnxruntime.RunOptions) -> Samples:
        """Hum `words`; while `hold` is set and not released, wait, and note `terminate`."""
        self.rendered.append(words)
        self.entered.set()
        if self.hold is not None:
            while not self.hold.wait(0.005):
                if options.terminate:
                    self.was_told_to_end = True
                    return np.zeros(0, np.float32)
        quiet = np.zeros(self.sample_rate_hz // 5, np.float32)
        return np.concatenate([quiet, tone(0.05 * len(words), self.sample_rate_hz), quiet])


class ToneVoice:
    """A `Voice` whose clause lasts 50 ms a letter; fails on `broken`, waits while `held`."""

    name = "tone"
    language = "en"
    sample_rate_hz = 24_000

    def __init__(self, *, is_slow: bool = False) -> None:
        self.is_slow = is_slow
        self.spoken: list[str] = []
        self.cancelled: list[str] = []
        self.held = asyncio.Event()
        self.held.set()

    async def synthesize(self, text: str) -> bytes:
        """`text` as a hum; the text is noted when it is asked for."""
        self.spoken.append(text)
        try:
            await self.held.wait()
        except asyncio.CancelledError:
            self.cancelled.append(text)
            raise
        if "broken" in text:
            raise RuntimeError("no such sound")
        samples = tone(0.05 * len(text), self.sample_rate_hz)
        return (samples * 32767).astype("<i2").tobytes()
