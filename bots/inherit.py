"""`extends` and `via`: one tree over another. Maps merge, lists and values replace, null clears."""

from __future__ import annotations

from bots.positions import Node
from bots.spec import KINDS

_STAGES = {(kind,) for kind in KINDS}


def merge(base: Node, over: Node, path: tuple[str, ...] = ()) -> Node:
    """`over` laid on `base`; every value keeps the place it came from.

    A map that names another provider starts afresh: a key or an address of the one replaced would
    otherwise go to the new one.
    """
    if not isinstance(base.value, dict) or not isinstance(over.value, dict):
        return over
    is_provider = path[-1:] in _STAGES or (len(path) == 3 and path[0] == "voices")
    if is_provider and _is_another_provider(base, over):
        return over
    merged = dict(base.value)
    for key, node in over.value.items():
        merged[key] = merge(merged[key], node, (*path, key)) if key in merged else node
    return over.with_value(merged)


def without_nulls(node: Node) -> Node:
    """The tree without the keys that null has cleared; nulls inside lists stay."""
    if not isinstance(node.value, dict):
        return node
    kept = {key: without_nulls(child) for key, child in node.value.items()}
    return node.with_value({key: child for key, child in kept.items() if child.value is not None})


def without(node: Node, *keys: str) -> Node:
    """The map without some keys."""
    return node.with_value({key: child for key, child in node.map.items() if key not in keys})


def _is_another_provider(base: Node, over: Node) -> bool:
    new = over.map.get("provider")
    old = base.map.get("provider")
    return new is not None and old is not None and new.value != old.value
