"""The HTTP surface: who may ask what, and how errors are said."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from server.app import create_app
from server.settings import Settings
from tests.fakes.bots import InstantModels, make_bot
from tests.fakes.serving import KEY, OPERATOR, build_app, serve

pytestmark = pytest.mark.call

CALL = {"bot": "pirate", "transport": "webrtc"}


def client_of(app, address: str = "198.51.100.7", **given: Any) -> httpx.AsyncClient:
    """A client without a server between; `address` is where it calls from."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 4000))
    options: dict[str, Any] = {"base_url": "http://voice.example"} | given
    return httpx.AsyncClient(transport=transport, **options)


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict:
    """The answer is a problem of that status and code; returns it."""
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["detail"]
    assert {"type", "title", "hint"} <= body.keys()
    return body


async def test_call_over_webrtc_has_all_that_joining_needs():
    """A caller learns where to send the offer, with what token, and which ICE servers to use."""
    app = build_app(
        stun_urls="stun:s.example", turn_urls="turn:t.example", turn_secret="north south east west"
    )
    async with client_of(app) as client:
        answer = await client.post("/api/calls", json=CALL)
    assert answer.status_code == 201
    call = answer.json()
    assert call["webrtc"]["offer_url"] == f"/api/calls/{call['session_id']}/offer"
    stun, turn = call["webrtc"]["ice_servers"]
    assert stun == {"urls": ["stun:s.example"]}
    assert turn["username"].endswith(f":{call['session_id']}")
    assert (call["bot"], call["transport"], call["expires_in_s"]) == ("pirate", "webrtc", 300)


@pytest.mark.parametrize(
    ("settings", "base", "expected"),
    [
        ({}, "http://voice.example", "ws://voice.example/"),
        ({}, "https://voice.example", "wss://voice.example/"),
        ({"public_url": "https://public.example"}, "http://10.0.0.1", "wss://public.example/"),
    ],
)
async def test_socket_address_is_the_one_callers_reach(settings, base, expected):
    """A socket's address follows the request, or the public address behind a proxy."""
    async with client_of(build_app(**settings), base_url=base) as client:
        answer = await client.post("/api/calls", json=CALL | {"transport": "websocket"})
    assert answer.json()["websocket"]["url"].startswith(expected + "api/calls/")


async def test_forwarded_headers_are_believed_from_trusted_proxies_only():
    """The scheme and the client come from a proxy that is trusted, not from whoever writes them."""
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    call = CALL | {"transport": "websocket"}
    for trusted, scheme in (("10.0.0.0/8", "wss"), ("", "ws")):
        app = build_app(trusted_proxies=trusted, calls_burst=1, calls_per_minute=1)
        async with client_of(app, "10.0.0.1", headers=forwarded) as client:
            answer = await client.post("/api/calls", json=call)
        assert answer.json()["websocket"]["url"].startswith(f"{scheme}://")
        async with client_of(app, "10.0.0.1") as client:
            second = await client.post(
                "/api/calls", json=call, headers={"X-Forwarded-For": "203.0.113.10"}
            )
        assert second.status_code == (201 if trusted else 429)


async def test_anonymous_sees_and_calls_public_bots_only():
    """A bot without `answer.link` is the operator's."""
    app = build_app(make_bot("pirate"), make_bot("butler", link=False))
    async with client_of(app) as client:
        bots = (await client.get("/api/bots")).json()["bots"]
        assert [bot["name"] for bot in bots] == ["pirate"]
        assert_problem(
            await client.post("/api/calls", json=CALL | {"bot": "butler"}), 403, "bot_not_public"
        )
        unknown = assert_problem(
            await client.post("/api/calls", json=CALL | {"bot": "buttler"}), 404, "unknown_bot"
        )
        assert "butler" not in json.dumps(unknown).replace("buttler", "")
        bots = (await client.get("/api/bots", headers=OPERATOR)).json()["bots"]
        assert [bot["name"] for bot in bots] == ["butler", "pirate"]
        called = await client.post("/api/calls", json=CALL | {"bot": "butler"}, headers=OPERATOR)
        assert called.status_code == 201


async def test_number_is_for_the_operator():
    """A gateway names the number that was dialled; a visitor cannot."""
    app = build_app(make_bot("pirate", phone=("+15550100",)))
    call = {"number": "+15550100", "transport": "websocket"}
    async with client_of(app) as client:
        assert_problem(await client.post("/api/calls", json=call), 403, "bot_not_public")
        answer = await client.post("/api/calls", json=call, headers=OPERATOR)
        assert answer.json()["bot"] == "pirate"
        assert_problem(
            await client.post("/api/calls", json=call | {"number": "+15550199"}, headers=OPERATOR),
            404,
            "unknown_bot",
        )


async def test_rate_holds_anonymous_clients_back():
    """Past the rate a visitor gets 429 with the time to wait; the operator and others do not."""
    app = build_app(calls_burst=2, calls_per_minute=1)
    async with client_of(app) as client:
        for _ in range(2):
            assert (await client.post("/api/calls", json=CALL)).status_code == 201
        answer = await client.post("/api/calls", json=CALL)
        problem = assert_problem(answer, 429, "too_many_calls")
        assert int(answer.headers["retry-after"]) == problem["retry_after_s"] > 30
        assert (await client.post("/api/calls", json=CALL, headers=OPERATOR)).status_code == 201
    async with client_of(app, "198.51.100.8") as client:
        assert (await client.post("/api/calls", json=CALL)).status_code == 201


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"content": b"{"}, 400, "bad_json"),
        ({"content": b"{}"}, 422, "bad_request"),
        ({"content": b"[]"}, 422, "bad_request"),
        ({"content": json.dumps(CALL | {"extra": 1}).encode()}, 422, "bad_request"),
        (
            {"content": json.dumps({"bot": "pirate", "transport": "fax"}).encode()},
            422,
            "bad_request",
        ),
        ({"content": json.dumps(CALL | {"number": "+15550100"}).encode()}, 422, "bad_request"),
        ({"content": b"\xff\xfe"}, 400, "bad_json"),
        ({"content": b"x" * 70_000}, 413, "body_too_large"),
        ({"content": json.dumps(CALL).encode(), "type": "text/plain"}, 415, "bad_type"),
    ],
)
async def test_malformed_bodies_get_the_right_code(sent, status, code):
    """Every kind of bad body is a problem of its own, and the next request is served."""
    async with client_of(build_app()) as client:
        headers = {"Content-Type": sent.get("type", "application/json")}
        answer = await client.post("/api/calls", content=sent["content"], headers=headers)
        assert_problem(answer, status, code)
        assert (await client.post("/api/calls", json=CALL)).status_code == 201


async def test_body_that_is_not_announced_is_bounded_too():
    """A chunked body is cut off at the limit."""

    async def chunks():
        for _ in range(100):
            yield b"x" * 1000

    async with serve(build_app()) as served:
        answer = await served.client.post("/api/calls", content=chunks())
        assert_problem(answer, 413, "body_too_large")


async def test_foreign_origin_is_refused():
    """A page of another site neither calls nor hangs up nor stops sessions."""
    evil = {"Origin": "https://evil.example"}
    async with client_of(build_app()) as client:
        assert_problem(
            await client.post("/api/calls", json=CALL, headers=evil), 403, "origin_refused"
        )
        for request in (
            client.post("/api/calls/x/offer", json={}, headers=evil),
            client.patch("/api/calls/x/offer", json={}, headers=evil),
            client.delete("/api/calls/x", headers=evil),
            client.delete("/api/sessions/x", headers=evil | OPERATOR),
        ):
            assert_problem(await request, 403, "origin_refused")
        own = {"Origin": "https://voice.example"}
        assert (await client.post("/api/calls", json=CALL, headers=own)).status_code == 201


@pytest.mark.parametrize("path", ["/status", "/metrics", "/api/sessions", "/api/sessions/x"])
async def test_operator_routes_need_the_key(path):
    """Without the key they answer 401; with it they answer."""
    async with client_of(build_app()) as client:
        assert_problem(await client.get(path), 401, "operator_only")
        wrong = {"Authorization": "Bearer " + KEY[:-1]}
        assert_problem(await client.get(path, headers=wrong), 401, "operator_only")
        assert (await client.get(path, headers=OPERATOR)).status_code in (200, 404)


@pytest.mark.parametrize(
    ("address", "base", "headers", "is_operator"),
    [
        ("127.0.0.1", "http://localhost:7860", {}, True),
        ("::1", "http://[::1]:7860", {}, True),
        ("::ffff:127.0.0.1", "http://127.0.0.1", {}, True),
        ("198.51.100.7", "http://localhost", {}, False),
        ("127.0.0.1", "http://rebound.example", {}, False),
        ("127.0.0.1", "http://localhost", {"X-Forwarded-For": "127.0.0.1"}, False),
    ],
)
async def test_without_a_key_this_machine_is_the_operator(address, base, headers, is_operator):
    """Only a direct request by a name of this machine counts: no proxy, no rebound name."""
    app = build_app(operator_key=None)
    async with client_of(app, address, base_url=base, headers=headers) as client:
        answer = await client.get("/status")
    if is_operator:
        assert answer.status_code == 200
    else:
        assert_problem(answer, 403, "operator_only")


async def test_metrics_can_be_public():
    """A scraper elsewhere needs no key when the operator says so."""
    async with client_of(build_app(metrics_public=True)) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert "offhook_capacity 20.0" in answer.text


async def test_unknown_paths_and_methods_are_problems():
    """Starlette's own errors have the same shape."""
    async with client_of(build_app()) as client:
        assert_problem(await client.get("/api/nothing"), 404, "not_found")
        assert_problem(await client.put("/api/calls", json={}), 405, "method_not_allowed")
        assert_problem(
            await client.get("/api/sessions/x", headers=OPERATOR), 404, "session_not_found"
        )


async def test_pages_carry_the_security_headers():
    """The page may load from its own origin only and never passes its address on."""
    async with client_of(build_app()) as client:
        headers = (await client.get("/health")).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "wss://voice.example" in policy
    assert "'unsafe-eval'" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert "microphone=(self)" in headers["permissions-policy"]


async def test_page_is_served_for_the_list_and_for_a_bot(tmp_path):
    """Both addresses are the same page; its files lie beside it, and nothing else does."""
    (tmp_path / "index.html").write_text("<h1>Call</h1>")
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/app.js").write_text("let x")
    async with client_of(build_app(page=tmp_path)) as client:
        for path in ("/", "/call/pirate"):
            assert (await client.get(path)).text == "<h1>Call</h1>"
        script = await client.get("/assets/app.js")
        assert script.headers["content-type"].startswith("text/javascript")
        assert (await client.get("/assets/../../etc/passwd")).status_code == 404
        assert_problem(await client.get("/assets/nothing.js"), 404, "not_found")


async def test_a_person_at_a_wrong_address_gets_the_page_that_says_so(tmp_path):
    """404 all the same; a program, and whoever asks the API, gets a problem."""
    (tmp_path / "index.html").write_text("<h1>Call</h1>")
    person = {"Accept": "text/html,application/xhtml+xml"}
    async with client_of(build_app(page=tmp_path)) as client:
        lost = await client.get("/nowhere/at/all", headers=person)
        assert (lost.status_code, lost.text) == (404, "<h1>Call</h1>")
        assert_problem(await client.get("/nowhere"), 404, "not_found")
        assert_problem(await client.get("/api/nowhere", headers=person), 404, "not_found")


async def test_readiness_follows_the_models():
    """Bots that cannot be loaded are told from cold ones, to balancers and to their callers."""
    models = InstantModels(can_warm=False)
    app = build_app(models=models)
    async with serve(app) as served:
        assert (await served.client.get("/health")).json() == {"status": "ok"}
        refused = await served.client.post("/api/calls", json=CALL)
        problem = assert_problem(refused, 503, "models_failed")
        assert problem["detail"] == "This bot's models cannot be loaded."
        answer = await served.client.get("/ready")
        assert (answer.status_code, answer.json()["ready"]) == (503, False)
        assert answer.json()["reasons"] == ["cannot be loaded, the log says why: pirate"]
        models.warm.add(app.state.desk.catalog.get("pirate").version)
        assert (await served.client.get("/ready")).status_code == 200
    assert models.is_closed


async def test_readiness_waits_for_models_that_load():
    """A bot that nobody has tried to load yet is warming."""
    async with client_of(build_app(models=InstantModels(can_warm=False))) as client:
        assert (await client.get("/ready")).json()["reasons"] == ["warming: pirate"]


async def test_a_bot_that_every_vendor_refuses_takes_no_call():
    """The caller is told at once which part is out of order, and not whose key it is."""
    models = InstantModels()
    models.refused = "llm"
    async with client_of(build_app(models=models)) as client:
        problem = assert_problem(
            await client.post("/api/calls", json=CALL), 502, "provider_refused"
        )
        assert problem["detail"] == "This bot's brain cannot be used."
        models.refused = None
        assert (await client.post("/api/calls", json=CALL)).status_code == 201


async def test_status_shows_everything_at_once():
    """Version, time, places, bots and models are in one answer."""
    async with serve(build_app()) as served:
        status = (await served.client.get("/status", headers=OPERATOR)).json()
    assert status["version"]
    assert status["capacity"] == 20
    assert (status["live"], status["parked"], status["abandoned"]) == (0, 0, 0)
    assert (status["draining"], status["recycle"]) == (False, False)
    assert [bot["name"] for bot in status["bots"]] == ["pirate"]
    assert status["models"]["pirate"]["warm"] is True
    assert status["providers"] == ["openai"]


async def test_draining_process_says_so():
    """New calls are refused with the time to come back, and balancers are told."""
    async with serve(build_app()) as served:
        await served.manager.drain(0)
        refused = await served.client.post("/api/calls", json=CALL)
        assert_problem(refused, 503, "draining")
        assert refused.headers["retry-after"]
        assert (await served.client.get("/ready")).json()["reasons"] == ["draining"]


async def test_unexpected_error_is_a_problem_without_its_text():
    """A bug answers 500 and keeps its words for the log."""
    app = build_app()
    app.state.desk.catalog = None
    async with client_of(app) as client:
        answer = await client.get("/api/bots")
    problem = assert_problem(answer, 500, "internal")
    assert "NoneType" not in json.dumps(problem)


def test_app_takes_a_fabric_of_another_kind():
    """The seam: whatever is handed in runs the sessions."""

    class Elsewhere:
        def describe(self):
            return {"live": 7}

    app = create_app(
        Settings(_env_file=None),  # pyright: ignore[reportCallIssue]
        fabric=Elsewhere(),  # pyright: ignore[reportArgumentType]
        catalog=build_app().state.desk.catalog,
        models=InstantModels(),
        session_factory=lambda **given: None,  # pyright: ignore[reportArgumentType]
    )
    assert "offhook_sessions_live 7.0" in app.state.desk.metrics.render().decode()
