"""Closes, at the end of a call, the vendors' clients that Pipecat's services leave open."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterable

from loguru import logger
from pipecat.processors.frame_processor import FrameProcessor

RELEASE_TIMEOUT_S = 2.0


async def release(services: Iterable[FrameProcessor]) -> None:
    """Give back the sockets of each service's HTTP client; never raises, and is bounded."""
    for service in services:
        client = getattr(service, "_client", None)
        close = getattr(client, "close", None) or getattr(client, "aclose", None)
        if not inspect.iscoroutinefunction(close):
            continue
        try:
            async with asyncio.timeout(RELEASE_TIMEOUT_S):
                await close()
        except Exception as error:
            logger.warning("{} could not be closed: {}", service, type(error).__name__)
