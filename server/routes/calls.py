"""A caller's way in: ask for a call, join it with the token, keep and end it with the secret."""

from __future__ import annotations

import contextlib
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Body, Request, Response, WebSocket
from loguru import logger
from pydantic import BaseModel, ConfigDict, Field, model_validator

from bots.errors import CallRefused, OffhookError, SessionNotFound, UnknownBot
from bots.record import EndReason
from bots.spec import BotSpec
from server.access import (
    SECRET_COOKIE,
    bearer,
    client_address,
    has_secret,
    is_operator,
    require_own_origin,
    require_secret,
)
from server.desk import Desk, FrontDesk
from server.fabric import Operation
from server.ice import build_ice_servers
from server.problems import TooManyCalls, problem_of
from server.public_url import find_base, socket_url
from server.tokens import TOKEN_TTL_S, Claims

router = APIRouter(prefix="/api/calls")

JsonObject = Annotated[dict[str, Any], Body()]


class CallRequest(BaseModel):
    """Whom to call, by name or by the phone number it answers, and how."""

    model_config = ConfigDict(extra="forbid")

    bot: str | None = Field(default=None, min_length=1, max_length=100)
    number: str | None = Field(default=None, pattern=r"^\+[1-9]\d{6,14}$")
    transport: Literal["webrtc", "websocket"]

    @model_validator(mode="after")
    def _require_one(self) -> Self:
        if (self.bot is None) == (self.number is None):
            raise ValueError("give either bot or number")
        return self


@router.post("", status_code=201)
async def create_call(call: CallRequest, request: Request, desk: Desk) -> dict[str, Any]:
    """What the caller needs to join; nothing is kept here, the token says it all."""
    require_own_origin(request, desk.settings)
    spec = _find_bot(call, request, desk)
    desk.fabric.admit(spec)
    await desk.warmth.require(spec)
    desk.warmth.require_providers(spec.for_transport(call.transport))
    now_s = desk.wall_clock()
    token, claims = desk.mint.issue(spec.name, call.transport, now_s)
    path = f"/api/calls/{claims.session_id}"
    joining: dict[str, Any]
    if call.transport == "webrtc":
        turn_secret = desk.settings.turn_secret
        joining = {
            "offer_url": f"{path}/offer",
            "ice_servers": build_ice_servers(
                stun_urls=desk.settings.stun_urls,
                turn_urls=desk.settings.turn_urls,
                turn_secret=turn_secret.get_secret_value() if turn_secret else None,
                session_id=claims.session_id,
                expires_at_s=int(now_s) + desk.settings.turn_ttl_s,
            ),
        }
    else:
        base = find_base(
            desk.settings.public_url, request.url.scheme, request.headers.get("host", "")
        )
        joining = {"url": socket_url(base, f"{path}/socket?token={token}")}
    return {
        "session_id": claims.session_id,
        "bot": spec.name,
        "transport": call.transport,
        "token": token,
        "expires_in_s": TOKEN_TTL_S,
        call.transport: joining,
    }


@router.post("/{session_id}/offer")
async def offer(
    session_id: str, body: JsonObject, request: Request, response: Response, desk: Desk
) -> dict[str, Any]:
    """The first offer, with the token, starts the bot; later ones, with the secret, renegotiate."""
    from server.transports.webrtc import PeerConnection

    require_own_origin(request, desk.settings)
    if has_secret(request, session_id, desk.mint):
        return await desk.fabric.control(session_id, Operation.OFFER, body)
    claims = _verify(desk, bearer(request), session_id, "webrtc")
    spec = await desk.warm_bot(claims.bot)
    desk.spent.spend(claims, desk.wall_clock())
    try:
        with desk.fabric.hold_place(spec):
            connection, answer = await PeerConnection.open(body, desk.settings.stun_urls)
            await desk.fabric.start(session_id=session_id, spec=spec, connection=connection)
    except OffhookError:
        desk.spent.give_back(claims)
        raise
    secret = desk.mint.secret_for(session_id)
    response.set_cookie(
        SECRET_COOKIE,
        secret,
        path=f"/api/calls/{session_id}",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return {**answer, "session_secret": secret}


@router.patch("/{session_id}/offer")
async def add_candidates(
    session_id: str, body: JsonObject, request: Request, desk: Desk
) -> dict[str, Any]:
    """Trickled ICE candidates."""
    require_own_origin(request, desk.settings)
    require_secret(request, session_id, desk.mint)
    return await desk.fabric.control(session_id, Operation.CANDIDATES, body)


@router.delete("/{session_id}", status_code=204)
async def hang_up(session_id: str, request: Request, desk: Desk) -> Response:
    """Ends the call; its caller may do so when it is over already, or not joined yet."""
    require_own_origin(request, desk.settings)
    if has_secret(request, session_id, desk.mint):
        # The bot may have hung up a moment ago.
        with contextlib.suppress(SessionNotFound):
            reason = {"reason": EndReason.CALLER_HUNG_UP}
            await desk.fabric.control(session_id, Operation.HANG_UP, reason)
    elif not _give_up(session_id, request, desk):
        if not is_operator(request, desk.settings):
            require_secret(request, session_id, desk.mint)
        reason = {"reason": EndReason.OPERATOR}
        await desk.fabric.control(session_id, Operation.HANG_UP, reason)
    answer = Response(status_code=204)
    answer.delete_cookie(SECRET_COOKIE, path=f"/api/calls/{session_id}")
    return answer


@router.websocket("/{session_id}/socket")
async def socket(websocket: WebSocket, session_id: str, desk: Desk) -> None:
    """RTVI frames in protobuf. Refused before it is accepted, with a problem as its answer."""
    try:
        require_own_origin(websocket, desk.settings)
        if "secret" in websocket.query_params:
            await _resume_socket(websocket, session_id, desk)
        else:
            await _first_socket(websocket, session_id, desk)
    except OffhookError as error:
        desk.metrics.count_refusal(error.code)
        await websocket.send_denial_response(problem_of(error))


async def _first_socket(websocket: WebSocket, session_id: str, desk: FrontDesk) -> None:
    from server.transports.websocket import SocketConnection

    token = websocket.query_params.get("token", "") or bearer(websocket)
    claims = _verify(desk, token, session_id, "websocket")
    spec = await desk.warm_bot(claims.bot)
    desk.spent.spend(claims, desk.wall_clock())
    try:
        with desk.fabric.hold_place(spec):
            await websocket.accept()
            connection = SocketConnection(websocket)
            try:
                await desk.fabric.start(session_id=session_id, spec=spec, connection=connection)
            except Exception as error:
                logger.opt(exception=error).error("A session could not be built")
                await connection.close()
                return
    except OffhookError:
        desk.spent.give_back(claims)
        raise
    await connection.serve(websocket)


async def _resume_socket(websocket: WebSocket, session_id: str, desk: FrontDesk) -> None:
    from server.transports.websocket import SocketConnection

    if not desk.mint.is_secret(session_id, websocket.query_params["secret"]):
        raise CallRefused(
            "The session secret is not this session's.", status=403, code="secret_refused"
        )
    connection = await desk.fabric.resume(session_id)
    if not isinstance(connection, SocketConnection):
        raise CallRefused("This call is not over a socket.", status=409, code="wrong_transport")
    await websocket.accept()
    await connection.attach(websocket)
    await connection.serve(websocket)


def _give_up(session_id: str, request: Request, desk: FrontDesk) -> bool:
    """Whether the token of a call that nobody has joined was shown; it opens nothing any more."""
    try:
        claims = desk.mint.verify(bearer(request), desk.wall_clock())
        if claims.session_id != session_id:
            return False
        desk.spent.spend(claims, desk.wall_clock())
    except CallRefused:
        return False
    return True


def _find_bot(call: CallRequest, request: Request, desk: FrontDesk) -> BotSpec:
    """The bot, once the asker may call it."""
    if not is_operator(request, desk.settings):
        wait_s = desk.rates.take(client_address(request), desk.clock())
        if wait_s:
            raise TooManyCalls(wait_s)
        if call.bot is None or not _is_public(call.bot, desk):
            raise CallRefused(
                "This bot takes calls only from the operator.",
                status=403,
                code="bot_not_public",
                hint="Set `answer: {link: true}` in its YAML, or send the operator's key.",
            )
    return desk.catalog.get(call.bot) if call.bot else desk.catalog.by_number(call.number or "")


def _is_public(name: str, desk: FrontDesk) -> bool:
    try:
        return desk.catalog.get(name).answer.link
    except UnknownBot:
        # The catalog's own hint may name bots that are nobody's business.
        raise UnknownBot("No bot of that name answers here.") from None


def _verify(desk: FrontDesk, token: str, session_id: str, transport: str) -> Claims:
    claims = desk.mint.verify(token, desk.wall_clock())
    if claims.session_id != session_id or claims.transport != transport:
        raise CallRefused("The token is for another call.", status=403, code="token_wrong_session")
    return claims
