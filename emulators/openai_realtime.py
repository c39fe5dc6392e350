"""OpenAI's speech-to-speech model over its WebSocket, with turns taken by the server's VAD.

Client events: https://platform.openai.com/docs/api-reference/realtime-client-events. Server events:
https://platform.openai.com/docs/api-reference/realtime-server-events. The connection:
https://platform.openai.com/docs/guides/realtime-websocket. Bytes of a fault are bytes of the
answer's audio. Not emulated: G.711, semantic VAD, turns without VAD, text output, tools, images.
"""

import base64
import binascii
import contextlib
import uuid
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Unpack

from aiohttp import web
from pydantic import Field, TypeAdapter, ValidationError

from emulators.answering import Answering
from emulators.hearing import Ear
from emulators.lanes import Closing, Socket, read_json
from emulators.model import ModelEmulator
from emulators.openai import SPEECH_RATE_HZ, VOICES, worded
from emulators.problems import Problem, Request, Wrong, check_known, parse
from emulators.script import Said, Script
from emulators.server import CutShort, Serving
from emulators.voice import chunks
from emulators.word_tones import encode

SILENCE_S = 0.5
"""What ends the caller's turn, as `silence_duration_ms` is by default."""


class Format(Request):
    type: Literal["audio/pcm"]
    rate: Literal[24000] = 24000


class Transcription(Request):
    model: str
    language: str | None = Field(default=None, min_length=2, max_length=2)
    prompt: str | None = None


class ServerVAD(Request):
    type: Literal["server_vad"] = "server_vad"
    threshold: float | None = Field(default=None, ge=0, le=1)
    prefix_padding_ms: int | None = None
    silence_duration_ms: int | None = None
    create_response: bool | None = None
    interrupt_response: bool | None = None
    idle_timeout_ms: int | None = None


class Hearing(Request):
    format: Format | None = None
    transcription: Transcription | None = None
    noise_reduction: dict[str, Any] | None = None
    turn_detection: ServerVAD | None = None


class Speaking(Request):
    format: Format | None = None
    voice: str | None = None
    speed: float | None = Field(default=None, ge=0.25, le=1.5)


class Audio(Request):
    input: Hearing | None = None
    output: Speaking | None = None


class Session(Request):
    type: Literal["realtime"]
    model: str | None = None
    instructions: str | None = None
    output_modalities: list[Literal["audio"]] | None = None
    audio: Audio | None = None
    tools: list[dict[str, Any]] | None = Field(default=None, max_length=0)
    tool_choice: str | None = None
    max_output_tokens: int | Literal["inf"] | None = None
    tracing: str | dict[str, Any] | None = None
    truncation: str | dict[str, Any] | None = None
    prompt: dict[str, Any] | None = None
    include: list[str] | None = None
    reasoning: dict[str, Any] | None = None


class Content(Request):
    type: Literal["input_text", "output_text", "text"]
    text: str


class Item(Request):
    id: str | None = Field(default=None, max_length=32)
    type: Literal["message"]
    role: Literal["user", "assistant", "system"]
    status: str | None = None
    content: list[Content]


class _Event(Request):
    event_id: str | None = None


class SessionUpdate(_Event):
    type: Literal["session.update"]
    session: Session


class AudioAppend(_Event):
    type: Literal["input_audio_buffer.append"]
    audio: str


class ItemCreate(_Event):
    type: Literal["conversation.item.create"]
    previous_item_id: str | None = None
    item: Item


class ItemTruncate(_Event):
    type: Literal["conversation.item.truncate"]
    item_id: str
    content_index: Literal[0]
    audio_end_ms: int = Field(ge=0)


class Asked(Request):
    output_modalities: list[Literal["audio"]] | None = None
    instructions: str | None = None


class ResponseCreate(_Event):
    type: Literal["response.create"]
    response: Asked | None = None


class ResponseCancel(_Event):
    type: Literal["response.cancel"]
    response_id: str | None = None


_EVENTS = TypeAdapter(
    Annotated[
        SessionUpdate | AudioAppend | ItemCreate | ItemTruncate | ResponseCreate | ResponseCancel,
        Field(discriminator="type"),
    ]
)


class Query(Request):
    model: str


class OpenAIRealtimeEmulator(ModelEmulator):
    """OpenAI Realtime: `base_url` is that of `OpenAIRealtimeLLMService`."""

    vendor = "openai-realtime"
    url_scheme = "ws"
    url_path = "/v1/realtime"

    def __init__(self, *, script: Script | None = None, **serving: Unpack[Serving]) -> None:
        super().__init__(script=script, **serving)
        self.sessions: list[Session] = []
        """What each connection last asked for, in the order of the updates."""

    def routes(self) -> Iterable[web.RouteDef]:
        return [web.get(self.url_path, self._converse)]

    def refusal(self, problem: Problem) -> web.Response:
        return web.json_response(_error(problem), status=problem.status, headers=problem.headers)

    async def _converse(self, request: web.Request) -> web.StreamResponse:
        await self.admit("connect", request)
        self.check_auth(request)
        query = parse(Query, dict(request.query))
        check_known(Wrong.MODEL, query.model, None)
        socket = Socket(request, lambda problem: Closing(1011, problem.message, _event(problem)))
        await socket.open()
        try:
            await _Conversation(self, socket).run()
        except Problem as problem:
            await socket.send(_event(problem))
            return await socket.close(1000, "")
        return await socket.close()


class _Conversation:
    """One connection: what was said in it, and the answer under way."""

    def __init__(self, vendor: OpenAIRealtimeEmulator, socket: Socket) -> None:
        self._vendor = vendor
        self._socket = socket
        self._ear = Ear(SPEECH_RATE_HZ)
        self._turn = ""
        self._said: list[Said] = []
        self._answer = ""
        self._answering = Answering(socket)
        self._transcribes = False

    async def run(self) -> None:
        await self._tell("session.created", session={"type": "realtime"})
        try:
            await self._take_all()
        finally:
            self._answering.cancel()

    async def _take_all(self) -> None:
        while (message := await self._socket.receive()) is not None:
            try:
                event = _EVENTS.validate_python(read_json(message))
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                param = ".".join(str(part) for part in first["loc"])
                raise Problem(Wrong.UNKNOWN_FIELD, first["msg"], param=param) from error
            await self._take(event)

    async def _take(self, event: Any) -> None:
        match event:
            case SessionUpdate():
                await self._update(event.session)
            case AudioAppend():
                await self._hear(event.audio)
            case ItemCreate():
                await self._add(event.item)
            case ItemTruncate():
                await self._tell(
                    "conversation.item.truncated",
                    item_id=event.item_id,
                    content_index=0,
                    audio_end_ms=event.audio_end_ms,
                )
            case ResponseCreate():
                if self._answering.is_under_way:
                    message = "Conversation already has an active response in progress."
                    raise Problem(Wrong.ORDER, message)
                self._respond()
            case ResponseCancel():
                await self._stop()

    async def _update(self, session: Session) -> None:
        voice = session.audio and session.audio.output and session.audio.output.voice
        if voice and voice not in VOICES:
            raise Problem(Wrong.VALUE, f"there is no voice {voice!r}", param="session.audio.output")
        hearing = session.audio and session.audio.input
        self._transcribes = bool(hearing and hearing.transcription)
        self._vendor.sessions.append(session)
        await self._tell("session.updated", session=session.model_dump(exclude_none=True))

    async def _add(self, item: Item) -> None:
        text = " ".join(one.text for one in item.content)
        self._said.append(Said(role=item.role, text=text))
        given = item.model_dump(exclude_none=True) | {"id": item.id or _name("item")}
        await self._tell("conversation.item.added", item=given)
        await self._tell("conversation.item.done", item=given)

    async def _hear(self, audio: str) -> None:
        try:
            pcm = base64.b64decode(audio, validate=True)
        except binascii.Error as error:
            raise Problem(Wrong.VALUE, "audio is not base64", param="audio") from error
        self._ear.listen(pcm)
        if self._ear.is_speaking and not self._turn:
            self._turn = _name("item")
            await self._stop()
            await self._tell(
                "input_audio_buffer.speech_started",
                audio_start_ms=round(self._ear.heard_s * 1000),
                item_id=self._turn,
            )
        if self._turn and self._ear.quiet_s >= SILENCE_S:
            await self._end_turn()

    async def _end_turn(self) -> None:
        self._ear.finish()
        item, words = self._turn, self._ear.transcript
        self._ear.forget()
        self._turn = ""
        at_ms = round(self._ear.heard_s * 1000)
        await self._tell("input_audio_buffer.speech_stopped", audio_end_ms=at_ms, item_id=item)
        await self._tell("input_audio_buffer.committed", item_id=item)
        content = [{"type": "input_audio", "transcript": words}]
        heard = {"id": item, "type": "message", "role": "user", "content": content}
        await self._tell("conversation.item.added", item=heard)
        await self._tell("conversation.item.done", item=heard)
        self._said.append(Said(role="user", text=words))
        if self._transcribes:
            done = "conversation.item.input_audio_transcription.completed"
            await self._tell(done, item_id=item, content_index=0, transcript=words)
        self._respond()

    def _respond(self) -> None:
        self._answering.begin(self._speak())

    async def _stop(self) -> None:
        """The caller speaks over the answer: it ends where it is."""
        if await self._answering.stop():
            await self._done("cancelled")

    async def _speak(self) -> None:
        request = self._socket.request
        passage = await self._vendor.admit("chat", request, {"turns": len(self._said)})
        reply = self._vendor.reply_to(self._said, passage).text
        self._answer, item = _name("resp"), _name("item")
        place = {"response_id": self._answer, "output_index": 0}
        part = {**place, "item_id": item, "content_index": 0}
        await self._tell("response.created", response={"id": self._answer, "output": []})
        message = {"id": item, "type": "message", "role": "assistant", "content": []}
        await self._tell("response.output_item.added", **place, item=message)
        await self._tell("conversation.item.added", item=message)
        pieces = list(chunks(encode(reply, SPEECH_RATE_HZ) if reply else b"", SPEECH_RATE_HZ))
        words = reply.split(" ")
        for number, pcm in enumerate(pieces):
            await self._vendor.wait_for_piece(number)
            told = words[number] if number < len(words) else ""
            if told:
                delta = told if number == 0 else f" {told}"
                await self._tell("response.output_audio_transcript.delta", **part, delta=delta)

            async def write(audio: bytes) -> None:
                sent = base64.b64encode(audio).decode()
                await self._tell("response.output_audio.delta", **part, delta=sent)

            with contextlib.suppress(CutShort):
                await self._vendor.send(passage, pcm, write, self._socket.garble)
        self._said.append(Said(role="assistant", text=reply))
        await self._tell("response.output_audio.done", **part)
        await self._tell("response.output_audio_transcript.done", **part, transcript=reply)
        spoken = {**message, "content": [{"type": "output_audio", "transcript": reply}]}
        await self._tell("response.output_item.done", **place, item=spoken)
        await self._tell("conversation.item.done", item=spoken)
        await self._done("completed")

    async def _done(self, status: str) -> None:
        usage = {"total_tokens": 2, "input_tokens": 1, "output_tokens": 1}
        done = {"id": self._answer, "status": status, "output": [], "usage": usage}
        await self._tell("response.done", response=done)

    async def _tell(self, kind: str, **fields: Any) -> None:
        await self._socket.send({"event_id": _name("event"), "type": kind, **fields})


def _name(kind: str) -> str:
    return f"{kind}_{uuid.uuid4().hex[:16]}"


def _error(problem: Problem) -> dict[str, Any]:
    message, kind, code = worded(problem)
    return {"error": {"type": kind, "code": code, "message": message, "param": problem.param}}


def _event(problem: Problem) -> dict[str, Any]:
    return {"event_id": _name("event"), "type": "error", **_error(problem)}
