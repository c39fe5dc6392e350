"""Deepgram: live transcription over the WebSocket, pre-recorded over HTTP, models and projects.

Live: https://developers.deepgram.com/reference/speech-to-text/listen-streaming, with
https://developers.deepgram.com/docs/endpointing, .../finalize, .../keep-alive, .../close-stream.
Pre-recorded: https://developers.deepgram.com/reference/speech-to-text/listen-pre-recorded. Errors:
https://developers.deepgram.com/docs/errors and
https://developers.deepgram.com/docs/stt-troubleshooting-websocket-data-and-net-errors.
Bytes of a fault are bytes of the caller's audio.
"""

import hashlib
import io
import uuid
import wave
from collections.abc import Iterable
from typing import Any

import numpy as np
from aiohttp import web

from emulators.deepgram_live import LiveTranscription
from emulators.deepgram_query import (
    ListenQuery,
    LiveQuery,
    PrerecordedQuery,
    read_query,
    word_fields,
)
from emulators.document import send_document
from emulators.hearing import Ear
from emulators.lanes import Closing, Socket
from emulators.mu_law import to_pcm
from emulators.problems import Problem, Wrong, check_key, check_known, parse
from emulators.server import Emulator


class DeepgramEmulator(Emulator):
    """Deepgram: `base_url` is that of `DeepgramSTTService`, for HTTP and WebSocket alike."""

    vendor = "deepgram"

    def routes(self) -> Iterable[web.RouteDef]:
        return [
            *self.listings(),
            web.get("/v1/listen", self._listen_live),
            web.post("/v1/listen", self._listen_prerecorded),
        ]

    def listings(self) -> Iterable[web.RouteDef]:
        """What there is for a key."""
        return [
            web.get("/v1/models", self._list_models),
            web.get("/v1/projects", self._list_projects),
        ]

    def refusal(self, problem: Problem) -> web.Response:
        code, message = worded(problem)
        request_id = str(uuid.uuid4())
        body = {"err_code": code, "err_msg": message, "request_id": request_id}
        headers = {"dg-error": message, "dg-request-id": request_id, **problem.headers}
        return web.json_response(body, status=problem.status, headers=headers)

    def check_auth(self, request: web.Request) -> None:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        check_key(key if scheme.lower() in ("token", "bearer") else None)

    async def _list_models(self, request: web.Request) -> web.Response:
        await self.admit("models", request)
        self.check_auth(request)
        model = {
            "name": "general",
            "canonical_name": "nova-3-general",
            "architecture": "nova-3",
            "languages": ["en", "es", "multi"],
            "version": "emulated",
            "uuid": str(uuid.uuid4()),
            "batch": True,
            "streaming": True,
            "formatted_output": True,
        }
        return web.json_response({"stt": [model], "tts": []})

    async def _list_projects(self, request: web.Request) -> web.Response:
        await self.admit("projects", request)
        self.check_auth(request)
        return web.json_response({"projects": [{"project_id": "emulated", "name": "Emulated"}]})

    async def _listen_prerecorded(self, request: web.Request) -> web.StreamResponse:
        audio = await request.read()
        passage = await self.admit("transcribe", request, {"bytes": len(audio)})
        self.check_auth(request)
        query = parse(PrerecordedQuery, read_query(request.query, PrerecordedQuery))
        check_known(Wrong.MODEL, query.model, None)
        pcm, rate_hz = _read_audio(audio, query)
        ear = Ear(rate_hz)
        if not passage.is_empty:
            ear.listen(pcm)
            ear.finish()
        document = _document(query, audio, ear, len(pcm) / 2 / rate_hz)
        return await send_document(self, request, passage, document)

    async def _listen_live(self, request: web.Request) -> web.StreamResponse:
        await self.admit("connect", request)
        self.check_auth(request)
        query = parse(LiveQuery, read_query(request.query, LiveQuery))
        check_known(Wrong.MODEL, query.model, None)
        if query.encoding is None or query.sample_rate is None:
            raise Problem(Wrong.VALUE, "raw audio needs encoding and sample_rate", param="encoding")
        if query.utterance_end_ms and query.interim_results == "false":
            message = "utterance_end_ms needs interim_results"
            raise Problem(Wrong.VALUE, message, param="utterance_end_ms")
        socket = Socket(request, _closing)
        await socket.open()
        try:
            await LiveTranscription(self, socket, query, query.sample_rate).run()
        except Problem as problem:
            return await socket.close_over(problem)
        return await socket.close()


def _read_audio(audio: bytes, query: ListenQuery) -> tuple[bytes, int]:
    """PCM s16le mono and its rate, from raw audio or a WAV file."""
    if query.encoding and query.sample_rate:
        return (to_pcm(audio) if query.encoding == "mulaw" else audio), query.sample_rate
    try:
        with wave.open(io.BytesIO(audio)) as file:
            pcm = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
            return pcm[:: file.getnchannels()].tobytes(), file.getframerate()
    except (wave.Error, EOFError, ValueError) as error:
        message = "failed to process audio: corrupt or unsupported data"
        raise Problem(Wrong.VALUE, message) from error


def _document(query: ListenQuery, audio: bytes, ear: Ear, duration_s: float) -> dict[str, Any]:
    words = [word_fields(word) for word in ear.words]
    alternative = {"transcript": ear.transcript, "confidence": 0.99, "words": words}
    model = str(uuid.UUID(int=0))
    info = {model: {"name": query.model, "version": "v", "arch": "emulated"}}
    metadata = {
        "transaction_key": "deprecated",
        "request_id": str(uuid.uuid4()),
        "sha256": hashlib.sha256(audio).hexdigest(),
        "created": "2026-01-01T00:00:00.000Z",
        "duration": duration_s,
        "channels": 1,
        "models": [model],
        "model_info": info,
    }
    results = {"channels": [{"alternatives": [alternative]}]}
    return {"metadata": metadata, "results": results}


def _closing(problem: Problem) -> Closing:
    if problem.wrong is Wrong.FAULT:
        return Closing(1011, worded(problem)[1])
    return Closing(1011 if problem.wrong is Wrong.ORDER else 1008, problem.message)


def worded(problem: Problem) -> tuple[str, str]:
    """Code and message of an error."""
    match problem.wrong:
        case Wrong.FAULT | Wrong.CREDENTIALS:
            return _FAULTS[problem.status]
        case Wrong.MODEL:
            return "INSUFFICIENT_PERMISSIONS", f"No such model/version combination found: {problem}"
        case Wrong.UNKNOWN_FIELD:
            return "Bad Request", f"Bad Request: unknown query parameter {problem.param}"
        case _:
            return "Bad Request", f"Bad Request: {problem.located}"


_FAULTS = {
    401: ("INVALID_AUTH", "Invalid credentials."),
    402: ("ASR_PAYMENT_REQUIRED", "Project does not have enough credits for an ASR request."),
    429: ("TOO_MANY_REQUESTS", "Too many requests. Please try again later."),
    500: ("INTERNAL_SERVER_ERROR", "An internal server error occurred."),
    503: ("SERVICE_UNAVAILABLE", "The service is currently unavailable."),
}
