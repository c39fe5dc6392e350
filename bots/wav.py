"""A transport whose caller is a WAV file: what it says goes in, what it would hear comes out.

`offhook talk --audio` and the tests call a bot through it, with no socket and no browser. Both
sides run on one clock in real time, so the recording shows every pause as a caller would hear it.
"""

from __future__ import annotations

import asyncio
import time
import wave
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray
from pipecat.frames.frames import (
    CancelFrame,
    ClientConnectedFrame,
    EndFrame,
    Frame,
    InputAudioRawFrame,
    InterruptionFrame,
    OutputAudioRawFrame,
    StartFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessorSetup
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import BaseTransport, TransportParams

from bots.errors import TransportError

Samples = NDArray[np.int16]
_FRAME_MS = 20


def read_wav(path: Path, sample_rate_hz: int, channel: int | None = None) -> Samples:
    """The file as mono PCM s16le at `sample_rate_hz`, shape (n_samples,): the mean of its channels,
    or the one numbered `channel` from 0.

    Raises:
        TransportError: it cannot be read, or is not 16-bit PCM WAV.
    """
    try:
        with wave.open(str(path), "rb") as file:
            if file.getsampwidth() != 2:
                raise TransportError(
                    f"{path} is not 16-bit PCM.", hint="Convert it: sox IN.wav -b 16 OUT.wav."
                )
            channels, rate_hz = file.getnchannels(), file.getframerate()
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    except FileNotFoundError:
        raise TransportError(f"There is no file {path}.", hint="Check the path.") from None
    except OSError as error:
        cause = f"{path} cannot be read: {error.strerror}."
        raise TransportError(cause, hint="Check the path.") from None
    except (wave.Error, EOFError) as error:
        cause = f" ({error})" if str(error) else ""
        raise TransportError(
            f"{path} is not a WAV file{cause}.", hint="Give 16-bit PCM WAV."
        ) from None
    both = samples.reshape(-1, channels)
    mono = both.mean(axis=1).astype(np.int16) if channel is None else both[:, channel].copy()
    return mono if rate_hz == sample_rate_hz else soxr.resample(mono, rate_hz, sample_rate_hz)


def write_wav(path: Path, samples: Samples, sample_rate_hz: int) -> None:
    """Write PCM s16le, shape (n_samples,) for mono or (n_samples, channels).

    Raises:
        TransportError: it cannot be written.
    """
    try:
        with path.open("wb") as target, wave.open(target, "wb") as file:
            file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
            file.setsampwidth(2)
            file.setframerate(sample_rate_hz)
            file.writeframes(samples.tobytes())
    except OSError as error:
        cause = f"{path} cannot be written: {error.strerror}."
        raise TransportError(cause, hint="Give another path.") from None


class _Clock:
    """The call's time in samples, zero when both sides are ready."""

    def __init__(self) -> None:
        self._zero_s: float | None = None

    def start(self) -> None:
        if self._zero_s is None:
            self._zero_s = time.monotonic()

    @property
    def now_s(self) -> float:
        return 0.0 if self._zero_s is None else time.monotonic() - self._zero_s


class _WavInput(BaseInputTransport):
    """Pushes InputAudioRawFrame every 20 ms: what the caller says, and silence between."""

    def __init__(self, owner: WavTransport, params: TransportParams) -> None:
        super().__init__(params)
        self._owner = owner
        self._speaking: asyncio.Task[None] | None = None

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)
        self._owner.clock.start()
        self._speaking = self.create_task(self._speak(), "caller")
        await self.push_frame(ClientConnectedFrame())
        await self._owner.connected()

    async def stop(self, frame: EndFrame) -> None:
        await self._hush()
        await super().stop(frame)

    async def cancel(self, frame: CancelFrame) -> None:
        await self._hush()
        await super().cancel(frame)

    async def _hush(self) -> None:
        if self._speaking:
            speaking, self._speaking = self._speaking, None
            await self.cancel_task(speaking)

    async def _speak(self) -> None:
        frame_samples = self.sample_rate * _FRAME_MS // 1000
        sent_frames = 0
        while True:
            samples = self._owner.next_samples(frame_samples)
            await self.push_audio_frame(InputAudioRawFrame(samples.tobytes(), self.sample_rate, 1))
            sent_frames += 1
            due_s = sent_frames * _FRAME_MS / 1000
            await asyncio.sleep(max(0.0, due_s - self._owner.clock.now_s))


class _WavOutput(BaseOutputTransport):
    """Takes OutputAudioRawFrame in real time and lays it where the caller would hear it."""

    def __init__(self, owner: WavTransport, params: TransportParams) -> None:
        super().__init__(params)
        self._owner = owner
        self._played_until_s = 0.0

    async def setup(self, setup: FrameProcessorSetup) -> None:
        await super().setup(setup)
        self._owner.out_sample_rate_hz = self.sample_rate

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, InterruptionFrame):
            self._played_until_s = self._owner.clock.now_s

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        now_s = self._owner.clock.now_s
        starts_s = max(now_s, self._played_until_s)
        self._owner.heard(starts_s, np.frombuffer(frame.audio, np.int16))
        self._played_until_s = starts_s + len(frame.audio) / 2 / self.sample_rate
        await asyncio.sleep(max(0.0, self._played_until_s - now_s - _FRAME_MS / 1000))
        return True


class WavTransport(BaseTransport):
    """One caller made of samples.

    `say` gives it something to say, at once or after what it is saying; `recording` is what both
    sides said so far. It connects when the pipeline starts and hangs up with `hang_up`.
    """

    def __init__(self, *, in_sample_rate_hz: int = 16000) -> None:
        super().__init__()
        self.in_sample_rate_hz = in_sample_rate_hz
        self.out_sample_rate_hz = 24000
        self.clock = _Clock()
        self._to_say: Samples = np.zeros(0, np.int16)
        self._said: list[Samples] = []
        self._heard: list[tuple[float, Samples]] = []
        params = TransportParams(
            audio_in_enabled=True, audio_out_enabled=True, audio_in_sample_rate=in_sample_rate_hz
        )
        self._input = _WavInput(self, params)
        self._output = _WavOutput(self, params)
        self._register_event_handler("on_client_connected")
        self._register_event_handler("on_client_disconnected")

    def input(self) -> BaseInputTransport:
        """What the caller says."""
        return self._input

    def output(self) -> BaseOutputTransport:
        """What the caller hears."""
        return self._output

    def say(self, samples: Samples) -> None:
        """Queue mono PCM s16le at `in_sample_rate_hz`, shape (n_samples,)."""
        self._to_say = np.concatenate([self._to_say, samples])

    @property
    def last_heard_s(self) -> float:
        """When, in the call, the last of the bot's audio ended; 0 before any."""
        if not self._heard:
            return 0.0
        starts_s, samples = self._heard[-1]
        return starts_s + len(samples) / self.out_sample_rate_hz

    async def hang_up(self) -> None:
        """The caller leaves."""
        await self._call_event_handler("on_client_disconnected", self)

    def recording(self) -> tuple[Samples, int]:
        """Both sides on one clock: shape (n_samples, 2), caller left, bot right, and its rate."""
        rate_hz = self.out_sample_rate_hz
        said = np.concatenate(self._said) if self._said else np.zeros(0, np.int16)
        caller = soxr.resample(said, self.in_sample_rate_hz, rate_hz)
        length = max(len(caller), round(self.last_heard_s * rate_hz))
        both = np.zeros((length, 2), np.int16)
        both[: len(caller), 0] = caller
        for starts_s, samples in self._heard:
            start = round(starts_s * rate_hz)
            fitting = samples[: max(0, length - start)]
            both[start : start + len(fitting), 1] = fitting
        return both, rate_hz

    # For the two ends

    async def connected(self) -> None:
        """The pipeline runs: the caller is there."""
        await self._call_event_handler("on_client_connected", self)

    def next_samples(self, count: int) -> Samples:
        """The next `count` samples the caller says, silence where it says nothing."""
        samples = np.zeros(count, np.int16)
        spoken = self._to_say[:count]
        samples[: len(spoken)] = spoken
        self._to_say = self._to_say[count:]
        self._said.append(samples)
        return samples

    def heard(self, starts_s: float, samples: Samples) -> None:
        """Keep what the caller hears from `starts_s` on."""
        self._heard.append((starts_s, samples))
