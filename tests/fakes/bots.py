"""A catalog and models without files or weights: bots that are simply there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from bots.errors import OffhookError, UnknownBot
from bots.providers.vetting import Unwell
from bots.spec import AnswerSpec, BotSpec, Kind, LimitsSpec, ProviderSpec

CLOUD = ProviderSpec(provider="openai")


def make_bot(
    name: str,
    *,
    link: bool = True,
    phone: tuple[str, ...] = (),
    sessions: int | None = None,
    is_local: bool = False,
) -> BotSpec:
    """A bot of that name; its stages are a cloud's unless `is_local`."""
    stage = ProviderSpec(provider="local") if is_local else CLOUD
    return BotSpec(
        name=name,
        version=f"{name:0<12}"[:12],
        prompt=f"You are {name}.",
        answer=AnswerSpec(link=link, phone=phone),
        limits=LimitsSpec(sessions=sessions),
        stt=(stage,),
        llm=(stage,),
        tts=(stage,),
    )


class FixedCatalog:
    """The bots it is given."""

    def __init__(self, *specs: BotSpec) -> None:
        self._specs = {spec.name: spec for spec in specs}

    def names(self) -> Sequence[str]:
        return sorted(self._specs)

    def get(self, name: str) -> BotSpec:
        if name not in self._specs:
            raise UnknownBot(f"No bot called `{name}`.", hint=f"There is {self.names()}.")
        return self._specs[name]

    def by_number(self, number: str) -> BotSpec:
        for spec in self._specs.values():
            if number in spec.answer.phone:
                return spec
        raise UnknownBot("No bot answers that number.")

    def status(self) -> Sequence[Any]:
        return [{"name": name, "problems": []} for name in self.names()]


class InstantModels:
    """Models that are warm as soon as they are asked to be, or never."""

    def __init__(self, *, can_warm: bool = True) -> None:
        self.warm: set[str] = set()
        self.is_closed = False
        self.refused: str | None = None
        self.can_warm = can_warm

    async def prepare(self, spec: BotSpec) -> None:
        if not self.can_warm:
            raise OffhookError("No weights.", hint="Pull them.")
        self.warm.add(spec.version)

    def refused_stage(self, spec: BotSpec) -> str | None:
        """As told by `refused`."""
        return self.refused

    def unwell(self, specs: Iterable[BotSpec]) -> Collection[Unwell]:
        """Nobody."""
        return ()

    def is_well(self, kind: Kind, provider: ProviderSpec) -> bool:
        """Everybody is."""
        return True

    def is_loaded(self, spec: BotSpec) -> bool:
        return spec.version in self.warm

    def is_warm(self, spec: BotSpec) -> bool:
        return spec.version in self.warm

    async def close(self) -> None:
        self.is_closed = True
