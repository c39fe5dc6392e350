"""The emulated vendors in a process of their own, so that their work is not counted as ours."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from benchmarks.outages.cases import Case
from emulators.faults import FaultKind


class Vendors:
    """Where each vendor listens, and how it is made ill and well."""

    def __init__(self, environ: dict[str, str]) -> None:
        self._environ = environ

    def base_url(self, vendor: str) -> str:
        """What the vendor's Pipecat service takes."""
        return self._environ[f"{vendor.upper()}_BASE_URL"]

    def faulty_url(self, vendor: str, case: Case) -> str:
        """The vendor's URL, one that cannot work if the fault is of the address."""
        url = self.base_url(vendor)
        if case.fault is FaultKind.TLS:
            return url.replace("http:", "https:").replace("ws:", "wss:")
        if case.fault is FaultKind.DNS:
            return url.replace("127.0.0.1", f"{vendor}.invalid")
        return url

    async def pace(self, vendor: str, *, first_byte_ms: int, chunk_ms: int) -> None:
        """How fast the vendor answers."""
        pace = {"first_byte_ms": first_byte_ms, "chunk_ms": chunk_ms}
        await self._control("PUT", vendor, "pace", pace)

    async def break_down(self, vendor: str, case: Case) -> None:
        """Give the vendor the case's fault."""
        if not case.fault.is_of_address:
            await self.fault(vendor, case.fault, **case.outage.details)

    async def fault(self, vendor: str, kind: str, **details: Any) -> None:
        """Arm a fault."""
        await self._control("POST", vendor, "faults", {"kind": kind, **details})

    async def asked(self, vendor: str) -> list[dict[str, Any]]:
        """What the vendor was asked so far."""
        return (await self._control("GET", vendor, "requests")).json()

    async def recover(self, vendor: str) -> None:
        """Make the vendor well."""
        await self._control("DELETE", vendor, "faults")

    async def _control(
        self, method: str, vendor: str, what: str, body: Any = None
    ) -> httpx.Response:
        url = self._environ[f"{vendor.upper()}_CONTROL_URL"]
        async with httpx.AsyncClient() as client:
            response = await client.request(method, f"{url}/_control/{what}", json=body)
            return response.raise_for_status()


@asynccontextmanager
async def run_vendors() -> AsyncIterator[Vendors]:
    """All emulators, until the block ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "emulators.run", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    environ: dict[str, str] = {}
    try:
        async with asyncio.timeout(60):
            while "HOUSE_CONTROL_URL" not in environ:
                name, _, value = (await process.stdout.readline()).decode().strip().partition("=")
                environ[name] = value
        yield Vendors(environ)
    finally:
        process.terminate()
        await process.wait()
