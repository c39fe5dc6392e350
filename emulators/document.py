"""One JSON document as an emulator's whole answer, sent through a fault."""

import contextlib
import json
from typing import Any

from aiohttp import web

from emulators.faults import Passage
from emulators.server import CutShort, Emulator


async def send_document(
    emulator: Emulator, request: web.Request, passage: Passage, document: dict[str, Any]
) -> web.StreamResponse:
    """Answer with `document`, at the emulator's pace; its bytes are the payload of `passage`."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})

    async def garble() -> None:
        await response.write(b'{"broken":')

    await emulator.wait_for_piece(0)
    await response.prepare(request)
    with contextlib.suppress(CutShort):
        await emulator.send(passage, json.dumps(document).encode(), response.write, garble)
    await response.write_eof()
    return response
