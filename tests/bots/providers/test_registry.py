"""The table of providers agrees with Pipecat and with itself."""

from __future__ import annotations

import importlib
import inspect

import pytest

from bots.providers.registry import PROVIDERS, ProviderEntry, kinds_of, names

pytestmark = pytest.mark.unit

CLOUD = [row for row in PROVIDERS.values() if not row.is_local]


def service_class(row: ProviderEntry) -> type:
    """The class a row names."""
    module, _, name = row.import_path.partition(":")
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("row", CLOUD, ids=lambda row: f"{row.kind}-{row.name}")
def test_a_cloud_row_fits_its_pipecat_service(row: ProviderEntry) -> None:
    """The class is there, takes a key, settings and the argument for another address."""
    parameters = inspect.signature(service_class(row)).parameters
    taken = {"api_key", "settings", row.base_url_argument}
    has_rest = any(one.kind is one.VAR_KEYWORD for one in parameters.values())
    assert taken <= set(parameters) or has_rest
    assert row.base_url_argument in parameters or row.name == "openai"
    assert row.env_var
    assert row.env_var.endswith("_API_KEY")


def test_every_kind_can_be_local() -> None:
    """The first of each kind needs no key and no network."""
    assert [names(kind)[0] for kind in ("stt", "llm", "tts")] == ["local"] * 3
    assert kinds_of("local") == ["stt", "llm", "tts"]
    assert (kinds_of("deepgram"), kinds_of("nobody")) == (["stt"], [])
