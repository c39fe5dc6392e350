"""Durations as YAML writes them: a number with its unit, `1500ms`, `8s`, `10m` or `1h`."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from bots.refusal import refuse

PATTERN = r"^[0-9]+(\.[0-9]+)?(ms|s|m|h)$"
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_SHAPE = re.compile(PATTERN)
LONGEST_S = 24 * 3600.0


def seconds(text: str) -> float:
    """`1500ms` -> 1.5. Raises ValueError on anything without a number and a unit."""
    match = _SHAPE.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a duration")
    unit = match.group(2)
    return float(text[: -len(unit)]) * _SECONDS[unit]


def _has_unit(value: Any) -> Any:
    bare = isinstance(value, int | float) and not isinstance(value, bool)
    if bare or (isinstance(value, str) and re.fullmatch(r"[0-9]+(\.[0-9]+)?", value)):
        raise refuse(
            "duration_unit",
            f"{value} has no unit.",
            f"Write `{value}s` for seconds or `{value}m` for minutes.",
        )
    return value


def _is_duration(text: str) -> str:
    try:
        length_s = seconds(text)
    except ValueError:
        raise refuse(
            "duration",
            f"`{text}` is not a duration.",
            "Write a number and its unit, as in `1500ms`, `8s`, `10m` or `1h`.",
        ) from None
    if not 0 < length_s <= LONGEST_S:
        raise refuse(
            "duration_range", f"`{text}` is out of range.", "Write more than 0s and at most 24h."
        )
    return text


Duration = Annotated[
    str,
    BeforeValidator(_has_unit),
    AfterValidator(_is_duration),
    WithJsonSchema({"type": "string", "pattern": PATTERN}),
]
"""A text like `10m`, kept as it is written; `seconds` gives its length."""
