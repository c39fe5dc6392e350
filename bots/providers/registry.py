"""The providers that a bot can name: which Pipecat service each is and what it needs.

One row a provider and kind, in `stt`, `llm` and `tts` beside this. `bots.providers.build` builds
services from these rows; `bots.providers.check` holds a bot's YAML against them. Nothing of Pipecat
is imported here.
"""

from __future__ import annotations

from bots.providers import llm, stt, tts
from bots.providers.entry import ProviderEntry
from bots.spec import KINDS, Kind

_ROWS = (*stt.ROWS, *llm.ROWS, *tts.ROWS)

PROVIDERS: dict[tuple[Kind, str], ProviderEntry] = {(row.kind, row.name): row for row in _ROWS}


def names(kind: Kind) -> list[str]:
    """The providers of a kind, `local` first."""
    return [row.name for row in _ROWS if row.kind == kind]


def kinds_of(name: str) -> list[Kind]:
    """The kinds a provider of that name serves, empty for an unknown one."""
    return [kind for kind in KINDS if (kind, name) in PROVIDERS]


def hears_and_speaks(provider: str) -> bool:
    """Whether an llm is a speech-to-speech model."""
    row = PROVIDERS.get(("llm", provider))
    return row is not None and row.hears_and_speaks
