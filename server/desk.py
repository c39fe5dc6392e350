"""What the routes work with: one object in `app.state`, made by `create_app`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from bots.errors import UnknownBot
from bots.spec import BotSpec
from server.fabric import Fabric
from server.metrics import Metrics
from server.protocols import Catalog
from server.rates import RateLimiter
from server.settings import Settings
from server.tokens import SpentTokens, TokenMint
from server.warmth import Warmth


@dataclass(slots=True)
class FrontDesk:
    """The parts behind every route."""

    settings: Settings
    fabric: Fabric
    catalog: Catalog
    warmth: Warmth
    metrics: Metrics
    mint: TokenMint
    rates: RateLimiter
    spent: SpentTokens = field(default_factory=SpentTokens)
    wall_clock: Callable[[], float] = time.time
    """Unix seconds, for tokens."""
    clock: Callable[[], float] = time.monotonic
    started_at: float = field(default_factory=time.time)

    async def warm_bot(self, name: str) -> BotSpec:
        """The bot in service.

        Raises:
            UnknownBot: there is none of that name.
            Warming: its models are still loading.
            CallRefused: they cannot be loaded.
        """
        spec = self.catalog.get(name)
        await self.warmth.require(spec)
        return spec

    def bots(self, *, public_only: bool) -> list[BotSpec]:
        """The bots in service, or only those that a link reaches."""
        specs = []
        for name in self.catalog.names():
            try:
                spec = self.catalog.get(name)
            except UnknownBot:
                continue
            if spec.answer.link or not public_only:
                specs.append(spec)
        return specs


def _desk(connection: HTTPConnection) -> FrontDesk:
    return connection.app.state.desk


Desk = Annotated[FrontDesk, Depends(_desk)]
