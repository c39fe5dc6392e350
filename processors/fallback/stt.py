"""A chain of ears in the place of one: stands where a single STT service stood.

The caller's audio goes by at once and is kept beside; one provider at a time listens to what is
kept. When it dies, the next one hears the utterance again from before its beginning, faster than it
was spoken, and what was passed on already is taken out of what it says.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    CancelFrame,
    EndFrame,
    Frame,
    InputAudioRawFrame,
    InterruptionFrame,
    LLMContextAssistantTurnFrame,
    SpeechControlParamsFrame,
    StartFrame,
    STTMuteFrame,
    STTUpdateSettingsFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import (
    FrameDirection,
    FrameProcessor,
    FrameProcessorSetup,
)

from processors.fallback.breaker import Health
from processors.fallback.ears import EarsMember
from processors.fallback.events import OnSwitch
from processors.fallback.listening import Listening
from processors.fallback.settings import ChainSettings

FINISH_S = 2.0
"""For the last words at the end of a call."""

_TOLD = (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    InterruptionFrame,
    LLMContextAssistantTurnFrame,
    SpeechControlParamsFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
)
"""What an STT service reads beside audio and VAD. Each passes this processor once, by itself."""


class FallbackSTT(FrameProcessor):
    """Hears the caller with the first provider that can.

    Consumes InputAudioRawFrame, VADUserStarted/StoppedSpeakingFrame and what else STT services read
    (all passed on); swallows STTMuteFrame and STTUpdateSettingsFrame as they do. Emits the
    transcripts of the provider at work, its metrics, its STTMetadataFrame at the start and at every
    switch, ProviderSwitched at every switch, WordsAwaited while an utterance that ended has no word
    yet, and ChainExhausted with an ErrorFrame when nobody is left. Errors of a provider stop here.
    An interruption changes nothing: the caller is heard.

        caller    ~~~~ w1 w2 w3 w4 ~~~~|
        A            I  F"w1 w2"  X                     dies: error, closed, stalled, late
        B                         |hears w1 w2 w3 w4 again|  F"w1 w2 w3 w4"
        out          I  F"w1 w2"     I"w3"                   F"w3 w4"
        later                                    A hears an utterance beside B, then takes over

    A silent provider is not judged before somebody else heard words where it heard none: a cough is
    no outage. A provider comes back between utterances, after it heard one in the shadow. Others
    than the one at work are connected when they are needed: several vendors bill open sockets, and
    while the caller speaks the time to connect costs nothing.

    Args:
        members: in order of preference.
        health: the process's breakers.
        settings: the waits.
        on_switch: told of every switch; must not block.
        clock: seconds, monotonic, the one that all users of `health` share.
    """

    def __init__(
        self,
        members: Sequence[EarsMember],
        health: Health,
        settings: ChainSettings | None = None,
        on_switch: OnSwitch | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        **kwargs: Any,
    ) -> None:
        # No queue of its own: the services behind it have theirs, and nothing here waits for one.
        super().__init__(enable_direct_mode=True, **kwargs)
        self._members = tuple(members)
        self._health = health
        self._settings = settings or ChainSettings()
        self._on_switch: OnSwitch = on_switch or (lambda switched: None)
        self._clock = clock
        self._is_muted = False
        self._listening: Listening | None = None

    async def setup(self, setup: FrameProcessorSetup) -> None:
        """Begin to connect the first provider; the call need not wait for it."""
        await super().setup(setup)
        self._listening = Listening(
            self._members,
            self._health,
            self._settings,
            outside=self,
            on_switch=self._on_switch,
            clock=self._clock,
            setup=setup,
        )

    async def cleanup(self) -> None:
        """Release the providers."""
        await super().cleanup()
        if self._listening:
            await self._listening.close()
            self._listening = None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        listening = self._listening
        if isinstance(frame, InputAudioRawFrame):  # by far the most: before all that is rare
            if listening and frame.audio and not self._is_muted:
                await listening.audio(frame)
            await self.push_frame(frame, direction)
            return
        if isinstance(frame, STTMuteFrame):
            self._is_muted = frame.mute
            return
        if listening is None:
            await self.push_frame(frame, direction)
            return
        if isinstance(frame, STTUpdateSettingsFrame) and frame.service in (None, self):
            await listening.bench.update(frame)
            return
        if isinstance(frame, VADUserStartedSpeakingFrame):
            if not self._is_muted:
                await listening.speech_started(frame)
        elif isinstance(frame, VADUserStoppedSpeakingFrame):
            await listening.speech_stopped(frame)
        elif isinstance(frame, _TOLD):
            await listening.bench.tell(frame)
        elif isinstance(frame, EndFrame):
            await listening.finish(FINISH_S)
        elif isinstance(frame, CancelFrame):
            await listening.close()
        await self.push_frame(frame, direction)
        if isinstance(frame, StartFrame):
            await listening.bench.started(frame)
