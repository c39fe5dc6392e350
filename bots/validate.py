"""A tree -> a spec: its shape by pydantic, its sense by `bots.checks`, all complaints at once.

A key with the wrong shape is told and taken out, and the rest is looked at again, so that one typo
hides nothing behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from bots.checks import check_bot, check_processors
from bots.complaint import Complaint, Path, dotted
from bots.errors import ConfigProblem
from bots.fact_checks import check_facts
from bots.positions import Node
from bots.providers.embedded import is_model_file
from bots.providers.engines import is_engine, is_path
from bots.shape import complaint
from bots.shorthand import chains, texts_by_language
from bots.sources import Sources, beside
from bots.spec import KINDS, BotSpec, Kind, ProcessorSpec

_NAME = "unnamed"
_VERSION = "0" * 12
_MOST_ROUNDS = 30


@dataclass
class Checked:
    """A spec, whole if `complaints` is empty, and the tree it came from."""

    tree: Node
    spec: BotSpec
    prefix: str = ""
    complaints: list[Complaint] = field(default_factory=list)

    def problems(self) -> Iterator[ConfigProblem]:
        """The complaints at their places."""
        for one in self.complaints:
            node, is_found = self.tree.find(one.path)
            at = node.key_at if is_found and one.at_key else node.at
            yield at.problem(one.code, self.prefix + dotted(one.path), one.cause, one.fix)


def validate(
    tree: Node,
    sources: Sources,
    environ: Mapping[str, str],
    languages: Iterable[str],
    *,
    is_whole: bool,
    prefix: str = "",
) -> Checked:
    """The spec of a tree. `is_whole` is False when a base could not be read: then what is missing
    is not complained about. `prefix` goes before the keys, as `via.webrtc.`."""
    tree = texts_by_language(chains(tree, _language(tree)), _language(tree))
    tree, wrong = _with_files(tree, sources, prefix)
    data = tree.plain()
    for path in wrong:
        _take_out(data, path)
    found: list[Complaint] = []
    spec: BotSpec | None = None
    for _ in range(_MOST_ROUNDS):
        try:
            spec = BotSpec.model_validate(
                data | {"name": _NAME, "version": _VERSION}, by_alias=True, by_name=False
            )
            break
        except ValidationError as error:
            said = [complaint(one) for one in error.errors(include_url=False)]
            found += said
            for one in said:
                if one.code == "missing_key" and one.path in wrong:
                    found.remove(one)  # missing only because it was taken out
                wrong.append(one.path)
                _take_out(data, one.path)
    if spec is None:
        spec = BotSpec(name=_NAME, version=_VERSION, prompt="-")
    found = _without_echoes(found, is_whole=is_whole)
    found += check_bot(spec, wrong, environ, languages)
    found += check_facts(spec.facts, tree, spec.language[0])
    found += check_processors(_processors(tree))
    return Checked(tree, spec, prefix, found)


def _with_files(tree: Node, sources: Sources, prefix: str) -> tuple[Node, list[Path]]:
    """The tree with the prompt's file read and a model's path made absolute."""
    entries = dict(tree.map)
    wrong: list[Path] = []
    prompt = entries.get("prompt")
    if prompt is not None and set(prompt.map) == {"file"}:
        text = sources.prompt(prompt, f"{prefix}prompt.file")
        if text is None:
            wrong.append(("prompt",))
        else:
            entries["prompt"] = text
    for kind in KINDS:
        chain = entries.get(kind)
        if chain is not None and isinstance(chain.value, list):
            entries[kind] = chain.with_value([_with_model_path(kind, one) for one in chain.value])
    voices = entries.get("voices")
    if voices is not None and voices.map:
        spoken = {
            name: voice.with_value({c: _with_model_path("tts", o) for c, o in voice.map.items()})
            if voice.map
            else voice
            for name, voice in voices.map.items()
        }
        entries["voices"] = voices.with_value(spoken)
    return tree.with_value(entries), wrong


def _with_model_path(kind: Kind, one: Node) -> Node:
    provider, model = one.map.get("provider"), one.map.get("model")
    if provider is None or model is None or not isinstance(model.value, str):
        return one
    if isinstance(provider.value, str) and is_engine(kind, provider.value):
        is_file = is_path(kind, provider.value, model.value)
    else:
        is_file = (kind, provider.value) == ("llm", "local") and is_model_file(model.value)
    if not is_file:
        return one
    path = beside(model.at.file, model.value).absolute()
    return one.with_value({**one.map, "model": model.with_value(str(path))})


def _language(tree: Node) -> str:
    node, is_found = tree.find(("language", 0))
    return node.value if is_found and isinstance(node.value, str) else "en"


def _take_out(data: dict[str, Any], path: Path) -> None:
    """Removes what is wrong, so that the rest can be looked at; a list goes as a whole, but of a
    chain's provider only what is wrong with it."""
    steps = list(path)
    is_in_chain = len(steps) > 2 and steps[0] in KINDS
    index = next((n for n, step in enumerate(steps) if isinstance(step, int)), len(steps))
    steps = steps if is_in_chain else steps[:index]
    if steps == ["prompt"]:
        data["prompt"] = "-"
        return
    inner: Any = data
    for step in steps[:-1]:
        try:
            inner = inner[step]
        except (KeyError, IndexError, TypeError):
            break
    if isinstance(inner, dict) and steps and steps[-1] in inner:
        del inner[steps[-1]]
    elif len(steps) > 1:
        _take_out(data, tuple(steps[:-1]))


def _without_echoes(found: list[Complaint], *, is_whole: bool) -> list[Complaint]:
    """Drops 'missing' where an unknown key beside it is that key misspelt, or a base is unread, and
    'empty list' where its items were refused."""
    meant = {
        (*one.path[:-1], one.fix.split("`")[1])
        for one in found
        if one.code == "unknown_key" and one.fix.startswith("Did you mean")
    }
    with_items = {one.path[:end] for one in found for end in range(len(one.path))}
    return [
        one
        for one in found
        if not (one.code == "missing_key" and (not is_whole or one.path in meant))
        and not (one.code == "too_few" and one.path in with_items)
    ]


def _processors(tree: Node) -> dict[int, ProcessorSpec]:
    """The processors whose own shape holds, by their place in the list."""
    node = tree.map.get("processors")
    sound: dict[int, ProcessorSpec] = {}
    for index, item in enumerate(node.value if node and isinstance(node.value, list) else []):
        try:
            plain = item.plain()
            sound[index] = ProcessorSpec.model_validate(plain, by_alias=True, by_name=False)
        except ValidationError:
            continue
    return sound
