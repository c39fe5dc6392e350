"""AssemblyAI: live transcription that takes turns, over the WebSocket of its third version.

Messages and their order: https://www.assemblyai.com/docs/streaming/message-sequence, fields:
https://www.assemblyai.com/docs/api-reference/streaming-api/universal-streaming. Turns:
https://www.assemblyai.com/docs/streaming/turn-detection. Refusals come over an open socket, as an
Error and then its close code:
https://www.assemblyai.com/docs/streaming/common-session-errors-and-closures.

The models of the Universal-3 Pro family are emulated, which look for the end of a turn in the
punctuation: after `min_turn_silence` a turn that ends a sentence is over, after `max_turn_silence`
any is. Bytes of a fault are bytes of the caller's audio.
"""

import json
import time
import uuid
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from emulators.deepgram_query import Flag
from emulators.deepgram_stream import AudioStream
from emulators.lanes import Closing, Socket
from emulators.problems import Problem, Request, Wrong, check_key, parse
from emulators.server import Emulator

SHORTEST_CHUNK_MS, LONGEST_CHUNK_MS = 50, 1000
_PARTIAL_EVERY_S = 0.75
_SESSION_S = 3 * 3600
_SENTENCE_ENDS = (".", "?", "!")

Ms = Annotated[int, Field(ge=0, le=60_000)]
Share = Annotated[float, Field(ge=0, le=1)]
Listed = Annotated[list[str], BeforeValidator(lambda text: json.loads(text))]
Code = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]


class StreamingQuery(Request):
    speech_model: Literal["u3-rt-pro", "universal-3-5-pro", "universal-3-6-pro"]
    sample_rate: int = Field(default=16000, ge=8000, le=48_000)
    encoding: Literal["pcm_s16le", "pcm_mulaw"] = "pcm_s16le"
    min_turn_silence: Ms = 100
    max_turn_silence: Ms = 1000
    agent_context: str | None = Field(default=None, max_length=1500)
    continuous_partials: Flag = "false"
    domain: Literal["medical-v1"] | None = None
    end_of_turn_confidence_threshold: Share | None = None
    format_turns: Flag = "true"
    formatted_finals: Flag = "true"
    inactivity_timeout: Annotated[int, Field(ge=5, le=3600)] | None = None
    interruption_delay: Annotated[int, Field(ge=0, le=1000)] | None = None
    keyterms_prompt: Listed | None = None
    language_code: Code | None = None
    language_codes: Listed | None = None
    language_detection: Flag = "false"
    mode: Literal["min_latency", "balanced", "max_accuracy"] = "balanced"
    previous_context_n_turns: Annotated[int, Field(ge=0, le=100)] = 3
    prompt: str | None = None
    speaker_labels: Flag = "false"
    vad_threshold: Share = 0.3
    voice_focus: Literal["near-field", "far-field"] | None = None
    voice_focus_threshold: Share | None = None
    word_finalization_max_wait_time: Ms | None = None


class UpdateConfiguration(Request):
    type: Literal["UpdateConfiguration"]
    agent_context: str | None = Field(default=None, max_length=1500)
    keyterms_prompt: list[str] | None = None
    language_codes: list[Code] | None = None
    max_turn_silence: Ms | None = None
    min_turn_silence: Ms | None = None
    prompt: str | None = None


class Control(Request):
    type: Literal["ForceEndpoint", "KeepAlive", "Terminate"]


_MESSAGES = TypeAdapter(Annotated[UpdateConfiguration | Control, Field(discriminator="type")])


class AssemblyAIEmulator(Emulator):
    """AssemblyAI: `base_url` is the `api_endpoint_base_url` of `AssemblyAISTTService`."""

    vendor = "assemblyai"
    url_scheme = "ws"
    url_path = "/v3/ws"

    def routes(self) -> Iterable[web.RouteDef]:
        return [web.get(self.url_path, self._stream)]

    def refusal(self, problem: Problem) -> web.Response:
        return web.json_response(
            {"error": problem.located}, status=problem.status, headers=problem.headers
        )

    def check_auth(self, request: web.Request) -> None:
        check_key(request.headers.get("Authorization") or request.query.get("token"))

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        query: StreamingQuery | Problem
        try:
            await self.admit("connect", request)
            self.check_auth(request)
            given = {name: value for name, value in request.query.items() if name != "token"}
            query = parse(StreamingQuery, given)
        except Problem as problem:
            query = problem
        socket = Socket(request, _closing)
        await socket.open()
        if isinstance(query, Problem):
            return await socket.close_over(query)
        try:
            await _Session(self, socket, query).run()
        except Problem as problem:
            return await socket.close_over(problem)
        return await socket.close()


def _closing(problem: Problem) -> Closing:
    """The code and the words that it is closed over with."""
    code, message = 3005, "Session Cancelled: An error occurred"
    if problem.wrong is Wrong.CREDENTIALS or problem.status == 401:
        code, message = 1008, "Unauthorized connection: Invalid API key"
    elif problem.status == 402:
        code, message = 1008, "Unauthorized connection: Insufficient account balance"
    elif problem.status == 429:
        code, message = 1008, "Unauthorized connection: Too many concurrent sessions"
    elif problem.wrong is Wrong.ORDER:
        code, message = 3007, f"Input Duration Error: {problem.message}"
    elif problem.wrong is not Wrong.FAULT:
        code, message = 3006, f"Invalid message: {problem.located}"
    told = {"type": "Error", "error_code": code, "error": message}
    return Closing(code, message, told)


class _Session(AudioStream):
    """One connection, turn by turn."""

    def __init__(self, vendor: Emulator, socket: Socket, query: StreamingQuery) -> None:
        encoding = "mulaw" if query.encoding == "pcm_mulaw" else "linear16"
        super().__init__(vendor, socket, encoding, query.sample_rate)
        self._query = query
        self._bytes_a_ms = query.sample_rate * (1 if encoding == "mulaw" else 2) / 1000
        self._began_s = time.monotonic()
        self._turn = 0
        self._told_s = 0.0
        self._told_words = 0
        self._is_announced = False

    async def run(self) -> None:
        """Listen until the client terminates. Raises `Problem` for what the vendor closes over."""
        expires_at = int(time.time()) + _SESSION_S
        await self.send({"type": "Begin", "id": str(uuid.uuid4()), "expires_at": expires_at})
        while (message := await self._socket.receive()) is not None:
            if isinstance(message, bytes):
                await self._hear(message)
            elif await self._obey(message) == "Terminate":
                return

    async def _obey(self, message: str) -> str:
        try:
            asked = _MESSAGES.validate_json(message)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise Problem(Wrong.VALUE, first["msg"]) from error
        if isinstance(asked, UpdateConfiguration):
            given = asked.model_dump(exclude_none=True)
            self._vendor.meet("configure", self._socket.request, given)
            del given["type"]
            self._query = self._query.model_copy(update=given)
        elif asked.type == "ForceEndpoint":
            self._vendor.meet("endpoint", self._socket.request)
            await self._end()
        elif asked.type == "Terminate":
            self._vendor.meet("terminate", self._socket.request)
            await self._terminate()
        return asked.type

    async def _terminate(self) -> None:
        await self._end()
        await self.send(
            {
                "type": "Termination",
                "audio_duration_seconds": round(self.ear.heard_s, 2),
                "session_duration_seconds": round(time.monotonic() - self._began_s, 2),
            }
        )

    async def _hear(self, audio: bytes) -> None:
        length_ms = len(audio) / self._bytes_a_ms
        if not SHORTEST_CHUNK_MS <= length_ms <= LONGEST_CHUNK_MS:
            message = f"Input Duration Violation: {length_ms:.1f} ms. "
            expected = f"Expected between {SHORTEST_CHUNK_MS} and {LONGEST_CHUNK_MS} ms"
            raise Problem(Wrong.ORDER, message + expected)
        await self.listen(audio)
        ear, query = self.ear, self._query
        if self.is_deaf:
            if ear.words and ear.quiet_s * 1000 >= query.max_turn_silence:
                self.forget()
            return
        if ear.words and not self._is_announced:
            self._is_announced = True
            started_ms = round(ear.words[0].start_s * 1000)
            await self.send({"type": "SpeechStarted", "timestamp": started_ms})
        if not ear.words:
            return
        quiet_ms = ear.quiet_s * 1000
        is_sentence = ear.transcript.endswith(_SENTENCE_ENDS)
        if quiet_ms >= (query.min_turn_silence if is_sentence else query.max_turn_silence):
            await self._end()
        elif len(ear.words) > self._told_words and self._is_partial_due(quiet_ms):
            await self._tell(is_end=False)

    def _is_partial_due(self, quiet_ms: float) -> bool:
        is_pause = quiet_ms >= self._query.min_turn_silence
        return is_pause or self.ear.heard_s - self._told_s >= _PARTIAL_EVERY_S

    async def _end(self) -> None:
        if not self.is_deaf:
            self.ear.finish()
            if self.ear.words:
                await self._tell(is_end=True)
                self._turn += 1
        self._told_words, self._is_announced = 0, False
        self.forget()

    async def _tell(self, *, is_end: bool) -> None:
        ear = self.ear
        self._told_s, self._told_words = ear.heard_s, len(ear.words)
        turn: dict[str, Any] = {
            "type": "Turn",
            "turn_order": self._turn,
            "turn_is_formatted": is_end,
            "end_of_turn": is_end,
            "transcript": ear.transcript,
            "utterance": ear.transcript if is_end else "",
            "end_of_turn_confidence": 1.0 if is_end else 0.0,
            "words": [
                {
                    "start": round(word.start_s * 1000),
                    "end": round(word.end_s * 1000),
                    "text": word.text,
                    "confidence": 0.99,
                    "word_is_final": is_end,
                }
                for word in ear.words
            ],
        }
        await self.send(turn)
