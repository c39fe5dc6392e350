"""One live transcription of the emulated Deepgram: from audio to interim and final results.

Results come as https://developers.deepgram.com/docs/understand-endpointing-interim-results says: an
interim one while words come, a final one at the end of speech, at a Finalize, or when a segment has
grown long.
"""

import hashlib
import uuid
from typing import Literal

from emulators.deepgram_query import LiveQuery, word_fields
from emulators.deepgram_stream import AudioStream
from emulators.lanes import Socket
from emulators.problems import Problem, Request, Wrong
from emulators.server import Emulator

_SILENCE_TIMEOUT_S = 10.0
_INTERIM_EVERY_S = 0.3
_LONGEST_SEGMENT_S = 5.0
_NO_AUDIO = (
    "NET-0001: Deepgram did not receive audio data or a text message within the timeout window."
)
_NOT_AUDIO = (
    "DATA-0000: The payload cannot be decoded as audio. It is either not audio data or is a codec "
    "unsupported by Deepgram."
)


class _Control(Request):
    type: Literal["KeepAlive", "Finalize", "CloseStream"]


class LiveTranscription(AudioStream):
    """One live stream: what was heard of it and what of that was told."""

    def __init__(self, vendor: Emulator, socket: Socket, query: LiveQuery, rate_hz: int) -> None:
        super().__init__(vendor, socket, query.encoding, rate_hz)
        self._query = query
        self._sha256 = hashlib.sha256()
        self._start_s = 0.0
        self._told_s = 0.0
        self._told_words = 0
        self._was_speech = False
        self._utterance_end_due_s: float | None = None

    async def run(self) -> None:
        """Listen until the client closes. Raises `Problem` for what the vendor closes over."""
        while True:
            try:
                message = await self._socket.receive(_SILENCE_TIMEOUT_S)
            except TimeoutError as error:
                raise Problem(Wrong.ORDER, _NO_AUDIO) from error
            if message is None:
                return
            if isinstance(message, bytes):
                if message:
                    await self._hear(message)
                continue
            if await self._obey(message) == "CloseStream":
                return

    async def _obey(self, message: str) -> str:
        try:
            command = _Control.model_validate_json(message).type
        except ValueError as error:
            raise Problem(Wrong.VALUE, _NOT_AUDIO) from error
        if command == "Finalize":
            await self._tell(is_final=True, from_finalize=True)
        elif command == "CloseStream":
            self.ear.finish()
            if self.ear.words:
                await self._tell(is_final=True)
            await self.send(
                {
                    "type": "Metadata",
                    "transaction_key": "deprecated",
                    "request_id": self.request_id,
                    "sha256": self._sha256.hexdigest(),
                    "created": "2026-01-01T00:00:00.000Z",
                    "duration": self.ear.heard_s,
                    "channels": 1,
                }
            )
        return command

    async def _hear(self, audio: bytes) -> None:
        new = await self.listen(audio)
        self._sha256.update(audio)
        ear = self.ear
        if ear.is_speaking and not self._was_speech:
            self._was_speech = True
            if self._query.vad_events == "true":
                started = {"type": "SpeechStarted", "channel": [0], "timestamp": ear.heard_s}
                await self.send(started)
        is_due = new and ear.heard_s - self._told_s >= _INTERIM_EVERY_S
        if self._is_end_of_speech():
            await self._tell(is_final=True, speech_final=True)
        elif ear.words and ear.heard_s - self._start_s >= _LONGEST_SEGMENT_S:
            await self._tell(is_final=True)
        elif is_due and self._query.interim_results == "true":
            await self._tell(is_final=False)
        await self._end_utterance()

    def _is_end_of_speech(self) -> bool:
        limit_ms = self._query.endpointing
        if limit_ms == "false" or not self.ear.is_speaking:
            return False
        return self.ear.quiet_s * 1000 >= limit_ms and self.ear.quiet_s > 0

    async def _end_utterance(self) -> None:
        limit_ms = self._query.utterance_end_ms
        if limit_ms and self._utterance_end_due_s and self.ear.quiet_s * 1000 >= limit_ms:
            end = {"type": "UtteranceEnd", "channel": [0, 1]}
            await self.send(end | {"last_word_end": self._utterance_end_due_s})
            self._utterance_end_due_s = None

    async def _tell(
        self, *, is_final: bool, speech_final: bool = False, from_finalize: bool = False
    ) -> None:
        ear = self.ear
        words = [] if self.is_deaf else ear.words
        alternative = {
            "transcript": " ".join(word.text for word in words),
            "confidence": 0.99 if words else 0.0,
            "words": [word_fields(word) for word in words],
        }
        if self._query.language == "multi":
            alternative["languages"] = ["en"]
        await self.send(
            {
                "type": "Results",
                "channel_index": [0, 1],
                "duration": ear.heard_s - self._start_s,
                "start": self._start_s,
                "is_final": is_final,
                "speech_final": speech_final,
                "channel": {"alternatives": [alternative]},
                "metadata": {
                    "request_id": self.request_id,
                    "model_info": {"name": self._query.model, "version": "v", "arch": "emulated"},
                    "model_uuid": str(uuid.UUID(int=0)),
                },
                "from_finalize": from_finalize,
            }
        )
        self._told_s = ear.heard_s
        if is_final:
            if words:
                self._utterance_end_due_s = words[-1].end_s
            self._start_s = ear.heard_s
            self._was_speech = False
            self.forget()
