"""The files a bot is made of, read with bounds and remembered: its own, its bases, its prompts.

`bots.load` asks here for one tree of the whole `extends` chain; `files` is what the catalog
watches, those that could not be read included.
"""

from __future__ import annotations

import os
from pathlib import Path

from bots.errors import ConfigProblem
from bots.inherit import merge, without
from bots.origin import Origin
from bots.positions import Node, read_yaml
from bots.shorthand import expand
from bots.suggest import nearest

MOST_BYTES = 64 * 1024
"""A bot's file or a prompt's. A prompt that needs more would not fit a small model."""

MOST_BASES = 8
"""Files in one `extends` chain."""


class Sources:
    """Reads; what is wrong gathers in `problems`, what was read or looked for in `files`."""

    def __init__(self) -> None:
        self.files: set[Path] = set()
        self.problems: list[ConfigProblem] = []

    def bot(self, path: Path) -> tuple[Node | None, bool]:
        """The tree of a file with its bases under it, and whether all of them could be read."""
        return self._chain(path, ())

    def prompt(self, node: Node, key: str) -> Node | None:
        """`{file: x}` -> its text at the same place; None, and a problem, when it has none."""
        name = node.map["file"]
        if not isinstance(name.value, str) or not name.value.strip():
            self._say(name.at, "type", key, "This is no path.", "Name a text file.")
            return None
        path = beside(name.at.file, name.value)
        if not self._exists(path, name, "prompt_file", key):
            return None
        text = self._text(path, name.at, key)
        if text is None:
            return None
        if not text.strip():
            cause = f"`{path.name}` is empty."
            self._say(name.at, "prompt_empty", key, cause, "Write the prompt into it.")
            return None
        return node.with_value(text.strip())

    def _chain(self, path: Path, above: tuple[Path, ...]) -> tuple[Node | None, bool]:
        own = self._tree(path)
        if own is None:
            return None, False
        extends = own.map.get("extends")
        own = without(own, "extends")
        if extends is None or extends.value is None:
            return own, True
        base_path = self._base(extends, path, above)
        if base_path is None:
            return own, False
        base, is_whole = self._chain(base_path, (*above, _real(path)))
        return (own, False) if base is None else (merge(base, own), is_whole)

    def _base(self, extends: Node, path: Path, above: tuple[Path, ...]) -> Path | None:
        if not isinstance(extends.value, str) or not extends.value.strip():
            cause, fix = "`extends` takes one path.", "Write `extends: base.yaml`."
            self._say(extends.at, "extends_type", "extends", cause, fix)
            return None
        base = beside(path, extends.value)
        if not self._exists(base, extends, "extends_file", "extends"):
            return None
        chain = (*above, _real(path))
        if _real(base) in chain:
            names = [link.name for link in chain[chain.index(_real(base)) :]]
            cause = f"This closes a circle: {' -> '.join([*names, base.name])}."
            self._say(extends.at, "extends_cycle", "extends", cause, "Remove one `extends`.")
            return None
        if len(chain) >= MOST_BASES:
            cause = f"More than {MOST_BASES} files extend each other."
            self._say(extends.at, "extends_depth", "extends", cause, "Merge some of them.")
            return None
        return base

    def _tree(self, path: Path) -> Node | None:
        text = self._text(path, Origin(path, 1, 1), "")
        if text is None:
            return None
        tree, problems = read_yaml(text, path)
        self.problems += problems
        if tree is None:
            return None
        if not isinstance(tree.value, dict):
            cause = "A bot is a map of keys."
            fix = "Begin with a line as `prompt: You are a pirate.`"
            self._say(tree.at, "not_a_map", "", cause, fix)
            return None
        return expand(tree)

    def _exists(self, path: Path, named: Node, code: str, key: str) -> bool:
        if path.is_file():
            return True
        self.files.add(_real(path))
        if path.is_dir():
            self._say(named.at, code, key, f"`{named.value}` is a folder.", "Name a file in it.")
            return False
        cause = f"There is no file `{named.value}` beside {named.at.file.name}."
        near = _nearest_file(path)
        fix = f"Did you mean `{near}`?" if near else "Mend the path."
        self._say(named.at, code, key, cause, fix)
        return False

    def _text(self, path: Path, named_at: Origin, key: str) -> str | None:
        self.files.add(_real(path))
        try:
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except OSError as error:
            cause = f"`{path.name}` cannot be read: {error.strerror or error}."
            self._say(named_at, "file_unreadable", key, cause, "Mend the path or its permissions.")
            return None
        if len(data) > MOST_BYTES:
            cause = f"`{path.name}` is larger than {MOST_BYTES // 1024} KiB."
            self._say(named_at, "file_size", key, cause, "Shorten it.")
            return None
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = data[: error.start].decode("utf-8", "replace")
            line = before.count("\n") + 1
            column = len(before) - (before.rfind("\n") + 1) + 1
            cause = "This byte is not UTF-8."
            fix = "Save the file as UTF-8."
            self._say(Origin(path, line, column), "encoding", key, cause, fix)
            return None

    def _say(self, at: Origin, code: str, key: str, cause: str, fix: str) -> None:
        self.problems.append(at.problem(code, key, cause, fix))


def beside(file: Path, name: str) -> Path:
    """A path as a file names it: from that file's folder, with `~` and `..` written out."""
    return Path(os.path.normpath(file.parent / Path(name.strip()).expanduser()))


def _nearest_file(path: Path) -> str | None:
    """The file that a missing one was meant for, by its stem; of its suffix if there is one."""
    if not path.parent.is_dir():
        return None
    files = [entry for entry in path.parent.iterdir() if entry.is_file()]
    files.sort(key=lambda file: (file.suffix == path.suffix, file.name))
    by_stem = {file.stem: file.name for file in files}
    near = nearest(path.stem, by_stem)
    return by_stem[near] if near else None


def _real(path: Path) -> Path:
    return path.resolve()
