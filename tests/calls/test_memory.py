"""A process that has held a hundred calls is no larger than one that has held ten."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import httpx
import pytest

from tests.fakes.offhook_process import OPERATOR, OffhookProcess
from tests.fakes.socket_caller import SocketCaller
from tests.fakes.waiting import until

pytestmark = [pytest.mark.call, pytest.mark.alone]

SHIPPED = Path(__file__).parents[2] / "configs" / "bots"
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
    await until(lambda: len(caller.audio) > 24_000, timeout_s=30)
    await caller.close()


async def test_a_hundred_calls_leave_no_memory_behind(tmp_path: Path) -> None:
    """The server's own memory after call 10 and after call 100."""
    bots = tmp_path / "bots"
    bots.mkdir()
    shutil.copy(SHIPPED / "receptionist.yaml", bots)
    with OffhookProcess(bots, tmp_path / "server.log") as offhook:
        await asyncio.to_thread(offhook.wait_ready)
        assert offhook.process
        sizes: dict[int, int] = {}
        async with httpx.AsyncClient(base_url=offhook.url, headers=OPERATOR, timeout=30) as client:
            for number in range(1, 101):
                await short_call(client)
                await asyncio.to_thread(offhook.wait_idle)
                sizes[number] = resident_bytes(offhook.process.pid)
        records = await asyncio.to_thread(offhook.sessions)
    grown = sizes[100] - sizes[10]
    print("MB after calls:", {n: round(sizes[n] / 2**20, 1) for n in range(10, 101, 10)})
    assert grown < GROWTH_BYTES, {n: sizes[n] >> 20 for n in range(10, 101, 10)}
    assert not any(record["is_abandoned"] for record in records)
