"""BotSpec -> docs/bots.md, the reference of a bot's YAML: every key, its form, its default.

`offhook schema --write` writes the page; a test keeps it current.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from bots.languages import LANGUAGES
from bots.providers.embedded import LOCAL_MODELS
from bots.providers.engines import ENGINES
from bots.providers.entry import ProviderEntry
from bots.providers.registry import PROVIDERS
from bots.providers.settings import table_settings
from bots.schema import EXTENDS, VIA
from bots.shape import keys_of
from bots.spec import (
    KINDS,
    STAGES,
    TRANSPORTS,
    AnswerSpec,
    BotSpec,
    Conversation,
    FallbackSpec,
    LastResortSpec,
    LimitsSpec,
    ProcessorSpec,
    ProviderSpec,
)
from bots.spec_facts import Fact
from bots.spec_interruption import InterruptionSpec
from bots.spec_quiet import QuietStep
from bots.spec_turns import TurnsSpec
from bots.template import template

FORMS: dict[str, str] = {
    "extends": "`base.yaml`, a path from this file",
    "title": "text",
    "description": "text",
    "language": "`en`",
    "prompt": "text, or `{file: prompts/my-bot.md}`, a path from this file",
    "facts": "list of texts, and of the map below",
    "fact": "text",
    "asked": "list of texts",
    "greeting": "text, or a text a language: `{en: Hello, es: Hola}`",
    "stt": "`local`, `deepgram/nova-3` (split at the first slash), the map below, or a list",
    "llm": "`local`, `cerebras/gpt-oss-120b`, the map below, or a list",
    "tts": "`local`, `local/piper-joe`, a name out of `voices`, the map below, or a list",
    "voices": "`{nora: {en: {provider: elevenlabs, voice: <id>}}}`, any names",
    "fallback": "the map below",
    "turns": "`eager`, `normal`, `patient`, or the map below",
    "processors": "list of the map below",
    "answer": "the map below",
    "limits": "the map below",
    "via": "map of transports",
    "provider": "name",
    "model": "text",
    "voice": "text",
    "base_url": "`http://localhost:11434/v1`",
    "url": "`http://voices.local:8080/speak`",
    "api_key": "`{env: NAME}`",
    "settings": "map",
    "use": '`"module:Class"`',
    "before": "stage",
    "after": "stage; in `caller_quiet` a time, `8s`",
    "with": "map",
    "first_token": "`1500ms`",
    "first_audio": "`1200ms`",
    "max_silence": "`3s`",
    "hedge": "`400ms`",
    "last_resort": "`{say: One moment, please.}`, the map below",
    "say": "text; in `caller_quiet` also a text a language",
    "do": "`hang_up`, in `last_resort` also `keep_listening`",
    "interruption": "`speech`, `words:2`, `never`, or the map below",
    "caller_quiet": "`[{after: 8s, say: Hello?}, {after: 20s, do: hang_up}]`, the map below",
    "mode": "`speech`, `words:2`, `never`",
    "confirm": "`400ms`",
    "ignore_backchannels": "`true` or `false`",
    "backchannels": "list of texts",
    "protect": "`greeting`, `last_resort`, or a list of them",
    "patience": "`eager`, `normal`, `patient` or `provider`",
    "shortest": "`200ms`",
    "longest": "`1600ms`",
    "sure": "0 to 1",
    "telephone_sure": "0 to 1",
    "unfinished": "`500ms`",
    "finished": "0 to 1",
    "rescore": "`400ms`",
    "pace": "0 to 1",
    "words": "`true` or `false`",
    "speculate": "`true` or `false`",
    "link": "`true` or `false`",
    "phone": 'list of `"+15550100"`, or one of them',
    "duration": "`90s`, `10m`, `1h`",
    "sessions": "whole number",
}
"""How each key is written."""


def reference_text() -> str:
    """The page's text."""
    return "\n".join([*_lines()]).rstrip("\n") + "\n"


def _lines() -> Iterator[str]:
    yield "# Bots in YAML"
    yield ""
    yield "<!-- Generated from bots/spec.py by `make schema`: edit that. -->"
    yield ""
    yield from _INTRODUCTION.splitlines()
    yield ""
    yield "## Keys"
    yield ""
    yield from _table(BotSpec, keys_of(BotSpec))
    yield "## `facts`"
    yield ""
    yield from _FACTS.splitlines()
    yield ""
    yield from _table(Fact, keys_of(Fact))
    yield "## `stt`, `llm`, `tts`"
    yield ""
    yield from _CHAINS.splitlines()
    yield ""
    yield from _table(ProviderSpec, keys_of(ProviderSpec))
    yield from _providers()
    yield from _local()
    yield from _part("fallback", FallbackSpec)
    yield "`last_resort`:"
    yield ""
    yield from _table(LastResortSpec, keys_of(LastResortSpec))
    yield from _part("interruption", InterruptionSpec)
    yield "## `turns`"
    yield ""
    yield "A key that is left out is as the patience has it; [turn-taking.md](turn-taking.md) has"
    yield "the figures, and `offhook turns` shows on a recording what they do."
    yield ""
    yield from _table(TurnsSpec, keys_of(TurnsSpec))
    yield from _part("caller_quiet", QuietStep)
    yield "## `processors`"
    yield ""
    stages = ", ".join(f"`{stage}`" for stage in STAGES)
    yield f"The stages, in the order of the audio: {stages}. The class is imported, and `with` held"
    yield "against its constructor, when the file is read."
    yield ""
    yield from _table(ProcessorSpec, keys_of(ProcessorSpec))
    yield from _part("answer", AnswerSpec)
    yield from _part("limits", LimitsSpec)
    yield "## `via`"
    yield ""
    ways = ", ".join(f"`{way}`" for way in TRANSPORTS)
    keys = ", ".join(f"`{key}`" for key in keys_of(Conversation))
    yield f"The transports: {ways}. What may differ: {keys}."
    yield ""
    yield "```yaml"
    yield "via: {websocket: {greeting: Hello over there.}}"
    yield "```"
    yield ""
    yield from _RULES.splitlines()
    yield ""
    yield "## A bot to begin with"
    yield ""
    yield "`offhook new front-desk` writes this:"
    yield ""
    yield "```yaml"
    yield from template("front-desk").splitlines()
    yield "```"


def _part(key: str, part: type[BaseModel]) -> Iterator[str]:
    """A key that takes a mapping, under a heading of its own."""
    yield f"## `{key}`"
    yield ""
    yield from _table(part, keys_of(part))


def _table(part: type[BaseModel], keys: list[str]) -> Iterator[str]:
    yield "| key | written as | default | what it says |"
    yield "|---|---|---|---|"
    said = {"extends": EXTENDS, "via": VIA}
    fields = {field.alias or name: field for name, field in part.model_fields.items()}
    for key in keys:
        field = fields.get(key)
        about = said.get(key) or " ".join((field.description or "" if field else "").split())
        default = "" if field is None else _default(field.default, is_needed=field.is_required())
        yield f"| `{key}` | {_cell(FORMS[key])} | {default} | {_cell(about)} |"
    yield ""


def _default(value: Any, *, is_needed: bool) -> str:
    if is_needed:
        return "needed"
    if isinstance(value, BaseModel) or value is None or value in ((), {}):
        return ""
    if isinstance(value, tuple):
        value = str(value[0])
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _default_model(row: ProviderEntry) -> str:
    if row.is_local:
        return "by machine" if row.kind == "llm" else "by language"
    engine = ENGINES.get((row.kind, row.name))
    pinned = tuple(engine.pinned) if engine else ()
    if len(pinned) > 1:
        return f"{', '.join(f'`{name}`' for name in pinned)}, by language"
    chosen = row.default_model or next(iter(pinned), None)
    if chosen:
        return f"`{chosen}`"
    return "none, name one" if row.needs_model or engine else "none"


def _providers() -> Iterator[str]:
    yield "| provider | for | key | default model | `settings` |"
    yield "|---|---|---|---|---|"
    for kind in KINDS:
        for row in (row for row in PROVIDERS.values() if row.kind == kind):
            key = f"`{row.env_var}`" if row.env_var else "none"
            if row.is_keyless_elsewhere:
                key += "; none with a `base_url`"
            model = _default_model(row)
            settings = ", ".join(f"`{name}`" for name in table_settings(row)) or "none"
            yield f"| `{row.name}` | {kind} | {key} | {model} | {settings} |"
    yield ""


def _local() -> Iterator[str]:
    yield "What `local` has:"
    yield ""
    yield "| model | for | languages | voices, the default first |"
    yield "|---|---|---|---|"
    for kind in KINDS:
        for model in LOCAL_MODELS[kind].values():
            known = sorted(model.languages or ())
            languages = ", ".join(f"`{code}`" for code in known) or "all of them"
            spoken = model.voices or {}
            voices = "; ".join(
                f"{code}: " + ", ".join(f"`{voice}`" for voice in spoken[code])
                for code in known
                if code in spoken
            )
            yield f"| `{model.name}` | {kind} | {languages} | {voices} |"
    yield ""
    names = ", ".join(f"`{code}` {name}" for code, name in LANGUAGES.items())
    yield f"Languages: {names}. One without a local voice needs another provider of tts."
    yield ""


_INTRODUCTION = """\
A bot is a YAML file in `configs/bots/`; the file's stem is its name. The shortest one is a line:

```yaml
prompt: You are a pirate.
```

Save a change, and the next call is served with it; calls under way go on as they began. A file that
does not hold never replaces the one that did: `offhook check` says every error of every file as
`file:line:column: cause. fix`, and so do the log and `/status`. `offhook explain BOT` prints every
value with where it comes from. A first line of
`# yaml-language-server: $schema=../bot.schema.json` makes editors complete and check."""

_FACTS = """\
A line is a fact. Callers rarely put their question in its words, and the embedded brain may then
miss it: `asked` has the words that they use.

```yaml
facts:
  - The practice is called Bloom Dental.
  - fact: A check-up costs sixty dollars.
    asked: [How much is a check-up?, What do you charge to look at my teeth?]
```

Write five or more as callers speak: short and long, with the words they would use for the thing and
the reason they call; `configs/bots/receptionist.yaml` has examples. A question stands under one
fact only. Each takes about 20 ms to learn before a new version serves, once, and makes no answer
slower."""

_CHAINS = """\
A word, a map, or a list of them: a chain. The first that works is used; the next one answers the
turn in flight when it fails: an error, a wait longer than `fallback` allows, a stream that stops,
an answer with nothing in it. What failed is tried again and comes back between turns. Every change
is told to the log, the metrics, the page and the call's record.

```yaml
stt: [deepgram/nova-3, deepgram-http, local]
llm: [cerebras/gpt-oss-120b, google, local]
tts: [nora, local]
voices:
  nora: {en: {provider: elevenlabs, voice: <id>}, es: {provider: cartesia, voice: <id>}}
```

A chain without `local` needs no local model. In a base, a map merges with the map it extends, and
naming another provider starts it afresh; a list replaces what the base says."""

_RULES = """\
## Rules

- YAML 1.2: `yes` and `no` are texts, `true` and `false` are not. A key stands once. No merge keys
  (`<<`), no tags.
- `extends` takes one file; chains are fine, circles are not. Maps merge, lists and values replace,
  `null` clears. A file that others extend and that has no prompt is no bot, nor is one whose name
  begins with `_`.
- A duration has its unit: `1500ms`, `8s`, `10m`, `1h`.
- A secret is `{env: NAME}`, in `api_key` only; it is read from the environment or `.env`.
- A phone number is international and quoted, and reaches one bot."""
