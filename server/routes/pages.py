"""The call page: `/` lists the bots, `/call/<bot>` calls one; both are the built client."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

NOT_BUILT = "The call page is not built. `make setup` builds it; the API answers all the same.\n"


def add_pages(app: FastAPI, folder: Path | None) -> None:
    """Serves the page from `folder`; without one, a line that says how to build it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    @router.get("/call/{bot}")
    async def page(bot: str = "") -> Response:
        if folder is None:
            return PlainTextResponse(NOT_BUILT, status_code=503)
        # The page names its files by their content, so only the page itself can go stale.
        return FileResponse(folder / "index.html", headers={"Cache-Control": "no-cache"})

    app.include_router(router)
    if folder is not None:
        app.mount("/", StaticFiles(directory=folder), name="page")
