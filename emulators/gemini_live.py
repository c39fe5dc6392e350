"""Google's speech-to-speech model over its WebSocket, with turns taken by the server's VAD.

Messages: https://ai.google.dev/api/live. The address and the key:
https://ai.google.dev/gemini-api/docs/live-api/get-started-websocket. google-genai speaks TLS in any
case, so a certificate that it trusts has to stand before this. Bytes of a fault are bytes of the
answer's audio. Not emulated: tools, video, text answers, thinking, turns by `activityStart` and
`activityEnd`, ephemeral tokens, `goAway`.
"""

import base64
import binascii
import contextlib
import re
from collections.abc import Iterable
from typing import Any, Literal

from aiohttp import web
from pydantic import Field

from emulators.answering import Answering
from emulators.gemini import CamelRequest, Content, GeminiEmulator, GenerationConfig
from emulators.gemini import SystemInstruction as Instruction
from emulators.hearing import Ear
from emulators.lanes import Closing, Socket, read_json
from emulators.problems import Problem, Wrong, check_known, parse
from emulators.script import Said
from emulators.server import CutShort
from emulators.voice import chunks
from emulators.word_tones import encode

SPEECH_RATE_HZ = 24_000
SILENCE_S = 0.5
"""What ends the caller's turn."""
PATH = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
_RATE = re.compile(r"audio/pcm;rate=(8000|16000|24000|44100|48000)")
_PLAIN = str.maketrans("-_", "+/")


class LiveGeneration(GenerationConfig):
    speech_config: dict[str, Any] | None = None


class Resumption(CamelRequest):
    handle: str | None = None
    transparent: bool | None = None


class History(CamelRequest):
    initial_history_in_client_content: bool | None = None


class Transcription(CamelRequest):
    language_codes: list[str] | None = None


class Setup(CamelRequest):
    model: str = Field(pattern=r"^models/.+")
    generation_config: LiveGeneration
    system_instruction: Instruction | None = None
    tools: list[dict[str, Any]] | None = Field(default=None, max_length=0)
    realtime_input_config: dict[str, Any] | None = None
    session_resumption: Resumption | None = None
    context_window_compression: dict[str, Any] | None = None
    input_audio_transcription: Transcription | None = None
    output_audio_transcription: Transcription | None = None
    proactivity: dict[str, Any] | None = None
    history_config: History | None = None


class ClientContent(CamelRequest):
    turns: list[Content] = Field(default_factory=list)
    turn_complete: bool = False


class Blob(CamelRequest):
    data: str
    mime_type: str = Field(pattern=_RATE.pattern)


class RealtimeInput(CamelRequest):
    audio: Blob | None = None
    text: str | None = None
    audio_stream_end: bool | None = None


class Message(CamelRequest):
    """What a client sends: one of these, alone."""

    setup: Setup | None = None
    client_content: ClientContent | None = None
    realtime_input: RealtimeInput | None = None


class GeminiLiveEmulator(GeminiEmulator):
    """Gemini Live: `base_url` is that of `google.genai`'s `HttpOptions`, behind TLS."""

    vendor = "gemini-live"

    def routes(self) -> Iterable[web.RouteDef]:
        return [*super().routes(), web.get(PATH, self._converse)]

    async def _converse(self, request: web.Request) -> web.StreamResponse:
        await self.admit("connect", request)
        self.check_auth(request)
        socket = Socket(request, lambda problem: Closing(_code(problem), problem.message))
        await socket.open()
        try:
            await _Conversation(self, socket).run()
        except Problem as problem:
            return await socket.close_over(problem)
        return await socket.close()


class _Conversation:
    """One connection: what was said in it, and the answer under way."""

    def __init__(self, vendor: GeminiLiveEmulator, socket: Socket) -> None:
        self._vendor = vendor
        self._socket = socket
        self._ear: Ear | None = None
        self._setup: Setup | None = None
        self._said: list[Said] = []
        self._answering = Answering(socket)
        self._has_stopped = False

    async def run(self) -> None:
        try:
            while (message := await self._socket.receive()) is not None:
                await self._take(parse(Message, read_json(message)))
        finally:
            self._answering.cancel()

    async def _take(self, message: Message) -> None:
        given = message.model_fields_set
        if len(given) != 1:
            raise Problem(Wrong.VALUE, "exactly one field of the message must be set")
        if (message.setup is None) is (self._setup is None):
            raise Problem(Wrong.ORDER, "setup must be the first message, and only that")
        if message.setup:
            if message.setup.generation_config.response_modalities not in (None, ["AUDIO"]):
                raise Problem(Wrong.VALUE, "the answers are audio", param="responseModalities")
            check_known(Wrong.MODEL, message.setup.model.removeprefix("models/"), None)
            self._setup = message.setup
            await self._socket.send({"setupComplete": {}})
        elif message.client_content:
            await self._add(message.client_content)
        elif message.realtime_input and message.realtime_input.audio:
            await self._hear(message.realtime_input.audio)
        elif message.realtime_input and message.realtime_input.text is not None:
            self._write(message.realtime_input.text)

    async def _add(self, content: ClientContent) -> None:
        """History; with `turnComplete` it is answered, but for what a conversation begins with."""
        assert self._setup
        is_first = not self._said
        for turn in content.turns:
            text = " ".join(part.text or "" for part in turn.parts).strip()
            role: Literal["assistant", "user"] = "assistant" if turn.role == "model" else "user"
            self._said.append(Said(role=role, text=text))
        history = self._setup.history_config
        is_seed = is_first and bool(history and history.initial_history_in_client_content)
        if content.turn_complete and not is_seed:
            self._respond()

    def _write(self, text: str) -> None:
        """A typed line is a turn; a blank one asks for an answer to what there is."""
        if text.strip():
            self._said.append(Said(role="user", text=text.strip()))
        self._respond()

    async def _hear(self, audio: Blob) -> None:
        try:
            # Google's JSON takes both alphabets; its SDK sends the one for URLs.
            pcm = base64.b64decode(audio.data.translate(_PLAIN), validate=True)
        except binascii.Error as error:
            raise Problem(
                Wrong.VALUE, "audio is not base64", param="realtimeInput.audio"
            ) from error
        if self._ear is None:
            self._ear = Ear(int(audio.mime_type.partition("=")[2]))
        ear = self._ear
        ear.listen(pcm)
        if ear.is_speaking and not self._has_stopped:
            self._has_stopped = True
            await self._stop()
        if ear.is_speaking and ear.quiet_s >= SILENCE_S:
            await self._end_turn(ear)

    async def _end_turn(self, ear: Ear) -> None:
        assert self._setup
        ear.finish()
        words = ear.transcript
        ear.forget()
        self._has_stopped = False
        self._said.append(Said(role="user", text=words))
        if self._setup.input_audio_transcription and words:
            await self._tell(inputTranscription={"text": words})
        self._respond()

    def _respond(self) -> None:
        self._answering.begin(self._speak())

    async def _stop(self) -> None:
        """The caller speaks over the answer: it ends where it is."""
        if await self._answering.stop():
            await self._tell(interrupted=True)

    async def _speak(self) -> None:
        assert self._setup
        passage = await self._vendor.admit("chat", self._socket.request, {"turns": len(self._said)})
        reply = self._vendor.reply_to(self._said, passage).text
        pieces = list(chunks(encode(reply, SPEECH_RATE_HZ) if reply else b"", SPEECH_RATE_HZ))

        async def write(audio: bytes) -> None:
            data = base64.b64encode(audio).decode()
            blob = {"mimeType": f"audio/pcm;rate={SPEECH_RATE_HZ}", "data": data}
            await self._tell(modelTurn={"parts": [{"inlineData": blob}]})

        with contextlib.suppress(CutShort):
            for number, pcm in enumerate(pieces):
                await self._vendor.wait_for_piece(number)
                await self._vendor.send(passage, pcm, write, self._socket.garble)
        if self._setup.output_audio_transcription and reply:
            await self._tell(outputTranscription={"text": reply})
        self._said.append(Said(role="assistant", text=reply))
        await self._tell(generationComplete=True)
        usage = {"promptTokenCount": 1, "responseTokenCount": 1, "totalTokenCount": 2}
        await self._socket.send({"serverContent": {"turnComplete": True}, "usageMetadata": usage})

    async def _tell(self, **content: Any) -> None:
        await self._socket.send({"serverContent": content})


def _code(problem: Problem) -> int:
    """1007 for what cannot be read, 1008 for what is not there, 1011 for the vendor's own."""
    if problem.wrong is Wrong.FAULT:
        return 1011
    return 1008 if problem.wrong is Wrong.MODEL else 1007
