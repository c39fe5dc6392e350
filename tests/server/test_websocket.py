"""Calls over real WebSockets to a real server, with an echo for a bot."""

from __future__ import annotations

import asyncio
import json

import pytest
from pipecat.frames.protobufs import frames_pb2
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from server.fabric import Operation
from server.line import HOLD_S, RESUME_S
from tests.fakes.bots import make_bot
from tests.fakes.serving import OPERATOR, build_app, serve
from tests.fakes.socket_caller import SECOND, SocketCaller, audio_frame
from tests.fakes.waiting import until

pytestmark = pytest.mark.call


async def refusal(url: str, **options) -> tuple[int, str]:
    """Status and code with which a socket is refused before it is accepted."""
    with pytest.raises(InvalidStatus) as refused:
        await SocketCaller.join(url, **options)
    response = refused.value.response
    assert response.headers["content-type"] == "application/problem+json"
    problem = json.loads(response.body or b"")
    assert problem["status"] == response.status_code
    if response.status_code == 503:
        assert int(response.headers["retry-after"]) == problem["retry_after_s"]
    return response.status_code, problem["code"]


def resume_url(served, call, caller: SocketCaller) -> str:
    """Where a caller who was cut off comes back to."""
    path = f"/api/calls/{call['session_id']}/socket"
    return f"ws{served.base.removeprefix('http')}{path}?secret={caller.session_secret()}&resume=1"


async def answered(caller: SocketCaller) -> None:
    """Says ready, speaks for half a second and hears the echo."""
    await caller.say_ready()
    await until(lambda: caller.session_secret() is not None)
    before = len(caller.audio)
    await caller.send_audio(SECOND[: len(SECOND) // 2])
    await until(lambda: len(caller.audio) > before + len(SECOND) // 4)


async def test_caller_hears_the_bot_and_gets_the_secret():
    """Audio goes both ways, the bot introduces itself, a goodbye ends and records the session."""
    async with serve(build_app()) as served:
        call = await served.create()
        caller = await SocketCaller.join(call["websocket"]["url"])
        await answered(caller)
        assert any(message["type"] == "bot-ready" for message in caller.messages)
        sessions = (await served.client.get("/api/sessions", headers=OPERATOR)).json()["sessions"]
        assert [(s["id"], s["bot"], s["state"]) for s in sessions] == [
            (call["session_id"], "pirate", "up")
        ]
        await caller.close()
        await until(lambda: not served.manager.list_sessions())
        path = f"/api/sessions/{call['session_id']}"
        record = (await served.client.get(path, headers=OPERATOR)).json()
        assert record["end_reason"] == "caller_hung_up"
        assert record["connected_at"]
        metrics = (await served.client.get("/metrics", headers=OPERATOR)).text
        assert 'transport="websocket"} 1.0' in metrics


async def test_token_opens_one_call():
    """A reused, missing, damaged or expired token opens nothing, nor one for another session."""
    app = build_app()
    async with serve(app) as served:
        call, other = await served.create(), await served.create()
        url = call["websocket"]["url"]
        caller = await SocketCaller.join(url)
        assert await refusal(url) == (409, "token_spent")
        assert await refusal(url.partition("?")[0]) == (401, "token_missing")
        assert await refusal(url + "x") == (401, "token_invalid")
        stolen = url.replace(call["session_id"], other["session_id"])
        assert await refusal(stolen) == (403, "token_wrong_session")
        spoken = await served.create("webrtc")
        wrong_way = url.replace(call["session_id"], spoken["session_id"])
        wrong_way = wrong_way.replace(call["token"], spoken["token"])
        assert await refusal(wrong_way) == (403, "token_wrong_session")
        desk = app.state.desk
        now, desk.wall_clock = desk.wall_clock, lambda: now() + 301
        assert await refusal(other["websocket"]["url"]) == (401, "token_expired")
        await answered(caller)
        assert len(served.manager.list_sessions()) == 1
        assert "offhook_refusals_total" in desk.metrics.render().decode()


async def test_foreign_page_opens_no_socket():
    """A browser page of another origin is refused and the token stays good."""
    async with serve(build_app()) as served:
        url = (await served.create())["websocket"]["url"]
        assert await refusal(url, origin="https://evil.example") == (403, "origin_refused")
        caller = await SocketCaller.join(url, origin=served.base)
        await answered(caller)


async def test_full_house_refuses_before_accepting():
    """Past capacity both the request and the socket get 503, and the token stays good."""
    async with serve(build_app(capacity=1)) as served:
        first, second = await served.create(), await served.create()
        caller = await SocketCaller.join(first["websocket"]["url"])
        assert await refusal(second["websocket"]["url"]) == (503, "at_capacity")
        answer = await served.client.post(
            "/api/calls", json={"bot": "pirate", "transport": "websocket"}
        )
        assert (answer.status_code, answer.json()["code"]) == (503, "at_capacity")
        assert answer.headers["retry-after"]
        await caller.close()
        await until(lambda: not served.manager.list_sessions())
        await answered(await SocketCaller.join(second["websocket"]["url"]))


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("text", 1003),
        (b"\xff\xff\xff", 1007),
        (b"", 1003),
        (audio_frame(b"\0\0", rate_hz=48_000), 1007),
        (audio_frame(b"\0\0", channels=2), 1007),
        (audio_frame(b"\0\0\0"), 1007),
        (
            frames_pb2.Frame(  # pyright: ignore[reportAttributeAccessIssue]
                text=frames_pb2.TextFrame(text="Say this.")  # pyright: ignore[reportAttributeAccessIssue]
            ).SerializeToString(),
            1003,
        ),
        (
            frames_pb2.Frame(  # pyright: ignore[reportAttributeAccessIssue]
                message=frames_pb2.MessageFrame(data="{")  # pyright: ignore[reportAttributeAccessIssue]
            ).SerializeToString(),
            1007,
        ),
        (
            frames_pb2.Frame(  # pyright: ignore[reportAttributeAccessIssue]
                message=frames_pb2.MessageFrame(data="[]")  # pyright: ignore[reportAttributeAccessIssue]
            ).SerializeToString(),
            1007,
        ),
        (b"\0" * (300 * 1024), 1009),
        (audio_frame(SECOND * 4), 1000),
    ],
    ids=lambda value: str(value)[:20],
)
async def test_malformed_message_ends_its_socket_only(sent, code):
    """The sender is told with a close code; the call beside it goes on."""
    async with serve(build_app()) as served:
        neighbour = await SocketCaller.join((await served.create())["websocket"]["url"])
        await answered(neighbour)
        call = await served.create()
        caller = await SocketCaller.join(call["websocket"]["url"])
        await answered(caller)
        await caller.socket.send(sent)
        if code == 1000:
            await caller.close()
        assert (await caller.closed())[0] == code
        await until(lambda: len(served.manager.list_sessions()) == 1)
        record = await served.manager.control(call["session_id"], Operation.DESCRIBE, {})
        assert record["end_reason"] == ("caller_hung_up" if code == 1000 else "bad_message")
        await answered(neighbour)


async def test_flood_of_audio_ends_the_socket():
    """Audio that arrives faster than it can have been spoken is not queued without end."""
    async with serve(build_app()) as served:
        caller = await SocketCaller.join((await served.create())["websocket"]["url"])
        with pytest.raises(ConnectionClosedError):
            for _ in range(200):
                await caller.send_audio(SECOND)
        assert await caller.closed() == (1008, "audio faster than real time")


async def test_cut_connection_is_resumed_where_it_was():
    """After a cut the same session goes on over a new socket, once."""
    async with serve(build_app()) as served:
        call = await served.create()
        caller = await SocketCaller.join(call["websocket"]["url"])
        await answered(caller)
        await caller.cut()
        await until(lambda: served.manager.list_sessions()[0]["state"] == "held")
        resumed = await SocketCaller.join(resume_url(served, call, caller))
        await until(lambda: served.manager.list_sessions()[0]["state"] == "up")
        await answered(resumed)
        assert [s["id"] for s in served.manager.list_sessions()] == [call["session_id"]]
        again = resume_url(served, call, caller)
        assert await refusal(again) == (409, "resume_spent")
        await resumed.cut()
        await until(lambda: not served.manager.list_sessions())
        assert await refusal(again) == (404, "session_not_found")


async def test_bot_waits_with_its_words_while_the_caller_is_away():
    """Audio that was on its way when the connection broke is heard after the resume."""
    async with serve(build_app()) as served:
        call = await served.create()
        caller = await SocketCaller.join(call["websocket"]["url"])
        await answered(caller)
        caller.audio.clear()
        await caller.send_audio(SECOND * 3)
        await until(lambda: len(caller.audio) > len(SECOND) // 2)
        await caller.cut()
        heard = len(caller.audio)
        await until(lambda: served.manager.list_sessions()[0]["state"] == "held")
        resumed = await SocketCaller.join(resume_url(served, call, caller))
        await until(lambda: heard + len(resumed.audio) > len(SECOND) * 2.8)


async def test_socket_that_still_stands_is_replaced():
    """A browser that noticed the break first takes over; the old socket is told."""
    async with serve(build_app()) as served:
        call = await served.create()
        caller = await SocketCaller.join(call["websocket"]["url"])
        await answered(caller)
        resumed = await SocketCaller.join(resume_url(served, call, caller))
        assert (await caller.closed())[0] == 1008
        await answered(resumed)
        assert len(served.manager.list_sessions()) == 1


async def test_killed_browser_frees_its_place():
    """A cut caller's place is free after the hold, and the session ends after the window."""
    async with serve(build_app(capacity=1)) as served:
        call = await served.create()
        caller = await SocketCaller.join(call["websocket"]["url"])
        await answered(caller)
        await caller.cut()
        await until(lambda: served.manager.list_sessions()[0]["state"] == "held")
        clock = served.manager._clock
        served.manager._clock = lambda: clock() + HOLD_S
        await until(lambda: served.manager.describe()["live"] == 0)
        other = await SocketCaller.join((await served.create())["websocket"]["url"])
        await answered(other)
        assert await refusal(resume_url(served, call, caller)) == (503, "at_capacity")
        served.manager._clock = lambda: clock() + RESUME_S
        await until(lambda: len(served.manager.list_sessions()) == 1)
        path = f"/api/sessions/{call['session_id']}"
        record = (await served.client.get(path, headers=OPERATOR)).json()
        assert record["end_reason"] == "connection_lost"


async def test_silent_caller_is_noticed_by_the_pings():
    """A caller whose machine no longer answers counts as cut within a few seconds."""
    async with serve(build_app()) as served:
        caller = await SocketCaller.join((await served.create())["websocket"]["url"])
        await answered(caller)
        caller.socket.transport.pause_reading()
        await until(lambda: served.manager.list_sessions()[0]["state"] == "held", timeout_s=6.0)
        await caller.cut()


async def test_secrets_are_bound_to_their_session():
    """Neither the token nor another call's secret hangs up or resumes a call."""
    async with serve(build_app()) as served:
        call, other = await served.create(), await served.create()
        caller = await SocketCaller.join(call["websocket"]["url"])
        thief = await SocketCaller.join(other["websocket"]["url"])
        await answered(caller)
        await answered(thief)
        path = f"/api/calls/{call['session_id']}"
        for credential in (call["token"], other["token"], thief.session_secret()):
            headers = {"Authorization": f"Bearer {credential}"}
            answer = await served.client.delete(path, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "secret_refused")
        assert (await served.client.delete(path)).status_code == 401
        stolen = resume_url(served, call, thief)
        assert await refusal(stolen) == (403, "secret_refused")
        headers = {"Authorization": f"Bearer {caller.session_secret()}"}
        assert (await served.client.delete(path, headers=headers)).status_code == 204
        await caller.closed()
        await answered(thief)


async def test_hanging_up_is_not_refused_because_the_call_is_over_or_has_not_begun():
    """A caller may be late with it, or early: a token given up opens nothing any more."""
    async with serve(build_app()) as served:
        call, early = await served.create(), await served.create()
        caller = await SocketCaller.join(call["websocket"]["url"])
        await answered(caller)
        session_id, headers = call["session_id"], {"Authorization": f"Bearer {early['token']}"}
        path, early_path = f"/api/calls/{session_id}", f"/api/calls/{early['session_id']}"
        assert (await served.client.delete(path, headers=headers)).status_code == 403
        assert (await served.client.delete(early_path, headers=headers)).status_code == 204
        assert await refusal(early["websocket"]["url"]) == (409, "token_spent")
        await served.manager.control(session_id, Operation.HANG_UP, {"reason": "last_resort"})
        await caller.closed()
        await until(lambda: not served.manager.list_sessions())
        headers = {"Authorization": f"Bearer {caller.session_secret()}"}
        assert (await served.client.delete(path, headers=headers)).status_code == 204
        record = await served.client.get(f"/api/sessions/{session_id}", headers=OPERATOR)
        assert record.json()["end_reason"] == "last_resort"


async def test_operator_stops_a_session():
    """The caller's socket is closed in order and the record says who ended it."""
    async with serve(build_app()) as served:
        call = await served.create()
        caller = await SocketCaller.join(call["websocket"]["url"])
        await answered(caller)
        path = f"/api/sessions/{call['session_id']}"
        assert (await served.client.delete(path, headers=OPERATOR)).status_code == 204
        assert (await caller.closed())[0] == 1000
        await until(lambda: not served.manager.list_sessions())
        record = (await served.client.get(path, headers=OPERATOR)).json()
        assert record["end_reason"] == "operator"


async def test_two_calls_to_two_bots_do_not_mix():
    """Each caller hears its own echo and reads its own bot's name."""
    app = build_app(make_bot("pirate"), make_bot("butler"))
    async with serve(app) as served:
        pirate = await SocketCaller.join((await served.create(bot="pirate"))["websocket"]["url"])
        butler = await SocketCaller.join((await served.create(bot="butler"))["websocket"]["url"])
        await asyncio.gather(answered(pirate), answered(butler))
        pirate.audio.clear()
        butler.audio.clear()
        await asyncio.gather(
            pirate.send_audio(b"\x01\x01" * 8000), butler.send_audio(b"\x02\x02" * 8000)
        )
        await until(lambda: len(pirate.audio) > 12_000 and len(butler.audio) > 12_000)
        assert pirate.session_secret() != butler.session_secret()
        assert b"\x02\x02" not in bytes(pirate.audio[:12_000])
        assert b"\x01\x01" not in bytes(butler.audio[:12_000])
        names = [
            next(m["data"]["bot"] for m in caller.messages if m["type"] == "server-message")
            for caller in (pirate, butler)
        ]
        assert names == ["pirate", "butler"]


async def test_session_that_cannot_be_built_closes_its_socket():
    """A factory that raises frees the place and tells the caller with 1011."""

    def broken(**given):
        raise RuntimeError("no such pipeline")

    async with serve(build_app(session_factory=broken)) as served:
        caller = await SocketCaller.join((await served.create())["websocket"]["url"])
        assert (await caller.closed())[0] == 1011
        assert served.manager.describe()["live"] == 0
