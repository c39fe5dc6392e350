"""The doctor on the bots: which load, what they need of the models, and whether that is here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bots.folders import bot_files
from bots.load import Reading, read_bot
from bots.local.models import LocalModels
from bots.local.pinned import WEIGHTS
from bots.local.store import WeightStore
from bots.spec import BotSpec
from server.doctor.finding import Finding, fail, ok, warn


def read_bots(folders: Sequence[Path], environ: Mapping[str, str]) -> list[Reading]:
    """Every bot of `folders`, loaded or with its problems."""
    return [read_bot(path, environ) for path in bot_files(folders).values()]


def specs_of(readings: Sequence[Reading]) -> list[BotSpec]:
    """The bots that load."""
    return [reading.bot.spec for reading in readings if reading.bot]


def check_bots(readings: Sequence[Reading], folders: Sequence[Path]) -> list[Finding]:
    """The bots that load, and a line for each that does not."""
    places = ", ".join(map(str, folders))
    if not readings:
        return [fail("bots", f"There are none in {places}.", "`offhook new NAME` writes one.")]
    names = ", ".join(spec.name for spec in specs_of(readings))
    findings = [ok("bots", f"{names} in {places}.")] if names else []
    for reading in readings:
        if not reading.bot:
            count = len(reading.problems)
            text = f"{reading.path} has {count} {'problem' if count == 1 else 'problems'}."
            findings.append(fail("bots", text, f"See `offhook check {reading.path}`."))
    return findings


def check_weights(specs: Sequence[BotSpec], store: WeightStore) -> list[Finding]:
    """Whether the weights that these bots use are here, and genuine."""
    findings: list[Finding] = []
    models = LocalModels()
    needed = models.needs(specs)
    for name in models.wants(specs):
        weight = WEIGHTS[name]
        amiss = fail if name in needed else warn
        text = f"{name}, {weight.size_bytes / 1e6:.0f} MB"
        if store.state(name) != "ready":
            fix = f"`offhook models pull {name}` fetches them."
            findings.append(amiss("weights", f"{text}, not in {store.root}.", fix))
        elif store.unproven(name):
            fix = f"`offhook models verify {name}`, then `offhook models pull {name}`."
            findings.append(amiss("weights", f"{text}, damaged.", fix))
        else:
            findings.append(ok("weights", f"{text}, genuine."))
    return findings
