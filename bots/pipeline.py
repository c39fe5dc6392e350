"""A bot's pipeline: read `build_pipeline` first, it is the whole of a call in one list.

The order of the list is the order of the audio: what the caller says comes in at the top and what
the caller hears leaves near the bottom. The stages carry the names that a bot's `processors` use
in `before` and `after`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipecat.pipeline.pipeline import Pipeline
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.transports.base_transport import BaseTransport
from pipecat.turns.user_start import VADUserTurnStartStrategy
from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy
from pipecat.turns.user_turn_strategies import ExternalUserTurnStrategies, UserTurnStrategies

from bots.durations import seconds
from bots.facts import date_line
from bots.filler import FILLER_HZ, filler
from bots.floor import build_interruption
from bots.local.models import LocalModels, brief
from bots.providers.build import build_llm, build_stt, build_tts, member_name
from bots.quiet import build_quiet
from bots.spec import KINDS, BotSpec, ProcessorSpec, ProviderSpec
from bots.speech_to_speech import speaker
from bots.turns import build_end_of_turn, stop_timeout_s
from bots.wording import wording
from processors.audio_gate import AudioGate
from processors.fallback.events import OnSwitch
from processors.fallback.llm import FallbackLLM
from processors.fallback.member import Member
from processors.fallback.tts import FallbackTTS, OnExhausted
from processors.heard.ledger import HeardLedger, Lag, no_lag
from processors.heard.line import Tally
from processors.heard.marks import LineMarker
from processors.interruption import FloorWatch, OnFloor
from processors.number_guard import NumberGuard, NumberPolicy
from processors.silence import SilenceGuard
from processors.turn_detection import CommitWatch, OnTurnEnded

AUDIO_IN_HZ = 16000
AUDIO_OUT_HZ = 24000


@dataclass(frozen=True, slots=True)
class Stage:
    """A place in the pipeline: its name, and who stands there."""

    name: str
    processor: FrameProcessor


@dataclass(frozen=True, slots=True)
class BotPipeline:
    """What a session runs."""

    stages: tuple[Stage, ...]
    context: LLMContext
    tally: Tally
    audio_in_sample_rate_hz: int = AUDIO_IN_HZ
    audio_out_sample_rate_hz: int = AUDIO_OUT_HZ

    @property
    def pipeline(self) -> Pipeline:
        """The stages as a Pipecat pipeline; build it once."""
        return Pipeline([stage.processor for stage in self.stages])

    @property
    def services(self) -> tuple[FrameProcessor, ...]:
        """What holds connections of its own: the services, those inside of chains too."""
        found: list[FrameProcessor] = []
        for one in (stage.processor for stage in self.stages):
            is_chain = isinstance(one, FallbackLLM | FallbackTTS)
            found += [member.service for member in one.members] if is_chain else [one]
        return tuple(found)

    @property
    def members(self) -> tuple[Member[Any], ...]:
        """The chains' members that can be asked for a sign of life while they are broken."""
        found: list[Member[Any]] = []
        for one in (stage.processor for stage in self.stages):
            if isinstance(one, FallbackLLM | FallbackTTS):
                found += one.members
        return tuple(found)


def build_pipeline(
    spec: BotSpec,
    transport: BaseTransport,
    models: LocalModels,
    *,
    now: datetime | None = None,
    on_switch: OnSwitch | None = None,
    on_exhausted: OnExhausted | None = None,
    on_floor: OnFloor | None = None,
    on_turn_ended: OnTurnEnded | None = None,
    on_quiet: Callable[[], None] | None = None,
    lag: Lag = no_lag,
) -> BotPipeline:
    """The pipeline of one call of `spec` over `transport`.

    `spec` is already the transport's own (`BotSpec.for_transport`). `now` is the caller's wall
    clock, for bots that are asked whether they are open. `on_switch` is told of every change of
    provider, `on_exhausted` is awaited when no voice is left, `on_floor` is told what became of
    each sound over the bot, `on_turn_ended` why each of the caller's turns ended, and `on_quiet` is
    called when the caller was quiet for too long. `lag` is how far what the caller hears is behind
    the output.

    Raises:
        OffhookError: a local model is not loaded, a provider's package is missing, or a key is.
    """
    now = now or datetime.now().astimezone()
    context = LLMContext()
    alone = speaker(spec)
    if alone is not None:
        stages = _speech_to_speech(spec, alone, transport, models, context, now)
        return BotPipeline(tuple(with_processors(stages, spec.processors)), context, Tally())
    vad = models.speech.vad_analyzer()
    interruption = build_interruption(spec, transport, vad, on_floor)
    end_of_turn = build_end_of_turn(spec, models.speech, vad, on_turn_ended)
    turns = UserTurnStrategies(start=[interruption], stop=[end_of_turn])
    aggregators = LLMContextAggregatorPair(
        context,
        user_params=LLMUserAggregatorParams(
            user_turn_strategies=turns,
            user_turn_stop_timeout=stop_timeout_s(spec),
            vad_analyzer=vad,
        ),
    )
    quiet, tally = build_quiet(spec, on_quiet), Tally()
    voice, output = build_tts(spec, models, on_switch, on_exhausted), transport.output()
    stages = [
        Stage("input", transport.input()),
        Stage("stt", build_stt(spec, models, on_switch)),
        *([Stage("quiet", quiet)] if quiet else []),
        Stage("turn", aggregators.user()),
        Stage("audio_gate", AudioGate()),
        Stage("llm", build_llm(spec, models, now, on_switch)),
        *guards(spec, context, now),
        Stage("tts", voice),
        Stage("words", LineMarker(tally, is_placed=isinstance(voice, FallbackTTS))),
        Stage("silence", SilenceGuard(filler(), FILLER_HZ, seconds(spec.fallback.max_silence))),
        Stage("output", output),
        Stage("heard", HeardLedger(output, tally, lag=lag)),
        Stage("floor", FloorWatch(interruption)),
        Stage("memory", aggregators.assistant()),
        Stage("commit", CommitWatch(end_of_turn)),
    ]
    return BotPipeline(tuple(with_processors(stages, spec.processors)), context, tally)


def _speech_to_speech(
    spec: BotSpec,
    alone: ProviderSpec,
    transport: BaseTransport,
    models: LocalModels,
    context: LLMContext,
    now: datetime,
) -> list[Stage]:
    """The stages of a bot whose llm hears and speaks by itself.

    Whose turn it is, OpenAI's server tells. Gemini's tells only of interruptions, so there our VAD
    tells, for all that reads turns.
    """
    params = LLMUserAggregatorParams(user_turn_strategies=ExternalUserTurnStrategies())
    if alone.provider == "gemini-live":
        params = LLMUserAggregatorParams(
            user_turn_strategies=UserTurnStrategies(
                start=[VADUserTurnStartStrategy()], stop=[SpeechTimeoutUserTurnStopStrategy()]
            ),
            vad_analyzer=models.speech.vad_analyzer(),
        )
    aggregators = LLMContextAggregatorPair(context, user_params=params)
    return [
        Stage("input", transport.input()),
        Stage("turn", aggregators.user()),
        Stage("llm", build_llm(spec, models, now)),
        Stage("silence", SilenceGuard(filler(), FILLER_HZ, seconds(spec.fallback.max_silence))),
        Stage("output", transport.output()),
        Stage("memory", aggregators.assistant()),
    ]


def guards(spec: BotSpec, context: LLMContext, now: datetime) -> list[Stage]:
    """What stands between the brain and the voice: a small local brain's numbers are checked, in a
    chain that has one those of all."""
    if spec.local("llm") is None:
        return []
    told = brief(spec)
    policy = NumberPolicy(
        facts=told.facts,
        vouching=(spec.prompt, spec.opening() or "", date_line(now, told.language)),
        unknown=told.unknown,
        language=told.language,
        weekdays=wording(told.language).weekdays,
    )
    return [Stage("number_guard", NumberGuard(policy, context))]


def with_processors(stages: Sequence[Stage], added: Sequence[ProcessorSpec]) -> list[Stage]:
    """The stages with a bot's own processors at the places it names, in the order it gives."""
    placed: list[Stage] = []
    for stage in stages:
        placed += [_own(one) for one in added if one.before == stage.name]
        placed.append(stage)
        placed += [_own(one) for one in added if one.after == stage.name]
    return placed


def _own(spec: ProcessorSpec) -> Stage:
    return Stage(spec.use.rpartition(":")[2], create_processor(spec))


def create_processor(spec: ProcessorSpec) -> FrameProcessor:
    """One of a bot's own processors; the loader has checked that it imports and takes `with`."""
    module, _, name = spec.use.partition(":")
    return getattr(importlib.import_module(module), name)(**spec.with_)


def model_names(spec: BotSpec) -> dict[str, str]:
    """Who hears, thinks and speaks, in a word each, for people: no path of this machine is told."""
    names = {
        kind: ", then ".join(member_name(kind, one, spec) for one in spec.chain(kind))
        for kind in KINDS
    }
    return {kind: name or names["llm"] for kind, name in names.items()}
