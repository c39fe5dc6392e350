"""How a spec field says no: a code for machines, a cause and a fix for people."""

from __future__ import annotations

from pydantic_core import PydanticCustomError


def refuse(code: str, cause: str, fix: str = "") -> PydanticCustomError:
    """The error to raise in a validator; `bots.wording` puts it where it belongs in the file."""
    return PydanticCustomError("offhook", "{cause}", {"code": code, "cause": cause, "fix": fix})
