"""`offhook schema`: the JSON Schema of a bot's YAML, and what else is written from the source."""

from __future__ import annotations

from pathlib import Path

import typer

from bots.errors import OffhookError
from bots.providers.page import providers_page
from bots.reference import reference_text
from bots.schema import schema_text
from server.reference import settings_page

TREE = Path(__file__).resolve().parent.parent.parent


def generated() -> dict[str, str]:
    """The text of every file of the repository that is written from the source, by its path."""
    return {
        "configs/bot.schema.json": schema_text(),
        "docs/bots.md": reference_text(),
        "docs/providers.md": providers_page(),
        "docs/settings.md": settings_page(),
    }


def run(*, write: bool) -> None:
    """Print the schema, or write every generated file of the checkout.

    Raises:
        OffhookError: there is no checkout to write to.
    """
    if not write:
        typer.echo(schema_text(), nl=False)
        return
    if not (TREE / "pyproject.toml").is_file():
        hint = "Without --write the schema is printed."
        raise OffhookError("--write is for a checkout of Offhook.", hint=hint, code="usage")
    for name, text in generated().items():
        path = TREE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        typer.echo(f"wrote {name}")
