"""Cartesia: speech over the WebSocket and HTTP, and voices.

WebSocket: https://docs.cartesia.ai/2026-03-01/api-reference/tts/websocket. Contexts:
https://docs.cartesia.ai/use-the-api/tts-websocket/contexts. HTTP:
https://docs.cartesia.ai/api-reference/tts/bytes. An error on the WebSocket is a message of its
context, after which the socket stays open.
"""

import asyncio
import base64
import contextlib
import re
import uuid
from collections.abc import Iterable
from functools import partial
from typing import Any, Literal

from aiohttp import web
from pydantic import Field

from emulators.faults import Passage
from emulators.lanes import Closing, Socket, read_json
from emulators.problems import Problem, Request, Wrong, check_key, check_known, parse
from emulators.server import CutShort
from emulators.voice import VoiceEmulator, send_pcm
from emulators.word_tones import encode_word, split_words, word_duration_s


class Voice(Request):
    mode: Literal["id"]
    id: str


class OutputFormat(Request):
    container: Literal["raw"]
    encoding: Literal["pcm_s16le"]
    sample_rate: Literal[8000, 16000, 22050, 24000, 44100, 48000]


class GenerationConfig(Request):
    volume: float | None = Field(default=None, ge=0.5, le=2.0)
    speed: float | None = Field(default=None, ge=0.6, le=1.5)
    emotion: str | None = None


class Speech(Request):
    """What speech over HTTP and over the WebSocket share."""

    model_id: str
    transcript: str
    voice: Voice
    output_format: OutputFormat
    language: str | None = Field(default=None, pattern=r"^[a-z]{2}(-[A-Z]{2})?$")
    generation_config: GenerationConfig | None = None
    pronunciation_dict_id: str | None = None


class Generation(Speech):
    """A generation request on the WebSocket."""

    context_id: str = Field(pattern=r"^[A-Za-z0-9_-]+$")
    continue_: bool = Field(default=False, alias="continue")
    flush: bool = False
    max_buffer_delay_ms: int | None = Field(default=None, ge=0, le=5000)
    add_timestamps: bool = False
    add_phoneme_timestamps: bool = False
    use_normalized_timestamps: bool = False

    @property
    def fixed(self) -> tuple[object, ...]:
        """What may not change within a context."""
        return (self.model_id, self.voice, self.output_format, self.language)


class Cancel(Request):
    """Gives a context up."""

    context_id: str
    cancel: Literal[True]


class SocketQuery(Request):
    """The query of the WebSocket, for browsers, which cannot send headers."""

    api_key: str | None = None
    cartesia_version: str | None = None


class CartesiaEmulator(VoiceEmulator):
    """Cartesia: `base_url` is the `url` of `CartesiaTTSService`, `http_url` that of HTTP."""

    vendor = "cartesia"
    url_scheme = "ws"
    url_path = "/tts/websocket"

    @property
    def http_url(self) -> str:
        """The same server for HTTP clients."""
        return self.base_url.removesuffix(self.url_path).replace("ws", "http", 1)

    def routes(self) -> Iterable[web.RouteDef]:
        return [
            web.get(self.url_path, self._converse),
            web.post("/tts/bytes", self._speak),
            web.get("/voices", self._list_voices),
        ]

    def refusal(self, problem: Problem) -> web.Response:
        return web.json_response(worded(problem), status=problem.status, headers=problem.headers)

    def check_speech(self, asked: Speech) -> None:
        """Raises `Problem` 404 for a model or a voice that is not there."""
        check_known(Wrong.MODEL, asked.model_id, None)
        self.check_voice(asked.voice.id)

    def check_auth(self, request: web.Request) -> None:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        check_key(request.headers.get("X-API-Key") or request.query.get("api_key") or bearer)
        version = request.headers.get("Cartesia-Version") or request.query.get("cartesia_version")
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", version or ""):
            message = "Cartesia-Version must be a date, such as 2026-03-01"
            raise Problem(Wrong.VALUE, message, param="Cartesia-Version")

    async def _list_voices(self, request: web.Request) -> web.Response:
        await self.admit("voices", request)
        self.check_auth(request)
        voices = [
            {"id": key, "name": name, "language": "en", "is_public": True, "is_owner": False}
            for key, name in self.voices.items()
        ]
        return web.json_response({"data": voices, "has_more": False, "next_page": None})

    async def _speak(self, request: web.Request) -> web.StreamResponse:
        passage, body = await self.admit_json("speak", request)
        self.check_auth(request)
        asked = parse(Speech, body)
        self.check_speech(asked)
        rate_hz = asked.output_format.sample_rate
        return await send_pcm(self, request, passage, asked.transcript, rate_hz)

    async def _converse(self, request: web.Request) -> web.StreamResponse:
        await self.admit("connect", request)
        self.check_auth(request)
        parse(SocketQuery, dict(request.query))
        socket = Socket(request, lambda problem: Closing(1008, problem.message))
        await socket.open()
        await _Conversation(self, socket).run()
        return await socket.close()


class _Context:
    def __init__(self, asked: Generation) -> None:
        self.name = asked.context_id
        self.fixed = asked.fixed
        self.due: asyncio.Queue[Generation] = asyncio.Queue()
        self.unspoken = ""
        self.spoken_s = 0.0
        self.flushes = 0
        self.is_given_up = False
        self.is_ended = False


class _Conversation:
    """One WebSocket: its contexts, each spoken in its own lane."""

    def __init__(self, vendor: CartesiaEmulator, socket: Socket) -> None:
        self._vendor, self._socket = vendor, socket
        self._contexts: dict[str, _Context] = {}

    async def run(self) -> None:
        """Answer until the client closes."""
        while (message := await self._socket.receive()) is not None:
            context_id = ""
            try:
                body = read_json(message)
                if not isinstance(body, dict):
                    raise Problem(Wrong.VALUE, "the message is not an object")
                context_id = str(body.get("context_id", ""))
                self._take(body)
            except Problem as problem:
                await self._refuse(context_id, problem)

    def _take(self, body: dict[str, Any]) -> None:
        if "cancel" in body:
            given_up = self._contexts.pop(parse(Cancel, body).context_id, None)
            if given_up:
                given_up.is_given_up = True
            return
        asked = parse(Generation, body)
        self._vendor.check_speech(asked)
        context = self._contexts.get(asked.context_id)
        if context is None:
            if not asked.transcript.strip() and not asked.continue_:
                raise Problem(Wrong.VALUE, "there is nothing to say", param="transcript")
            context = self._contexts[asked.context_id] = _Context(asked)
            self._socket.start(partial(self._speak, context))
        elif context.is_ended:
            raise Problem(Wrong.ORDER, "the context has had its last input", param="context_id")
        elif asked.fixed != context.fixed:
            message = "model_id, voice, output_format and language may not change in a context"
            raise Problem(Wrong.ORDER, message, param="context_id")
        context.due.put_nowait(asked)
        context.is_ended = not asked.continue_

    async def _speak(self, context: _Context) -> None:
        is_open = True
        while is_open:
            asked = await context.due.get()
            is_open = asked.continue_
            context.unspoken += asked.transcript
            # Without a buffer each request is spoken as it is; with one, only whole words are.
            is_whole = asked.max_buffer_delay_ms == 0 or asked.flush or not asked.continue_
            cut = len(context.unspoken) if is_whole else context.unspoken.rfind(" ") + 1
            text, context.unspoken = context.unspoken[:cut], context.unspoken[cut:]
            try:
                if text.strip():
                    with contextlib.suppress(CutShort):
                        await self._say_all(context, asked, text)
            except Problem as problem:
                self._contexts.pop(context.name, None)
                await self._refuse(context.name, problem)
                return
            if is_open and (asked.flush or asked.max_buffer_delay_ms == 0):
                context.flushes += 1
                flushed = {"flush_done": True, "flush_id": context.flushes}
                await self._send(context, "flush_done", flushed)
        self._contexts.pop(context.name, None)
        await self._send(context, "done", {"done": True})

    async def _say_all(self, context: _Context, asked: Generation, text: str) -> None:
        passage = await self._vendor.admit("speak", self._socket.request, {"transcript": text})
        for number, word in enumerate([] if passage.is_empty else split_words(text)):
            await self._vendor.wait_for_piece(number)
            if context.is_given_up:
                return
            await self._say(context, asked, passage, word)

    async def _say(self, context: _Context, asked: Generation, passage: Passage, word: str) -> None:
        async def write(pcm: bytes) -> None:
            chunk = {"data": base64.b64encode(pcm).decode(), "step_time": 1.0}
            await self._send(context, "chunk", chunk)

        end_s = context.spoken_s + word_duration_s(word)
        if asked.add_timestamps and passage.step(0).then == "go":
            times = {"words": [word], "start": [context.spoken_s], "end": [end_s]}
            await self._send(context, "timestamps", {"word_timestamps": times})
        context.spoken_s = end_s
        pcm = encode_word(word, asked.output_format.sample_rate)
        await self._vendor.send(passage, pcm, write, self._socket.garble)

    async def _send(self, context: _Context, kind: str, fields: dict[str, Any]) -> None:
        head = {"type": kind, "context_id": context.name, "status_code": 206, "done": False}
        await self._socket.send(head | fields)

    async def _refuse(self, context_id: str, problem: Problem) -> None:
        head = {"type": "error", "done": True, "status_code": problem.status}
        await self._socket.send(head | {"context_id": context_id} | worded(problem))


def worded(problem: Problem) -> dict[str, Any]:
    """Title, message and code of an error, with a request id."""
    match problem.wrong:
        case Wrong.FAULT | Wrong.CREDENTIALS:
            title, message, code = _FAULTS[problem.status]
        case Wrong.MODEL:
            title, code = "Invalid model", "model_not_found"
            message = f"The model {problem.message} is not valid, use a valid model ID."
        case Wrong.VOICE:
            title, code = "Voice not found", "voice_not_found"
            message = f"The voice {problem.message} does not exist."
        case Wrong.UNKNOWN_FIELD:
            title, code = "Invalid request", "invalid_request"
            message = f"unknown field {problem.param!r}"
        case _:
            title, code = "Invalid request", "invalid_request"
            message = problem.located
    return {
        "title": title,
        "message": message,
        "error_code": code,
        "request_id": str(uuid.uuid4()),
    }


_FAULTS = {
    401: ("Unauthorized", "The API key is not valid.", "unauthorized"),
    402: ("Payment required", "There are no credits left on this plan.", "quota_exceeded"),
    429: ("Too many requests", "The concurrency limit is exceeded.", "concurrency_limited"),
    500: ("Internal error", "An internal error occurred.", "internal_error"),
    503: ("Service unavailable", "The service is unavailable, try again.", "unavailable"),
}
