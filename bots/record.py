"""What is kept of a call: identities, times, latencies and how it ended, never what was said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class EndReason(StrEnum):
    """Why a session ended; the value is what the record, the log and the metrics carry."""

    CALLER_HUNG_UP = "caller_hung_up"
    CONNECTION_LOST = "connection_lost"
    BAD_MESSAGE = "bad_message"
    NEVER_CONNECTED = "never_connected"
    IDLE = "idle"
    DURATION_LIMIT = "duration_limit"
    OPERATOR = "operator"
    DRAIN = "drain"
    FAILED_TO_START = "failed_to_start"
    LAST_RESORT = "last_resort"
    CALLER_QUIET = "caller_quiet"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One answered turn.

    `latency_ms` runs from the end of the caller's speech, as the VAD places it, to the bot's first
    sample leaving the output. `stages_ms` adds up to it: endpoint (silence waited out), stt,
    turn (deciding that the caller has finished), llm, clause (waiting for something speakable),
    tts, pipeline (hops between them).
    """

    latency_ms: float
    stages_ms: dict[str, float]


@dataclass(frozen=True, slots=True)
class SwitchRecord:
    """One change of provider: which stage, from whom to whom, why, and how long the call waited."""

    at_ms: float
    """From the start of the session."""
    stage: str
    """stt, llm or tts."""
    from_name: str
    to_name: str
    reason: str
    gap_ms: float


@dataclass(slots=True)
class SessionRecord:
    """One session, from admission to its last frame. Times are Unix seconds, UTC."""

    id: str
    bot: str
    bot_version: str
    transport: str
    started_at: float
    connected_at: float | None = None
    ended_at: float | None = None
    greeted_ms: float | None = None
    """From the caller being connected to the greeting's first sample leaving the output."""
    turns: list[TurnRecord] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    """`stage:category` of each error, never its text: a vendor's message may quote the caller."""
    switches: list[SwitchRecord] = field(default_factory=list)
    floor: dict[str, int] = field(default_factory=dict)
    """How often a sound over the bot was a duck, resume, backchannel, ignored or interruption."""
    turn_ends: dict[str, int] = field(default_factory=dict)
    """How many of the caller's turns ended by what: model, words, patience, provider, watchdog."""
    speculations_kept: int = 0
    """Answers that were begun before the turn's end, and given."""
    speculations_withdrawn: int = 0
    """Answers begun and thrown away unheard: the caller had not finished."""
    words_generated: int = 0
    """Of the conversation, given to the voice; only their number is kept."""
    words_heard: int = 0
    """Of these, those whose audio was played out to the caller."""
    end_reason: str | None = None
    is_abandoned: bool = False
    """Whether it did not close within its bound and was dropped."""

    def as_dict(self) -> dict[str, Any]:
        """The record as JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """Something that happened in a session, for metrics: a connect, a turn, an error, the end.

    `kind` is one of connected, greeted, turn_end, turn, floor, error, switch, ended. `data` carries
    for `greeted` its `latency_ms`, for `turn_end` a TurnEnded's fields, for `turn` a TurnRecord's
    fields, for `floor` the `event`, its `after_ms` and its `reason`, for `error` a `stage` and a
    `category`, for `switch` a SwitchRecord's fields, for `ended` the `reason`.
    """

    session_id: str
    kind: str
    data: dict[str, Any] = field(default_factory=dict)


OnSessionEvent = Callable[[SessionEvent], None]
