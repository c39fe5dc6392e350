"""The first file of a new bot, commented: what `offhook new NAME` writes. It loads as it stands."""

from __future__ import annotations

from bots.errors import OffhookError
from bots.load import NAME


def template(name: str, *, schema: str = "../bot.schema.json") -> str:
    """The text of `NAME.yaml`; `schema` is where the editor finds the JSON Schema from there.

    Raises:
        OffhookError: the name cannot be part of a link.
    """
    if not NAME.fullmatch(name):
        raise OffhookError(
            f"`{name}` cannot be a bot's name: it is part of a link.",
            hint="Use small letters, digits and dashes, as in `front-desk`.",
            code="bot_name",
        )
    title = name.replace("-", " ").capitalize()
    return _TEMPLATE.format(schema=schema, title=title, name=name)


_TEMPLATE = """\
# yaml-language-server: $schema={schema}
#
# {title}: edit and save, and the next call is served with it.
# `offhook check` says what is wrong, `offhook explain {name}` what every value is and where it
# comes from. All keys: docs/bots.md.

title: {title}
description: Answers the phone of a small shop.

# Who the bot is. A few short sentences work best with the local brain.
# A longer prompt has a file of its own: `prompt: {{file: ../prompts/{name}.md}}`.
prompt: You are the friendly voice of a small shop. Keep every answer to one or two short sentences.

# What it knows, one fact a line, each complete in itself: every weekday spelled out.
# A number, time or price that is not in here is not spoken. A fact that callers ask for in other
# words has their questions with it.
facts:
  - The shop is called Corner Goods.
  - On Monday the shop is closed.
  - On Saturday the shop is open from ten in the morning to four in the afternoon.
  - fact: The shop is on Mill Street, beside the bakery.
    asked: [How do I find you?, Which road are you on?]

# What it says first. Without a greeting it waits for the caller.
greeting: Hello, this is Corner Goods. How can I help?

# Two letters. Local voices: en, es, fr, it, pt.
language: en

# Ears, brain and voice. `local` needs no key and no network. Others, with their key in .env:
#   stt: deepgram/nova-3
#   llm: cerebras/gpt-oss-120b
#   llm: {{provider: openai, base_url: "http://localhost:11434/v1", model: llama3}}
#   tts: {{provider: elevenlabs, voice: <id>}}
stt: local
llm: local
tts: local

# Whether anybody with the link may call from a browser. Without it only the operator may.
answer:
  link: true

# The bot hangs up after this long. A duration has a unit: 90s, 10m, 1h.
limits:
  duration: 10m
"""
