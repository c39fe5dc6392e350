"""What a call tells of its turns: the record, the launcher's events and the page."""

from typing import Any

import pytest

from bots.journal import Journal
from bots.record import SessionEvent, SessionRecord
from processors.interruption import FloorEvent
from processors.turn_detection import TurnEnded

pytestmark = pytest.mark.unit


class Told:
    """A call's journal, and all that it was told to: the record, the launcher and the page."""

    def __init__(self) -> None:
        self.record = SessionRecord("id", "bot", "version", "webrtc", 0.0)
        self.events: list[SessionEvent] = []
        self.shown: list[dict[str, Any]] = []
        self.journal = Journal(self.record, self.events.append, self._to_page)

    async def _to_page(self, message: dict[str, Any]) -> None:
        self.shown.append(message)


async def test_the_ends_of_turns_are_counted_and_shown() -> None:
    """The record has counts by cause, the page each end, and neither has a word of it."""
    told = Told()
    await told.journal.turn_ended(TurnEnded("words", "question", 310.0, 0.97, "kept", 2))
    await told.journal.turn_ended(TurnEnded("words"))
    await told.journal.turn_ended(TurnEnded("patience", "number", 2100.0, 0.1, "redone", 1))
    assert told.record.turn_ends == {"words": 2, "patience": 1}
    assert (told.record.speculations_kept, told.record.speculations_withdrawn) == (1, 3)
    assert [event.kind for event in told.events] == ["turn_end"] * 3
    assert told.shown[0] == {
        "type": "offhook/turn",
        "event": "ended",
        "why": "words",
        "cue": "question",
        "silence_ms": 310.0,
        "probability": 0.97,
        "speculation": "kept",
        "withdrawn": 2,
    }


async def test_what_became_of_sounds_over_the_bot_is_counted_and_shown() -> None:
    """The record counts by kind, the launcher and the page get each with its time and reason."""
    told = Told()
    for event in (
        FloorEvent("duck", 0),
        FloorEvent("resume", 640, "backchannel"),
        FloorEvent("duck", 0),
        FloorEvent("interruption", 520, "command"),
    ):
        await told.journal.overheard(event)
    assert told.record.floor == {"duck": 2, "resume": 1, "interruption": 1}
    assert [event.kind for event in told.events] == ["floor"] * 4
    assert told.events[1].data == {"event": "resume", "after_ms": 640, "reason": "backchannel"}
    assert told.shown[3] == {
        "type": "offhook/floor",
        "event": "interruption",
        "after_ms": 520,
        "reason": "command",
    }
