"""The JSON Schema is current and agrees with the loader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bots.schema import build_schema, schema_text
from bots.shape import keys_of
from bots.spec import AnswerSpec, BotSpec, LimitsSpec, ProcessorSpec

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parent.parent.parent


def described(schema: Any) -> list[tuple[str, bool]]:
    """Every property in a schema, and whether it says what it is."""
    found: list[tuple[str, bool]] = []
    if isinstance(schema, list):
        return [one for inner in schema for one in described(inner)]
    if not isinstance(schema, dict):
        return []
    for key, inner in schema.items():
        if key == "properties":
            found += [(name, "description" in one) for name, one in inner.items()]
        if key != "then":  # the settings of a provider are described by their vendor
            found += described(inner)
    return found


def test_the_file_is_current() -> None:
    """`make schema` writes configs/bot.schema.json; run it after a change of the spec."""
    assert (ROOT / "configs/bot.schema.json").read_text("utf-8") == schema_text()


def test_the_schema_has_the_keys_of_the_spec() -> None:
    """No more, no less, and each is described for the editor's hover."""
    schema = build_schema()
    assert list(schema["properties"]) == keys_of(BotSpec)
    for part in (AnswerSpec, LimitsSpec, ProcessorSpec):
        assert list(schema["$defs"][part.__name__]["properties"]) == keys_of(part)
    settings = {key for key, is_described in described(schema) if not is_described}
    assert settings <= {"provider"}  # named again in the conditions that choose the settings


def test_the_schema_knows_the_settings_of_each_provider() -> None:
    """An editor completes `settings` by what the provider's Pipecat service takes."""
    choices = build_schema()["$defs"]["stt"]["anyOf"][1]["allOf"]
    by_provider = {
        one["if"]["properties"]["provider"]["const"]: one["then"]["properties"]["settings"]
        for one in choices
    }
    assert "smart_format" in by_provider["deepgram"]["properties"]
    assert by_provider["local"] == {"additionalProperties": False, "properties": {}}


def test_every_reference_leads_somewhere() -> None:
    """No `$ref` is left hanging."""
    schema = build_schema()
    text = json.dumps(schema)
    names = {part.split('"')[0] for part in text.split('"$ref": "#/$defs/')[1:]}
    assert names
    assert names == set(schema["$defs"])
