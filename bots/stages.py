"""Which part of a call a processor is, for errors and metrics."""

from __future__ import annotations

from pipecat.processors.frame_processor import FrameProcessor
from pipecat.services.llm_service import LLMService
from pipecat.services.stt_service import STTService
from pipecat.services.tts_service import TTSService

from processors.fallback.llm import FallbackLLM
from processors.fallback.stt import FallbackSTT
from processors.fallback.tts import FallbackTTS

_STAGES = {
    "stt": (STTService, FallbackSTT),
    "llm": (LLMService, FallbackLLM),
    "tts": (TTSService, FallbackTTS),
}


def stage_of(processor: FrameProcessor | None) -> str:
    """Which part of the call a processor is: stt, llm, tts or pipeline."""
    for stage, kinds in _STAGES.items():
        if isinstance(processor, kinds):
            return stage
    return "pipeline"
