"""The table of providers agrees with Pipecat and with itself."""

from __future__ import annotations

import importlib
import inspect

import pytest

from bots.providers.check import is_installed
from bots.providers.entry import ProviderEntry
from bots.providers.registry import PROVIDERS, kinds_of, names

pytestmark = pytest.mark.unit

CLOUD = [row for row in PROVIDERS.values() if not row.runs_here]


def service_class(row: ProviderEntry) -> type:
    """The class a row names."""
    module, _, name = row.import_path.partition(":")
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("row", CLOUD, ids=lambda row: f"{row.kind}-{row.name}")
def test_a_row_fits_its_service(row: ProviderEntry) -> None:
    """The class takes the settings, the key and the other address by the row's arguments."""
    if not is_installed(row.needs_module):
        pytest.skip(row.install_line)
    parameters = inspect.signature(service_class(row)).parameters
    taken = {"settings", row.base_url_argument, row.url_argument}
    taken |= {row.key_argument} if row.env_var else set()
    taken |= {"region"} if row.region_env else set()
    # Pipecat's OpenAI-compatible services hand these two on to the class they extend.
    assert taken - set(parameters) - {""} <= {"api_key", "base_url"}
    assert any(one.kind is one.VAR_KEYWORD for one in parameters.values())
    if row.env_var:
        assert row.env_var.endswith(("_API_KEY", "_CREDENTIALS"))


def test_every_kind_can_be_local() -> None:
    """The first of each kind needs no key and no network."""
    assert [names(kind)[0] for kind in ("stt", "llm", "tts")] == ["local"] * 3
    assert kinds_of("local") == ["stt", "llm", "tts"]
    assert (kinds_of("anthropic"), kinds_of("nobody")) == (["llm"], [])
