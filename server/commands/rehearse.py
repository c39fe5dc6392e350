"""`offhook rehearse`: what a caller would hear when a bot's providers fail, without a key."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import typer
from rich.console import Console
from rich.table import Table

from bots.errors import OffhookError
from bots.folders import bot_folders, find_bot
from bots.load import load_bot
from bots.local import weights
from bots.local.models import LocalModels
from bots.spec import KINDS, BotSpec, Kind
from bots.suggest import did_you_mean
from emulators.faults import FaultKind
from server.logs import set_up_logs
from server.rehearsal.call import Outcome, rehearse
from server.rehearsal.cast import KEY_VARIABLE, Cast, cast
from server.rehearsal.plan import Case, plan

Word = TypeVar("Word", bound=str)

BUSY_S = 0.15
"""How late a process may be by itself and its figures still be those of the faults."""
TRIES = 3
"""For a call that nobody answered to be made alone, until this process was on time meanwhile."""
_LOOK_S = 0.05
_WIDTH = 140
_HEADINGS = ("", "who fails", "how", "who answers", "first sound", "gap", "lost", "twice")


def run(bot: str, *, only: Sequence[str], faults: Sequence[str], folders: Sequence[Path]) -> int:
    """Rehearse `bot`, print a row a call; 1 when a turn that somebody could answer was not.

    Raises:
        OffhookError: no such bot, kind or fault, or local models that are not here.
    """
    kinds: list[Kind] = [_one_of(kind, KINDS, "kinds") for kind in only] or list(KINDS)
    wanted: list[FaultKind] = [_one_of(fault, tuple(FaultKind), "faults") for fault in faults]
    spec = load_bot(find_bot(bot, bot_folders(folders)), _WithEveryKey(os.environ)).spec
    set_up_logs(form="text", level="CRITICAL")
    os.environ[KEY_VARIABLE] = "rehearsed"
    return asyncio.run(_run(spec, kinds, wanted or list(FaultKind)))


async def _run(spec: BotSpec, kinds: Sequence[Kind], faults: Sequence[FaultKind]) -> int:
    roles = cast(spec.for_transport("wav"))
    for line in stand_ins(roles):
        typer.echo(line)
    cases = list(plan(roles, only=kinds, faults=faults))
    models = LocalModels()
    rehearsed = spec.model_copy(
        update={kind: tuple(role.provider for role in roles[kind]) for kind in KINDS}
    )
    for name in models.needs([rehearsed]):
        weights.path(name)
    await models.prepare(rehearsed)
    try:
        await rehearse(spec, roles, models, [])  # the first call of a process is slow
        begun_s = time.monotonic()
        # At once, as those that follow are: a gap is then the fault's, not the machine's.
        beside = await asyncio.gather(
            *(rehearse(spec, roles, models, []) for _ in range(_at_once()))
        )
        lasts_s = time.monotonic() - begun_s
        # One that got no answer counts for all.
        healthy = next((one for one in beside if one.last_s is None), beside[0])
        if healthy.last_s is None:
            raise OffhookError(
                "The bot does not answer even when all are well.",
                hint="`offhook check` and `offhook talk` look for the cause.",
                code="rehearsal_failed",
            )
        typer.echo(f"{len(cases)} calls, {_about(len(cases) * lasts_s / _at_once())}.", err=True)
        async with _watched() as lateness:
            outcomes, starved = await _call_all(spec, roles, models, cases)
    finally:
        await models.close()
    typer.echo(f"A healthy answer begins {_seconds(healthy.first_s)} after the caller's last word.")
    Console(width=_WIDTH, highlight=False).print(table(cases, outcomes, healthy))
    unanswered = [c for c, o in zip(cases, outcomes, strict=True) if is_failure(c, o)]
    for line in [*summary(cases, outcomes, healthy), *verdict(cases, unanswered, starved)]:
        typer.echo(line)
    if lateness.worst_s > BUSY_S:
        typer.echo(
            f"This machine was busy: it was up to {lateness.worst_s:.1f} s late by itself, and so "
            "are these figures. Rehearse when it has less to do."
        )
    return 1 if unanswered else 0


async def _call_all(
    spec: BotSpec, roles: Cast, models: LocalModels, cases: Sequence[Case]
) -> tuple[list[Outcome], list[Case]]:
    """What became of each case, and those that say nothing of the bot: see `judge`."""
    lines = asyncio.Semaphore(_at_once())
    done = 0

    async def call(case: Case) -> Outcome:
        nonlocal done
        async with lines:
            outcome = await rehearse(spec, roles, models, list(case.failing))
        done += 1
        typer.echo(f"\r{done} of {len(cases)} calls", nl=done == len(cases), err=True)
        return outcome

    outcomes = list(await asyncio.gather(*(call(case) for case in cases)))
    starved: list[Case] = []
    for number, case in enumerate(cases):
        if is_failure(case, outcomes[number]):
            typer.echo(f"once more, alone: {_name(case)}", err=True)
            again = partial(rehearse, spec, roles, models, list(case.failing))
            outcomes[number], is_starved = await judge(case, again)
            if is_starved:
                starved.append(case)
    return outcomes, starved


async def judge(
    case: Case, call: Callable[[], Awaitable[Outcome]], busy_s: float = BUSY_S
) -> tuple[Outcome, bool]:
    """Call until it is answered, or is not although this process was on time; at most TRIES times.

    Returns the last outcome, and whether it went unanswered on a machine that was late each time:
    deadlines pass then that no provider has missed.
    """
    tried = 0
    while True:
        async with _watched() as lateness:
            outcome = await call()
        tried += 1
        is_starved = is_failure(case, outcome) and lateness.worst_s > busy_s
        if not is_starved or tried == TRIES:
            return outcome, is_starved


@dataclass
class _Lateness:
    """How late a process was by itself, at worst."""

    worst_s: float = 0.0


@asynccontextmanager
async def _watched() -> AsyncIterator[_Lateness]:
    """Tells how late this process itself was at worst, while the block ran."""
    lateness = _Lateness()

    async def watch() -> None:
        while True:
            due_s = time.monotonic() + _LOOK_S
            await asyncio.sleep(_LOOK_S)
            lateness.worst_s = max(lateness.worst_s, time.monotonic() - due_s)

    watching = asyncio.create_task(watch())
    try:
        yield lateness
    finally:
        watching.cancel()


def _at_once() -> int:
    """As many calls as there are cores; more would make each other late."""
    return os.cpu_count() or 1


def _about(length_s: float) -> str:
    minutes = round(length_s / 60)
    return f"about {minutes} minutes" if minutes > 1 else "about a minute"


def stand_ins(roles: Cast) -> Iterator[str]:
    """A line a member whose vendor has no emulator."""
    for kind, members in roles.items():
        for role in members:
            if not role.is_played:
                yield (
                    f"{kind}: {role.name} has no emulator; {role.provider.provider}'s stands in "
                    "for it and is not made to fail by itself."
                )


def is_failure(case: Case, outcome: Outcome) -> bool:
    """Whether the caller was let down: no answer, or not even a word when nobody was left."""
    return not outcome.is_answered if case.has_backup else outcome.first_s is None


def table(cases: Sequence[Case], outcomes: Sequence[Outcome], healthy: Outcome) -> Table:
    """A row a call; times are after the caller's last word."""
    shown = Table(box=None, padding=(0, 2, 0, 0))
    for heading in _HEADINGS:
        shown.add_column(heading, justify="left" if heading in _HEADINGS[:4] else "right")
    for case, outcome in zip(cases, outcomes, strict=True):
        shown.add_row(
            case.kind,
            case.member,
            case.fault,
            _who(case, outcome),
            _seconds(outcome.first_s),
            _gap(outcome, healthy),
            str(outcome.lost) if outcome.lost else "",
            str(outcome.repeated) if outcome.repeated else "",
        )
    return shown


def _who(case: Case, outcome: Outcome) -> str:
    to = [name for kind, name in outcome.switches if kind == case.kind]
    if outcome.last_s is not None:
        return to[-1] if to else case.member
    if outcome.first_s is None:
        return "nobody: silence"
    return f"nobody: {outcome.other!r}" if outcome.other else "nobody: the last resort or a filler"


def _gap(outcome: Outcome, healthy: Outcome) -> str:
    if outcome.last_s is None or healthy.last_s is None:
        return "-"
    return f"{round((outcome.last_s - healthy.last_s) * 1000)} ms"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"


def summary(cases: Sequence[Case], outcomes: Sequence[Outcome], healthy: Outcome) -> Iterator[str]:
    """A line a member that failed with somebody behind it: what its failures cost the caller."""
    both = [(c, o) for c, o in zip(cases, outcomes, strict=True) if c.has_backup]
    for kind, member in dict.fromkeys((case.kind, case.member) for case, _ in both):
        own = [o for case, o in both if (case.kind, case.member) == (kind, member)]
        gaps_s = [max(0.0, o.last_s - (healthy.last_s or 0)) for o in own if o.last_s is not None]
        later = ""
        if gaps_s:
            later = f", later by {statistics.median(gaps_s):.1f} s, at most {max(gaps_s):.1f} s"
        answered = sum(o.is_answered for o in own)
        repeated = sum(o.repeated for o in own)
        yield (
            f"{kind} {member}: {answered} of {len(own)} failures answered{later}; "
            f"words lost {sum(o.lost for o in own)}, twice {repeated}."
        )


def verdict(
    cases: Sequence[Case], unanswered: Sequence[Case], starved: Sequence[Case]
) -> Iterator[str]:
    """What the calls come to; those that a busy machine `starved` are no fault of the bot's."""
    if not unanswered:
        yield f"{len(cases)} calls, each of them answered by whoever was left."
        return
    failed = [case for case in unanswered if case not in starved]
    if failed:
        yield f"{len(failed)} of {len(cases)} calls were not answered:"
        yield from (f"  {_name(case)}" for case in failed)
    if starved:
        yield (
            f"{len(starved)} of {len(cases)} calls were not answered on a machine that was late "
            "itself each time, and tell nothing of the bot:"
        )
        yield from (f"  {_name(case)}" for case in starved)


def _name(case: Case) -> str:
    return f"{case.kind} {case.member} {case.fault}"


def _one_of(word: str, known: Iterable[Word], nouns: str) -> Word:
    for one in known:
        if one == word:
            return one
    hint = did_you_mean(word, known, noun=nouns)
    raise OffhookError(f"There is no `{word}` among the {nouns}.", hint=hint, code="usage")


class _WithEveryKey(Mapping[str, str]):
    """The environment as it would be with every key set: a rehearsal opens no door."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        return self._environ.get(name) or "rehearsed"

    def __iter__(self) -> Iterator[str]:
        return iter(self._environ)

    def __len__(self) -> int:
        return len(self._environ)
