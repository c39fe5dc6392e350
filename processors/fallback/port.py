"""The end of a member's little pipeline of its own: what its service puts out arrives here."""

from __future__ import annotations

from collections.abc import Callable

from pipecat.frames.frames import Frame
from pipecat.processors.frame_processor import FrameCallback, FrameDirection, FrameProcessor


class Port(FrameProcessor):
    """Stands before or behind a service: each frame goes to `take`, which must not block, and no
    further. A service linked to two of them believes that it stands in a pipeline.
    """

    def __init__(self, take: Callable[[Frame, FrameDirection], None]) -> None:
        super().__init__(enable_direct_mode=True)
        self._take = take

    async def queue_frame(
        self,
        frame: Frame,
        direction: FrameDirection = FrameDirection.DOWNSTREAM,
        callback: FrameCallback | None = None,
    ) -> None:
        """Take a frame that came out of the service."""
        del callback
        self._take(frame, direction)
