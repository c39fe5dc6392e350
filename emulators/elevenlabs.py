"""ElevenLabs: speech over the multi-context WebSocket and HTTP, voices and models.

WebSocket: https://elevenlabs.io/docs/api-reference/text-to-speech/v-1-text-to-speech-voice-id-multi-stream-input.
HTTP: https://elevenlabs.io/docs/api-reference/text-to-speech/stream. Errors:
https://elevenlabs.io/docs/eleven-api/resources/errors. As at the vendor, the WebSocket is accepted
first and what is wrong with it is a close frame: 1008 with the reason, 1011 for an outage.
"""

import asyncio
import base64
import contextlib
from collections.abc import Iterable
from functools import partial
from typing import Any

from aiohttp import web
from pydantic import Field

from emulators.faults import FaultKind, Passage
from emulators.lanes import Closing, Socket, read_json
from emulators.problems import Problem, Request, Wrong, check_key, check_known, of_fault, parse
from emulators.server import Cut, CutShort
from emulators.voice import VoiceEmulator, send_pcm
from emulators.word_tones import encode_word, split_words, word_duration_s

_INACTIVITY = (
    "Have not received a new text input within the timeout of {:g} seconds. Streaming input "
    "terminated. Please make sure to either feed the input in the timely manner, or to send the "
    'end of input text (empty string "") when done.'
)
_VOICE_SETTINGS_MOVED = (
    "voice_settings field must be provided in the first message and then either be not provided "
    "or not change."
)
_MAX_CONTEXTS = 5
_SCHEDULE_CHARACTERS = 120
"""Without auto mode, text waits until there is so much, or a flush."""


class VoiceSettings(Request):
    stability: float | None = Field(default=None, ge=0, le=1)
    similarity_boost: float | None = Field(default=None, ge=0, le=1)
    style: float | None = Field(default=None, ge=0, le=1)
    use_speaker_boost: bool | None = None
    speed: float | None = Field(default=None, ge=0.7, le=1.2)


class Locator(Request):
    pronunciation_dictionary_id: str
    version_id: str | None = None


class GenerationConfig(Request):
    chunk_length_schedule: list[float] | None = None


class Message(Request):
    """What a client sends on the multi-context WebSocket."""

    text: str | None = None
    context_id: str = "default"
    voice_settings: VoiceSettings | None = None
    generation_config: GenerationConfig | None = None
    pronunciation_dictionary_locators: list[Locator] | None = None
    xi_api_key: str | None = Field(default=None, alias="xi-api-key")
    authorization: str | None = None
    flush: bool = False
    close_context: bool = False
    close_socket: bool = False


class StreamQuery(Request):
    """The query of the WebSocket."""

    model_id: str = "eleven_flash_v2_5"
    output_format: str = Field(default="pcm_24000", pattern=r"^pcm_(8|16|22\.?05|24|32|44|48)\d*$")
    auto_mode: bool = False
    language_code: str | None = Field(default=None, pattern=r"^[a-z]{2,3}$")
    enable_logging: bool = True
    enable_ssml_parsing: bool = False
    apply_text_normalization: str | None = Field(default=None, pattern=r"^(auto|on|off)$")
    inactivity_timeout: float = Field(default=20, gt=0, le=180)
    sync_alignment: bool = False
    seed: int | None = None

    @property
    def sample_rate_hz(self) -> int:
        return int(self.output_format.removeprefix("pcm_"))


class SpeechQuery(Request):
    """The query of speech over HTTP."""

    output_format: str = Field(default="mp3_44100_128", pattern=r"^(pcm_\d+|mp3_\w+)$")
    optimize_streaming_latency: int | None = Field(default=None, ge=0, le=4)
    enable_logging: bool = True


class SpeechRequest(Request):
    """The body of speech over HTTP."""

    text: str = Field(min_length=1)
    model_id: str = "eleven_multilingual_v2"
    language_code: str | None = None
    voice_settings: VoiceSettings | None = None
    pronunciation_dictionary_locators: list[Locator] | None = None
    seed: int | None = None
    previous_text: str | None = None
    next_text: str | None = None
    apply_text_normalization: str | None = None


class ElevenLabsEmulator(VoiceEmulator):
    """ElevenLabs: `base_url` is the `url` of `ElevenLabsTTSService`, `http_url` the SDK's."""

    vendor = "elevenlabs"
    url_scheme = "ws"

    @property
    def http_url(self) -> str:
        """The same server for HTTP clients."""
        return self.base_url.replace("ws", "http", 1)

    def routes(self) -> Iterable[web.RouteDef]:
        speech = "/v1/text-to-speech/{voice}"
        return [
            web.get(f"{speech}/multi-stream-input", self._converse),
            web.post(speech, self._speak),
            web.post(f"{speech}/stream", self._speak),
            web.get("/v1/voices", self._list_voices),
            web.get("/v2/voices", self._list_voices),
            web.get("/v1/voices/{voice}", self._show_voice),
            web.get("/v1/models", self._list_models),
        ]

    def refusal(self, problem: Problem) -> web.Response:
        status, message = worded(problem)
        http_status = 422 if problem.status == 400 else problem.status
        detail: Any = {"status": status, "message": message}
        if http_status == 422:
            place = ["body", *(problem.param or "").split(".")]
            detail = [{"type": status, "loc": place, "msg": message}]
        return web.json_response({"detail": detail}, status=http_status, headers=problem.headers)

    def check_auth(self, request: web.Request) -> None:
        check_key(request.headers.get("xi-api-key"))

    async def _list_voices(self, request: web.Request) -> web.Response:
        await self.admit("voices", request)
        self.check_auth(request)
        voices = [
            {"voice_id": key, "name": name, "labels": {}} for key, name in self.voices.items()
        ]
        body = {"voices": voices, "has_more": False, "total_count": len(voices)}
        return web.json_response(body)

    async def _show_voice(self, request: web.Request) -> web.Response:
        """https://elevenlabs.io/docs/api-reference/voices/get"""
        await self.admit("voices", request)
        self.check_auth(request)
        voice = request.match_info["voice"]
        self.check_voice(voice)
        return web.json_response({"voice_id": voice, "name": voice, "labels": {}})

    async def _list_models(self, request: web.Request) -> web.Response:
        await self.admit("models", request)
        self.check_auth(request)
        models = ("eleven_flash_v2_5", "eleven_multilingual_v2", "eleven_v3")
        return web.json_response(
            [{"model_id": m, "name": m, "can_do_text_to_speech": True} for m in models]
        )

    async def _speak(self, request: web.Request) -> web.StreamResponse:
        passage, body = await self.admit_json("speak", request)
        self.check_auth(request)
        query = parse(SpeechQuery, dict(request.query))
        asked = parse(SpeechRequest, body)
        self.check_voice(request.match_info["voice"])
        check_known(Wrong.MODEL, asked.model_id, None)
        if not query.output_format.startswith("pcm_"):
            raise Problem(Wrong.VALUE, "only pcm output is emulated", param="output_format")
        rate_hz = int(query.output_format.removeprefix("pcm_"))
        return await send_pcm(self, request, passage, asked.text, rate_hz)

    async def _converse(self, request: web.Request) -> web.StreamResponse:
        passage = self.meet("connect", request)
        if passage.fault and passage.fault.kind is FaultKind.REFUSED:
            raise Cut
        if passage.is_hung:
            await self.hang()
        socket = Socket(request, _closing)
        await socket.open()
        try:
            if passage.fault and passage.fault.kind.status:
                raise of_fault(passage.fault)
            self.check_auth(request)
            query = parse(StreamQuery, dict(request.query))
            self.check_voice(request.match_info["voice"])
            check_known(Wrong.MODEL, query.model_id, None)
            await _Conversation(self, socket, query).run()
        except Problem as problem:
            return await socket.close_over(problem)
        return await socket.close()


class _Conversation:
    """One WebSocket: its contexts, each spoken in its own lane."""

    def __init__(self, vendor: ElevenLabsEmulator, socket: Socket, query: StreamQuery) -> None:
        self._vendor, self._socket, self._query = vendor, socket, query
        self._contexts: dict[str, _Context] = {}

    async def run(self) -> None:
        """Answer until the client closes. Raises `Problem` for what the vendor closes over."""
        while True:
            try:
                message = await self._socket.receive(self._query.inactivity_timeout)
            except TimeoutError as error:
                text = _INACTIVITY.format(self._query.inactivity_timeout)
                raise Problem(Wrong.ORDER, text) from error
            if message is None:
                return
            sent = parse(Message, read_json(message))
            if sent.close_socket:
                return
            self._take(sent)

    def _take(self, sent: Message) -> None:
        context = self._contexts.get(sent.context_id)
        if context is None:
            # An empty text keeps the socket alive and opens nothing.
            if not sent.text or sent.close_context:
                return
            if len(self._contexts) >= _MAX_CONTEXTS:
                raise Problem(
                    Wrong.ORDER,
                    f"Maximum simultaneous contexts per WebSocket exceeded ({_MAX_CONTEXTS}).",
                )
            context = _Context(sent.context_id, sent.voice_settings)
            self._contexts[sent.context_id] = context
            self._socket.start(partial(self._speak, context))
        elif sent.voice_settings not in (None, context.voice_settings):
            raise Problem(Wrong.ORDER, _VOICE_SETTINGS_MOVED)
        context.buffer += sent.text or ""
        is_due = self._query.auto_mode or len(context.buffer) >= _SCHEDULE_CHARACTERS
        if is_due or sent.flush or sent.close_context:
            context.due.put_nowait(context.buffer)
            context.buffer = ""
        if sent.close_context:
            context.due.put_nowait(None)
            del self._contexts[sent.context_id]

    async def _speak(self, context: "_Context") -> None:
        spoken = 0
        while (text := await context.due.get()) is not None:
            if not text.strip():
                continue
            passage = await self._vendor.admit("speak", self._socket.request, {"text": text})
            with contextlib.suppress(CutShort):
                for word in [] if passage.is_empty else split_words(text):
                    await self._vendor.wait_for_piece(spoken)
                    await self._say(passage, context.name, word)
                    spoken += 1
        await self._socket.send({"isFinal": True, "contextId": context.name})

    async def _say(self, passage: Passage, context_id: str, word: str) -> None:
        alignment: dict[str, Any] | None = _alignment(word)

        async def write(pcm: bytes) -> None:
            nonlocal alignment
            message = {
                "audio": base64.b64encode(pcm).decode(),
                "isFinal": None,
                "alignment": alignment,
                "normalizedAlignment": alignment,
                "contextId": context_id,
            }
            alignment = None
            await self._socket.send(message)

        pcm = encode_word(word, self._query.sample_rate_hz)
        await self._vendor.send(passage, pcm, write, self._socket.garble)


class _Context:
    def __init__(self, name: str, voice_settings: VoiceSettings | None) -> None:
        self.name = name
        self.voice_settings = voice_settings
        self.buffer = ""
        self.due: asyncio.Queue[str | None] = asyncio.Queue()


def _alignment(word: str) -> dict[str, Any]:
    """When each character of `word` and the space after it sounds, from the chunk's start."""
    characters = [*word, " "]
    total_ms = round(word_duration_s(word) * 1000)
    starts = [total_ms * i // len(characters) for i in range(len(characters))]
    ends = [*starts[1:], total_ms]
    durations = [end - start for start, end in zip(starts, ends, strict=True)]
    return {"chars": characters, "charStartTimesMs": starts, "charDurationsMs": durations}


def _closing(problem: Problem) -> Closing:
    error, message = worded(problem)
    code = 1011 if problem.status >= 500 else 1008
    return Closing(code, message, {"message": message, "error": error, "code": code})


def worded(problem: Problem) -> tuple[str, str]:
    """Status word and message of an error."""
    match problem.wrong:
        case Wrong.FAULT | Wrong.CREDENTIALS:
            return _FAULTS[problem.status]
        case Wrong.VOICE:
            message = f"A voice with the voice_id {problem.message} does not exist."
            return "voice_id_does_not_exist", message
        case Wrong.MODEL:
            return "model_not_found", f"A model with model ID {problem.message} does not exist."
        case Wrong.PATH:
            return "not_found", "Not Found"
        case Wrong.UNKNOWN_FIELD:
            return "extra_forbidden", f"{problem.param}: Extra inputs are not permitted"
        case Wrong.ORDER:
            return "policy_violation", problem.message
        case _:
            return "invalid_request", problem.located


_FAULTS = {
    401: ("invalid_api_key", "Invalid API key"),
    402: ("quota_exceeded", "This request exceeds your quota."),
    429: ("too_many_concurrent_requests", "Too many concurrent requests."),
    500: ("internal_server_error", "We are sorry, something went wrong."),
    503: ("system_busy", "The system is experiencing heavy traffic, please try again."),
}
