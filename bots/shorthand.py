"""Short forms -> the maps and lists they stand for, in the tree, before bases are merged.

`stt: deepgram/nova-3` is `{provider: deepgram, model: nova-3}`; one language or number is a list
of one. A greeting stays a text until the language is known.
"""

from __future__ import annotations

from bots.positions import Node
from bots.spec import KINDS


def expand(root: Node) -> Node:
    """The file's tree with its short forms written out, those under `via` too."""
    if not isinstance(root.value, dict):
        return root
    entries = {key: _expand_key(key, node) for key, node in root.value.items()}
    via = entries.get("via")
    if via is not None:
        ways = {way: expand(node) for way, node in via.map.items()}
        entries["via"] = via.with_value(ways) if ways else via
    return root.with_value(entries)


def _expand_key(key: str, node: Node) -> Node:
    if key in KINDS and isinstance(node.value, str):
        return provider_map(node)
    if key == "language" and isinstance(node.value, str):
        return node.with_value([node])
    if key == "answer" and "phone" in node.map and isinstance(node.map["phone"].value, str):
        phone = node.map["phone"]
        return node.with_value({**node.map, "phone": phone.with_value([phone])})
    return node


def provider_map(node: Node) -> Node:
    """`deepgram/nova-3` -> provider and model, split at the first slash."""
    provider, slash, model = str(node.value).partition("/")
    entries = {"provider": node.with_value(provider.strip())}
    if slash:
        entries["model"] = node.with_value(model.strip())
    return node.with_value(entries)


def greeting_map(root: Node, language: str) -> Node:
    """The tree with a greeting that is one text filed under the bot's language."""
    greeting = root.map.get("greeting")
    if greeting is None or not isinstance(greeting.value, str):
        return root
    return root.with_value({**root.map, "greeting": greeting.with_value({language: greeting})})
