"""A process that has held a hundred calls is no larger than one that has held ten."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from tests.fakes.offhook_process import OPERATOR
from tests.fakes.receptionist import Receptionist
from tests.fakes.socket_caller import SocketCaller
from tests.fakes.waiting import until

pytestmark = [pytest.mark.call, pytest.mark.alone]

BEGINNING_BYTES = 4_800
"""Of the greeting: 0.1 s at 24 kHz."""
GROWTH_BYTES = 32 << 20
"""What 90 calls may leave: the allocator's slack, seen as 16 MB that stop growing by call 70. Calls
that kept their pipeline would leave 1.2 MB each, 108 MB in all."""


def resident_bytes(pid: int) -> int:
    """The memory of a process that is in RAM and its own, files it maps not counted."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no RssAnon")


async def short_call(client: httpx.AsyncClient) -> None:
    """Connect, hear the greeting begin, hang up."""
    answer = await client.post("/api/calls", json={"bot": "receptionist", "transport": "websocket"})
    assert answer.status_code == 201, answer.text
    caller = await SocketCaller.join(answer.json()["websocket"]["url"])
    await caller.say_ready()
    await until(lambda: len(caller.audio) > BEGINNING_BYTES, timeout_s=30)
    await caller.close()


async def test_a_hundred_calls_leave_no_memory_behind(receptionist: Receptionist) -> None:
    """The server's own memory after call 10 and after call 100."""
    offhook = receptionist.offhook
    assert offhook.process
    sizes: dict[int, int] = {}
    abandoned = (await asyncio.to_thread(offhook.get, "/status"))["abandoned"]
    async with httpx.AsyncClient(base_url=offhook.url, headers=OPERATOR, timeout=30) as client:
        for number in range(1, 101):
            await short_call(client)
            await asyncio.to_thread(offhook.wait_idle)
            sizes[number] = resident_bytes(offhook.process.pid)
    grown = sizes[100] - sizes[10]
    print("MB after calls:", {n: round(sizes[n] / 2**20, 1) for n in range(10, 101, 10)})
    assert grown < GROWTH_BYTES, {n: sizes[n] >> 20 for n in range(10, 101, 10)}
    assert (await asyncio.to_thread(offhook.get, "/status"))["abandoned"] == abandoned
