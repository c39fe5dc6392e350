"""Whether a model's stream has said that it is finished: an answer that only stops was cut off.

A proxy that loses its vendor may close the stream in good order, in the middle of a sentence. Every
vendor's protocol ends an answer with a reason; Pipecat's services read it and tell nobody, so their
streams are watched:

    get_chat_completions    chat completions: `finish_reason` of a choice
    _handle_stop_reason     Anthropic: `stop_reason` of the message's last delta
    _handle_finish_reason   Gemini: `finish_reason` of a candidate
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

SENTENCE_ENDS = ".!?…。！？"


class Ending:
    """The end of one service's answers, one at a time."""

    def __init__(self, service: Any) -> None:
        self._text = ""
        self._has_come = False
        self._comes = False
        self._can_tell = _watch(service, self._came)

    def begin(self) -> None:
        """The service is at work on a new question."""
        self._text, self._has_come = "", False

    def said(self, text: str) -> None:
        """The service said more."""
        self._text = (self._text + text).rstrip()

    @property
    def is_missing(self) -> bool:
        """Whether an answer that is over had begun and was cut off.

        A server that has never given a reason may be one that gives none: there, a whole sentence
        is taken for the end.
        """
        if not self._can_tell or self._has_come or not self._text:
            return False
        return self._comes or self._text[-1] not in SENTENCE_ENDS

    def _came(self) -> None:
        self._has_come = self._comes = True


def _watch(service: Any, came: Callable[[], None]) -> bool:
    """Call `came` when the service reads a reason to end; False if it shows none."""
    if hasattr(service, "get_chat_completions"):
        ask = service.get_chat_completions

        async def watched_ask(context: Any) -> _Chunks:
            return _Chunks(await ask(context), came)

        service.get_chat_completions = watched_ask
        return True
    for name in ("_handle_stop_reason", "_handle_finish_reason"):
        if handle := getattr(service, name, None):

            def watched_handle(reason: Any, handle: Callable[[Any], None] = handle) -> None:
                # Anthropic's comes inside of a delta, which may also hold none.
                if getattr(reason, "stop_reason", reason):
                    came()
                handle(reason)

            setattr(service, name, watched_handle)
            return True
    return False


class _Chunks:
    """A stream of chat completions, looked at as it is read."""

    def __init__(self, stream: Any, came: Callable[[], None]) -> None:
        self._stream, self._came = stream, came
        self._chunks = aiter(stream)

    def __aiter__(self) -> _Chunks:
        return self

    async def __anext__(self) -> Any:
        chunk = await anext(self._chunks)
        if chunk.choices and chunk.choices[0].finish_reason:
            self._came()
        return chunk

    async def aclose(self) -> None:
        """Close the reading end."""
        if hasattr(self._chunks, "aclose"):
            await self._chunks.aclose()

    async def close(self) -> None:
        """Let go of the response."""
        close = getattr(self._stream, "close", None) or getattr(self._stream, "aclose", None)
        if close:
            await close()
