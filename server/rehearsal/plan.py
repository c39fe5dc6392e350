"""What is rehearsed: each member of each chain with every fault, and each chain with all down.

A member that is not the first is reached with those before it down. The last has nobody behind it:
what happens when it fails too is the one case `all`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bots.spec import KINDS, Kind
from emulators.faults import FaultKind
from emulators.outages import Outage, outages
from server.rehearsal.cast import Cast, Role

DOWN = Outage(FaultKind.UNAVAILABLE, "before")


@dataclass(frozen=True, slots=True)
class Case:
    """One call.

    Attributes:
        member: who fails, for people.
        fault: how, for people.
        failing: those who fail in it.
        has_backup: whether somebody is left to answer.
    """

    kind: Kind
    member: str
    fault: str
    failing: tuple[tuple[Role, Outage], ...]
    has_backup: bool


def plan(
    cast: Cast, *, only: Collection[Kind] = KINDS, faults: Collection[FaultKind] = tuple(FaultKind)
) -> Iterator[Case]:
    """The calls of a rehearsal, for the kinds and faults that are wanted."""
    for kind, roles in cast.items():
        if kind not in only:
            continue
        for role in roles[:-1]:
            if not role.is_played:
                continue
            down = tuple((before, DOWN) for before in roles[: role.number])
            for outage in outages(role.mid_bytes):
                if outage.kind in faults:
                    failing = (*down, (role, outage))
                    yield Case(kind, role.name, outage.name, failing, has_backup=True)
        if DOWN.kind in faults:
            everybody = tuple((role, DOWN) for role in roles)
            member = "all of them" if len(roles) > 1 else roles[0].name
            yield Case(kind, member, DOWN.name, everybody, has_backup=False)
