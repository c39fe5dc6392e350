"""How many calls this machine holds: what a call's local parts cost, against the cores there are.

A local brain writes 24 tokens a second on two cores, so it holds one caller per two cores; ears
that transcribe an utterance in 0.15 to 0.3 s, and a voice at 0.01 to 0.5 of real time, share with
others. Cloud parts cost their frames only, 5 to 10 % of a core a call.
"""

from __future__ import annotations

from bots.spec import BotSpec, Kind

BRAIN_CORES = 2.0
EARS_CORES = 0.4
VOICE_CORES = 0.1
PIPELINE_CORES = 0.1


def call_cores(spec: BotSpec) -> float:
    """The cores one call of `spec` takes while both sides talk."""
    total = PIPELINE_CORES
    total += BRAIN_CORES if is_first(spec, "llm") else 0.0
    total += EARS_CORES if is_first(spec, "stt") else 0.0
    total += VOICE_CORES if is_first(spec, "tts") else 0.0
    return total


def is_first(spec: BotSpec, kind: Kind) -> bool:
    """Whether the local member serves while all is well; a reserve costs nothing until used."""
    return spec.chain(kind)[0].provider == "local"


def local_calls(cores: int) -> int:
    """How many calls with a local brain `cores` hold: one per two cores, and always one."""
    return max(1, int(cores // BRAIN_CORES))


def has_room(live: list[BotSpec], coming: BotSpec, cores: int) -> bool:
    """Whether a call of `coming` fits beside the live ones. An empty machine takes any call.

    Local brains are counted whole, one per two cores; the rest shares what the cores have.
    """
    if not live:
        return True
    if is_first(coming, "llm"):
        brains = sum(is_first(spec, "llm") for spec in live)
        return brains < local_calls(cores)
    return sum(call_cores(spec) for spec in [*live, coming]) <= max(cores, call_cores(coming))
