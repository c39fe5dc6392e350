"""The session manager as the `Fabric` of one process: admission, resumes, ends, the drain."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest

from bots.errors import AtCapacity, CallRefused, Draining, SessionNotFound
from bots.record import EndReason, SessionRecord
from server.fabric import Fabric, Operation
from server.line import HOLD_S, RESUME_S
from server.sessions import SessionManager
from tests.fakes.bots import make_bot
from tests.fakes.sessions import QuietSession, StillConnection
from tests.fakes.waiting import until

pytestmark = pytest.mark.unit

PIRATE = make_bot("pirate")


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class House:
    """A manager with a clock and with the records of what ended in it."""

    def __init__(self, *, capacity: int = 2, manner: str = "ends", **given: Any) -> None:
        self.clock = Clock()
        self.ended: list[SessionRecord] = []
        self.built: list[QuietSession] = []
        self.manager = SessionManager(
            session_factory=partial(self._build, manner),
            capacity=capacity,
            has_room=given.get("has_room", lambda live, coming: True),
            close_s=0.05,
            secret_for=lambda session_id: f"secret of {session_id}",
            on_event=lambda event: None,
            on_ended=self.ended.append,
            clock=self.clock,
        )

    def _build(self, manner: str, **given: Any) -> QuietSession:
        self.built.append(QuietSession(manner=manner, **given))
        return self.built[-1]

    async def call(self, session_id: str, spec=PIRATE) -> StillConnection:
        connection = StillConnection()
        with self.manager.hold_place(spec):
            await self.manager.start(session_id=session_id, spec=spec, connection=connection)
        return connection

    async def until_over(self, count: int = 1) -> None:
        await until(lambda: len(self.ended) == count)

    def pass_time(self, seconds: float) -> None:
        self.clock.now_s += seconds
        self.manager.tick()


def test_manager_is_a_fabric():
    """The app needs nothing of the manager that the Protocol does not say."""
    fabric: Fabric = House().manager
    assert fabric.describe()["live"] == 0


async def test_capacity_refuses_with_a_time_to_come_back():
    """The next caller is told when to try again, and a hang-up makes room."""
    house = House(capacity=1)
    await house.call("one")
    with pytest.raises(AtCapacity) as refusal:
        await house.call("two")
    assert (refusal.value.status, refusal.value.code) == (503, "at_capacity")
    assert refusal.value.retry_after_s > 0
    await house.manager.control("one", Operation.HANG_UP, {"reason": "caller_hung_up"})
    await house.until_over()
    await house.call("two")
    assert house.manager.describe()["live"] == 1
    await house.manager.drain(0)


async def test_held_place_counts():
    """Two callers who connect at once do not both get the last place."""
    house = House(capacity=1)
    with house.manager.hold_place(PIRATE), pytest.raises(AtCapacity):
        house.manager.admit(PIRATE)
    house.manager.admit(PIRATE)


async def test_limit_of_one_bot_leaves_room_for_others():
    """`limits.sessions` holds for its bot only."""
    house = House(capacity=5)
    shy = make_bot("shy", sessions=1)
    await house.call("one", shy)
    with pytest.raises(AtCapacity, match="this bot"):
        house.manager.admit(shy)
    house.manager.admit(PIRATE)
    await house.manager.drain(0)


async def test_models_of_this_machine_limit_local_bots():
    """A machine full of local calls says so to the next local caller."""
    local = make_bot("local", is_local=True)
    house = House(
        capacity=5, has_room=lambda live, coming: coming is not local or local not in live
    )
    await house.call("one", local)
    with pytest.raises(AtCapacity, match="machine"):
        house.manager.admit(local)
    house.manager.admit(PIRATE)
    await house.manager.drain(0)


async def test_lost_caller_frees_the_place_then_the_session():
    """The place is free within seconds; the session waits for a resume, then ends as lost."""
    house = House(capacity=1)
    connection = await house.call("one")
    connection.on_lost()
    with pytest.raises(AtCapacity):
        house.manager.admit(PIRATE)
    house.pass_time(HOLD_S)
    house.manager.admit(PIRATE)
    assert house.manager.list_sessions()[0]["state"] == "parked"
    assert (house.manager.describe()["live"], house.manager.describe()["parked"]) == (0, 1)
    house.pass_time(RESUME_S)
    await house.until_over()
    assert house.ended[0].end_reason == "connection_lost"
    assert connection.asked[:2] == ["release", "close"]


async def test_resume_is_granted_once():
    """The caller comes back once; the second break ends the session."""
    house = House()
    connection = await house.call("one")
    connection.on_lost()
    house.pass_time(RESUME_S - 1)
    assert await house.manager.resume("one") is connection
    connection.on_restored()
    assert house.manager.list_sessions()[0]["state"] == "up"
    with pytest.raises(CallRefused) as refusal:
        await house.manager.resume("one")
    assert (refusal.value.status, refusal.value.code) == (409, "resume_spent")
    connection.on_lost()
    house.manager.tick()
    await house.until_over()
    with pytest.raises(SessionNotFound):
        await house.manager.resume("one")


async def test_restarted_offer_is_a_resume():
    """Over WebRTC it is the offer with `restart_pc` that comes back; others are not counted."""
    house = House()
    connection = await house.call("one")
    for _ in range(3):
        await house.manager.control("one", Operation.OFFER, {"sdp": ""})
    connection.on_lost()
    for _ in range(2):
        await house.manager.control("one", Operation.OFFER, {"restart_pc": True})
    connection.on_restored()
    with pytest.raises(CallRefused, match="once"):
        await house.manager.control("one", Operation.OFFER, {"restart_pc": True})
    await house.manager.drain(0)


async def test_resume_needs_a_place_once_it_was_given_away():
    """A parked caller waits like everybody else when the line is busy."""
    house = House(capacity=1)
    connection = await house.call("one")
    connection.on_lost()
    house.pass_time(HOLD_S)
    await house.call("two")
    with pytest.raises(AtCapacity):
        await house.manager.resume("one")
    connection.on_restored()
    await house.until_over()
    assert house.ended[0].id == "one"
    await house.manager.drain(0)


async def test_caller_who_hangs_up_is_not_waited_for():
    """A goodbye ends the session at once."""
    house = House()
    connection = await house.call("one")
    connection.on_gone(EndReason.CALLER_HUNG_UP)
    await house.until_over()
    assert house.ended[0].end_reason == "caller_hung_up"


async def test_session_that_will_not_close_is_cancelled():
    """One that ignores `stop` is cancelled and closed in order."""
    house = House(manner="ignores stop")
    await house.call("one")
    await house.manager.control("one", Operation.HANG_UP, {"reason": "operator"})
    await house.until_over()
    assert not house.ended[0].is_abandoned
    assert house.manager.describe()["abandoned"] == 0


async def test_session_that_ignores_everything_is_abandoned(monkeypatch):
    """It is dropped after its bound, its caller too; it is counted once, and its place is free."""
    monkeypatch.setattr("server.sessions.CANCEL_S", 0.05)
    house = House(capacity=1, manner="ignores everything")
    connection = await house.call("one")
    await house.manager.control("one", Operation.HANG_UP, {"reason": "operator"})
    await house.until_over()
    assert "close" in connection.asked
    assert house.ended[0].is_abandoned
    assert house.manager.describe()["abandoned"] == 1
    house.manager.admit(PIRATE)
    house.built[0].let_go.set()
    await asyncio.sleep(0)
    assert len(house.ended) == 1


async def test_session_that_fails_is_an_error():
    """A session that raises frees its place and is recorded."""
    house = House(capacity=1, manner="fails")
    await house.call("one")
    await house.until_over()
    assert house.ended[0].end_reason == "error"
    house.manager.admit(PIRATE)


async def test_record_outlives_its_session():
    """A session can be looked up after its end; an unknown one cannot."""
    house = House()
    await house.call("one")
    assert (await house.manager.control("one", Operation.DESCRIBE, {}))["state"] == "up"
    await house.manager.control("one", Operation.HANG_UP, {"reason": "operator"})
    await house.until_over()
    described = await house.manager.control("one", Operation.DESCRIBE, {})
    assert (described["state"], described["end_reason"]) == ("over", "operator")
    with pytest.raises(SessionNotFound):
        await house.manager.control("two", Operation.DESCRIBE, {})
    with pytest.raises(SessionNotFound):
        await house.manager.control("one", Operation.HANG_UP, {})


async def test_drain_refuses_new_calls_and_waits_for_live_ones():
    """Live calls end by themselves within the drain, without being told to."""
    house = House()
    connection = await house.call("one")
    draining = asyncio.create_task(house.manager.drain(60))
    await until(lambda: house.manager.is_draining)
    with pytest.raises(Draining):
        house.manager.admit(PIRATE)
    connection.on_gone(EndReason.CALLER_HUNG_UP)
    await draining
    assert house.ended[0].end_reason == "caller_hung_up"


async def test_drain_ends_what_is_left():
    """After its time a drain ends live calls with a reason; hurrying makes the time short."""
    house = House()
    await house.call("one")
    hurry = asyncio.Event()
    draining = asyncio.create_task(house.manager.drain(600, hurry))
    await until(lambda: house.manager.is_draining)
    hurry.set()
    await draining
    assert house.ended[0].end_reason == "drain"
    assert house.manager.list_sessions() == []
