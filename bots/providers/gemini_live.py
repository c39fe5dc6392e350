"""Pipecat's Gemini Live, whose session is either ready in time or tells that it failed.

Pipecat opens the session in a task of its own and hears nothing of it when the vendor refuses the
key or the model, is not there, or takes the socket and is silent: the call would be, too.
"""

from __future__ import annotations

import asyncio
from typing import Any

from google.genai.errors import APIError
from google.genai.live import AsyncSession
from google.genai.types import HttpOptions, LiveConnectConfig
from pipecat.services.google.gemini_live.llm import GeminiLiveLLMService, GeminiLiveLLMSettings
from pipecat.utils.errors import ErrorCategory, classify_http_exception

READY_S = 8.0
"""To connect and be told that the setup is complete; nobody speaks meanwhile."""
_REFUSED = (1007, 1008)
"""What the vendor closes a socket with over a key, a model or a setting."""


class WatchedGeminiLiveLLMService(GeminiLiveLLMService):
    """Gemini Live with one ErrorFrame upstream, with its category, for a session that is refused,
    is lost for good or is not ready in time; otherwise its base, frame for frame.

    Args:
        ready_s: how long a session may take to be ready.
    """

    def __init__(
        self,
        *,
        api_key: str,
        settings: GeminiLiveLLMSettings | None = None,
        http_options: HttpOptions | None = None,
        ready_s: float = READY_S,
        **kwargs: Any,
    ) -> None:
        super().__init__(api_key=api_key, settings=settings, http_options=http_options, **kwargs)
        self._ready_s = ready_s

    async def _connection_task_handler(self, config: LiveConnectConfig) -> None:
        try:
            async with asyncio.timeout(self._ready_s) as self._until_ready:
                await super()._connection_task_handler(config)
        except Exception as error:
            # Its words may hold the key, which the address of the socket has.
            await self.push_error("Gemini Live has no session.", error, category=_category(error))

    async def _handle_session_ready(self, session: AsyncSession) -> None:
        self._until_ready.reschedule(None)
        await super()._handle_session_ready(session)


def _category(error: Exception) -> ErrorCategory:
    if isinstance(error, APIError) and error.code in _REFUSED:
        is_key = "key" in str(error).lower()
        return ErrorCategory.AUTHENTICATION if is_key else ErrorCategory.INVALID_REQUEST
    return classify_http_exception(error)
