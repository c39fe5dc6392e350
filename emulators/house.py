"""A house voice: the plain HTTP speech that `tts: {provider: http}` is for.

There is no vendor's page: this is the contract of Offhook's own generic voice. POST /speak with
JSON `{"text", "voice", "language", "sample_rate_hz"}` answers `audio/pcm`, s16le mono; GET /voices
lists `{"voices": [...]}`; an error is `{"error": {"code", "message"}}`. A bearer token is asked.
"""

from collections.abc import Iterable

from aiohttp import web
from pydantic import Field

from emulators.problems import Problem, Request, Wrong, check_known, parse
from emulators.server import Emulator
from emulators.voice import send_pcm


class SpeakRequest(Request):
    text: str = Field(min_length=1, max_length=5000)
    voice: str = "house"
    language: str = "en"
    sample_rate_hz: int = Field(default=24_000, ge=8000, le=48_000)


class HouseEmulator(Emulator):
    """A house voice: `base_url` plus `/speak` is the provider's `url`."""

    vendor = "house"

    def routes(self) -> Iterable[web.RouteDef]:
        return [web.post("/speak", self._speak), web.get("/voices", self._list_voices)]

    def refusal(self, problem: Problem) -> web.Response:
        error = {"code": str(problem.wrong), "message": problem.located}
        return web.json_response({"error": error}, status=problem.status, headers=problem.headers)

    async def _list_voices(self, request: web.Request) -> web.Response:
        await self.admit("voices", request)
        self.check_auth(request)
        return web.json_response({"voices": ["house"]})

    async def _speak(self, request: web.Request) -> web.StreamResponse:
        passage, body = await self.admit_json("speak", request)
        self.check_auth(request)
        asked = parse(SpeakRequest, body)
        check_known(Wrong.VOICE, asked.voice, None)
        return await send_pcm(self, request, passage, asked.text, asked.sample_rate_hz)
