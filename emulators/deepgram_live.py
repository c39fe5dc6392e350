"""One live transcription of the emulated Deepgram: from audio to interim and final results.

Results come as https://developers.deepgram.com/docs/understand-endpointing-interim-results says: an
interim one while words come, a final one at the end of speech, at a Finalize, or when a segment has
grown long.
"""

import asyncio
import hashlib
import uuid
from typing import Any, Literal

from emulators.deepgram_query import LiveQuery, word_fields
from emulators.faults import FaultKind, Passage
from emulators.hearing import Ear
from emulators.lanes import Socket
from emulators.mu_law import to_pcm
from emulators.problems import Problem, Request, Wrong, of_fault
from emulators.server import Cut, Emulator

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


class LiveTranscription:
    """One live stream: what was heard of it and what of that was told."""

    def __init__(self, vendor: Emulator, socket: Socket, query: LiveQuery, rate_hz: int) -> None:
        self._vendor, self._socket, self._query = vendor, socket, query
        self._ear = Ear(rate_hz)
        self._request_id = str(uuid.uuid4())
        self._sha256 = hashlib.sha256()
        self._start_s = 0.0
        self._told_s = 0.0
        self._told_words = 0
        self._was_speech = False
        self._utterance_end_due_s: float | None = None
        self._is_stalled = False
        self._passage: Passage | None = None

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
            self._ear.finish()
            if self._ear.words:
                await self._tell(is_final=True)
            await self._send(
                {
                    "type": "Metadata",
                    "transaction_key": "deprecated",
                    "request_id": self._request_id,
                    "sha256": self._sha256.hexdigest(),
                    "created": "2026-01-01T00:00:00.000Z",
                    "duration": self._ear.heard_s,
                    "channels": 1,
                }
            )
        return command

    async def _hear(self, audio: bytes) -> None:
        await self._meet_fault(audio)
        self._sha256.update(audio)
        new = self._ear.listen(to_pcm(audio) if self._query.encoding == "mulaw" else audio)
        ear = self._ear
        if ear.is_speaking and not self._was_speech:
            self._was_speech = True
            if self._query.vad_events == "true":
                started = {"type": "SpeechStarted", "channel": [0], "timestamp": ear.heard_s}
                await self._send(started)
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
        if limit_ms == "false" or not self._ear.is_speaking:
            return False
        return self._ear.quiet_s * 1000 >= limit_ms and self._ear.quiet_s > 0

    async def _end_utterance(self) -> None:
        limit_ms = self._query.utterance_end_ms
        if limit_ms and self._utterance_end_due_s and self._ear.quiet_s * 1000 >= limit_ms:
            end = {"type": "UtteranceEnd", "channel": [0, 1]}
            await self._send(end | {"last_word_end": self._utterance_end_due_s})
            self._utterance_end_due_s = None

    async def _tell(
        self, *, is_final: bool, speech_final: bool = False, from_finalize: bool = False
    ) -> None:
        ear = self._ear
        words = [] if self._passage and self._passage.is_empty else ear.words
        alternative = {
            "transcript": " ".join(word.text for word in words),
            "confidence": 0.99 if words else 0.0,
            "words": [word_fields(word) for word in words],
        }
        if self._query.language == "multi":
            alternative["languages"] = ["en"]
        await self._send(
            {
                "type": "Results",
                "channel_index": [0, 1],
                "duration": ear.heard_s - self._start_s,
                "start": self._start_s,
                "is_final": is_final,
                "speech_final": speech_final,
                "channel": {"alternatives": [alternative]},
                "metadata": {
                    "request_id": self._request_id,
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
            self._passage = None
            ear.forget()

    async def _meet_fault(self, audio: bytes) -> None:
        """An utterance meets one fault: armed before it, or while it is spoken."""
        vendor = self._vendor
        if self._passage is None or self._passage.fault is None:
            # Audio without a fault is no request worth remembering: it comes 50 times a second.
            fault = vendor.look_up("listen")
            if fault is None:
                return
            self._passage = vendor.meet("listen", self._socket.request)
        fault = self._passage.fault
        if fault is None:
            return
        if fault.kind is FaultKind.REFUSED:
            raise Cut
        if fault.kind.status:
            raise of_fault(fault)
        step = self._passage.step(len(audio))
        if step.then == "drop":
            raise Cut
        if step.then == "garble":
            await self._socket.garble()
        self._is_stalled = self._is_stalled or step.then == "stall" or self._passage.is_hung

    async def _send(self, message: dict[str, Any]) -> None:
        if self._is_stalled:
            return
        if self._passage and (drip := self._passage.drip):
            await asyncio.sleep(drip.drip_ms / 1000)
        await self._socket.send(message)
