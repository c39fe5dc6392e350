"""A real server on a free port, in the test's own event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from bots.spec import BotSpec
from server.app import create_app
from server.serve import build_config, listen
from server.sessions import SessionManager
from server.settings import Settings
from tests.fakes.bots import FixedCatalog, InstantModels, make_bot
from tests.fakes.sessions import EchoSession
from tests.fakes.waiting import until

KEY = "an operator's key of some length"
OPERATOR = {"Authorization": f"Bearer {KEY}"}


@dataclass
class Served:
    """What a test reaches of the server: its address, a client, and the insides."""

    base: str
    client: httpx.AsyncClient
    app: FastAPI

    @property
    def manager(self) -> SessionManager:
        """Runs the sessions."""
        return self.app.state.desk.fabric

    async def create(self, transport: str = "websocket", bot: str = "pirate") -> dict[str, Any]:
        """A call to join."""
        answer = await self.client.post("/api/calls", json={"bot": bot, "transport": transport})
        assert answer.status_code == 201, answer.text
        return answer.json()


def build_app(
    *specs: BotSpec,
    models: InstantModels | None = None,
    session_factory: Any = EchoSession,
    page: Path | None = None,
    **settings: Any,
) -> FastAPI:
    """An app whose bots are `specs` (a public pirate by default) and whose operator has KEY."""
    given = Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue]
        **{"operator_key": KEY, "close_s": 2.0} | settings,
    )
    return create_app(
        given,
        catalog=FixedCatalog(*(specs or (make_bot("pirate"),))),
        models=models or InstantModels(),
        session_factory=session_factory,
        page=page,
    )


@contextlib.asynccontextmanager
async def serve(app: FastAPI) -> AsyncIterator[Served]:
    """Serves `app` until the block ends; live sessions are ended then."""
    settings = app.state.desk.settings
    before = asyncio.all_tasks()
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(build_config(app, settings))
    serving = asyncio.create_task(server._serve([listener]))
    await until(lambda: server.started or serving.done())
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        async with httpx.AsyncClient(base_url=base, timeout=10) as client:
            yield Served(base, client, app)
    finally:
        await app.state.desk.fabric.drain(0)
        server.should_exit = True
        await serving
        # Nothing that a call started outlives the server.
        await until(lambda: asyncio.all_tasks() <= before)
