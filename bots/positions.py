"""YAML text -> a tree in which every value and every key knows its file, line and column.

The first step of `bots.load`. YAML 1.2 by ruamel.yaml's composer; the values are built here, so
that duplicate keys, bombs and tags are told all at once, each where it stands.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.nodes import Node as YamlNode
from ruamel.yaml.reader import ReaderError

from bots.errors import ConfigProblem
from bots.origin import Origin
from bots.syntax import syntax_problem

MOST_NODES = 5_000
"""Values in a file, aliases written out: a bomb of nested aliases stops here."""

MOST_DEPTH = 16
"""Maps and lists inside each other."""

_TAG = "tag:yaml.org,2002:"
_TEXT_TAGS = frozenset({f"{_TAG}str", f"{_TAG}timestamp"})
_PLAIN_TAGS = frozenset({f"{_TAG}int", f"{_TAG}float", f"{_TAG}bool", f"{_TAG}null"})


Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands; `key_at` is where its key stands (itself in a list)."""

    value: Scalar | dict[str, Node] | list[Node]
    at: Origin
    key_at: Origin

    @property
    def map(self) -> dict[str, Node]:
        """The entries, empty for anything but a map."""
        return self.value if isinstance(self.value, dict) else {}

    def with_value(self, value: Scalar | dict[str, Node] | list[Node]) -> Node:
        """Another value at the same place."""
        return Node(value, self.at, self.key_at)

    def plain(self) -> Any:
        """The value without places: str, int, float, bool, None, dict and list."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def find(self, path: tuple[str | int, ...]) -> tuple[Node, bool]:
        """The node at `path`, or the last one on the way to it; whether it was found."""
        node = self
        for step in path:
            if isinstance(node.value, dict) and step in node.value:
                node = node.value[str(step)]
            elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
            else:
                return node, False
        return node, True


def read_yaml(text: str, file: Path) -> tuple[Node | None, list[ConfigProblem]]:
    """The tree of one document and all that is wrong with its form; None when there is no tree."""
    start = Origin(file, 1, 1)
    try:
        root = _reader().compose(text)
    except MaxDepthExceededError as error:
        mark = error.problem_mark
        at = Origin(file, mark.line + 1, mark.column + 1)
        return None, [at.problem("yaml_depth", "", "This is nested too deep.", _FLATTEN)]
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - (text.rfind("\n", 0, error.position) + 1) + 1
        code = ord(error.character) if isinstance(error.character, str) else error.character
        cause = f"The character U+{code:04X} is not allowed in YAML."
        return None, [Origin(file, line, column).problem("yaml_character", "", cause, "Remove it.")]
    except MarkedYAMLError as error:
        return None, [syntax_problem(error, file)]
    except (ValueError, TypeError, AttributeError, IndexError, KeyError) as error:
        # ruamel lets these out on some malformed directives and escapes.
        cause = f"The YAML does not parse: {type(error).__name__}."
        return None, [start.problem("yaml_syntax", "", cause, "Look for a stray % or \\.")]
    if root is None:
        cause = "The file is empty."
        fix = "The shortest bot is one line: `prompt: You are a pirate.`"
        return None, [start.problem("empty_file", "", cause, fix)]
    builder = _Builder(file)
    tree = builder.build(root, None, "")
    return tree, builder.problems


def _reader() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = MOST_DEPTH
    yaml.composer.warn_double_anchors = False  # an anchor given anew is YAML like any other
    return yaml


_FLATTEN = f"A bot needs no more than {MOST_DEPTH} levels; move what is inside up."


class _Builder:
    """Builds the tree, counting what it builds; problems gather in `problems`."""

    def __init__(self, file: Path) -> None:
        self.problems: list[ConfigProblem] = []
        self._file = file
        self._count = 0
        self._open: list[int] = []
        self._is_full = False

    def build(self, node: YamlNode, key_at: Origin | None, key: str) -> Node:
        at = self._origin(node)
        self._count += 1
        return Node(self._value(node, at, key), at, key_at or at)

    def _origin(self, node: YamlNode) -> Origin:
        return Origin(self._file, node.start_mark.line + 1, node.start_mark.column + 1)

    def _value(self, node: YamlNode, at: Origin, key: str) -> Scalar | dict[str, Node] | list[Node]:
        if isinstance(node, ScalarNode):
            return self._scalar(node, at, key)
        if not self._may_enter(node, at, key):
            return None
        self._open.append(id(node))
        try:
            if isinstance(node, MappingNode):
                return self._map(node, key)
            items = node.value if isinstance(node, SequenceNode) else []
            return [self.build(item, None, f"{key}.{n}") for n, item in enumerate(items)]
        finally:
            self._open.pop()

    def _may_enter(self, node: YamlNode, at: Origin, key: str) -> bool:
        if id(node) in self._open:
            cause = "This alias contains itself."
            self._say(at, "yaml_recursion", key, cause, "Write the value out.")
            return False
        if len(self._open) >= MOST_DEPTH:
            self._say(at, "yaml_depth", key, "This is nested too deep.", _FLATTEN)
            return False
        if self._count > MOST_NODES:
            if not self._is_full:
                self._is_full = True
                cause = f"The file has more than {MOST_NODES} values, aliases counted in full."
                self._say(at, "yaml_size", key, cause, "Remove aliases or split the bot.")
            return False
        if node.tag not in (f"{_TAG}map", f"{_TAG}seq"):
            self._say_tag(node, at, key)
            return False
        return True

    def _map(self, node: MappingNode, key: str) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        for key_node, value_node in node.value:
            key_at = self._origin(key_node)
            name = self._key(key_node, key_at, key)
            if name is None:
                continue
            path = f"{key}.{name}" if key else name
            if name in entries:
                first = entries[name].key_at
                cause = f"`{name}` is here twice; the first is on line {first.line}."
                self._say(key_at, "duplicate_key", path, cause, "Remove one of them.")
                continue
            entries[name] = self.build(value_node, key_at, path)
        return entries

    def _key(self, node: YamlNode, at: Origin, parent: str) -> str | None:
        if isinstance(node, ScalarNode) and node.tag in _TEXT_TAGS:
            return node.value
        if isinstance(node, ScalarNode) and node.tag == f"{_TAG}merge":
            cause = "Merge keys (`<<`) are not part of YAML 1.2."
            self._say(at, "merge_key", parent, cause, "Use `extends: other.yaml`.")
        else:
            cause = "A key is a word."
            fix = f'Quote it: `"{node.value}"`.' if isinstance(node, ScalarNode) else "Write one."
            self._say(at, "key_type", parent, cause, fix)
        return None

    def _scalar(self, node: ScalarNode, at: Origin, key: str) -> Scalar:
        if node.tag in _TEXT_TAGS:
            return node.value
        if node.tag not in _PLAIN_TAGS:
            self._say_tag(node, at, key)
            return node.value
        try:
            return _READ[node.tag.removeprefix(_TAG)](node.value)
        except (ValueError, OverflowError):
            cause = f"`{node.value[:40]}` is not a number this can hold."
            self._say(at, "number", key, cause, "Quote it if it is a text.")
            return None

    def _say_tag(self, node: YamlNode, at: Origin, key: str) -> None:
        tag = str(node.tag).replace(_TAG, "!!")
        self._say(at, "yaml_tag", key, f"The tag `{tag}` means nothing here.", "Remove the tag.")

    def _say(self, at: Origin, code: str, key: str, cause: str, fix: str) -> None:
        self.problems.append(at.problem(code, key, cause, fix))


def _int(text: str) -> int:
    digits = text.replace("_", "").lower()
    if len(digits) > 30:
        raise ValueError("too long")
    sign = -1 if digits.startswith("-") else 1
    digits = digits.lstrip("+-")
    for prefix, radix in (("0o", 8), ("0x", 16), ("0b", 2)):
        if digits.startswith(prefix):
            return sign * int(digits[2:], radix)
    return sign * int(digits)


def _float(text: str) -> float:
    value = float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
    if not math.isfinite(value):
        raise ValueError("not finite")
    return value


def _bool(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError("not a truth value")
    return text.lower() == "true"


_READ: dict[str, Callable[[str], Scalar]] = {
    "int": _int,
    "float": _float,
    "bool": _bool,
    "null": lambda _: None,
}
