"""A loaded bot -> YAML with every default written out and each value's origin behind it.

`offhook explain BOT` prints this. It is a bot's file itself: loaded again, it is the same bot.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from bots.load import LoadedBot
from bots.origin import Origin
from bots.providers.registry import PROVIDERS
from bots.spec import KINDS, BotSpec, Kind

_COLUMN = 56
"""Where the origins begin, unless a line is longer."""

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _./,'?!()-]*")
_BLOCK = re.compile(r"(?=.*\n)\S.*(\n(.*\S)?)*\S", re.ASCII)
"""Several lines of which none ends in a space: they survive a block scalar."""

_WORDS_OF_YAML = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def explain(bot: LoadedBot) -> str:
    """The bot's every value with `# base.yaml:4` or `# default` behind it."""
    spec = bot.spec
    lines = [f"# {spec.name}, version {spec.version}"]
    lines += _lines(_content(spec), bot, ())
    ways = {
        way: {key: value for key, value in _content(other).items() if _is_own(bot, way, key)}
        for way, other in spec.via.items()
    }
    if any(ways.values()):
        lines.append("via:")
        lines += [
            line
            for way, content in ways.items()
            for line in (f"  {way}:", *_lines(content, bot, ("via", way)))
        ]
    return "\n".join(lines) + "\n"


def _is_own(bot: LoadedBot, way: str, key: str) -> bool:
    prefix = f"via.{way}.{key}"
    return any(one == prefix or one.startswith(f"{prefix}.") for one in bot.origins)


def _content(spec: BotSpec) -> dict[str, Any]:
    """What the bot's file would say, without the keys that say nothing to its providers."""
    content = spec.model_dump(mode="json", by_alias=True, exclude={"name", "version", "via"})
    first = ("title", "description")
    content = {key: content[key] for key in first} | content
    for kind in KINDS:
        content[kind] = [_provider(kind, one) for one in content[kind]]
    content["voices"] = {
        name: {code: _provider("tts", one) for code, one in voice.items()}
        for name, voice in content["voices"].items()
    }
    for processor in content["processors"]:
        for place in ("before", "after"):
            if processor[place] is None:
                del processor[place]
    return content


def _provider(kind: Kind, provider: dict[str, Any]) -> dict[str, Any]:
    entry = PROVIDERS[kind, provider["provider"]]
    silent = {
        "voice": kind != "tts",
        "base_url": provider["base_url"] is None,
        "url": provider["url"] is None,
        "api_key": provider["api_key"] is None,
        "settings": not provider["settings"] and not entry.settings_of,
    }
    return {key: value for key, value in provider.items() if not silent.get(key)}


def _lines(value: dict[str, Any], bot: LoadedBot, path: tuple[str | int, ...]) -> Iterator[str]:
    indent = "  " * len(path)
    for key, inner in value.items():
        yield from _entry(f"{indent}{_key(key)}:", inner, bot, (*path, key))


def _entry(head: str, value: Any, bot: LoadedBot, path: tuple[str | int, ...]) -> Iterator[str]:
    if isinstance(value, dict) and value:
        yield head
        yield from _lines(value, bot, path)
    elif isinstance(value, list) and value:
        yield head
        indent = "  " * len(path)
        for index, item in enumerate(value):
            yield from _item(indent, item, bot, (*path, index))
    elif isinstance(value, str) and _BLOCK.fullmatch(value):
        indent = "  " * len(path)
        yield _with_origin(f"{head} |-", bot, path)
        yield from (f"{indent}{line}".rstrip() for line in value.split("\n"))
    else:
        yield _with_origin(f"{head} {_scalar(value)}", bot, path)


def _item(indent: str, item: Any, bot: LoadedBot, path: tuple[str | int, ...]) -> Iterator[str]:
    if not isinstance(item, dict):
        yield _with_origin(f"{indent}- {_scalar(item)}", bot, path)
        return
    for number, (key, inner) in enumerate(item.items()):
        head = f"{indent}{'- ' if number == 0 else '  '}{_key(key)}:"
        if isinstance(inner, list):
            yield from _entry(head, inner, bot, (*path, key))
        else:
            yield _with_origin(f"{head} {_scalar(inner)}", bot, (*path, key))


def _with_origin(text: str, bot: LoadedBot, path: tuple[str | int, ...]) -> str:
    return f"{text:<{_COLUMN}}  # {_origin(bot, path)}"


def _origin(bot: LoadedBot, path: tuple[str | int, ...]) -> Origin | str:
    key = ".".join(str(step) for step in path)
    found = bot.origins.get(key)
    if found is not None:
        return found
    inside = [origin for one, origin in bot.origins.items() if one.startswith(f"{key}.")]
    return next((one for one in inside if isinstance(one, Origin)), "default")


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", key) else json.dumps(key)


def _scalar(value: Any) -> str:
    is_plain = isinstance(value, str) and _PLAIN.fullmatch(value) and value == value.strip()
    if is_plain and value.lower() not in _WORDS_OF_YAML:
        return value
    return json.dumps(value, ensure_ascii=False)
