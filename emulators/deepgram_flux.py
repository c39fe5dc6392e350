"""Deepgram Flux: live transcription that takes turns, over its WebSocket.

Messages and parameters: https://developers.deepgram.com/reference/speech-to-text/listen-flux. The
order of events: https://developers.deepgram.com/docs/flux/state. Thresholds:
https://developers.deepgram.com/docs/flux/configuration, changed while it runs by
https://developers.deepgram.com/docs/flux/configure, and
https://developers.deepgram.com/docs/flux/force-end-turn.

The model that is emulated is sure of a turn's end in proportion to the silence: 0.7 after 0.35 s.
After a word with a comma it is not, however long the silence, so `eot_timeout_ms` ends that turn.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from emulators.deepgram import DeepgramEmulator, worded
from emulators.deepgram_query import Flag, read_query
from emulators.deepgram_stream import AudioStream
from emulators.lanes import Closing, Socket
from emulators.problems import Problem, Request, Wrong, parse
from emulators.server import Emulator

CERTAIN_S = 0.5
"""The silence after which the end of a turn is certain."""
_UNFINISHED = ","
_DOUBT = 0.2
_UPDATE_EVERY_S = 0.25
_MULTI = "flux-general-multi"

Eager = Annotated[float, Field(ge=0.3, le=0.9)]
Sure = Annotated[float, Field(ge=0.5, le=1.0)]
TimeoutMs = Annotated[int, Field(ge=500, le=60_000)]
Hint = Literal["de", "en", "es", "fr", "hi", "it", "ja", "nl", "pt", "ru"]


class FluxQuery(Request):
    model: Literal["flux-general-en", "flux-general-multi"]
    encoding: Literal["linear16", "mulaw"]
    sample_rate: Annotated[Literal[8000, 16000, 24000, 44100, 48000], BeforeValidator(int)]
    eager_eot_threshold: Eager | None = None
    eot_threshold: Sure = 0.7
    eot_timeout_ms: TimeoutMs = 5000
    keyterm: list[str] | None = None
    language_hint: list[Hint] | None = None
    mip_opt_out: Flag = "false"
    numerals: Flag = "false"
    profanity_filter: Flag = "false"
    redact: Literal["numbers", "aggressive_numbers"] | None = None
    tag: list[str] | None = None


class Thresholds(Request):
    eager_eot_threshold: Eager | None = None
    eot_threshold: Sure | None = None
    eot_timeout_ms: TimeoutMs | None = None


class Configure(Request):
    type: Literal["Configure"]
    thresholds: Thresholds | None = None
    keyterms: list[str] | None = None
    language_hints: list[Hint] | None = None
    numerals: bool | None = None
    profanity_filter: bool | None = None


class Control(Request):
    type: Literal["CloseStream", "ForceEndTurn"]


_MESSAGES = TypeAdapter(Annotated[Configure | Control, Field(discriminator="type")])


class DeepgramFluxEmulator(DeepgramEmulator):
    """Deepgram Flux: `base_url` is the `url` of `DeepgramFluxSTTService`."""

    vendor = "deepgram-flux"
    url_scheme = "ws"
    url_path = "/v2/listen"

    def routes(self) -> Iterable[web.RouteDef]:
        return [*self.listings(), web.get(self.url_path, self._take_turns)]

    async def _take_turns(self, request: web.Request) -> web.StreamResponse:
        await self.admit("connect", request)
        self.check_auth(request)
        query = parse(FluxQuery, read_query(request.query, FluxQuery))
        if query.language_hint and query.model != _MULTI:
            message = f"language hints are for {_MULTI}"
            raise Problem(Wrong.VALUE, message, param="language_hint")
        socket = Socket(request, lambda problem: Closing(1011, worded(problem)[1]))
        await socket.open()
        conversation = _Turns(self, socket, query)
        try:
            await conversation.run()
        except Problem as problem:
            await conversation.fail(problem)
            return await socket.close_over(problem)
        return await socket.close()


class _Turns(AudioStream):
    """One connection, turn by turn."""

    def __init__(self, vendor: Emulator, socket: Socket, query: FluxQuery) -> None:
        super().__init__(vendor, socket, query.encoding, query.sample_rate)
        self._query = query
        self._sequence = 0
        self._turn = 0
        self._turn_start_s = 0.0
        self._told_s = 0.0
        self._is_open = False
        self._is_foretold = False

    async def run(self) -> None:
        """Listen until the client closes. Raises `Problem` for what the vendor closes over."""
        await self._tell("Connected")
        while (message := await self._socket.receive()) is not None:
            if isinstance(message, bytes):
                new = await self.listen(message)
                await self._follow(new=new and not self.is_deaf)
            elif await self._obey(message) == "CloseStream":
                return

    async def fail(self, problem: Problem) -> None:
        """The last message before the socket closes."""
        code, description = worded(problem)
        if problem.wrong is Wrong.VALUE:
            code, description = "UNPARSABLE_CLIENT_MESSAGE", problem.message
        await self._tell("Error", is_request=False, code=code, description=description)

    async def _obey(self, message: str) -> str:
        try:
            asked = _MESSAGES.validate_json(message)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            is_configure = first["loc"][:1] == ("Configure",)
            if is_configure:
                await self._tell(
                    "ConfigureFailure", code="INVALID_CONFIGURATION", description=first["msg"]
                )
                return "Configure"
            raise Problem(Wrong.VALUE, first["msg"]) from error
        if isinstance(asked, Configure):
            await self._configure(asked)
        elif self._is_open:
            await self._end("manual")
        return asked.type

    async def _configure(self, asked: Configure) -> None:
        given = asked.thresholds.model_dump(exclude_none=True) if asked.thresholds else {}
        if asked.language_hints is not None:
            given["language_hint"] = asked.language_hints
        if asked.keyterms is not None:
            given["keyterm"] = asked.keyterms
        self._query = self._query.model_copy(update=given)
        now = self._query
        thresholds = {
            "eager_eot_threshold": now.eager_eot_threshold,
            "eot_threshold": now.eot_threshold,
            "eot_timeout_ms": now.eot_timeout_ms,
        }
        await self._tell("ConfigureSuccess", thresholds=thresholds, keyterms=now.keyterm or [])

    async def _follow(self, *, new: bool) -> None:
        """Tell what the audio so far has changed."""
        if self.is_deaf and self.ear.words and self.ear.quiet_s >= CERTAIN_S:
            self.forget()
        if new and not self._is_open:
            self._is_open = True
            await self._tell_turn("StartOfTurn")
        elif new and self._is_foretold:
            self._is_foretold = False
            await self._tell_turn("TurnResumed")
        query, eager = self._query, self._query.eager_eot_threshold
        is_foreseen = eager is not None and self._confidence >= eager
        if self._is_open and is_foreseen and not self._is_foretold:
            self._is_foretold = True
            await self._tell_turn("EagerEndOfTurn")
        if self._is_open and self._confidence >= query.eot_threshold:
            await self._end("model")
        elif self._is_open and self.ear.quiet_s * 1000 >= query.eot_timeout_ms:
            await self._end("timeout")
        elif self.ear.heard_s - self._told_s >= _UPDATE_EVERY_S:
            await self._tell_turn("Update")

    @property
    def _confidence(self) -> float:
        sure = min(0.99, self.ear.quiet_s / CERTAIN_S)
        is_unfinished = self.ear.transcript.endswith(_UNFINISHED)
        return round(min(sure, _DOUBT) if is_unfinished else sure, 3)

    async def _end(self, trigger: str) -> None:
        await self._tell_turn("EndOfTurn", trigger=trigger)
        self._is_open = self._is_foretold = False
        self._turn += 1
        self._turn_start_s = self.ear.heard_s
        self.forget()

    async def _tell_turn(self, event: str, **more: Any) -> None:
        words = [] if self.is_deaf else self.ear.words
        if self._query.model == _MULTI:
            more |= {"languages": ["en"], "languages_hinted": self._query.language_hint or []}
        self._told_s = self.ear.heard_s
        await self._tell(
            "TurnInfo",
            event=event,
            turn_index=self._turn,
            audio_window_start=self._turn_start_s,
            audio_window_end=self.ear.heard_s,
            transcript=" ".join(word.text for word in words),
            words=[
                {"word": one.text, "confidence": 0.99, "start": one.start_s, "end": one.end_s}
                for one in words
            ],
            end_of_turn_confidence=self._confidence if self._is_open else 0.0,
            **more,
        )

    async def _tell(self, kind: str, *, is_request: bool = True, **fields: Any) -> None:
        whose = {"request_id": self.request_id} if is_request else {}
        number, self._sequence = self._sequence, self._sequence + 1
        await self.send({"type": kind, **whose, "sequence_id": number, **fields})
