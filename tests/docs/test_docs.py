"""What the documents name exists, and what exists is documented."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.routing import Route

from server import cli
from server.app import create_app
from server.commands.schema import generated
from server.metrics import Metrics
from server.settings import PREFIX, Settings, load_settings

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TEXT = {page: page.read_text(encoding="utf-8") for page in PAGES}
OPERATIONS = TEXT[ROOT / "docs/operations.md"]


def rows(heading: str) -> list[str]:
    """The first cells of the table under `heading` in docs/operations.md, without code marks."""
    section = OPERATIONS.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    cells = re.findall(r"^\| `([^`]+)` \|", section, flags=re.MULTILINE)
    assert cells, f"no table under {heading}"
    return cells


def named(pattern: str) -> set[tuple[str, str]]:
    """Every match of `pattern` in the documents, with the page that has it."""
    return {
        (match, str(page.relative_to(ROOT)))
        for page, text in TEXT.items()
        for match in re.findall(pattern, text)
    }


def commands() -> Iterator[str]:
    """Every command as it is typed: `offhook models pull`."""

    def walk(command: Any, path: str) -> Iterator[str]:
        inner: dict[str, Any] = getattr(command, "commands", {})
        if not inner:
            yield path
        for name, sub in inner.items():
            yield from walk(sub, f"{path} {name}")

    return walk(typer.main.get_command(cli.app), "offhook")


def routes(parent: Any) -> Iterator[str]:
    """Every route below an app or router: `GET /health`."""
    for route in parent.routes:
        if isinstance(route, APIWebSocketRoute):
            yield f"WS {route.path}"
        elif isinstance(route, Route | APIRoute):
            yield from (
                f"{method} {route.path}" for method in route.methods or () if method != "HEAD"
            )
        elif hasattr(route, "original_router"):  # how FastAPI keeps what include_router was given
            yield from routes(route.original_router)


@pytest.mark.parametrize("name", generated())
def test_a_generated_file_is_current(name: str) -> None:
    """`make schema` has been run since the source changed."""
    assert (ROOT / name).read_text(encoding="utf-8") == generated()[name]


def test_every_setting_that_is_named_exists() -> None:
    """No page speaks of a variable that Offhook does not read."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    assert {one for one in named(r"\bOFFHOOK_[A-Z_]*[A-Z]\b") if one[0] not in known} == set()


def test_every_route_is_documented_and_every_documented_route_exists(tmp_path: Path) -> None:
    """docs/operations.md lists the routes of the app, no more and no fewer."""
    app = create_app(load_settings(env_file=None, bots=(tmp_path,)))
    assert set(rows("Routes")) == set(routes(app))


def test_every_metric_is_documented_and_every_documented_metric_exists() -> None:
    """docs/operations.md lists the metrics under the names that Prometheus sees."""
    exposed = re.findall(r"^# TYPE (\w+) \w+$", Metrics().render().decode(), flags=re.MULTILINE)
    assert set(rows("Metrics")) == {name for name in exposed if not name.endswith("_created")}


def test_every_command_is_documented_and_every_documented_command_exists() -> None:
    """docs/operations.md lists the commands, no more and no fewer."""
    listed = {re.sub(r" (\[?[A-Z]+\]?)$", "", cell) for cell in rows("Commands")}
    assert listed == set(commands())


def test_every_command_that_a_page_shows_exists() -> None:
    """No page tells its reader to type what is not there."""
    known = set(commands())
    shown = named(r"(?:^|`)(offhook [a-z]+(?: (?:list|pull|verify|remove|export|import)\b)?)")
    assert {one for one in shown if one[0] not in known and one[0] != "offhook models"} == set()


def test_every_make_target_that_a_page_shows_exists() -> None:
    """The Makefile has what the pages say to run."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert {one for one in named(r"(?:^|`)make ([a-z]+)\b") if one[0] not in targets} == set()


def test_every_link_inside_the_documents_leads_somewhere() -> None:
    """A relative link names a file or folder of the tree."""
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page, text in TEXT.items()
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text)
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_picture_is_shown() -> None:
    """A picture in docs/images that no page shows is left over."""
    pictures = [path.name for path in (ROOT / "docs/images").glob("*.png")]
    assert [name for name in pictures if not any(name in text for text in TEXT.values())] == []
