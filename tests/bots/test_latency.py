"""From Pipecat's breakdown to the stages that a record keeps."""

import pytest
from pipecat.observers.user_bot_latency_observer import (
    LatencyBreakdown,
    LatencyContribution,
    LatencyOwnerKind,
    MeasuredFrom,
    TTFBBreakdownMetrics,
)

from bots.latency import turn_record

pytestmark = pytest.mark.unit


def a_turn(*, voice_s: float, measured_from: MeasuredFrom = MeasuredFrom.USER_SILENCE, **parts_s):
    """A breakdown whose contributions last `parts_s`, with the voice's own time to first byte."""
    return LatencyBreakdown(
        measured_from=measured_from,
        ttfb=[
            TTFBBreakdownMetrics(
                processor="LocalTTSService#3", start_time=1.0, duration_secs=voice_s
            )
        ],
        contributions=[
            LatencyContribution(
                key=key,
                label=key,
                owner="x",
                owner_kind=LatencyOwnerKind.SERVICE,
                start_time=0.0,
                duration_secs=seconds,
            )
            for key, seconds in parts_s.items()
        ],
    )


def test_the_stages_add_up_to_the_latency() -> None:
    """Every part is counted once, unknown ones as the pipeline's."""
    turn = turn_record(
        a_turn(voice_s=0.03, endpointing_wait=0.2, transcription=0.1, hop=0.004, llm_inference=0.4)
    )
    assert turn is not None
    assert turn.latency_ms == pytest.approx(704.0)
    assert sum(turn.stages_ms.values()) == pytest.approx(turn.latency_ms)
    assert turn.stages_ms == {"endpoint": 200.0, "stt": 100.0, "pipeline": 4.0, "llm": 400.0}


def test_the_wait_for_a_clause_is_not_the_voices() -> None:
    """After the first word the voice has its time to the first byte, the clause the rest."""
    turn = turn_record(a_turn(voice_s=0.03, llm_inference=0.4, speech_synthesis=0.33))
    assert turn is not None
    assert turn.stages_ms == {"llm": 400.0, "tts": 30.0, "clause": 300.0}


def test_a_greeting_is_no_turn() -> None:
    """Nobody waited for it to be answered."""
    greeting = a_turn(
        voice_s=0.03, measured_from=MeasuredFrom.CLIENT_CONNECTED, speech_synthesis=0.1
    )
    assert turn_record(greeting) is None
