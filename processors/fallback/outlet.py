"""What a chain of voices gives out: its frames, its audio in playing order, its switches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pipecat.frames.frames import Frame, LLMFullResponseEndFrame, LLMFullResponseStartFrame
from pipecat.processors.frame_processor import FrameProcessor

from processors.fallback.events import AVOIDED, RECOVERED, OnSwitch, ProviderSwitched
from processors.fallback.playout import Playout
from processors.fallback.policy import Use
from processors.fallback.utterance import Attempt, Utterance

_NS = 1_000_000_000


class Outlet:
    """Pushes through `owner` and knows when what it pushed is heard.

    Args:
        owner: the processor whose frames these are.
        names: the members' names, for events.
        on_switch: told of each switch.
    """

    def __init__(
        self, owner: FrameProcessor, names: Sequence[str], on_switch: OnSwitch | None
    ) -> None:
        self._owner = owner
        self._names = names
        self._on_switch = on_switch
        self._reply_pts = 0
        self.push = owner.push_frame
        self.playout = Playout()
        self.voice = 0
        """The number of the member that speaks, or spoke last."""

    async def push_all(self, frames: Iterable[Frame]) -> None:
        """Push `frames` in their order."""
        for frame in frames:
            await self.push(frame)

    async def pass_on(self, frame: Frame) -> None:
        """Push a frame that stood between utterances; a reply's end waits for its last word."""
        if isinstance(frame, LLMFullResponseStartFrame):
            self._reply_pts = 0
        elif isinstance(frame, LLMFullResponseEndFrame) and self._reply_pts:
            # Behind the reply's last word, which waits for its time in the output.
            frame.pts = self._reply_pts
        await self.push(frame)

    async def stop(self, utterance: Utterance) -> None:
        """The utterance has been said."""
        await self.push_all(utterance.stop())
        self._reply_pts = max(self._reply_pts, utterance.last_pts)

    async def push_audio(self, utterance: Utterance, attempt: Attempt, pcm: bytes) -> None:
        """Push `pcm` and place the attempt's words on the pipeline's clock by it."""
        if pcm:
            now_ns = self.clock_ns()
            attempt.shift_ns = self.playout.next_ns(now_ns) - round(attempt.audio_s * _NS)
            frame = self.playout.emit(pcm, utterance, now_ns)
            utterance.audio_s += frame.num_frames / frame.sample_rate
            await self.push(frame)

    async def push_error(self, message: str, error: Exception | None = None, **how: Any) -> None:
        """Report an error of the chain as its owner's."""
        await self._owner.push_error(message, exception=error, **how)

    async def announce(self, use: Use) -> None:
        """Tell who speaks from now on, if that is somebody else."""
        before, self.voice = self.voice, use.member
        if before == use.member:
            return
        reason: str = RECOVERED if use.member < before else AVOIDED
        if use.failure:
            reason = use.failure.reason
        switch = ProviderSwitched(
            kind="tts",
            from_name=self._names[before],
            to_name=self._names[use.member],
            reason=reason,
            gap_ms=round(use.waited_s * 1000, 1),
        )
        if self._on_switch:
            self._on_switch(switch)
        await self.push(switch)

    def clock_ns(self) -> int:
        """The pipeline's clock."""
        return self._owner.get_clock().get_time()
