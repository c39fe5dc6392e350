"""From Pipecat's latency breakdown of a turn to the stages a session record keeps."""

from __future__ import annotations

from pipecat.observers.user_bot_latency_observer import LatencyBreakdown, MeasuredFrom

from bots.record import TurnRecord

_STAGES = {
    "endpointing_wait": "endpoint",
    "transcription": "stt",
    "turn_detection": "turn",
    "llm_inference": "llm",
    "llm_tool_call": "tool",
    "function_handler": "tool",
    "sentence_aggregation": "clause",
    "awaiting_speakable_text": "clause",
    "speech_synthesis": "tts",
}


def turn_record(breakdown: LatencyBreakdown) -> TurnRecord | None:
    """The turn's latency by stage, in ms; None for a greeting, which answers no one.

    A stage that Pipecat names and this table does not is counted as `pipeline`, so that the stages
    always add up to the whole.
    """
    if breakdown.measured_from is not MeasuredFrom.USER_SILENCE or not breakdown.contributions:
        return None
    stages_ms: dict[str, float] = {}
    for part in breakdown.contributions:
        stage = _STAGES.get(part.key, "pipeline")
        stages_ms[stage] = round(stages_ms.get(stage, 0.0) + part.duration_secs * 1000, 1)
    return TurnRecord(latency_ms=round(sum(stages_ms.values()), 1), stages_ms=stages_ms)
