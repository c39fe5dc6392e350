"""docs/providers.md says of each provider what is so."""

from __future__ import annotations

import re

import pytest

from bots.providers.entry import ProviderEntry
from bots.providers.page import providers_page
from bots.providers.registry import PROVIDERS
from emulators.run import EMULATORS

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("row", PROVIDERS.values(), ids=lambda row: f"{row.kind}-{row.name}")
def test_a_row_is_told_in_full(row: ProviderEntry) -> None:
    """What it is, its key and extra; an emulator that it names is one."""
    lines = [one for one in providers_page().splitlines() if _is_of(row, one)]
    assert lines and row.what
    assert not row.emulator or row.emulator in EMULATORS
    assert row.env_var is None or any(f"`{row.env_var}`" in one for one in lines)
    assert not row.extra or any(f"`{row.extra}`" in one for one in lines)


def test_no_vendor_is_said_to_have_been_called() -> None:
    """Nobody had a key; what runs here did run, but for what had no weights."""
    assert {row.live for row in PROVIDERS.values() if not row.runs_here} == {"not run"}
    unrun = {row.name for row in PROVIDERS.values() if row.runs_here and row.live == "not run"}
    assert unrun == {"moonshine", "silero"}


def _is_of(row: ProviderEntry, line: str) -> bool:
    return bool(re.match(rf"\| `{row.name}` \| {re.escape(row.what)} \|", line))
