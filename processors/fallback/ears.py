"""One provider at work on the caller's audio: its service, what it is given and what it says.

`processors.fallback.stt` opens one for each (re)start of a provider and throws it away after: its
socket, its late results and its service's own retries end with it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from loguru import logger
from pipecat.frames.frames import (
    CancelFrame,
    EndFrame,
    ErrorFrame,
    Frame,
    InputAudioRawFrame,
    InterimTranscriptionFrame,
    StartFrame,
    STTMetadataFrame,
    STTUpdateSettingsFrame,
    TranscriptionFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessorSetup
from pipecat.services.settings import STTSettings
from pipecat.services.stt_service import SegmentedSTTService, STTService
from pipecat.transcriptions.language import Language
from pipecat.utils.errors import classify_http_exception

from processors.fallback.kept import KeptAudio
from processors.fallback.overlap import Overlap
from processors.fallback.port import Port

CLOSE_S = 5.0
"""What a service gets to close its sockets before it is left to itself."""
_FRAMES_AT_ONCE = 50
"""Of a replay, between two looks at the rest of the event loop."""

Heard = Callable[["Ears", Frame, FrameDirection], None]


@dataclass(frozen=True, slots=True)
class EarsMember:
    """One provider of an STT chain in one session.

    Attributes:
        name: for people: "deepgram/nova-3".
        key: of its breaker; sessions and chains that name the same provider share it.
        create: builds its service, linked to nothing; called at every (re)start of the provider.
        replay_speed: how many times real time kept audio may be sent; None is as fast as it goes.
            For vendors that close on audio that comes too fast.
        is_local: interim transcripts come when the machine has time, so their absence is no stall.
        turn_wait_s: of one that finds the end of a turn by itself, how long it may take from the
            caller's last sound: its final words come then. 0 finds none.
        tells_on: of such a one, whether interim transcripts go on until then: when they stop, it
            has failed.
    """

    name: str
    key: str
    create: Callable[[], STTService]
    replay_speed: float | None = None
    is_local: bool = False
    turn_wait_s: float = 0.0
    tells_on: bool = False


class Ears:
    """A service between two ports, which hears what is kept and then what comes.

    Args:
        number: of the member in its chain.
        kept: the call's audio; reading begins with the oldest that is kept.
        overlap: words that the audio will say again.
        heard: told of every frame the service puts out; must not block.
    """

    def __init__(
        self, number: int, member: EarsMember, kept: KeptAudio, overlap: Overlap, heard: Heard
    ) -> None:
        self.number = number
        self.member = member
        self.overlap = overlap
        self.collected: list[InterimTranscriptionFrame | TranscriptionFrame] = []
        """What it said of this utterance while another had the word."""
        self.is_ready = False
        self.is_closed = False
        self.service = member.create()
        # The call's audio goes by itself: passing it on to a port that drops it costs a fifth more.
        self.service._audio_passthrough = False
        self._kept = kept
        self._heard = heard
        self._origin_bytes: int | None = None
        self._is_live = False
        self._given: deque[int] = deque(maxlen=64)
        self._started = asyncio.Event()
        self._ended = asyncio.Event()
        inlet, outlet = Port(self._take), Port(self._take)
        inlet.link(self.service)
        self.service.link(outlet)

    @property
    def tells(self) -> bool:
        """Whether interim transcripts are to be expected while the caller speaks."""
        return not self.member.is_local and not isinstance(self.service, SegmentedSTTService)

    @property
    def tells_turns(self) -> bool:
        """Whether it finds the end of a turn by itself, and says its words then."""
        return self.member.turn_wait_s > 0

    @property
    def metadata(self) -> STTMetadataFrame:
        """What the service says of itself: its latency, and the turn strategies it asks for."""
        return self.service.service_metadata_frame()

    @property
    def has_final(self) -> bool:
        """Whether what it said of this utterance has words that will not change."""
        return any(is_final(frame) for frame in self.collected)

    def has_news(self, said: Sequence[str]) -> bool:
        """Whether it heard words of this utterance beyond `said`."""
        overlap = Overlap(said)
        return any(overlap.hear(frame).strip() for frame in self.collected)

    def is_cut_short(self, frame: Frame) -> bool:
        """Whether these are the words so far of a turn whose end can no longer be told, for want of
        a connection: its service makes a new one, and has lost the audio in between."""
        is_final = isinstance(frame, TranscriptionFrame)
        return is_final and self.tells_turns and not frame.finalized

    def reaches_s(self, frame: TranscriptionFrame) -> float | None:
        """How far into the call's audio a final reaches, in s; None when it does not say."""
        start_s = getattr(frame.result, "start", None)
        duration_s = getattr(frame.result, "duration", None)
        if self._origin_bytes is None or not isinstance(start_s, float | int):
            return None
        if not isinstance(duration_s, float | int):
            return None
        return self._origin_bytes / self._kept.bytes_per_s + start_s + duration_s

    async def open(
        self,
        setup: FrameProcessorSetup,
        starting: Awaitable[StartFrame],
        language: Language | str | None,
    ) -> None:
        """Connect, start, and give all that is kept; returns once it is up with the call.

        Whatever goes wrong in the service comes as an error frame, as in any pipeline.
        """
        try:
            await self._start(setup, starting, language)
            await self._catch_up()
        except Exception as error:
            failed = ErrorFrame(f"{self.member.name} could not be started", exception=error)
            failed.category = classify_http_exception(error)
            self._heard(self, failed, FrameDirection.UPSTREAM)

    async def _start(
        self,
        setup: FrameProcessorSetup,
        starting: Awaitable[StartFrame],
        language: Language | str | None,
    ) -> None:
        # Its frames are looked at before the call sees them, so no observer sees them here.
        await self.service.setup(replace(setup, observer=None))
        await self.service.queue_frame(await starting)
        await self._started.wait()
        if language is not None:
            await self._speak(language)
        self.is_ready = True

    async def _speak(self, language: Language | str) -> None:
        """Change the language before any audio: settings travel slower than audio does."""
        changed = asyncio.Event()

        async def done(*_: Any) -> None:
            changed.set()

        update = STTUpdateSettingsFrame(delta=STTSettings(language=language))
        await self.service.queue_frame(update, FrameDirection.DOWNSTREAM, done)
        await changed.wait()

    async def feed(self, frame: Frame) -> None:
        """Give what was kept just now; while it is catching up, it comes to it by itself."""
        if self._is_live:
            await self._give(frame)

    async def tell(self, frame: Frame) -> None:
        """Give a frame that is no part of the kept audio."""
        if self.is_ready:
            await self._give(frame)

    async def finish(self, timeout_s: float) -> None:
        """Let it transcribe what it has and stop."""
        if self.is_ready:
            await self.service.queue_frame(EndFrame())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await self._ended.wait()

    async def close(self) -> None:
        """Stop and release the service, in CLOSE_S at most. Never raises."""
        self.is_closed = True
        self._is_live = False
        try:
            async with asyncio.timeout(CLOSE_S):
                # Some services end their tasks in `cancel`, some in `cleanup`.
                await self.service.cancel(CancelFrame())
                await self.service.cleanup()
        except Exception as error:
            # It is closed because it failed; how it fails to close is of no use to the call.
            logger.debug("{} did not close well: {}", self.member.name, type(error).__name__)

    async def _catch_up(self) -> None:
        kept, number, given = self._kept, 0, 0
        while (entry := kept.entry(number := max(number, kept.first))) is not None:
            kept_one, end_bytes = entry
            audio_bytes = 0
            if isinstance(kept_one, bytes):
                audio_bytes = len(kept_one)
                kept_one = InputAudioRawFrame(kept_one, kept.rate_hz, 1)
            if not given:
                self._origin_bytes = end_bytes - audio_bytes
            await self._give(kept_one)
            number, given = number + 1, given + 1
            if audio_bytes and self.member.replay_speed:
                await asyncio.sleep(audio_bytes / kept.bytes_per_s / self.member.replay_speed)
            elif given % _FRAMES_AT_ONCE == 0:
                await asyncio.sleep(0)
        if not given:
            self._origin_bytes = kept.now_bytes
        self._is_live = not self.is_closed

    async def _give(self, frame: Frame) -> None:
        if not isinstance(frame, InputAudioRawFrame):
            # A frame of its own: the call's goes on by itself, and this one ends at our ports.
            frame = replace(frame)
            self._given.append(frame.id)
        await self.service.queue_frame(frame)

    def _take(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, InputAudioRawFrame | STTMetadataFrame) or frame.id in self._given:
            return
        if isinstance(frame, StartFrame):
            self._started.set()
        elif isinstance(frame, EndFrame):
            self._ended.set()
        elif not self.is_closed:
            self._heard(self, frame, direction)


def is_final(frame: InterimTranscriptionFrame | TranscriptionFrame) -> bool:
    """Whether the words of a transcript will not change; one without words is none."""
    return isinstance(frame, TranscriptionFrame) and bool(frame.text.strip())
