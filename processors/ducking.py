"""The bot's volume at the last step: scales or holds each chunk of audio as it leaves.

Pipecat's `TransportParams.audio_out_filter`, which the output awaits for each chunk right before it
writes it. A VolumeFrame would queue behind seconds of audio.

    chunks in   |1 1 1|2 2 2|3 3 3|.............|4 4 4|5 5 5|
    asked for      duck    pause          resume
    gain out    |1 1 1|\\____|      (held: 3)     |/3 3 3|4 4 4|

A held chunk holds everything behind it in the output's queue, words and marks too, so that nothing
is lost or counted as heard, and a resumed bot goes on with the very next sample.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import numpy as np
from pipecat.audio.filters.base_audio_filter import BaseAudioFilter
from pipecat.frames.frames import FilterControlFrame
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import BaseTransport

from processors.loudness import SILENCE_DBFS, level_dbfs

DUCK_DB = -20.0
FADE_OUT_S = 0.01
FADE_IN_S = 0.06
LONGEST_HOLD_S = 3.0
"""No chunk is held longer, whoever forgot it."""
CUT_S = 1.0
"""How long a cut waits for the interruption to empty the output's queue."""
_FRESH_S = 0.12


class DuckingFilter(BaseAudioFilter):
    """The bot's mouth: `duck`, `pause`, `resume` and `cut` work from the next chunk on.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rate_hz = 16000
        self._gain = 1.0
        self._target = 1.0
        self._may_pass = asyncio.Event()
        self._may_pass.set()
        self._is_cut = False
        self._is_over = False
        self._left_at_s = float("-inf")
        self._left_dbfs = SILENCE_DBFS

    @property
    def left_dbfs(self) -> float:
        """The level of what leaves now, as it leaves; SILENCE_DBFS between words and when held."""
        is_fresh = self._clock() - self._left_at_s < _FRESH_S
        return self._left_dbfs if is_fresh else SILENCE_DBFS

    def duck(self) -> None:
        """Quieter by DUCK_DB."""
        self._target = 10 ** (DUCK_DB / 20)

    def pause(self) -> None:
        """Hold the next chunk, and all behind it."""
        if not self._is_over:
            self._may_pass.clear()

    def resume(self) -> None:
        """Go on at full volume with what was held."""
        self._target = 1.0
        self._is_cut = False
        self._may_pass.set()

    def cut(self) -> None:
        """Hold until `emptied`, and drop the chunk in hand then: an interruption is on its way."""
        if not self._is_over:
            self._is_cut = True
            self._may_pass.clear()

    def emptied(self) -> None:
        """The interruption has emptied the output's queue: what comes now is new."""
        self._target = self._gain = 1.0
        self._may_pass.set()

    def end(self) -> None:
        """The call ends: nothing is held any more."""
        self._is_over = True
        self.resume()

    async def start(self, sample_rate: int) -> None:
        """Take the output's rate."""
        self._rate_hz = sample_rate

    async def stop(self) -> None:
        """Let go of a chunk in hand."""
        self.end()

    async def process_frame(self, frame: FilterControlFrame) -> None:
        """Nobody controls this through the pipeline, where frames queue behind audio."""

    async def filter(self, audio: bytes) -> bytes:
        """`audio` (PCM s16le) as loud as asked for, or nothing when it was cut."""
        if not self._may_pass.is_set():
            bound_s = CUT_S if self._is_cut else LONGEST_HOLD_S
            try:
                await asyncio.wait_for(self._may_pass.wait(), bound_s)
            except TimeoutError:
                self._may_pass.set()
            if self._is_cut:
                self._is_cut = False
                self._target = self._gain = 1.0
                return b""
        self._is_cut = False
        out = self._scaled(audio)
        self._left_at_s = self._clock()
        self._left_dbfs = level_dbfs(out)
        return out

    def _scaled(self, audio: bytes) -> bytes:
        if self._gain == self._target == 1.0:
            return audio
        samples = np.frombuffer(audio, np.int16)
        fade_s = FADE_IN_S if self._target > self._gain else FADE_OUT_S
        step = 1.0 / (fade_s * self._rate_hz)
        if self._target < self._gain:
            step = -step
        gains = self._gain + step * np.arange(1, len(samples) + 1, dtype=np.float32)
        low, high = sorted((self._gain, self._target))
        gains = np.clip(gains, low, high)
        self._gain = float(gains[-1])
        if abs(self._gain - self._target) < 1e-4:
            self._gain = self._target
        return (samples * gains).astype(np.int16).tobytes()


def place_filter(transport: BaseTransport, mouth: DuckingFilter) -> None:
    """Have what `transport` plays pass through `mouth`; before the pipeline is set up.

    Pipecat takes the filter from the parameters that a transport was made with, and offers no way
    to add one later; an output without audio, as of a typed call, has none to filter.
    """
    output = transport.output()
    if isinstance(output, BaseOutputTransport):
        output._params.audio_out_filter = mouth
