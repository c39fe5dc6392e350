"""The end of a pipeline in tests: whoever would hear what comes out of it."""

from __future__ import annotations

from pipecat.frames.frames import Frame, LLMTextFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor


class Heard(FrameProcessor):
    """Keeps every frame that reaches the end."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[Frame] = []

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Keep `frame` and pass it on."""
        await super().process_frame(frame, direction)
        self.frames.append(frame)
        await self.push_frame(frame, direction)

    def has(self, kind: type[Frame]) -> bool:
        """Whether one of that kind has come."""
        return any(isinstance(frame, kind) for frame in self.frames)

    @property
    def text(self) -> str:
        """The words of the answers."""
        return "".join(f.text for f in self.frames if isinstance(f, LLMTextFrame)).strip()
