"""The operator's view of sessions: list them, read a record, stop one."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from bots.record import EndReason
from server.access import require_operator, require_own_origin
from server.desk import Desk
from server.fabric import Operation


def _operator_only(request: Request, desk: Desk) -> None:
    require_operator(request, desk.settings)


router = APIRouter(prefix="/api/sessions", dependencies=[Depends(_operator_only)])


@router.get("")
async def list_sessions(desk: Desk) -> dict[str, Any]:
    """Every live session; `state` is up, held or parked (its caller is lost)."""
    return {"sessions": desk.fabric.list_sessions()}


@router.get("/{session_id}")
async def get_session(session_id: str, desk: Desk) -> dict[str, Any]:
    """The record of a session, live or over."""
    return await desk.fabric.control(session_id, Operation.DESCRIBE, {})


@router.delete("/{session_id}", status_code=204)
async def stop_session(session_id: str, request: Request, desk: Desk) -> Response:
    """Ends a session; the bot gets to finish its sentence."""
    require_own_origin(request, desk.settings)
    await desk.fabric.control(session_id, Operation.HANG_UP, {"reason": EndReason.OPERATOR})
    return Response(status_code=204)
