"""Calls over WebRTC to a real server, with aiortc as the browser and an echo for a bot.

WebRTC gathers no loopback addresses: these need a network interface that is up.
"""

from __future__ import annotations

import httpx
import pytest

from server.line import HOLD_S, SILENCE_S
from tests.fakes.peer_caller import PeerCaller
from tests.fakes.serving import OPERATOR, build_app, serve
from tests.fakes.sessions import EchoSession
from tests.fakes.waiting import until

pytestmark = pytest.mark.call


async def joined(served) -> tuple[dict, PeerCaller]:
    """A call whose caller hears the echo of its tone."""
    call = await served.create("webrtc")
    caller = PeerCaller(served.client, call)
    response = await caller.connect()
    assert response.status_code == 200, response.text
    await until(caller.hears_echo, timeout_s=10)
    return call, caller


def assert_problem(response: httpx.Response, status: int, code: str) -> None:
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    assert response.headers["content-type"] == "application/problem+json"


async def test_offer_starts_the_bot():
    """The token buys an answer with the session secret; audio and messages go both ways."""
    async with serve(build_app()) as served:
        call, caller = await joined(served)
        assert caller.answer["session_secret"]
        await until(lambda: any(m["type"] == "bot-ready" for m in caller.messages))
        [session] = served.manager.list_sessions()
        assert (session["id"], session["transport"]) == (call["session_id"], "webrtc")
        await caller.close()
        await until(lambda: not served.manager.list_sessions(), timeout_s=10)
        path = f"/api/sessions/{call['session_id']}"
        record = (await served.client.get(path, headers=OPERATOR)).json()
        assert record["end_reason"] == "caller_hung_up"


async def test_cookie_is_scoped_to_the_call():
    """The stock client cannot send the secret; a cookie that scripts cannot read does it."""
    async with serve(build_app()) as served:
        call = await served.create("webrtc")
        caller = PeerCaller(served.client, call)
        cookie = (await caller.connect()).headers["set-cookie"]
        assert f"Path=/api/calls/{call['session_id']}" in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        patch = {"pc_id": caller.answer["pc_id"], "candidates": []}
        url = call["webrtc"]["offer_url"]
        stale = {"Authorization": f"Bearer {call['token']}"}
        assert (await served.client.patch(url, json=patch, headers=stale)).status_code == 200
        served.client.cookies.clear()
        assert_problem(
            await served.client.patch(url, json=patch, headers=stale), 403, "secret_refused"
        )
        assert_problem(await served.client.patch(url, json=patch), 401, "secret_missing")
        await caller.close()


async def test_candidates_trickle_in():
    """Well-formed candidates and their end are taken; bad ones and another peer's are not."""
    async with serve(build_app()) as served:
        call, caller = await joined(served)
        url = call["webrtc"]["offer_url"]
        headers = {"Authorization": f"Bearer {caller.answer['session_secret']}"}
        good = {
            "candidate": "candidate:1 1 udp 2122260223 192.0.2.7 54321 typ host",
            "sdp_mid": "0",
            "sdp_mline_index": 0,
        }
        end = {"candidate": "", "sdp_mid": "0", "sdp_mline_index": 0}
        body = {"pc_id": caller.answer["pc_id"], "candidates": [good, end]}
        response = await served.client.patch(url, json=body, headers=headers)
        assert response.status_code == 200, response.text
        for bad in (
            {"candidates": [good | {"candidate": "candidate:nonsense"}]},
            {"candidates": [good] * 65},
            {"candidates": "none"},
        ):
            answer = await served.client.patch(url, json=body | bad, headers=headers)
            assert_problem(answer, 422, "bad_offer")
        other = await served.client.patch(url, json=body | {"pc_id": "x"}, headers=headers)
        assert_problem(other, 409, "stale_peer")
        await caller.close()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sdp": "", "type": "offer"},
        {"sdp": "v=0", "type": "offer"},
        {"sdp": "m=audio nonsense", "type": "offer"},
        {"sdp": "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", "type": "offer"},
        {"sdp": "v=0\r\nm=audio 9 X 111\r\n", "type": "answer"},
        {"sdp": "x" * 50_000, "type": "offer"},
        {"sdp": 5, "type": "offer"},
    ],
    ids=lambda body: str(body)[:30],
)
async def test_bad_offer_leaves_the_token_good(body):
    """An offer that is not accepted spends nothing and starts nothing."""
    async with serve(build_app()) as served:
        call = await served.create("webrtc")
        headers = {"Authorization": f"Bearer {call['token']}"}
        url = call["webrtc"]["offer_url"]
        assert_problem(await served.client.post(url, json=body, headers=headers), 422, "bad_offer")
        assert served.manager.describe()["live"] == 0
        caller = PeerCaller(served.client, call)
        assert (await caller.connect()).status_code == 200
        await caller.close()


async def test_token_opens_one_call():
    """A spent, missing or damaged token, or another call's, gets no answer."""
    async with serve(build_app()) as served:
        call, caller = await joined(served)
        served.client.cookies.clear()
        thief = PeerCaller(served.client, call)
        assert_problem(await thief.connect(), 409, "token_spent")
        await thief.close()
        assert_problem(await thief.connect("x"), 401, "token_invalid")
        await thief.close()
        other = PeerCaller(served.client, await served.create("webrtc"))
        assert_problem(await other.connect(call["token"]), 403, "token_wrong_session")
        await other.close()
        url = call["webrtc"]["offer_url"]
        assert_problem(await served.client.post(url, json={}), 401, "token_missing")
        assert len(served.manager.list_sessions()) == 1
        await caller.close()


async def test_full_house_refuses_the_offer():
    """A second offer past capacity is told when to come back."""
    async with serve(build_app(capacity=1)) as served:
        late = await served.create("webrtc")
        _, caller = await joined(served)
        waiting = PeerCaller(served.client, late)
        response = await waiting.connect()
        assert_problem(response, 503, "at_capacity")
        assert response.headers["retry-after"]
        await waiting.close()
        await caller.close()


async def test_killed_browser_is_noticed_and_resumed():
    """A peer that vanishes is held, its place is free within ten seconds, and it may come back."""
    async with serve(build_app(capacity=1)) as served:
        call, caller = await joined(served)
        await caller.vanish()
        await until(
            lambda: served.manager.list_sessions()[0]["state"] == "held", timeout_s=SILENCE_S + 2
        )
        await caller.close()
        await until(lambda: served.manager.describe()["live"] == 0, timeout_s=HOLD_S + 1)
        caller.loudest = 0
        response = await caller.connect(caller.answer["session_secret"], restart=True)
        assert response.status_code == 200, response.text
        await until(caller.hears_echo, timeout_s=10)
        [session] = served.manager.list_sessions()
        assert (session["id"], session["state"]) == (call["session_id"], "up")
        session = served.manager._live[call["session_id"]].session
        assert isinstance(session, EchoSession)
        assert session.connects == 1
        await caller.close()


async def test_noise_on_the_data_channel_harms_nobody():
    """Messages that are not RTVI are dropped; the call and its neighbour go on."""
    async with serve(build_app()) as served:
        _, caller = await joined(served)
        _, neighbour = await joined(served)
        await until(lambda: caller.is_open and neighbour.is_open)
        for noise in ("{", "[]", "5", '{"type": "x"}', '{"label": "rtvi-ai", "type": 7}', "\x00"):
            caller.channel.send(noise)
        caller.messages.clear()
        caller.send({"type": "client-ready", "id": "2", "data": {"version": "1.0.0"}})
        await until(lambda: any(m["type"] == "bot-ready" for m in caller.messages))
        assert len(served.manager.list_sessions()) == 2
        await caller.close()
        await neighbour.close()
