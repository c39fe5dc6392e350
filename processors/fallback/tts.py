"""A chain of voices where one TTS service would stand: no sentence is lost and none is said twice.

text in      Start  "one two three four."  End
voice 1             one two |x|                      an error, late, stalled, silent, closed
voice 2                         three four.
audio out           one two .   three four.          at the pipeline's rate
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    CancelFrame,
    Frame,
    InterruptionFrame,
    StartFrame,
    SystemFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor, FrameProcessorSetup
from pipecat.services.tts_service import TTSService

from processors.fallback.breaker import Health
from processors.fallback.events import OnSwitch
from processors.fallback.line import VoiceLine
from processors.fallback.member import Member
from processors.fallback.playout import LastResort
from processors.fallback.policy import ChainPolicy, Waits
from processors.fallback.settings import ChainSettings
from processors.fallback.speaking import OnExhausted, Speaking


class FallbackTTS(FrameProcessor):
    """Speaks with the first of its members that can, and goes on with the next where one fails.

    Consumes what a Pipecat TTS service does: LLM text between its reply frames, TTSSpeakFrame,
    TTSUpdateSettingsFrame. Emits for each utterance, once whatever happens: TTSStartedFrame,
    TTSAudioRawFrames at the pipeline's output rate, a TTSTextFrame a word that was heard,
    TTSStoppedFrame; and its members' MetricsFrames, a ProviderSwitched at each switch, and
    ChainExhausted with the last resort when nobody is left. All other frames keep their place
    among the utterances; system frames pass at once. An interruption drops what is being said and
    what waits, for all but uninterruptible lines.

    One task does all the work (`Speaking`); frames and the members' reports only put into its
    inbox.

    Args:
        members: in order of preference; their services are not linked to anything yet.
        health: the process's breakers.
        settings: first_audio_s, stall_s and max_silence_s are used.
        on_switch: told of each switch; must not block.
        last_resort: played when all members are down; None stays silent.
        on_exhausted: awaited once the last resort is on its way to the caller.
    """

    def __init__(
        self,
        members: Sequence[Member[TTSService]],
        health: Health,
        settings: ChainSettings | None = None,
        *,
        on_switch: OnSwitch | None = None,
        last_resort: LastResort | None = None,
        on_exhausted: OnExhausted | None = None,
    ) -> None:
        super().__init__()
        settings = settings or ChainSettings()
        self._lines = [
            VoiceLine(member.service, lambda report, i=i: self._speaking.put((i, report)))
            for i, member in enumerate(members)
        ]
        self._members = tuple(
            replace(member, probe=member.probe or line.probe)
            for member, line in zip(members, self._lines, strict=True)
        )
        waits = Waits(settings.first_audio_s, settings.stall_s, settings.max_silence_s)
        self._connect_s = settings.first_audio_s
        self._speaking = Speaking(
            self,
            self._lines,
            [member.name for member in members],
            ChainPolicy([member.key for member in members], health, waits),
            on_switch=on_switch,
            last_resort=last_resort,
            on_exhausted=on_exhausted,
        )
        self._task: asyncio.Task[None] | None = None

    @property
    def members(self) -> tuple[Member[TTSService], ...]:
        """The members in order of preference, each with a probe: a word, for nobody's ears."""
        return self._members

    @property
    def in_use(self) -> Member[TTSService]:
        """The member that speaks, or spoke last."""
        return self._members[self._speaking.voice]

    def processors_with_metrics(self) -> list[FrameProcessor]:
        """The services that report metrics."""
        return [line.service for line in self._lines if line.service.can_generate_metrics()]

    # The processor

    async def setup(self, setup: FrameProcessorSetup) -> None:
        """Connect all members, and wait for them no longer than a caller would for audio."""
        await super().setup(setup)
        self._speaking.playout.rate_hz = setup.audio_out_sample_rate
        for line in self._lines:
            line.open(setup)
        connected = [asyncio.create_task(line.is_connected.wait()) for line in self._lines]
        _, waiting = await asyncio.wait(connected, timeout=self._connect_s)
        for task in waiting:
            task.cancel()

    async def cleanup(self) -> None:
        """Stop, and let all members go."""
        await super().cleanup()
        if self._task:
            await self.cancel_task(self._task)
            self._task = None
        await asyncio.gather(*(line.close() for line in self._lines))

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Take `frame` in; see the class for what becomes of it."""
        await super().process_frame(frame, direction)
        if direction is FrameDirection.UPSTREAM:
            if isinstance(frame, (BotStartedSpeakingFrame, BotStoppedSpeakingFrame)):
                for line in self._lines:
                    await line.put(frame, direction)
            await self.push_frame(frame, direction)
        elif isinstance(frame, StartFrame):
            await self.push_frame(frame)
            for line in self._lines:
                line.start(frame)
            self._task = self.create_task(self._speaking.run())
        elif isinstance(frame, InterruptionFrame):
            self._speaking.interrupt(frame)
        elif isinstance(frame, CancelFrame):
            for line in self._lines:
                await line.put(frame, direction)
            await self.push_frame(frame)
        elif isinstance(frame, SystemFrame):
            await self.push_frame(frame)
        else:
            self._speaking.put(frame)
