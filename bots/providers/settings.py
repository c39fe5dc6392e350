"""What a provider's `settings` may hold: the fields of its Pipecat service's own `Settings`.

Read from the installed class; where the provider's extra is absent, from settings_table.json, which
`python -m bots.providers.settings` writes and a test keeps equal to the classes.
"""

from __future__ import annotations

import importlib
import json
import sys
import types
import typing
from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from bots.complaint import Complaint
from bots.providers.entry import ProviderEntry
from bots.providers.registry import PROVIDERS
from bots.suggest import did_you_mean

TABLE = Path(__file__).with_name("settings_table.json")

OWN_KEYS: Mapping[str, str] = {
    "model": "`model` stands beside `provider`.",
    "voice": "`voice` stands beside `provider`.",
    "voice_id": "`voice` stands beside `provider`.",
    "language": "`language` is a key of the bot.",
    "languages": "`language` is a key of the bot.",
    "language_codes": "`language` is a key of the bot.",
    "language_hints": "`language` is a key of the bot.",
    "system_instruction": "`prompt` is a key of the bot.",
}
"""Fields of Pipecat's that have a key of their own in a bot, and where it is."""

_WITHHELD = frozenset(
    {
        "filter_incomplete_user_turns",  # deprecated; the builder decides the turns
        "user_turn_completion_config",  # the same
        "use_provider_thinking_default",  # set by Pipecat's own workers
    }
)
Fragment = dict[str, Any]
"""The JSON Schema of one field: `{}`, `{"type": ...}` or `{"enum": [...]}`."""


@cache
def fields_of(service: str) -> dict[str, Fragment]:
    """The settings of a service by its dotted path, without those that a bot cannot set here."""
    try:
        return introspect(_service_class(service))
    except ImportError:
        return dict(json.loads(TABLE.read_text("utf-8"))["services"][service])


def known_settings(entry: ProviderEntry) -> dict[str, Fragment]:
    """The names and shapes that a provider's `settings` may hold."""
    return _offered(entry, fields_of(entry.settings_of)) if entry.settings_of else {}


def table_settings(entry: ProviderEntry) -> dict[str, Fragment]:
    """The same from the table alone: nothing of Pipecat is imported."""
    services = json.loads(TABLE.read_text("utf-8"))["services"]
    return _offered(entry, services[entry.settings_of]) if entry.settings_of else {}


def _offered(entry: ProviderEntry, known: dict[str, Fragment]) -> dict[str, Fragment]:
    withheld = {*entry.unsent, *(() if entry.passes_extra else ("extra",))}
    return {name: shape for name, shape in known.items() if name not in withheld}


def introspect(service_class: Any) -> dict[str, Fragment]:
    """The settings of a Pipecat service's class as JSON Schema, by name."""
    declared = {field.name for field in fields(service_class.Settings)}
    wanted = declared - set(OWN_KEYS) - _WITHHELD
    kept = {
        name: _fragment(annotation)
        for name, annotation in _annotations(service_class).items()
        if name in wanted
    }
    return dict(sorted(kept.items()))


def typed(service_class: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with each map that Pipecat wants as a model of its own made one.

    Raises:
        ValidationError: a map that does not fit its model.
    """
    annotations = _annotations(service_class) if values else {}
    made = dict(values)
    for name, value in values.items():
        model = _model_in(annotations.get(name))
        if model is not None and isinstance(value, Mapping):
            made[name] = model.model_validate(dict(value))
    return made


def _annotations(service_class: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for owner in reversed(service_class.Settings.__mro__):
        scope = vars(sys.modules[owner.__module__]) | vars(service_class)
        for name, annotation in vars(owner).get("__annotations__", {}).items():
            found[name] = _resolved(annotation, scope)
    return found


def _model_in(annotation: Any) -> type[BaseModel] | None:
    for part in (annotation, *get_args(annotation)):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part
    return None


def complaints(entry: ProviderEntry, settings: Mapping[str, Any]) -> list[Complaint]:
    """Every name the service does not have and every value of another type."""
    if not settings:
        return []
    known = known_settings(entry)
    found: list[Complaint] = []
    for name, value in settings.items():
        path = ("settings", name)
        if name in OWN_KEYS:
            cause = f"`{name}` is not set here."
            found.append(Complaint(path, "setting_place", cause, OWN_KEYS[name], at_key=True))
        elif name not in known:
            cause = f"{entry.name} ({entry.kind}) has no setting `{name}`."
            fix = did_you_mean(name, known, noun="settings")
            found.append(Complaint(path, "setting", cause, fix, at_key=True))
        elif not fits(value, known[name]):
            cause = f"`{name}` cannot be {json.dumps(value)}."
            found.append(Complaint(path, "setting_type", cause, f"It takes {_said(known[name])}."))
        else:
            found += _unfit(entry, name, value)
    return found


def _unfit(entry: ProviderEntry, name: str, value: Any) -> list[Complaint]:
    """What is wrong inside a map that becomes a model of Pipecat's; nothing without the package."""
    if not isinstance(value, Mapping):
        return []
    try:
        service_class = _service_class(entry.settings_of)
        service_class.Settings.from_mapping(typed(service_class, {name: value}))
    except ImportError:
        return []
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, (name, *first["loc"])))
        cause = f"`{place}` is not right: {first['msg'].lower()}."
        fix = f"{entry.name}'s own pages say what `{name}` takes."
        return [Complaint(("settings", name), "setting_type", cause, fix)]
    return []


def fits(value: Any, fragment: Fragment) -> bool:
    """Whether a YAML value has the shape a field takes."""
    if "enum" in fragment:
        return value in fragment["enum"]
    kinds = fragment.get("type")
    if kinds is None:
        return True
    wanted = [kinds] if isinstance(kinds, str) else kinds
    return any(_IS[kind](value) for kind in wanted)


_IS = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
_WORDS = {
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "a map",
}
_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number"}


def _said(fragment: Fragment) -> str:
    if "enum" in fragment:
        return "one of " + ", ".join(fragment["enum"])
    kinds = fragment["type"]
    return " or ".join(_WORDS[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _resolved(annotation: Any, scope: dict[str, Any]) -> Any:
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, dict(vars(typing)), scope)
    except NameError:
        return Any  # a name that its module imports for type checkers only


def _fragment(annotation: Any) -> Fragment:
    if get_origin(annotation) in (Union, types.UnionType):
        parts = [
            part
            for part in get_args(annotation)
            if part is not type(None) and getattr(part, "__name__", "") != "NotGiven"
        ]
        return _any_of([_fragment(part) for part in parts])
    if get_origin(annotation) is Literal:
        return {"enum": list(get_args(annotation))}
    plain = get_origin(annotation) or annotation
    if plain in _TYPES:
        return {"type": _TYPES[plain]}
    if isinstance(plain, type) and issubclass(plain, list):
        return {"type": "array"}
    if isinstance(plain, type) and issubclass(plain, dict | BaseModel):
        return {"type": "object"}
    if isinstance(plain, type) and issubclass(plain, Enum) and issubclass(plain, str):
        return {"type": "string"}
    return {}


def _any_of(fragments: list[Fragment]) -> Fragment:
    if len(fragments) == 1:
        return fragments[0]
    if any("type" not in fragment for fragment in fragments):
        return {}
    kinds = sorted({fragment["type"] for fragment in fragments})
    return {"type": kinds[0] if len(kinds) == 1 else kinds}


def build_table() -> dict[str, Any]:
    """What settings_table.json holds for the Pipecat that is installed."""
    services = sorted({row.settings_of for row in PROVIDERS.values() if row.settings_of})
    table = {}
    for service in services:
        table[service] = introspect(_service_class(service))
    return {"services": table}


def _service_class(service: str) -> Any:
    module, _, name = service.partition(":")
    return getattr(importlib.import_module(module), name)


def main() -> None:
    """Writes the table anew."""
    TABLE.write_text(json.dumps(build_table(), indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
