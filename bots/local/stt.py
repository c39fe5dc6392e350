"""The local ears as a Pipecat service: interim transcripts while the caller speaks, a final at each
pause. It stands first after the transport's input in bots/pipeline.py.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from loguru import logger
from numpy.typing import NDArray
from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    CancelFrame,
    EndFrame,
    ErrorFrame,
    Frame,
    InputAudioRawFrame,
    InterimTranscriptionFrame,
    StartFrame,
    TranscriptionFrame,
    UserAudioRawFrame,
    UserStoppedSpeakingFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessorSetup
from pipecat.services.settings import STTSettings
from pipecat.services.stt_service import STTService
from pipecat.transcriptions.language import Language
from pipecat.utils.errors import ErrorCategory
from pipecat.utils.time import time_now_iso8601
from pipecat.utils.tracing.service_decorators import traced_stt

from bots.errors import OffhookError
from bots.local import hearing
from bots.local.segments import Segment, Segmenter

INTERIM_EVERY_S = 0.7
EARLY_INTERIM_EVERY_S = 0.35
"""Over the bot, where the caller waits for it to stop."""
INTERIM_SHARE = 3.0
"""An interim that took t seconds is followed by the next after 3 t at the earliest."""
MAX_WAITING = 8
"""Segments waiting for the model; more means that this machine cannot keep up."""
VAD_STOP_S = 0.2


class Ears(Protocol):
    """What the service needs of a loaded model; bots.local.whisper.WhisperEars is the real one."""

    name: str
    language: str
    typical_s: float
    """Seconds for a 4 s utterance on this machine."""

    @property
    def is_busy(self) -> bool:
        """Whether work is under way or waiting, for any call."""
        ...

    async def transcribe(self, pcm: NDArray[np.int16], rate_hz: int) -> str: ...

    def for_language(self, language: str) -> Self:
        """Raises OffhookError for a language the model does not know."""
        ...


@dataclass
class LocalSTTSettings(STTSettings):
    """`model` names the weights and is fixed for a call; `language` is two letters, as in es."""


class LocalSTTService(STTService):
    """Transcribes one caller with ears that other calls share.

    Consumes InputAudioRawFrame (passed on), VADUserStarted/StoppedSpeakingFrame (passed on). Emits
    downstream InterimTranscriptionFrame while the caller speaks and the model is free, sooner and
    oftener between BotStarted and BotStoppedSpeakingFrame, and one
    TranscriptionFrame(finalized=True) for each VAD segment with words in it. An interruption
    changes nothing: what the caller says is heard. Failures are ErrorFrames, never exceptions.

        VAD      start...............stop(0.2 s of silence)
        peeks        i     i       e          e: taken in the dip; no more was said, so it is
        out          I     I        F         the final, with nothing left to wait for
    """

    Settings = LocalSTTSettings

    def __init__(self, ears: Ears, **kwargs: Any) -> None:
        """Args:
        ears: loaded and warm.
        """
        kwargs.setdefault(
            # Speech end to transcript: the VAD's wait, an interim under way, the pass itself, and
            # as much again because calls share the cores.
            "ttfs_p99_latency",
            VAD_STOP_S + 4 * ears.typical_s,
        )
        super().__init__(
            settings=LocalSTTSettings(model=ears.name, language=ears.language), **kwargs
        )
        self._ears = ears
        self._segmenter = Segmenter(hearing.RATE_HZ)
        self._segments: asyncio.Queue[tuple[Segment, asyncio.Task[str] | None] | None]
        self._segments = asyncio.Queue()
        self._worker: asyncio.Task[None] | None = None
        self._peek: asyncio.Task[str] | None = None
        self._interim_every_s = INTERIM_EVERY_S
        self._last_heard = ""
        self._long_text = ""

    def can_generate_metrics(self) -> bool:
        return True

    def language_to_service_language(self, language: Language) -> str | None:
        return language.value.split("-")[0].lower()

    async def setup(self, setup: FrameProcessorSetup) -> None:
        await super().setup(setup)
        self._segmenter = Segmenter(self.sample_rate)

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        self._worker = self.create_task(self._transcribe_segments(), name="ears")

    async def stop(self, frame: EndFrame) -> None:
        """Transcribe what is waiting, then stop."""
        if self._worker:
            await self._segments.put(None)
            await self._worker
            self._worker = None
        await self._drop_work()
        await super().stop(frame)

    async def cancel(self, frame: CancelFrame) -> None:
        await self._drop_work()
        await super().cancel(frame)

    async def cleanup(self) -> None:
        await self._drop_work()
        await super().cleanup()

    async def _drop_work(self) -> None:
        for task in (self._peek, self._worker):
            if task and not task.done():
                await self.cancel_task(task)
        self._peek = self._worker = None
        self._segmenter.clear()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, UserStoppedSpeakingFrame):
            self._segmenter.turn_ended()
        elif isinstance(frame, BotStartedSpeakingFrame | BotStoppedSpeakingFrame):
            self._segmenter.is_early = isinstance(frame, BotStartedSpeakingFrame)
        await super().process_frame(frame, direction)

    async def process_audio_frame(
        self, frame: InputAudioRawFrame, direction: FrameDirection
    ) -> None:
        if self._muted or not self.is_usable:
            self._segmenter.clear()
            return
        self._user_id = frame.user_id if isinstance(frame, UserAudioRawFrame) else ""
        if head := self._segmenter.add(frame.audio):
            await self._enqueue(head, None)
        every_s = EARLY_INTERIM_EVERY_S if self._segmenter.is_early else self._interim_every_s
        if self._segmenter.is_peek_due(every_s) and not self._ears.is_busy:
            self._peek = self.create_task(self._listen(self._segmenter.peek()), name="peek")

    async def _handle_vad_user_started_speaking(self, frame: VADUserStartedSpeakingFrame) -> None:
        await super()._handle_vad_user_started_speaking(frame)
        self._segmenter.speech_started(frame.start_secs)

    async def _handle_vad_user_stopped_speaking(self, frame: VADUserStoppedSpeakingFrame) -> None:
        await super()._handle_vad_user_stopped_speaking(frame)
        if not self._segmenter.is_speaking:
            return
        segment = self._segmenter.speech_stopped()
        self._record_stt_audio_usage(segment.pcm)
        await self.emit_stt_usage_metrics()
        await self._enqueue(segment, self._peek if segment.is_peeked else None)
        self._peek = None

    async def _enqueue(self, segment: Segment, peek: asyncio.Task[str] | None) -> None:
        if self._segments.qsize() >= MAX_WAITING:
            await self.push_error(
                "The local ears cannot keep up with the calls of this machine.",
                category=ErrorCategory.SERVER,
            )
            return
        await self._segments.put((segment, peek))

    async def _listen(self, segment: Segment) -> str:
        """Hear a segment that is still growing and show it. Never raises: a final will follow."""
        began_s = time.perf_counter()
        try:
            text = await self._hear(segment.pcm)
        except OffhookError as error:
            logger.warning(f"{self}: no interim transcript: {error.message}")
            return ""
        took_s = time.perf_counter() - began_s
        self._interim_every_s = max(INTERIM_EVERY_S, INTERIM_SHARE * took_s)
        shown = self._shown(segment, text)
        if shown and self._segmenter.is_speaking:
            await self.push_frame(
                InterimTranscriptionFrame(
                    shown, self._user_id, time_now_iso8601(), self._spoken_language()
                )
            )
        return text

    async def _transcribe_segments(self) -> None:
        while (item := await self._segments.get()) is not None:
            try:
                await self.process_generator(self._finish(*item))
            except Exception as error:
                await self.push_error(
                    f"A transcript could not be passed on: {error}",
                    exception=error,
                    category=ErrorCategory.APPLICATION,
                )

    async def _finish(
        self, segment: Segment, peek: asyncio.Task[str] | None
    ) -> AsyncGenerator[Frame, None]:
        await self.start_processing_metrics()
        try:
            text = (await peek if peek else "") or await self._hear(segment.pcm)
        except OffhookError as error:
            yield ErrorFrame(error.message, exception=error, category=ErrorCategory.SERVER)
            return
        finally:
            await self.stop_processing_metrics()
        shown = self._shown(segment, text)
        if not segment.is_last:
            self._long_text = shown
            return
        self._last_heard, self._long_text = text, ""
        if shown:
            language = self._spoken_language()
            await self._handle_transcription(shown, True, language)
            yield TranscriptionFrame(
                shown, self._user_id, time_now_iso8601(), language, finalized=True
            )

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        """Transcribe PCM s16le mono at the service's rate as one utterance of its own."""
        segment = Segment(audio, continues=False, is_last=True, is_peeked=False)
        async for frame in self._finish(segment, None):
            yield frame

    async def _hear(self, pcm: bytes) -> str:
        samples = np.frombuffer(pcm, dtype=np.int16)
        try:
            return await self._ears.transcribe(samples, self.sample_rate or hearing.RATE_HZ)
        except Exception as error:
            # Native code raises what it likes; a call goes on without one sentence.
            raise OffhookError(f"The local ears failed: {error}", code="ears_failed") from error

    def _shown(self, segment: Segment, text: str) -> str:
        """The words of a segment that were not shown with the one before it."""
        if segment.continues:
            text = hearing.continuation(self._last_heard, text)
        return f"{self._long_text} {text}".strip()

    def _spoken_language(self) -> Language | None:
        try:
            return Language(self._ears.language)
        except ValueError:
            return None

    async def _update_settings(self, delta: STTSettings) -> dict[str, Any]:
        """A new language takes the same model; one it does not know is an error, not an end."""
        changed = await super()._update_settings(delta)
        if "language" in changed:
            try:
                self._ears = self._ears.for_language(str(self._settings.language))
            except OffhookError as error:
                self._settings.language = self._ears.language
                await self.push_error(
                    error.message, exception=error, category=ErrorCategory.APPLICATION
                )
        return changed

    @traced_stt
    async def _handle_transcription(
        self, transcript: str, is_final: bool, language: Language | None = None
    ) -> None:
        """Where Pipecat's tracing reads a final transcript."""
