"""What a call does about a failed part."""

from __future__ import annotations

import pytest
from pipecat.frames.frames import ErrorFrame
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.utils.errors import ErrorCategory
from websockets.exceptions import ConnectionClosedError
from websockets.frames import Close

from bots.failures import APOLOGY_PAUSE_S, Failures, Response, category_of, is_permanent
from bots.phrases import phrases
from bots.record import EndReason
from bots.spec import LastResortSpec

pytestmark = pytest.mark.unit

ENGLISH = phrases("en")


def respond(failures: Failures, stage: str, now_s: float = 0.0, **changes: bool) -> Response:
    """The response to a passing failure of the only provider, but for `changes`."""
    case = {"is_permanent": False, "is_alone": True, "has_answered": True, **changes}
    return failures.response(stage, now_s=now_s, **case)


@pytest.mark.parametrize(
    ("has_answered", "reason"), [(True, EndReason.ERROR), (False, EndReason.FAILED_TO_START)]
)
@pytest.mark.parametrize("stage", ["stt", "llm", "tts"])
def test_a_refusal_for_good_ends_the_call(stage: str, has_answered: bool, reason: str) -> None:
    """A bad key ends it with a word on the page; before any answer the call never started."""
    response = respond(Failures(ENGLISH), stage, is_permanent=True, has_answered=has_answered)
    assert response.ends == reason
    assert response.notice and response.notice[0] == "provider_refused"


def test_a_refused_member_of_a_chain_ends_nothing() -> None:
    """Somebody else is left to ask."""
    response = respond(Failures(ENGLISH), "llm", is_permanent=True, is_alone=False)
    assert response == Response(says=ENGLISH.answer_lost)


def test_a_lost_voice_is_shown() -> None:
    """A bot that cannot speak says so on the page, not aloud."""
    response = respond(Failures(ENGLISH), "tts")
    assert response.notice and response.says is None and response.ends is None


def test_apologies_keep_their_distance() -> None:
    """A provider that fails at every moment is apologised for once in a while."""
    failures = Failures(ENGLISH)
    said = [respond(failures, "stt", now_s=n * APOLOGY_PAUSE_S / 2).says for n in range(4)]
    assert said == [ENGLISH.not_heard, None, ENGLISH.not_heard, None]


@pytest.mark.parametrize("do", ["hang_up", "keep_listening"])
def test_the_last_resort_is_said_instead(do: str) -> None:
    """The bot's own line comes before ours, and hanging up is its choice."""
    last = LastResortSpec.model_validate({"say": "One moment.", "do": do})
    response = respond(Failures(ENGLISH, last), "llm")
    ends = EndReason.LAST_RESORT if do == "hang_up" else None
    assert (response.says, response.ends) == ("One moment.", ends)
    assert Failures(ENGLISH, last).without_anyone() == ends


def test_a_failed_hop_is_only_counted() -> None:
    """An error of no provider has nothing to say to the caller."""
    assert respond(Failures(ENGLISH), "pipeline", is_permanent=True) == Response()


@pytest.mark.parametrize(
    ("code", "reason", "category"),
    [
        (1008, "Invalid API key", ErrorCategory.AUTHENTICATION),
        (1008, "No text for 20 seconds", ErrorCategory.CONNECTIVITY),
        (1011, "a key was pressed", ErrorCategory.CONNECTIVITY),
    ],
)
def test_a_socket_closed_over_the_key_is_a_refusal(
    code: int, reason: str, category: ErrorCategory
) -> None:
    """One closed for another reason may be opened again."""
    closed = ConnectionClosedError(Close(code, reason), None)
    frame = ErrorFrame("lost", exception=closed, category=ErrorCategory.CONNECTIVITY)
    assert category_of(frame) is category
    assert is_permanent(frame) is category.is_permanent


async def test_a_service_that_gave_up_is_gone_for_good() -> None:
    """Whatever the last thing was that it met."""
    service = FrameProcessor()
    frame = ErrorFrame("lost", processor=service, category=ErrorCategory.CONNECTIVITY)
    assert not is_permanent(frame)
    await service.set_usable(False)
    assert is_permanent(frame)
