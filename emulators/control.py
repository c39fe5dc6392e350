"""The control API of an emulator: faults on command, and what the vendor was asked.

POST   /_control/faults     a `Fault` as JSON, armed from now
DELETE /_control/faults     the vendor is well again
PUT    /_control/pace       a `Pace` as JSON
PUT    /_control/script     a list of `Reply`, emulators of models only
GET    /_control/requests   what was asked so far, oldest first, without headers
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from emulators.script import Reply, Scripted

if TYPE_CHECKING:
    from emulators.server import Emulator

_REPLIES = TypeAdapter(list[Reply])


def routes(emulator: "Emulator") -> Iterable[web.RouteDef]:
    """The endpoints that control `emulator`."""
    desk = _Desk(emulator)
    return [
        web.post("/_control/faults", desk.arm),
        web.delete("/_control/faults", desk.recover),
        web.put("/_control/pace", desk.set_pace),
        web.put("/_control/script", desk.set_script),
        web.get("/_control/requests", desk.list_requests),
    ]


class _Desk:
    def __init__(self, emulator: "Emulator") -> None:
        self._emulator = emulator

    async def arm(self, request: web.Request) -> web.Response:
        details = await _read_json(request)
        try:
            kind = details.pop("kind")
            fault = self._emulator.fault(kind, **details)
        except (KeyError, AttributeError, TypeError) as error:
            return _unprocessable(f"a fault is an object with a kind ({error})")
        except ValueError as error:
            return _unprocessable(str(error))
        return web.json_response(fault.model_dump(mode="json"), status=201)

    async def recover(self, _request: web.Request) -> web.Response:
        await self._emulator.recover()
        return web.Response(status=204)

    async def set_pace(self, request: web.Request) -> web.Response:
        try:
            self._emulator.pace = type(self._emulator.pace).model_validate(
                await _read_json(request)
            )
        except ValidationError as error:
            return _unprocessable(str(error))
        return web.Response(status=204)

    async def set_script(self, request: web.Request) -> web.Response:
        if not isinstance(self._emulator, Scripted):
            return _unprocessable(f"{self._emulator.vendor} is no model: it has no script")
        try:
            self._emulator.script.replies = _REPLIES.validate_python(await _read_json(request))
        except ValidationError as error:
            return _unprocessable(str(error))
        return web.Response(status=204)

    async def list_requests(self, _request: web.Request) -> web.Response:
        return web.json_response([asdict(asked) for asked in self._emulator.asked])


async def _read_json(request: web.Request) -> Any:
    try:
        return await request.json()
    except ValueError:
        return None


def _unprocessable(message: str) -> web.Response:
    return web.json_response({"error": message}, status=422)
