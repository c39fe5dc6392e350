"""`offhook doctor`: what this machine has, lacks and holds, a line each, with its fix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import typer

from bots.folders import bot_folders
from bots.local.store import WeightStore
from bots.providers.registry import PROVIDERS
from server.doctor.benchmark import measure
from server.doctor.bots import check_bots, check_weights, read_bots, specs_of
from server.doctor.finding import Finding, State
from server.doctor.keys import check_keys
from server.doctor.machine import check_machine
from server.doctor.network import check_network
from server.doctor.software import check_software
from server.doctor.vendors import check_vendors
from server.logs import set_up_logs
from server.settings import load_settings, read_environment

COLOURS = {
    State.OK: typer.colors.GREEN,
    State.WARN: typer.colors.YELLOW,
    State.FAIL: typer.colors.RED,
}


def run(*, folders: Sequence[Path], quick: bool, online: bool = False) -> int:
    """Print every finding as it is made; 1 when calls cannot be answered as things are."""
    set_up_logs(form="text", level="ERROR")
    failures = 0
    for finding in examine(folders, quick=quick, online=online):
        failures += finding.state is State.FAIL
        word = typer.style(f"{finding.state:<4}", fg=COLOURS[finding.state])
        typer.echo(word + str(finding)[4:])
    return 1 if failures else 0


def examine(folders: Sequence[Path], *, quick: bool, online: bool = False) -> Iterator[Finding]:
    """The findings, the quick ones first; the boot benchmark last unless `quick`."""
    settings, environ = load_settings(), read_environment()
    places = bot_folders(folders, environ)
    store = WeightStore()
    readings = read_bots(places, environ)
    specs = specs_of(readings)
    yield from check_software()
    yield from check_machine(store.root)
    yield from check_network(settings)
    variables = [entry.env_var for entry in PROVIDERS.values() if entry.env_var]
    yield from check_keys(settings, environ, variables)
    yield from check_bots(readings, places)
    if online:
        yield from check_vendors(specs, environ)
    weights = check_weights(specs, store)
    yield from weights
    if not quick and all(finding.state is not State.FAIL for finding in weights):
        yield from measure(specs)
