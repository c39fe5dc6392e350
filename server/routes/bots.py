"""GET /api/bots: whom one can call."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from bots.spec import BotSpec
from server.access import is_operator
from server.desk import Desk

TRANSPORTS = ("webrtc", "websocket")

router = APIRouter(prefix="/api")


@router.get("/bots")
async def list_bots(request: Request, desk: Desk) -> dict[str, Any]:
    """The bots that a link reaches; for the operator, all of them."""
    specs = desk.bots(public_only=not is_operator(request, desk.settings))
    return {"bots": [_describe(spec, is_warm=desk.warmth.is_warm(spec)) for spec in specs]}


def _describe(spec: BotSpec, *, is_warm: bool) -> dict[str, Any]:
    # Imported here: it takes a second, and the process that serves has it already.
    from bots.pipeline import model_names

    return {
        "name": spec.name,
        "title": spec.title,
        "description": spec.description,
        "language": list(spec.language),
        "transports": list(TRANSPORTS),
        "models": model_names(spec),
        "public": spec.answer.link,
        "warm": is_warm,
    }
