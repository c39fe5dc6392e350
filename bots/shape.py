"""What pydantic says about a spec's shape -> complaints with a cause and a fix in a bot's words."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from bots.complaint import Complaint, Path
from bots.spec import BotSpec, Conversation
from bots.suggest import did_you_mean
from processors.patience import PATIENCES

LOADERS_OWN = ("name", "version", "via")
"""Fields of BotSpec that the loader fills in and a file does not hold as they are."""

_TYPES = {
    "string_type": "a text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "tuple_type": "a list",
    "mapping_type": "a map",
    "dict_type": "a map",
    "model_type": "a map",
}


def complaint(error: ErrorDetails) -> Complaint:
    """One error of a validation, as people are told it."""
    path: Path = tuple(step for step in error["loc"] if step != "[key]")
    at_key = "[key]" in error["loc"]
    kind = error["type"]
    given = error["input"]
    context: dict[str, Any] = error.get("ctx", {})
    if kind == "offhook":
        return Complaint(path, context["code"], context["cause"], context["fix"], at_key)
    if kind == "extra_forbidden":
        return _unknown_key(path)
    if kind == "missing":
        return _missing(path)
    if kind in _TYPES:
        return _wrong_type(path, _TYPES[kind], given)
    if kind == "string_pattern_mismatch" and path[:1] == ("voices",):
        cause = f"`{given}` cannot be a voice's name."
        fix = "Begin with a small letter; digits, `-` and `_` may follow."
        return Complaint(path, "voice_name", cause, fix, at_key=True)
    if kind == "literal_error" and path[-1:] == ("do",):
        cause = f"`{given}` is nothing the bot can do."
        known = ["hang_up", "keep_listening"]
        return Complaint(path, "last_resort", cause, did_you_mean(str(given), known, noun="ways"))
    if kind == "literal_error" and "protect" in path:
        cause = f"`{given}` is nothing that can be protected."
        known = ["greeting", "last_resort"]
        return Complaint(path, "protect", cause, did_you_mean(str(given), known, noun="lines"))
    if kind == "literal_error" and path[-1:] == ("patience",):
        cause = f"`{given}` is no patience."
        return Complaint(
            path,
            "patience",
            cause,
            did_you_mean(str(given), [*PATIENCES, "provider"], noun="patiences"),
        )
    if kind == "literal_error":
        cause = f"`{given}` is no place in the pipeline."
        known = [word.strip(" '") for word in context["expected"].replace(" or ", ",").split(",")]
        return Complaint(path, "place", cause, did_you_mean(str(given), known, noun="places"))
    return _out_of_bounds(path, error)


def _unknown_key(path: Path) -> Complaint:
    word = str(path[-1])
    cause = f"There is no key `{word}` here."
    fix = did_you_mean(word, keys_at(path[:-1]), noun="keys")
    return Complaint(path, "unknown_key", cause, fix, at_key=True)


def _missing(path: Path) -> Complaint:
    key = str(path[-1])
    if path == ("prompt",):
        fix = "Add a line that says who the bot is: `prompt: You are a pirate.`"
        return Complaint(path, "missing_key", "The bot has no prompt.", fix)
    example = {
        "provider": "Name one: `provider: local`.",
        "use": 'Name the class: `use: "my_bot.noise:Denoise"`.',
        "fact": "Write what the bot knows: `fact: The shop is called Corner Goods.`",
        "env": "Name the variable: `{env: DEEPGRAM_API_KEY}`.",
    }
    return Complaint(path, "missing_key", f"`{key}` is missing here.", example.get(key, "Add it."))


def _wrong_type(path: Path, wanted: str, given: Any) -> Complaint:
    last = path[-1] if path else ""
    if last == "api_key":
        cause = "A key is never written into a bot's file."
        fix = "Put it in .env and its name here: `api_key: {env: NAME}`."
        return Complaint(path, "secret_in_file", cause, fix)
    if isinstance(given, dict) and set(given) == {"env"}:
        cause = "`{env: ...}` is not read here."
        fix = "Environment variables are read only in `api_key`."
        return Complaint(path, "env_place", cause, fix)
    cause = f"This is {_said(given)}, and {wanted} belongs here."
    return Complaint(path, "type", cause, _type_fix(path, wanted, given))


def _type_fix(path: Path, wanted: str, given: Any) -> str:
    is_scalar = not isinstance(given, dict | list)
    match wanted:
        case "a text" if "phone" in path and isinstance(given, int):
            return 'Quote the number, as in `"+15550100"`.'
        case "a text" if path == ("prompt",):
            return "Write the text itself, or `{file: prompts/my-bot.md}`."
        case "a text" if is_scalar and given is not None:
            written = str(given).lower() if isinstance(given, bool) else str(given)
            return f"Quote it: `{json.dumps(written)}`."
        case "a text" if isinstance(given, dict):
            return "Quote it if it is a text with a colon."
        case "a text":
            return "Write one."
        case "true or false" if str(given).lower() in ("yes", "on", "y"):
            return "Write `true`."
        case "true or false" if str(given).lower() in ("no", "off", "n"):
            return "Write `false`."
        case "true or false":
            return "Write one of them, without quotes."
        case "a whole number" if isinstance(given, str) and given.isdigit():
            return "Remove the quotes."
        case "a whole number":
            return "Write digits only."
        case "a list" if path == ("answer", "phone"):
            return 'Quote the number, as in `"+15550100"`.'
        case "a list":
            return "Write one item a line, each after a dash."
        case _:
            keys = keys_at(path)
            return f"Its keys: {', '.join(keys)}." if keys else "Write `key: value` lines under it."


def _out_of_bounds(path: Path, error: ErrorDetails) -> Complaint:
    given, context = error["input"], error.get("ctx", {})
    match error["type"]:
        case "too_long" if isinstance(given, str):
            cause = f"This text is longer than {context['max_length']} characters."
            return Complaint(path, "too_long", cause, "Shorten it.")
        case "too_long" if path == ("language",):
            cause = "A bot speaks one language."
            return Complaint(path, "languages", cause, "Keep the first.")
        case "too_long":
            cause = f"This list has more than {context['max_length']} items."
            return Complaint(path, "too_many", cause, "Remove some.")
        case "too_short":
            return Complaint(path, "too_few", "This list is empty.", "Add an item.")
        case "greater_than_equal":
            cause = f"This is less than {context['ge']}."
            return Complaint(path, "too_small", cause, f"Write {context['ge']} or more.")
        case "less_than_equal":
            cause = f"This is more than {context['le']}."
            return Complaint(path, "too_large", cause, f"Write {context['le']} or less.")
        case kind:
            return Complaint(path, kind, f"{error['msg']}.")


def _said(value: Any) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "a map"


def keys_at(path: Path) -> list[str]:
    """The keys that a bot's map takes at a path, in the order of the spec; none for free maps."""
    model: type[BaseModel] | None = BotSpec
    for step in path:
        if isinstance(step, int) or model is None:
            continue
        fields = model.model_fields.items()
        annotations = [field.annotation for name, field in fields if (field.alias or name) == step]
        model = _model_in(annotations[0]) if annotations else None
    return keys_of(model) if model is not None else []


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys of a part as YAML writes them; those of a bot begin with what people write first."""
    keys = [field.alias or name for name, field in model.model_fields.items()]
    if model is not BotSpec:
        return keys
    own = [key for key in keys if key not in LOADERS_OWN and key not in Conversation.model_fields]
    return ["extends", *own[:2], *Conversation.model_fields, *own[2:], "via"]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found is not None:
            return found
    return None
