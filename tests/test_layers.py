"""Dependencies point one way: server -> bots -> processors, and emulators know none of them."""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    # `offhook emulate` and `offhook rehearse` start them; no other call does.
    "server": {"server", "bots", "processors", "emulators"},
    "bots": {"bots", "processors"},
    "processors": {"processors"},
    "emulators": {"emulators"},
}
OURS = {*MAY_IMPORT, "tests", "benchmarks", "scripts"}
TO_TRAIN = {"torch"}
"""Two gigabytes that only training a model needs; a benchmark that does says how to get them."""


def imported_tops(source: str) -> set[str]:
    """The top packages of the imports in `source`, lazy and type-checking ones too."""
    tops: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            tops |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import hides which package it reaches"
            tops.add((node.module or "").split(".")[0])
    return tops


@cache
def imported_by(module: Path) -> set[str]:
    """The top packages that a file imports; each is read once for all tests."""
    return imported_tops(module.read_text(encoding="utf-8"))


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    """No module reaches up a layer, not even inside a function."""
    modules = list((ROOT / package).rglob("*.py"))
    assert modules
    upward = [
        f"{module.relative_to(ROOT)} imports {top}"
        for module in modules
        for top in imported_by(module)
        if top in OURS - MAY_IMPORT[package]
    ]
    assert upward == []


def test_every_library_that_is_imported_is_locked() -> None:
    """What happens to be installed on one machine is not a dependency; requirements.lock is."""
    locked = set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / "requirements.lock").read_text(), re.M))
    known = packages_distributions()
    unlocked = {
        f"{module.relative_to(ROOT)} imports {top}"
        for package in OURS
        for module in (ROOT / package).rglob("*.py")
        for top in imported_by(module)
        if top not in OURS | sys.stdlib_module_names
        and not {re.sub(r"[-_.]+", "-", name).lower() for name in known.get(top, [])} & locked
        and not (top in TO_TRAIN and package == "benchmarks" and says_how_to_get(module, top))
    }
    assert unlocked == set()


def says_how_to_get(module: Path, top: str) -> bool:
    """Whether a file's text has the command that installs `top`."""
    return f"`uv pip install {top}`" in module.read_text(encoding="utf-8")


def test_lazy_and_plain_imports_are_both_seen() -> None:
    """The reader of imports finds those inside functions and behind `from`."""
    source = "import server.app\ndef f():\n    from bots.spec import BotSpec\n"
    assert imported_tops(source) == {"server", "bots"}
