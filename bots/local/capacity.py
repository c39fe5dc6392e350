"""How many calls this machine holds: what a call's local parts cost, against the cores there are.

A local brain writes 24 tokens a second on two cores, so it holds one caller per two cores; ears
that transcribe an utterance in 0.15 to 0.3 s, and a voice at 0.01 to 0.5 of real time, share with
others. Cloud parts cost their frames only, 5 to 10 % of a core a call.

A local member behind others is a reserve, and an outage calls on all reserves at once. It takes
RESERVE_SHARE of its place beforehand: eight callers to a brain get 3 tokens a second each, which is
about as fast as people speak. While those before it are broken, it counts whole.
"""

from __future__ import annotations

from collections.abc import Callable
from math import fsum

from bots.providers.registry import PROVIDERS
from bots.spec import BotSpec, Kind, ProviderSpec

BRAIN_CORES = 2.0
EARS_CORES = 0.4
VOICE_CORES = 0.1
PIPELINE_CORES = 0.1
RESERVE_SHARE = 1 / 8

IsWell = Callable[[Kind, ProviderSpec], bool]
"""Whether a provider can be relied on now, as far as the process knows."""


def all_well(kind: Kind, provider: ProviderSpec) -> bool:
    """Nobody is known to be broken."""
    return True


def share(spec: BotSpec, kind: Kind, is_well: IsWell = all_well) -> float:
    """How much of a place its own member of a stage takes: whole at work, little in reserve."""
    chain = spec.chain(kind)
    here = next((one for one in chain if PROVIDERS[kind, one.provider].runs_here), None)
    if here is None:
        return 0.0
    at_work = next((one for one in chain if one is here or is_well(kind, one)), here)
    return 1.0 if at_work is here else RESERVE_SHARE


def call_cores(spec: BotSpec, is_well: IsWell = all_well) -> float:
    """The cores one call of `spec` takes while both sides talk; a brain in reserve takes none."""
    brain = share(spec, "llm", is_well)
    return (
        PIPELINE_CORES
        + (BRAIN_CORES if brain == 1.0 else 0.0)
        + EARS_CORES * share(spec, "stt", is_well)
        + VOICE_CORES * share(spec, "tts", is_well)
    )


def local_calls(cores: int) -> int:
    """How many calls with a local brain `cores` hold: one per two cores, and always one."""
    return max(1, int(cores // BRAIN_CORES))


def has_place(
    live: list[BotSpec], coming: BotSpec, places: int, is_well: IsWell = all_well
) -> bool:
    """Whether `places` of local brains have room for one of `coming`; those of others need none."""
    wanted = share(coming, "llm", is_well)
    taken = sum(share(spec, "llm", is_well) for spec in live)
    return not wanted or not taken or taken + wanted <= places


def has_room(live: list[BotSpec], coming: BotSpec, cores: int, is_well: IsWell = all_well) -> bool:
    """Whether a call of `coming` fits beside the live ones. An empty machine takes any call.

    Local brains are counted by places, one per two cores; the rest shares what the cores have.
    """
    if not live:
        return True
    if not has_place(live, coming, local_calls(cores), is_well):
        return False
    if share(coming, "llm", is_well) == 1.0:
        return True
    own = call_cores(coming, is_well)
    return fsum([own, *(call_cores(spec, is_well) for spec in live)]) <= max(cores, own)
