"""What the launcher asks of its neighbours: bots to answer, a session to run, models to keep warm.

`bots.catalog.Catalog`, `bots.session.BotSession` and `bots.local.models.LocalModels` satisfy these;
tests bring small ones of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from pipecat.transports.base_transport import BaseTransport

from bots.providers.vetting import Unwell
from bots.record import EndReason, OnSessionEvent, SessionRecord
from bots.spec import BotSpec, Kind, ProviderSpec
from server.fabric import Operation


class Catalog(Protocol):
    """The bots that answer now."""

    def names(self) -> Sequence[str]:
        """Every bot's name, in order."""
        ...

    def get(self, name: str) -> BotSpec:
        """The version in service.

        Raises:
            UnknownBot: with the nearest name that is one.
        """
        ...

    def by_number(self, number: str) -> BotSpec:
        """The bot that answers a phone number in E.164 form.

        Raises:
            UnknownBot: when none does.
        """
        ...

    def status(self) -> Sequence[Any]:
        """One entry a file: name, version, file, loaded_at and problems."""
        ...


class Session(Protocol):
    """One run of a bot with one caller."""

    @property
    def record(self) -> SessionRecord:
        """What is kept of the call, filled in as it goes."""
        ...

    async def run(self) -> SessionRecord:
        """Answers until the call is over; ends itself when the transport's client leaves."""
        ...

    async def stop(self, reason: str) -> None:
        """Asks the session to say goodbye and end with `reason`."""
        ...


class SessionFactory(Protocol):
    """Builds a session; nothing runs before `run`."""

    def __call__(
        self,
        *,
        session_id: str,
        spec: BotSpec,
        transport: BaseTransport,
        transport_name: str,
        on_event: OnSessionEvent | None = None,
        session_secret: str | None = None,
        resume_s: float = ...,
    ) -> Session:
        """`session_secret` and `resume_s` are for the caller's page: RTVI `offhook/session`."""
        ...


class Connection(Protocol):
    """A caller's connection: the Pipecat transport, and what becomes of the way to the caller.

    `on_lost` is called when the connection breaks, `on_restored` when the caller is back, and
    `on_gone` when the caller has hung up or was cut off over a message that does not hold.
    """

    name: str
    on_lost: Callable[[], None]
    on_restored: Callable[[], None]
    on_gone: Callable[[EndReason], None]

    @property
    def transport(self) -> BaseTransport:
        """What the session's pipeline begins and ends with."""
        ...

    async def control(self, operation: Operation, body: Mapping[str, Any]) -> dict[str, Any]:
        """Carries out OFFER or CANDIDATES.

        Raises:
            CallRefused: when this connection knows no such thing, or the body does not hold.
        """
        ...

    def release(self) -> None:
        """Stops waiting for a lost caller: the session is about to end."""
        ...

    async def close(self) -> None:
        """Closes whatever the session has left open. Safe to repeat."""
        ...


class Models(Protocol):
    """The models of this process, loaded once."""

    async def prepare(self, spec: BotSpec) -> None:
        """Loads and warms what the bot needs here.

        Raises:
            OffhookError: it cannot be had.
        """
        ...

    def is_loaded(self, spec: BotSpec) -> bool:
        """Whether a call to this version of the bot can start."""
        ...

    def is_warm(self, spec: BotSpec) -> bool:
        """Whether its first answer is as quick as the later ones."""
        ...

    def refused_stage(self, spec: BotSpec) -> str | None:
        """The stage that nobody is left for: every vendor of its chain refuses."""
        ...

    def unwell(self, specs: Iterable[BotSpec]) -> Collection[Unwell]:
        """The providers of these bots that calls go round."""
        ...

    def is_well(self, kind: Kind, provider: ProviderSpec) -> bool:
        """Whether a provider answers, as far as this process knows."""
        ...

    async def close(self) -> None:
        """Lets go of everything."""
        ...
