"""A plain Pipecat bot in the place of an Offhook call: its own strategies, VAD and services."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.services.openai.llm import OpenAILLMService
from pipecat.services.openai.tts import OpenAITTSService
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import BaseTransport

from bots.pipeline import BotPipeline, Stage
from bots.providers.release import release
from bots.session import BotSession


class PlainSession(BotSession):
    """The session of a bot with an OpenAI brain and voice, its pipeline as Pipecat's examples have
    it: the same server, transport and ears, and none of Offhook's processors or strategies."""

    async def _run(self, pipeline: BotPipeline) -> None:
        ears = next(stage for stage in pipeline.stages if stage.name == "stt")
        output = self._transport.output()
        assert isinstance(output, BaseOutputTransport)
        output._params.audio_out_filter = None
        stages = plain_stages(self._transport, ears, self.spec.llm[0], self.spec.tts[0])
        plain = replace(pipeline, stages=stages)
        try:
            await super()._run(plain)
        finally:
            await release(plain.services)


def plain_stages(transport: BaseTransport, ears: Stage, llm: Any, tts: Any) -> tuple[Stage, ...]:
    """Everything at Pipecat's defaults: the VAD's start interrupts."""
    aggregators = LLMContextAggregatorPair(
        LLMContext(), user_params=LLMUserAggregatorParams(vad_analyzer=SileroVADAnalyzer())
    )
    key = "an-emulators-key"
    brain = OpenAILLMService(
        api_key=key, base_url=llm.base_url, settings=OpenAILLMService.Settings(model=llm.model)
    )
    voice = OpenAITTSService(
        api_key=key, base_url=tts.base_url, settings=OpenAITTSService.Settings(voice=tts.voice)
    )
    return (
        Stage("input", transport.input()),
        ears,
        Stage("turn", aggregators.user()),
        Stage("llm", brain),
        Stage("tts", voice),
        Stage("output", transport.output()),
        Stage("memory", aggregators.assistant()),
    )
