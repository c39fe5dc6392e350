"""A frame processor with a constructor to get right and wrong, for bots that name it in YAML."""

from __future__ import annotations

from typing import Any

from pipecat.frames.frames import Frame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor


class Gain(FrameProcessor):
    """Passes every frame on; `factor` must be given."""

    def __init__(self, factor: float, *, floor: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = factor
        self.floor = floor

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)


class Passive:
    """No frame processor at all."""
