"""The call page: `/` lists the bots, `/call/<bot>` calls one; both are the built client."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

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
        app.mount("/", _PageFiles(folder), name="page")


class _PageFiles(StaticFiles):
    """What lies beside the page; whoever browses to anything else gets the page, which says so."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder)
        self._page = folder / "index.html"

    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            return await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or not _is_for_a_person(Request(scope)):
                raise
            return FileResponse(self._page, 404, headers={"Cache-Control": "no-cache"})


def _is_for_a_person(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(
        "/api/"
    )
