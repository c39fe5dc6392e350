"""The web app: routes, guards and the one error map, around whatever runs the sessions.

`create_app(settings)` is all that `offhook serve` needs; tests and other engines hand in their own
fabric, catalog, models or session factory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from loguru import logger
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from bots.catalog import Catalog as FolderCatalog
from bots.folders import bot_folders
from bots.local.capacity import has_place, has_room, local_calls
from bots.spec import BotSpec
from server.desk import FrontDesk
from server.fabric import Fabric
from server.guards import BodyLimit, PageHeaders
from server.metrics import Metrics
from server.page import page_folder
from server.problems import map_errors
from server.protocols import Catalog, Models, SessionFactory
from server.rates import RateLimiter
from server.routes import bots, calls, health, sessions
from server.routes.pages import add_pages
from server.sessions import HasRoom, SessionManager
from server.settings import Settings, read_environment
from server.tokens import TokenMint, derive_key
from server.warmth import Warmth


def create_app(
    settings: Settings,
    fabric: Fabric | None = None,
    catalog: Catalog | None = None,
    models: Models | None = None,
    session_factory: SessionFactory | None = None,
    page: Path | None = None,
) -> FastAPI:
    """Builds the app; its lifespan warms the bots, watches their folder and closes everything.

    Args:
        settings: what the operator set.
        fabric: runs the sessions. Default: this process, by `SessionManager`.
        catalog: the bots. Default: those of the folders in `settings`.
        models: the models. Default: `bots.local.models.LocalModels`.
        session_factory: builds a session. Default: `bots.session.BotSession` with `models`.
        page: the built call page. Default: where `make setup` puts it.
    """
    if settings.secret is None:
        logger.info("OFFHOOK_SECRET is not set: tokens are signed with a random key")
    metrics = Metrics()
    mint = TokenMint(derive_key(settings.secret.get_secret_value() if settings.secret else None))
    if models is None or session_factory is None:
        models, session_factory = _local_bots(settings)
    if catalog is None:
        catalog = FolderCatalog(bot_folders(settings.bots), read_environment())
        catalog.load()
    if fabric is None:
        fabric = SessionManager(
            session_factory=session_factory,
            capacity=settings.capacity,
            has_room=_room(settings, models),
            close_s=settings.close_s,
            secret_for=mint.secret_for,
            on_event=metrics.observe,
            on_ended=metrics.count_ended,
        )
    desk = FrontDesk(
        settings=settings,
        fabric=fabric,
        catalog=catalog,
        warmth=Warmth(models),
        metrics=metrics,
        mint=mint,
        rates=RateLimiter(settings.calls_per_minute, settings.calls_burst),
    )
    metrics.watch_places(lambda: fabric.describe()["live"], settings.capacity)
    metrics.watch_providers(lambda: models.unwell(desk.bots(public_only=False)))

    app = FastAPI(
        title="Offhook",
        version=version("offhook"),
        lifespan=partial(_lifespan, models=models),
        docs_url=None,
        redoc_url=None,
    )
    app.state.desk = desk
    map_errors(app, metrics)
    # The last one added is the outermost.
    app.add_middleware(BodyLimit)
    app.add_middleware(PageHeaders)
    if settings.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies))
    for part in (bots, calls, sessions, health):
        app.include_router(part.router)
    add_pages(app, page or page_folder())
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI, *, models: Models) -> AsyncIterator[None]:
    desk: FrontDesk = app.state.desk
    stop_watching = asyncio.Event()
    tasks = [asyncio.create_task(desk.warmth.warm(desk.bots(public_only=False)), name="warm")]
    if isinstance(desk.catalog, FolderCatalog):
        desk.catalog.on_change(models.prepare)
        tasks.append(asyncio.create_task(desk.catalog.watch(stop_watching), name="watch"))
    if isinstance(desk.fabric, SessionManager):
        tasks.append(asyncio.create_task(desk.fabric.run_ticks(), name="ticks"))
    try:
        yield
    finally:
        stop_watching.set()
        if isinstance(desk.fabric, SessionManager):
            await desk.fabric.drain(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await desk.warmth.close()
        await models.close()


def _local_bots(settings: Settings) -> tuple[Models, SessionFactory]:
    """The models of this machine, and sessions that use them."""
    # Imported here: it takes a second, and a test with bots of its own has no need of it.
    from bots.local.models import LocalModels, cores
    from bots.session import BotSession

    calls = settings.local_capacity or local_calls(cores())
    logger.info("Calls with a local brain at once: {} ({} cores)", calls, cores())
    models = LocalModels(calls=calls, asks_vendors=True)
    return models, partial(BotSession, models=models)


def _room(settings: Settings, models: Models) -> HasRoom:
    """How many calls the models of this machine take: as set, else as its cores allow."""
    if settings.local_capacity is not None:
        return partial(_has_place, settings.local_capacity, models)
    from bots.local.models import cores

    return partial(_has_room_on, cores(), models)


def _has_room_on(cores: int, models: Models, live: list[BotSpec], coming: BotSpec) -> bool:
    return has_room(live, coming, cores, models.is_well)


def _has_place(places: int, models: Models, live: list[BotSpec], coming: BotSpec) -> bool:
    return has_place(live, coming, places, models.is_well)
