"""The seam between the web app and whatever runs sessions: here, or one day in another process.

The app checks who asks; the fabric decides whether there is room, starts sessions and controls
them. `sessions.SessionManager` runs them in this process.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from bots.spec import BotSpec

if TYPE_CHECKING:
    from server.protocols import Connection


class Operation(StrEnum):
    """What may be asked of a live session. Bodies and replies are plain JSON, so that they can be
    forwarded to the process that owns the session."""

    OFFER = "offer"
    """WebRTC: {sdp, type, pc_id?, restart_pc?} -> {sdp, type, pc_id}; `restart_pc` resumes."""
    CANDIDATES = "candidates"
    """WebRTC: {pc_id, candidates: [{candidate, sdp_mid, sdp_mline_index}]} -> {}."""
    HANG_UP = "hang_up"
    """{reason} -> {}; returns once the session is ending."""
    DESCRIBE = "describe"
    """{} -> the session's record, with its state while it lives."""


class Fabric(Protocol):
    """Starts sessions and controls them."""

    def admit(self, spec: BotSpec) -> None:
        """Passes when the bot could take a call now.

        Raises:
            Draining: the process is shutting down.
            AtCapacity: every place, or every place of this bot, is taken.
        """
        ...

    def hold_place(self, spec: BotSpec) -> AbstractContextManager[None]:
        """Keeps a place while a connection is made; refuses as `admit` does."""
        ...

    async def start(self, *, session_id: str, spec: BotSpec, connection: Connection) -> None:
        """Starts the bot on the connection; within `hold_place`."""
        ...

    async def resume(self, session_id: str) -> Connection:
        """The connection of a session whose caller comes back with a new socket.

        Raises:
            SessionNotFound: it is over.
            CallRefused: 409 when it has been resumed before.
            AtCapacity: its place has gone to somebody else.
        """
        ...

    async def control(
        self, session_id: str, operation: Operation, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Carries out one operation.

        Raises:
            SessionNotFound: no such session, or none any more.
        """
        ...

    def list_sessions(self) -> list[dict[str, Any]]:
        """Every session that lives, parked ones included, with its state."""
        ...

    def describe(self) -> dict[str, Any]:
        """Capacity, places taken, parked, draining and abandoned, for `/status` and `/ready`."""
        ...
