"""Pipecat's AssemblyAI ears, which end when the call does and say why the vendor refused them.

The vendor takes audio in pieces of 50 ms to 1 s, and refuses over an open socket, by an Error
message. Pipecat sends what it has left at the end, which is always shorter, and then waits 5 s for
the goodbye of a session that the vendor has closed over it; Error messages it does not know.
"""

from __future__ import annotations

from typing import Any

from pipecat.services.assemblyai.stt import AssemblyAISTTService
from pipecat.utils.errors import ErrorCategory

# https://www.assemblyai.com/docs/streaming/common-session-errors-and-closures
_POLICY = 1008
_CATEGORIES = {
    3005: ErrorCategory.SERVER,
    3006: ErrorCategory.INVALID_REQUEST,
    3007: ErrorCategory.INVALID_REQUEST,
    3008: ErrorCategory.CONNECTIVITY,
    3009: ErrorCategory.RATE_LIMIT,
}


class PunctualAssemblyAISTTService(AssemblyAISTTService):
    """AssemblyAI with one ErrorFrame upstream, with its category, for a session that the vendor
    ends over an error; otherwise its base, frame for frame."""

    async def _disconnect(self) -> None:
        # Nobody waits for the words of the last 50 ms.
        self._audio_buffer.clear()
        await super()._disconnect()

    async def _handle_message(self, message: dict[str, Any]) -> None:
        if message.get("type") != "Error":
            await super()._handle_message(message)
            return
        self._termination_event.set()
        code, words = message.get("error_code"), str(message.get("error"))
        told = f"AssemblyAI ended the session with {code}."
        await self.push_error(told, category=_category(code, words.lower()))


def _category(code: Any, words: str) -> ErrorCategory:
    if code == _POLICY and "too many" in words:
        return ErrorCategory.RATE_LIMIT
    if code == _POLICY and "balance" in words:
        return ErrorCategory.QUOTA
    if code == _POLICY:
        return ErrorCategory.AUTHENTICATION
    return _CATEGORIES.get(code, ErrorCategory.UNKNOWN)
