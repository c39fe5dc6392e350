"""How the process is: /health for supervisors, /ready for balancers, /status for people."""

from __future__ import annotations

import dataclasses
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from bots.spec import KINDS, chain_text
from server.access import require_operator
from server.desk import Desk, FrontDesk
from server.metrics import CONTENT_TYPE

router = APIRouter()


@router.get("/health")
async def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/ready")
async def ready(desk: Desk) -> JSONResponse:
    """Whether the next call is welcome: 503 with the reasons when it is not."""
    reasons = _reasons(desk)
    return JSONResponse(
        {"ready": not reasons, "reasons": reasons},
        status_code=503 if reasons else 200,
        headers={"Cache-Control": "no-store"},
    )


@router.get("/status")
async def status(request: Request, desk: Desk) -> dict[str, Any]:
    """Everything an operator wants to see at once."""
    require_operator(request, desk.settings)
    specs = desk.bots(public_only=False)
    return {
        "version": version("offhook"),
        "uptime_s": round(desk.wall_clock() - desk.started_at, 1),
        "ready": not _reasons(desk),
        "reasons": _reasons(desk),
        "recycle": desk.fabric.describe()["abandoned"] > 0,
        **desk.fabric.describe(),
        "sessions": desk.fabric.list_sessions(),
        "bots": [_plain(state) for state in desk.catalog.status()],
        "models": {
            spec.name: {
                **{kind: chain_text(spec.chain(kind)) for kind in KINDS},
                "warm": desk.warmth.is_warm(spec),
            }
            for spec in specs
        },
        "providers": sorted(
            {part.provider for spec in specs for kind in KINDS for part in spec.chain(kind)}
        ),
    }


@router.get("/metrics")
async def metrics(request: Request, desk: Desk) -> Response:
    """Prometheus' text format; for the operator unless OFFHOOK_METRICS_PUBLIC."""
    if not desk.settings.metrics_public:
        require_operator(request, desk.settings)
    return Response(desk.metrics.render(), media_type=CONTENT_TYPE)


def _reasons(desk: FrontDesk) -> list[str]:
    """Why the next call should go elsewhere."""
    fabric = desk.fabric.describe()
    specs = desk.bots(public_only=False)
    reasons = []
    if fabric["draining"]:
        reasons.append("draining")
    if fabric["abandoned"]:
        reasons.append(f"recycle: {fabric['abandoned']} sessions would not close")
    if not specs:
        reasons.append("no bot is in service")
    cold = [spec for spec in specs if not desk.warmth.is_warm(spec)]
    failed = [spec.name for spec in cold if desk.warmth.has_failed(spec)]
    warming = [spec.name for spec in cold if spec.name not in failed]
    if warming:
        reasons.append(f"warming: {', '.join(warming)}")
    if failed:
        reasons.append(f"cannot be loaded, the log says why: {', '.join(failed)}")
    return reasons


def _plain(state: Any) -> Any:
    if dataclasses.is_dataclass(state) and not isinstance(state, type):
        return dataclasses.asdict(state)
    return state
