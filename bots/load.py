"""A file -> a bot: parsed, its bases merged, checked as a whole, every value with its origin.

The way of a file: `bots.sources` (text, YAML, `extends`) -> `bots.validate` (shape, then sense)
for the bot itself and for each transport under `via` -> one frozen `BotSpec`. Nothing stops at the
first error: a `ConfigError` has all that is wrong with the file.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bots.checks import with_provider_defaults
from bots.errors import ConfigError, ConfigProblem
from bots.inherit import merge, without, without_nulls
from bots.origin import Origin
from bots.positions import Node
from bots.shape import keys_of
from bots.sources import Sources
from bots.spec import TRANSPORTS, BotSpec, Conversation
from bots.suggest import did_you_mean
from bots.validate import Checked, validate

NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
"""A bot's name is part of its link: `/call/front-desk`."""


@dataclass(frozen=True)
class LoadedBot:
    """A bot, where each of its values comes from, and the files to watch."""

    spec: BotSpec
    origins: Mapping[str, Origin | Literal["default"]]
    """Dotted key of every value, as `tts.voice` or `facts.3`, those under `via` too."""
    files: frozenset[Path]


@dataclass(frozen=True)
class Reading:
    """One attempt at a file: a bot or its problems, and in both cases the files it is made of."""

    path: Path
    bot: LoadedBot | None
    problems: tuple[ConfigProblem, ...]
    files: frozenset[Path]


def load_bot(path: Path, environ: Mapping[str, str] | None = None) -> LoadedBot:
    """The bot in a file. Raises ConfigError with all that is wrong with it and with its bases."""
    reading = read_bot(path, environ)
    if reading.bot is None:
        raise ConfigError(reading.problems)
    return reading.bot


def read_bot(path: Path, environ: Mapping[str, str] | None = None) -> Reading:
    """The same without raising. `environ` is the process's own unless given."""
    sources = Sources()
    problems = _Problems()
    loaded = _load(path, os.environ if environ is None else environ, sources, problems)
    files = frozenset(sources.files)
    for problem in sources.problems:
        problems.add(problem)
    if problems.all or loaded is None:
        return Reading(path, None, tuple(sorted(problems.all)), files)
    spec, origins = loaded
    return Reading(path, LoadedBot(spec, origins, files), (), files)


class _Problems:
    """Problems, each place and cause once: what a base gets wrong is wrong for every transport."""

    def __init__(self) -> None:
        self.all: list[ConfigProblem] = []
        self._seen: set[tuple[Path, int, int, str, str]] = set()

    def add(self, problem: ConfigProblem) -> None:
        same = (problem.file, problem.line, problem.column, problem.code, problem.cause)
        if same not in self._seen:
            self._seen.add(same)
            self.all.append(problem)


Origins = dict[str, Origin | Literal["default"]]


def _load(
    path: Path, environ: Mapping[str, str], sources: Sources, problems: _Problems
) -> tuple[BotSpec, Origins] | None:
    name = path.stem
    if not NAME.fullmatch(name):
        cause = f"`{name}` cannot be a bot's name: it is part of a link."
        fix = f"Rename the file to `{_link_name(name)}.yaml`."
        problems.add(Origin(path, 1, 1).problem("bot_name", "", cause, fix))
    root, is_whole = sources.bot(path)
    if root is None:
        return None
    ways = _ways(root, problems)
    base = without_nulls(without(root, "via"))
    trees = {way: without_nulls(merge(base, over)) for way, over in ways.items()}
    languages = {_language(tree) for tree in (base, *trees.values())}
    main = validate(base, sources, environ, languages, is_whole=is_whole)
    checked = {
        way: validate(tree, sources, environ, languages, is_whole=is_whole, prefix=f"via.{way}.")
        for way, tree in trees.items()
    }
    malformed = {(one.file, one.line, one.column) for one in sources.problems}
    for one in (main, *checked.values()):
        for problem in one.problems():
            if (problem.file, problem.line, problem.column) not in malformed:
                problems.add(problem)
    if problems.all or sources.problems:
        return None
    return _assemble(name, main, checked, ways)


def _assemble(
    name: str, main: Checked, checked: Mapping[str, Checked], ways: Mapping[str, Node]
) -> tuple[BotSpec, Origins]:
    via = {
        way: with_provider_defaults(one.spec).model_copy(update={"name": name})
        for way, one in checked.items()
    }
    spec = with_provider_defaults(main.spec).model_copy(update={"name": name, "via": via})
    version = version_of(spec)
    stamped = {way: one.model_copy(update={"version": version}) for way, one in via.items()}
    spec = spec.model_copy(update={"version": version, "via": stamped})
    origins = _origins(spec, main.tree)
    for way, one in checked.items():
        for key, origin in _origins(stamped[way], one.tree).items():
            if key.split(".")[0] in ways[way].map:
                origins[f"via.{way}.{key}"] = origin
    return spec, origins


def version_of(spec: BotSpec) -> str:
    """12 hexadecimal digits of what the bot is, whatever its version says."""
    content = spec.model_dump(mode="json", by_alias=True, exclude={"version"})
    for way in content["via"].values():
        way.pop("version")
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _ways(root: Node, problems: _Problems) -> dict[str, Node]:
    via = root.map.get("via")
    if via is None or via.value is None:
        return {}
    if not isinstance(via.value, dict):
        fix = f"Write a transport under it: {', '.join(TRANSPORTS)}."
        problems.add(via.at.problem("type", "via", "`via` takes a map of transports.", fix))
        return {}
    ways: dict[str, Node] = {}
    keys = keys_of(Conversation)
    for way, node in via.map.items():
        place = f"via.{way}"
        if way not in TRANSPORTS:
            cause = f"There is no transport `{way}`."
            fix = did_you_mean(way, TRANSPORTS, noun="transports")
            problems.add(node.key_at.problem("transport", place, cause, fix))
        elif not isinstance(node.value, dict):
            cause, fix = "A transport takes a map of keys.", f"Its keys: {', '.join(keys)}."
            problems.add(node.at.problem("type", place, cause, fix))
        else:
            ways[way] = _overrides(node, place, keys, problems)
    return ways


def _overrides(node: Node, place: str, keys: list[str], problems: _Problems) -> Node:
    strange = [key for key in node.map if key not in keys]
    for key in strange:
        cause = f"`{key}` cannot differ by transport."
        fix = did_you_mean(key, keys, noun="keys")
        at = node.map[key].key_at
        problems.add(at.problem("via_key", f"{place}.{key}", cause, fix))
    return without(node, *strange)


def _language(tree: Node) -> str:
    found, is_found = tree.find(("language", 0))
    return found.value if is_found and isinstance(found.value, str) else "en"


def _origins(spec: BotSpec, tree: Node) -> Origins:
    content = spec.model_dump(mode="json", by_alias=True, exclude={"name", "version", "via"})
    origins: Origins = {}
    for path in _leaves(content):
        node, is_found = tree.find(path)
        origins[".".join(map(str, path))] = node.key_at if is_found else "default"
    return origins


def _leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*path, index))
    else:
        yield path


def _link_name(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "my-bot"
