"""docs/providers.md, written from the table of providers by `offhook schema --write`."""

from __future__ import annotations

from bots.providers.entry import ProviderEntry
from bots.providers.offers import can_ask
from bots.providers.registry import PROVIDERS
from bots.spec import KINDS

HEAD = """# Providers

<!-- Generated from bots/providers/{stt,llm,tts}.py by `make schema`: edit those. -->

Who can hear, think and speak for a bot, by the name that its YAML uses. What each takes as
`settings` is in [bots.md](bots.md); how long it is waited for, and who stands in, is its chain's.

- **extra**: `pip install "offhook[EXTRA]"` brings what the provider needs beyond Offhook itself. A
  bot that needs a missing one is told this line by `offhook check`.
- **key**: the environment variable that is read unless the bot names another.
- **asked**: whether `offhook check --online`, `offhook doctor --online` and the server, before a
  bot's first call, ask the vendor if the key, the model and the voice are good. It costs nothing.
- **emulator**: the part of `offhook emulate` that Pipecat's own service talks to in the tests; see
  [emulators.md](emulators.md).
- **live**: what was run against the vendor itself, or with real weights. No vendor was: their rows
  are built, checked and documented, and emulated where it says so.
"""

_TITLES = {"stt": "Ears (`stt`)", "llm": "Brains (`llm`)", "tts": "Voices (`tts`)"}

TAIL = """
## Before a call, not in it

| what is wrong | where it is told |
|---|---|
| a missing key, region, extra or model file | `offhook check`; the bot does not load |
| a setting, local model or local voice that is none | the same |
| a key that the vendor refuses | `offhook check --online`; at boot and after an edit, in the log |
| a model or a voice that does not go with the key | the same |

A member of a chain that its vendor refuses is left out of the calls, and each call's record, log
and metrics have the switch; a bot with nobody left answers no call, and its caller is told so at
once. The vendor is asked again a minute later, behind a call. Who cannot be reached is not
refused: that is what the chain is for.

## Models of this machine

`local` chooses a model for the language and the machine. The others are chosen by the bot: `stt:
whisper/base`, `stt: parakeet/models/parakeet-tdt-0.6b-v3`, `tts: {provider: kokoro, voice:
am_michael}`, `tts: piper/voices/en_US-ryan-high.onnx`. A path is from the bot's file. Each model
is loaded once a process, before the first call, off the event loop, and its calls share it.
Offhook fetches nothing but its pinned weights (`offhook models pull`); for the rest, `offhook
check` says what fetches them.

## Speech to speech

`llm: openai-realtime` or `llm: gemini-live` hears and speaks by itself: the bot has neither `stt`
nor `tts`, no chain, no `interruption` and no `turns`, and where a base has them, it clears them
with `stt: null`. The greeting is asked for, so the model may vary it. The number guard, the
ledger of what was heard and fallback are parts of a chain and are not there. A failure of its
connection ends the call with a notice, since there is nobody else to speak.
"""


def providers_page() -> str:
    """The page, in Markdown, a table a kind."""
    parts = [HEAD]
    for kind in KINDS:
        parts.append(f"\n## {_TITLES[kind]}\n\n")
        parts.append("| name | what | extra | key | default model | asked | emulator | live |\n")
        parts.append("|---|---|---|---|---|---|---|---|\n")
        parts += [_row(row) for row in PROVIDERS.values() if row.kind == kind]
    return "".join(parts) + TAIL


def _row(row: ProviderEntry) -> str:
    variables = [one for one in (row.env_var, row.region_env) if one]
    if row.takes_key:
        variables = ["the bot's own"]
    key = ", ".join(f"`{one}`" if one.isupper() else one for one in variables) or "none"
    cells = [
        f"`{row.name}`",
        row.what,
        f"`{row.extra}`" if row.extra else "",
        key,
        f"`{row.default_model}`" if row.default_model else "",
        "" if row.runs_here else ("yes" if can_ask(row) else "no"),
        f"`{row.emulator}`" if row.emulator else ("" if row.runs_here else "none"),
        row.live,
    ]
    return f"| {' | '.join(cells)} |\n"
