"""What the bot is to say and what stands between, in order: pure, read by the TTS chain.

    in    ReplyStart "one two." ReplyEnd  Line("three")  Result  Line("four")
    out   ReplyStart  Utterance  ReplyEnd  Utterance  Result  Utterance

An utterance is handed out while it still grows.
"""

from __future__ import annotations

from collections import deque
from typing import TypeGuard

from pipecat.frames.frames import (
    AggregatedTextFrame,
    EagerTranscriptionFrame,
    EndFrame,
    Frame,
    InterimTranscriptionFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    TextFrame,
    TranscriptionFrame,
    TTSSpeakFrame,
    TTSTextFrame,
)

from processors.fallback.utterance import Utterance

_NOT_SPOKEN = (
    TranscriptionFrame,
    InterimTranscriptionFrame,
    EagerTranscriptionFrame,
    TTSTextFrame,
)


class Script:
    """Utterances and other frames, first in, first out."""

    def __init__(self) -> None:
        self._items: deque[Frame | Utterance] = deque()
        self._open: Utterance | None = None
        self._is_in_reply = False

    def pop(self) -> Frame | Utterance | None:
        """What comes next; None when nothing does."""
        return self._items.popleft() if self._items else None

    def add(self, frame: Frame) -> Utterance | None:
        """Take a frame in; returns the utterance that it closed, if it did."""
        if _is_spoken(frame):
            self._grow(frame)
            return None
        closed = None
        if isinstance(frame, (TTSSpeakFrame, LLMFullResponseEndFrame, EndFrame)):
            closed = self._close()
        if isinstance(frame, TTSSpeakFrame):
            self._items.append(self._line(frame))
            return closed
        if isinstance(frame, LLMFullResponseStartFrame):
            self._is_in_reply = True
        elif isinstance(frame, (LLMFullResponseEndFrame, EndFrame)):
            self._is_in_reply = False
        self._items.append(frame)
        return closed

    def interrupt(self) -> None:
        """Drop all that an interruption may drop."""
        self._items = deque(item for item in self._items if not item.interruptible)
        self._open, self._is_in_reply = None, False

    def _grow(self, frame: TextFrame) -> None:
        text = frame.text
        if isinstance(frame, AggregatedTextFrame) and not text[-1:].isspace():
            text += " "
        if self._open is None:
            self._open = Utterance(
                append_to_context=frame.append_to_context, is_reply=self._is_in_reply
            )
            self._items.append(self._open)
        self._open.text += text

    def _line(self, frame: TTSSpeakFrame) -> Utterance:
        return Utterance(
            append_to_context=frame.append_to_context,
            is_reply=self._is_in_reply,
            interruptible=frame.interruptible,
            text_type=frame.text_type,
            text=frame.text,
            is_closed=True,
        )

    def _close(self) -> Utterance | None:
        utterance, self._open = self._open, None
        if utterance is not None:
            utterance.is_closed = True
        return utterance


def _is_spoken(frame: Frame) -> TypeGuard[TextFrame]:
    if not isinstance(frame, TextFrame) or isinstance(frame, _NOT_SPOKEN):
        return False
    return not frame.skip_tts
