"""docs/settings.md, written from `server.settings`, so that neither can be behind the other."""

from __future__ import annotations

from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from server.settings import PREFIX, Settings

HEAD = """# Settings

An operator sets these in the environment or in `.env` in the working folder, which never overrides
the environment. Written from `server/settings.py` by `make schema`. A variable that begins with
`OFFHOOK_` and is not in this list is reported at start.

| variable | default | what |
| --- | --- | --- |
"""

_WORDS: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "`true` or `false`",
    Path: "path",
    SecretStr: "secret",
}


def settings_page() -> str:
    """The page, in Markdown, one row a setting in the order of the source."""
    return HEAD + "".join(_row(name, field) for name, field in Settings.model_fields.items())


def _row(name: str, field: FieldInfo) -> str:
    text = " ".join((field.description or "").split())
    return f"| `{PREFIX}{name.upper()}` | {_default(field.default)} | {text} ({_kind(field)}) |\n"


def _default(value: Any) -> str:
    if value is None or value == ():
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`"


def _kind(field: FieldInfo) -> str:
    annotation = field.annotation
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{choice}`" for choice in get_args(annotation))
    if get_origin(annotation) is tuple:
        return "list with commas"
    parts = [part for part in get_args(annotation) if part is not NoneType]
    bounds = [
        f"{word} {value:g}"
        for item in field.metadata
        for attribute, word in (("gt", "above"), ("ge", "from"), ("le", "to"), ("lt", "below"))
        if (value := getattr(item, attribute, None)) is not None
    ]
    return " ".join([_WORDS[parts[0] if parts else annotation], *bounds])
