"""Where a call tells what happens in it: its record, the launcher's metrics, the log and the page.

Whatever a part of a call wants known goes through here, so that the record, the metrics and the
page never disagree. No words of a call pass: what is told are kinds, times and causes.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from loguru import logger

from bots.record import OnSessionEvent, SessionEvent, SessionRecord, SwitchRecord, TurnRecord
from processors.fallback.events import ProviderSwitched
from processors.heard.line import Tally
from processors.interruption import FloorEvent
from processors.turn_detection import TurnEnded

ToPage = Callable[[dict[str, Any]], Awaitable[None]]
"""Sends a message to the caller's page, over whatever the transport has for messages."""

PARTS = {"stt": "hearing", "llm": "brain", "tts": "voice"}
"""The stages of a call in people's words."""


class Journal:
    """What one call has told so far.

    Args:
        record: the call's record, which the journal keeps up.
        on_event: told of each event, for metrics; must not block.
        to_page: for what the page shows.
    """

    def __init__(self, record: SessionRecord, on_event: OnSessionEvent, to_page: ToPage) -> None:
        self.record = record
        self._on_event = on_event
        self._to_page = to_page

    def connected(self) -> None:
        """The caller is there."""
        self.record.connected_at = time.time()
        self.event("connected")

    def greeted(self, latency_ms: float) -> None:
        """The greeting's first sample left, so long after the caller was connected."""
        self.record.greeted_ms = round(latency_ms, 1)
        self.event("greeted", latency_ms=self.record.greeted_ms)

    async def turn_ended(self, ended: TurnEnded) -> None:
        """The caller has finished, or is taken to have."""
        ends = self.record.turn_ends
        ends[ended.why] = ends.get(ended.why, 0) + 1
        self.record.speculations_kept += ended.speculation == "kept"
        self.record.speculations_withdrawn += ended.withdrawn
        self.event("turn_end", **asdict(ended))
        await self.page("turn", event="ended", **asdict(ended))

    async def answered(self, turn: TurnRecord) -> None:
        """A turn was answered."""
        self.record.turns.append(turn)
        self.event("turn", latency_ms=turn.latency_ms, stages_ms=turn.stages_ms)
        await self.page(
            "latency",
            turn=len(self.record.turns),
            total_ms=turn.latency_ms,
            stages_ms=turn.stages_ms,
        )

    def failed(self, stage: str, category: str) -> None:
        """A stage failed; only the category is told, a vendor's message may quote the caller."""
        self.record.errors.append(f"{stage}:{category}")
        self.event("error", stage=stage, category=category)

    async def switched(self, switch: ProviderSwitched) -> None:
        """Another provider goes on."""
        at_ms = round((time.time() - self.record.started_at) * 1000, 1)
        record = SwitchRecord(
            at_ms, switch.kind, switch.from_name, switch.to_name, switch.reason, switch.gap_ms
        )
        self.record.switches.append(record)
        logger.info(
            "The {} goes on with {} instead of {} ({}, after {:.0f} ms)",
            PARTS[switch.kind],
            switch.to_name,
            switch.from_name,
            switch.reason,
            switch.gap_ms,
        )
        self.event("switch", **asdict(record))
        await self.page(
            "switch",
            kind=switch.kind,
            to=switch.to_name,
            reason=switch.reason,
            **{"from": switch.from_name},
        )

    async def overheard(self, event: FloorEvent) -> None:
        """What became of a sound over the bot."""
        self.record.floor[event.kind] = self.record.floor.get(event.kind, 0) + 1
        told = {"after_ms": event.after_ms, "reason": event.reason}
        self.event("floor", event=event.kind, **told)
        await self.page("floor", event=event.kind, **told)

    def heard(self, tally: Tally) -> None:
        """How much of what the bot said was heard, in all."""
        self.record.words_generated = tally.generated
        self.record.words_heard = tally.heard

    def ended(self) -> None:
        """The call is over, for the reason in its record."""
        self.record.ended_at = time.time()
        self.event("ended", reason=self.record.end_reason)

    async def notice(self, code: str, message: str) -> None:
        """A sentence for the page to show."""
        await self.page("notice", code=code, message=message)

    def event(self, kind: str, **data: Any) -> None:
        """Tell the launcher of an event; bots/record.py lists the kinds."""
        self._on_event(SessionEvent(self.record.id, kind, data))

    async def page(self, message_type: str, **data: Any) -> None:
        """Send the page an `offhook/<message_type>` message."""
        await self._to_page({"type": f"offhook/{message_type}", **data})
