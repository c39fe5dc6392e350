"""Audio of any voice at the pipeline's rate, and when it will be heard: used by the TTS chain."""

from __future__ import annotations

from dataclasses import dataclass

from pipecat.audio.utils import create_file_resampler, create_stream_resampler
from pipecat.frames.frames import Frame, TTSAudioRawFrame

from processors.fallback.utterance import Utterance

_NS = 1_000_000_000
_CHUNK_S = 0.04
_BYTES_PER_SAMPLE = 2


@dataclass(frozen=True, slots=True)
class LastResort:
    """What is played when every voice is down: PCM s16le, mono, rendered before the call."""

    pcm: bytes
    sample_rate_hz: int
    interruptible: bool = True
    """Whether the caller can cut it off."""

    async def frames(self, rate_hz: int) -> list[Frame]:
        """It as an utterance of its own at `rate_hz`, without a word of text."""
        own_hz = self.sample_rate_hz
        pcm = await create_file_resampler().resample(self.pcm, own_hz, rate_hz)
        line = Utterance(append_to_context=False, interruptible=self.interruptible)
        step = round(rate_hz * _CHUNK_S) * _BYTES_PER_SAMPLE
        audio: list[Frame] = [
            TTSAudioRawFrame(pcm[start : start + step], rate_hz, 1, context_id=line.context_id)
            for start in range(0, len(pcm), step)
        ]
        for frame in audio:
            frame.interruptible = self.interruptible
        return [*line.start(), *audio, *line.stop()]


class Playout:
    """The audio that was pushed on, on the pipeline's clock (ns): it is heard at real time."""

    def __init__(self) -> None:
        self.rate_hz = 0
        self._until_ns = 0
        self._resampler = create_stream_resampler(clear_after_secs=None)

    def next_ns(self, now_ns: int) -> int:
        """When the next audio would be heard."""
        return max(now_ns, self._until_ns)

    def change_voice(self) -> None:
        """What follows comes from another stream, perhaps of another rate."""
        self._resampler = create_stream_resampler(clear_after_secs=None)

    def interrupt(self) -> None:
        """What was not heard yet is not going to be."""
        self._until_ns = 0

    async def convert(self, frame: TTSAudioRawFrame) -> bytes:
        """The frame's audio at `rate_hz`; a little of it stays in the filter until `flush`."""
        return await self._resampler.resample(frame.audio, frame.sample_rate, self.rate_hz)

    async def flush(self) -> bytes:
        """What the filter holds."""
        return await self._resampler.flush()

    def emit(self, pcm: bytes, utterance: Utterance, now_ns: int) -> TTSAudioRawFrame:
        """`pcm` as a frame of `utterance`, counted as heard behind all before it."""
        length_ns = round(len(pcm) / (_BYTES_PER_SAMPLE * self.rate_hz) * _NS)
        self._until_ns = self.next_ns(now_ns) + length_ns
        frame = TTSAudioRawFrame(pcm, self.rate_hz, 1, context_id=utterance.context_id)
        frame.interruptible = utterance.interruptible
        return frame
