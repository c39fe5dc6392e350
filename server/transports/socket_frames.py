"""What a caller's socket may carry: RTVI messages and audio in protobuf, of a size and at a pace.

Pipecat's serializer turns more than that into frames (text and transcripts, which would put words
into the bot's mouth or the caller's) and raises whatever the parser raises; here every message
either is one of the two kinds or ends the socket with a reason.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from google.protobuf.message import DecodeError
from pipecat.frames.frames import (
    CancelFrame,
    EndFrame,
    Frame,
    InputAudioRawFrame,
    InputTransportMessageFrame,
    InterruptionFrame,
)
from pipecat.frames.protobufs import frames_pb2
from pipecat.serializers.protobuf import ProtobufFrameSerializer

from server.rates import Bucket

AUDIO_IN_HZ = 16_000
"""PCM s16le, mono: what Pipecat's web client records."""
MAX_MESSAGE_BYTES = 256 * 1024
AUDIO_BURST_S = 30.0
"""Audio that may arrive ahead of its time: what a page recorded while it connected."""
MESSAGES_PER_S = 20.0
MESSAGES_BURST = 100.0

UNSUPPORTED = 1003
MALFORMED = 1007
POLICY = 1008


class MalformedMessage(Exception):
    """A message that ends its socket; `close_code` and the message are the close frame's."""

    def __init__(self, reason: str, close_code: int) -> None:
        super().__init__(reason)
        self.close_code = close_code


class MessagePace:
    """How fast one caller's RTVI messages may come."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._bucket = Bucket(MESSAGES_PER_S, MESSAGES_BURST, clock())

    def check(self, message: Any) -> dict[str, Any]:
        """The message, when it is one of RTVI's and not one too many.

        Raises:
            MalformedMessage
        """
        if not isinstance(message, dict) or message.get("label") != "rtvi-ai":
            raise MalformedMessage("not an RTVI message", MALFORMED)
        if not isinstance(message.get("type"), str):
            raise MalformedMessage("an RTVI message without a type", MALFORMED)
        if self._bucket.take(1, self._clock()):
            raise MalformedMessage("too many messages", POLICY)
        return message


class CallerFrameSerializer(ProtobufFrameSerializer):
    """Pipecat's protobuf frames, with what comes from the caller checked."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._pace = MessagePace(clock)
        self._audio = Bucket(1.0, AUDIO_BURST_S, clock())

    async def serialize(self, frame: Frame) -> str | bytes | None:
        """One frame for the caller; the end of the call has none, the socket's close says it.

        An interruption has none either: Pipecat's web client does not know its kind, and hears of
        it as an RTVI message.
        """
        if isinstance(frame, EndFrame | CancelFrame | InterruptionFrame):
            return None
        return await super().serialize(frame)

    async def deserialize(self, data: str | bytes) -> Frame:
        """One audio or message frame.

        Raises:
            MalformedMessage: for anything else.
        """
        if isinstance(data, str):
            raise MalformedMessage("text; frames are binary", UNSUPPORTED)
        try:
            frame: Any = frames_pb2.Frame.FromString(data)  # pyright: ignore[reportAttributeAccessIssue]
        except DecodeError:
            raise MalformedMessage("not a protobuf frame", MALFORMED) from None
        match frame.WhichOneof("frame"):
            case "audio":
                return self._audio_frame(frame.audio)
            case "message":
                return self._message_frame(frame.message.data)
            case kind:
                raise MalformedMessage(f"{kind or 'an empty'} frame; send audio", UNSUPPORTED)

    def _audio_frame(self, audio: Any) -> InputAudioRawFrame:
        if (audio.sample_rate, audio.num_channels) != (AUDIO_IN_HZ, 1):
            raise MalformedMessage(f"audio must be {AUDIO_IN_HZ} Hz mono", MALFORMED)
        if len(audio.audio) % 2:
            raise MalformedMessage("audio of half a sample", MALFORMED)
        if self._audio.take(len(audio.audio) / 2 / AUDIO_IN_HZ, self._clock()):
            raise MalformedMessage("audio faster than real time", POLICY)
        return InputAudioRawFrame(audio=audio.audio, sample_rate=AUDIO_IN_HZ, num_channels=1)

    def _message_frame(self, data: str) -> InputTransportMessageFrame:
        try:
            message = json.loads(data)
        except (ValueError, RecursionError):
            raise MalformedMessage("a message that is not JSON", MALFORMED) from None
        return InputTransportMessageFrame(message=self._pace.check(message))
