"""Short forms -> the maps and lists they stand for, in the tree, before bases are merged.

`stt: deepgram/nova-3` is `{provider: deepgram, model: nova-3}`; one language or number is a list
of one. A provider alone stays a map until bases are merged, a greeting a text and a voice a name
until the language is known.
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
    if key in KINDS and isinstance(node.value, list):
        return node.with_value([_provider(item) for item in node.value])
    if key in KINDS:
        return _provider(node)
    if key == "voices":
        voices = {
            name: voice.with_value({code: _provider(one) for code, one in voice.map.items()})
            if voice.map
            else voice
            for name, voice in node.map.items()
        }
        return node.with_value(voices) if voices else node
    if key == "interruption" and isinstance(node.value, str):
        return node.with_value({"mode": node})
    if key == "interruption" and "protect" in node.map:
        protect = node.map["protect"]
        if isinstance(protect.value, str):
            return node.with_value({**node.map, "protect": protect.with_value([protect])})
        return node
    if key == "language" and isinstance(node.value, str):
        return node.with_value([node])
    if key == "turns" and isinstance(node.value, str):
        return node.with_value({"patience": node})
    if key == "answer" and "phone" in node.map and isinstance(node.map["phone"].value, str):
        phone = node.map["phone"]
        return node.with_value({**node.map, "phone": phone.with_value([phone])})
    return node


def _provider(node: Node) -> Node:
    return provider_map(node) if isinstance(node.value, str) else node


def provider_map(node: Node) -> Node:
    """`deepgram/nova-3` -> provider and model, split at the first slash."""
    provider, slash, model = str(node.value).partition("/")
    entries = {"provider": node.with_value(provider.strip())}
    if slash:
        entries["model"] = node.with_value(model.strip())
    return node.with_value(entries)


def chains(root: Node, language: str) -> Node:
    """The tree with every provider that stands alone in a chain of one, and each of the `voices`
    that `tts` names in the place of its name."""
    entries = dict(root.map)
    voices = entries["voices"].map if "voices" in entries else {}
    for kind in KINDS:
        node = entries.get(kind)
        if node is None:
            continue
        items = node.value if isinstance(node.value, list) else [node]
        if kind == "tts":
            items = [_named_voice(item, voices, language) for item in items]
        entries[kind] = node.with_value(items)
    return root.with_value(entries)


def _named_voice(item: Node, voices: dict[str, Node], language: str) -> Node:
    name = item.map["provider"].value if set(item.map) == {"provider"} else None
    voice = voices.get(name) if isinstance(name, str) else None
    return item if voice is None else voice.map.get(language, item)


def texts_by_language(root: Node, language: str) -> Node:
    """The tree with a greeting, and lines for a quiet caller, that are one text filed under the
    bot's language."""
    entries = dict(root.map)
    if "greeting" in entries:
        entries["greeting"] = _by_language(entries["greeting"], language)
    quiet = entries.get("caller_quiet")
    if quiet is not None and isinstance(quiet.value, list):
        steps = [
            step.with_value({**step.map, "say": _by_language(step.map["say"], language)})
            if "say" in step.map
            else step
            for step in quiet.value
        ]
        entries["caller_quiet"] = quiet.with_value(steps)
    return root.with_value(entries)


def _by_language(node: Node, language: str) -> Node:
    return node.with_value({language: node}) if isinstance(node.value, str) else node
