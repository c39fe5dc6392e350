"""Whether a cloud's brain takes its key, asked while the greeting is spoken.

Ears and voices connect when a call starts and are refused then. A brain is asked only with the
caller's first question, and a wrong key would end the call in the middle of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from loguru import logger
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.services.llm_service import LLMService
from pipecat.utils.errors import ErrorCategory, classify_http_exception

TRIAL_TIMEOUT_S = 5.0


class Trials:
    """The keys that were taken since the process started; they are not tried again."""

    def __init__(self) -> None:
        self._taken: set[tuple[str, str]] = set()

    async def is_refused(self, services: Iterable[FrameProcessor]) -> bool:
        """Whether a brain among `services` is refused for its key. Never raises, and is bounded.

        Asks for the list of models: it costs nothing, and every vendor that speaks OpenAI's or
        Anthropic's protocol has it. Whatever else it says is left for the first question.
        """
        for service in services:
            client: Any = getattr(service, "_client", None)
            if not isinstance(service, LLMService) or not hasattr(client, "models"):
                continue
            key = (str(getattr(client, "base_url", "")), str(getattr(client, "api_key", "")))
            if key not in self._taken and await self._is_refused(client):
                return True
            self._taken.add(key)
        return False

    async def _is_refused(self, client: Any) -> bool:
        try:
            async with asyncio.timeout(TRIAL_TIMEOUT_S):
                await client.models.list()
        except Exception as error:
            # A key may be good for answers and not for lists: OpenAI says so with 401 too.
            is_scope = "scope" in str(error).lower() or "permission" in str(error).lower()
            is_key = classify_http_exception(error) is ErrorCategory.AUTHENTICATION
            logger.debug("A brain was tried: {}", type(error).__name__)
            return is_key and not is_scope
        return False
