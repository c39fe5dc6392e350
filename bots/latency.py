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
    _part_voice_from_clause(stages_ms, breakdown)
    return TurnRecord(latency_ms=round(sum(stages_ms.values()), 1), stages_ms=stages_ms)


def _part_voice_from_clause(stages_ms: dict[str, float], breakdown: LatencyBreakdown) -> None:
    """Give the wait for a whole clause to `clause`: Pipecat counts all that follows the first word
    as synthesis, of which the voice's own share is its time to the first byte."""
    own_ms = [part.duration_secs * 1000 for part in breakdown.ttfb if "TTS" in part.processor]
    if "tts" in stages_ms and own_ms and own_ms[0] < stages_ms["tts"]:
        waited_ms = stages_ms["tts"] - own_ms[0]
        stages_ms["tts"] = round(own_ms[0], 1)
        stages_ms["clause"] = round(stages_ms.get("clause", 0.0) + waited_ms, 1)
