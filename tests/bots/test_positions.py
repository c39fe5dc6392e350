"""YAML text becomes a tree whose every value and key knows its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bots.positions import MOST_DEPTH, Node, read_yaml

pytestmark = pytest.mark.unit

FILE = Path("bot.yaml")


def tree(text: str) -> Node:
    """The tree of a text without problems."""
    root, problems = read_yaml(text, FILE)
    assert problems == []
    assert root is not None
    return root


def test_values_and_keys_know_their_line_and_column() -> None:
    """Both count from 1, in nested and in flow style."""
    root = tree("a: 1\nb:\n  - x\n  - {c: 'y'}\n")
    inner, is_found = root.find(("b", 1, "c"))
    assert is_found
    assert (inner.at.line, inner.at.column) == (4, 9)
    assert (inner.key_at.line, inner.key_at.column) == (4, 6)
    near, is_found = root.find(("b", 7))
    assert (near.at.line, is_found) == (3, False)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-0x1F", -31),
        ("0o17", 15),
        ("1_000", 1000),
        ("1.5e3", 1500.0),
        ("true", True),
        ("False", False),
        ("~", None),
        ("yes", "yes"),
        ("2026-01-01", "2026-01-01"),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("|-\n  two\n  lines", "two\nlines"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: Any) -> None:
    """No Norwegian no, no sexagesimals, no dates."""
    found = tree(f"a: {text}\n").map["a"].value
    assert (found, type(found)) == (value, type(value))


def test_an_alias_is_its_anchor_written_out() -> None:
    """Sharing a value is fine; it stands where it was anchored."""
    root = tree("a: &x {k: v}\nb: *x\n")
    assert root.plain() == {"a": {"k": "v"}, "b": {"k": "v"}}


def test_duplicate_keys_are_all_told() -> None:
    """Not only the first, and on every level."""
    _, problems = read_yaml("a: 1\na: 2\nb: {c: 1, c: 2}\na: 3\n", FILE)
    assert [(one.line, one.key) for one in problems] == [(2, "a"), (3, "b.c"), (4, "a")]


@pytest.mark.parametrize("text", ["[" * 3000, "a: " + "[" * (MOST_DEPTH + 1) + "]" * 40])
def test_depth_is_bounded(text: str) -> None:
    """Before and after the text parses."""
    _, problems = read_yaml(text, FILE)
    assert problems


def test_a_recursive_alias_ends() -> None:
    """A list inside itself is a problem and no endless loop."""
    _, problems = read_yaml("a: &x [*x]\n", FILE)
    assert [one.code for one in problems] == ["yaml_recursion"]
