"""BotSpec -> the JSON Schema of a bot's YAML, short forms included: what editors complete with.

`offhook schema --write` puts it into configs/bot.schema.json; a test keeps that file current.
"""

from __future__ import annotations

import json
from typing import Any

from bots.languages import LANGUAGES
from bots.providers.embedded import LOCAL_MODELS
from bots.providers.registry import PROVIDERS, names
from bots.providers.settings import table_settings
from bots.shape import keys_of
from bots.spec import KINDS, TRANSPORTS, VOICE_NAME, BotSpec, Conversation, Kind
from processors.patience import PATIENCES

Schema = dict[str, Any]

EXTENDS = "A file to begin from: its maps are merged with this one's, lists replaced, null clears."
VIA = "What is different over one transport: any of the conversation's keys, by transport."


def build_schema() -> Schema:
    """The schema of a bot's file, draft 2020-12."""
    generated = BotSpec.model_json_schema(by_alias=True)
    parts: dict[str, Schema] = {
        name: _tidy(part)
        for name, part in generated["$defs"].items()
        if name not in ("BotSpec", "ProviderSpec")
    }
    for kind in KINDS:
        parts[kind] = _provider(kind, generated["$defs"]["ProviderSpec"])
    fields = (generated["$defs"].get("BotSpec") or generated)["properties"]
    known: dict[str, Schema] = {key: _tidy(value) for key, value in fields.items()}
    for key, short in _short_forms(known).items():
        known[key] = {"description": known[key]["description"], **short}
    for kind in KINDS:
        one = {"$ref": f"#/$defs/{kind}"}
        many = {"type": "array", "items": one, "minItems": 1, "maxItems": 8}
        known[kind] = {"description": known[kind]["description"], "anyOf": [one, many]}
    by_language = {
        "type": "object",
        "propertyNames": {"$ref": "#/$defs/language"},
        "additionalProperties": {"$ref": "#/$defs/tts"},
    }
    known["voices"] = {
        "description": known["voices"]["description"],
        "type": "object",
        "propertyNames": {"pattern": VOICE_NAME},
        "additionalProperties": by_language,
    }
    known["extends"] = {"description": EXTENDS, "type": "string"}
    interruption = parts["InterruptionSpec"]
    known["interruption"] = {
        "description": known["interruption"]["description"],
        "anyOf": [
            {"pattern": interruption["properties"]["mode"]["pattern"], "type": "string"},
            {"$ref": "#/$defs/InterruptionSpec"},
        ],
    }
    fact = {k: v for k, v in parts["Fact"]["properties"]["fact"].items() if k != "description"}
    known["facts"]["items"] = {"anyOf": [fact, {"$ref": "#/$defs/Fact"}]}
    parts["language"] = {"enum": list(LANGUAGES)}
    parts["overrides"] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {key: _or_null(known[key]) for key in keys_of(Conversation)},
    }
    known["via"] = {
        "description": VIA,
        "type": "object",
        "additionalProperties": False,
        "properties": {
            way: {"description": f"The bot over {way}.", "$ref": "#/$defs/overrides"}
            for way in TRANSPORTS
        },
    }
    for part, key in (("AnswerSpec", "phone"), ("InterruptionSpec", "protect")):
        properties = parts[part]["properties"]
        properties[key] = _or_one(properties[key])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A bot of Offhook",
        "description": "The shortest bot is one line: `prompt: You are a pirate.`",
        "type": "object",
        "additionalProperties": False,
        "anyOf": [{"required": ["prompt"]}, {"required": ["extends"]}],
        "properties": {key: _or_null(known[key]) for key in keys_of(BotSpec)},
        "$defs": dict(sorted(parts.items())),
    }


def _or_one(listed: Schema) -> Schema:
    """A list, or one of what it holds."""
    many = {key: value for key, value in listed.items() if key != "description"}
    return {"description": listed["description"], "anyOf": [many, listed["items"]]}


def schema_text() -> str:
    """The file's text."""
    return json.dumps(build_schema(), indent=2, ensure_ascii=False) + "\n"


def _short_forms(known: dict[str, Schema]) -> dict[str, Schema]:
    code = {"$ref": "#/$defs/language"}
    greeting = {"type": "string", "maxLength": 1000}
    file = {
        "type": "object",
        "additionalProperties": False,
        "required": ["file"],
        "properties": {"file": {"type": "string", "description": "A text file beside this one."}},
    }
    text = {key: value for key, value in known["prompt"].items() if key != "description"}
    turns = {key: value for key, value in known["turns"].items() if key != "description"}
    return {
        "language": {
            "anyOf": [code, {"type": "array", "items": code, "minItems": 1, "maxItems": 1}]
        },
        "prompt": {"anyOf": [text, file]},
        "turns": {"anyOf": [{"enum": [*PATIENCES, "provider"]}, turns]},
        "greeting": {
            "anyOf": [
                greeting,
                {
                    "type": "object",
                    "propertyNames": code,
                    "additionalProperties": greeting,
                },
            ]
        },
    }


def _provider(kind: Kind, part: Schema) -> Schema:
    """A provider in a word (`deepgram/nova-3`) or as a map whose settings are the service's own."""
    known = names(kind)
    shorts = [*known, *(f"local/{model}" for model in LOCAL_MODELS[kind])]
    shorts += [
        f"{row.name}/{row.default_model}"
        for row in PROVIDERS.values()
        if row.kind == kind and row.default_model
    ]
    properties = {key: _tidy(value) for key, value in part["properties"].items()}
    properties["provider"] = {**properties["provider"], "enum": known}
    if kind != "tts":
        del properties["voice"], properties["url"]
    return {
        "anyOf": [
            _word(kind, known, shorts),
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["provider"],
                "properties": properties,
                "allOf": [_settings(kind, name) for name in known],
            },
        ]
    }


def _word(kind: Kind, known: list[str], shorts: list[str]) -> Schema:
    """A provider in a word; a voice may also be called by a name out of `voices`."""
    word: Schema = {"type": "string", "examples": shorts}
    return word if kind == "tts" else word | {"pattern": f"^({'|'.join(known)})(/.+)?$"}


def _settings(kind: Kind, name: str) -> Schema:
    settings = table_settings(PROVIDERS[kind, name])
    return {
        "if": {"properties": {"provider": {"const": name}}, "required": ["provider"]},
        "then": {
            "properties": {"settings": {"additionalProperties": False, "properties": settings}}
        },
    }


def _or_null(schema: Schema) -> Schema:
    """A key may be null: that clears what a base says."""
    description = {"description": schema["description"]}
    rest = {key: value for key, value in schema.items() if key != "description"}
    choices = rest["anyOf"] if set(rest) == {"anyOf"} else [rest]
    return description | {"anyOf": [*choices, {"type": "null"}]}


def _tidy(schema: Any) -> Any:
    """Without pydantic's titles, defaults and nulls: a default is said in the description."""
    if isinstance(schema, list):
        return [_tidy(inner) for inner in schema if inner != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    found = {
        key: {name: _tidy(inner) for name, inner in value.items()}
        if key == "properties"
        else _tidy(value)
        for key, value in schema.items()
        if key not in ("title", "default")
    }
    if "description" in found and isinstance(found["description"], str):
        found["description"] = " ".join(found["description"].split())
    choices = found.get("anyOf")
    if isinstance(choices, list) and len(choices) == 1:
        del found["anyOf"]
        found |= choices[0]
    return found
