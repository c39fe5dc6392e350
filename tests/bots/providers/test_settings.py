"""Provider settings are those of Pipecat's own classes, and the table is equal to them."""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

import pytest

from bots.providers import settings
from bots.providers.entry import ProviderEntry
from bots.providers.registry import PROVIDERS

pytestmark = pytest.mark.unit


def service_class(row: ProviderEntry) -> Any:
    """The class a row names."""
    module, _, name = row.import_path.partition(":")
    return getattr(importlib.import_module(module), name)


def test_the_table_is_current() -> None:
    """`python -m bots.providers.settings` writes it; run it after an update of Pipecat."""
    assert json.loads(settings.TABLE.read_text("utf-8")) == settings.build_table()


def test_keys_of_the_bot_are_no_settings() -> None:
    """What has a key of its own, and what a service never sends, is not offered."""
    for row in PROVIDERS.values():
        known = settings.known_settings(row)
        assert not set(known) & set(settings.OWN_KEYS)
        assert not set(known) & set(row.unsent)
        assert known == settings.table_settings(row)


def test_extra_is_offered_where_it_is_sent() -> None:
    """The TTS services of this release drop it."""
    assert "extra" in settings.known_settings(PROVIDERS["llm", "openai"])
    assert "extra" not in settings.known_settings(PROVIDERS["tts", "elevenlabs"])


def test_a_map_becomes_what_pipecat_wants() -> None:
    """A map of settings is a model of the service's own; a wrong one is told at check."""
    row = PROVIDERS["tts", "cartesia"]
    made = settings.typed(service_class(row), {"generation_config": {"speed": 1.1}})
    assert made["generation_config"].speed == 1.1
    assert settings.complaints(row, {"generation_config": {"speed": 1.1}}) == []
    found = settings.complaints(row, {"generation_config": {"speed": "fast"}})
    assert [one.code for one in found] == ["setting_type"]
    assert "`generation_config.speed`" in found[0].cause


def test_an_absent_extra_falls_back_to_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same settings, without the package."""
    row = PROVIDERS["stt", "deepgram"]
    there = settings.known_settings(row)
    settings.fields_of.cache_clear()
    monkeypatch.setitem(sys.modules, "pipecat.services.deepgram.stt", None)
    try:
        assert settings.known_settings(row) == there
    finally:
        settings.fields_of.cache_clear()


@pytest.mark.parametrize(
    ("value", "fragment", "is_fit"),
    [
        (1, {"type": "number"}, True),
        (True, {"type": "number"}, False),
        (1.5, {"type": "integer"}, False),
        ("on", {"enum": ["on", "off"]}, True),
        ("maybe", {"enum": ["on", "off"]}, False),
        ([1], {"type": ["array", "string"]}, True),
        ({}, {"type": ["array", "string"]}, False),
        (object(), {}, True),
    ],
)
def test_a_value_fits_a_shape_or_not(value: Any, fragment: dict[str, Any], is_fit: bool) -> None:
    """Truth values are no numbers, and a field of any shape takes anything."""
    assert settings.fits(value, fragment) is is_fit


def test_a_wrong_setting_is_told_with_the_nearest() -> None:
    """Three ways of being wrong, each with its own code and place."""
    row = PROVIDERS["llm", "cerebras"]
    found = settings.complaints(row, {"temprature": 1, "top_p": "x", "model": "y", "seed": 1})
    assert [(one.code, one.path) for one in found] == [
        ("setting", ("settings", "temprature")),
        ("setting_type", ("settings", "top_p")),
        ("setting_place", ("settings", "model")),
    ]
    assert found[0].fix == "Did you mean `temperature`?"
