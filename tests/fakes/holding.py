"""A frame processor that never lets a call end, for bots that name it in YAML."""

from __future__ import annotations

from pipecat.frames.frames import CancelFrame, EndFrame, Frame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor


class Holding(FrameProcessor):
    """Passes every frame on except the two that end a pipeline, which it swallows."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if not isinstance(frame, CancelFrame | EndFrame):
            await self.push_frame(frame, direction)
