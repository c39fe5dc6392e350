"""How a call's pipeline is closed: played out and ended, else cancelled, else abandoned.

Each step is bounded. EndFrame has no time-out in Pipecat: a processor that holds it holds the
worker for ever.
"""

from __future__ import annotations

import asyncio

from loguru import logger
from pipecat.frames.frames import EndFrame
from pipecat.pipeline.worker import PipelineWorker

CLOSE_TIMEOUT_S = 5.0
"""What a pipeline gets to play out and close, then the same again to be cancelled."""


async def close(
    worker: PipelineWorker, running: asyncio.Task[None], reason: str, *, has_listener: bool
) -> bool:
    """Close what `running` runs, within twice CLOSE_TIMEOUT_S.

    Args:
        worker: the pipeline's.
        running: ends when the pipeline has closed.
        reason: why the call ends.
        has_listener: whether somebody is there to hear what is still to be said.

    Returns:
        Whether it closed; what did not is left to itself.
    """
    if has_listener:
        await worker.queue_frame(EndFrame())
        await asyncio.wait({running}, timeout=CLOSE_TIMEOUT_S)
    if not running.done():
        cancelling = asyncio.create_task(worker.cancel(reason=reason))
        await asyncio.wait({running}, timeout=CLOSE_TIMEOUT_S)
        cancelling.cancel()
    if running.done():
        return True
    logger.error("The pipeline did not close within its bound and is abandoned")
    running.cancel()
    return False
