"""Dependencies point one way: server -> bots -> processors, and emulators stand alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "server": {"server", "bots", "processors"},
    "bots": {"bots", "processors"},
    "processors": {"processors"},
    "emulators": {"emulators"},
}
OURS = {*MAY_IMPORT, "tests", "benchmarks", "scripts"}


def imported_tops(source: str) -> Iterator[str]:
    """The top package of every import in `source`, lazy and type-checking ones too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import hides which package it reaches"
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    """No module reaches up a layer, not even inside a function."""
    modules = list((ROOT / package).rglob("*.py"))
    assert modules
    upward = [
        f"{module.relative_to(ROOT)} imports {top}"
        for module in modules
        for top in imported_tops(module.read_text())
        if top in OURS - MAY_IMPORT[package]
    ]
    assert upward == []


def test_lazy_and_plain_imports_are_both_seen() -> None:
    """The reader of imports finds those inside functions and behind `from`."""
    source = "import server.app\ndef f():\n    from bots.spec import BotSpec\n"
    assert list(imported_tops(source)) == ["server", "bots"]
