"""A bot's manners in a call: the `interruption` part of its spec, made into the turn's start."""

from __future__ import annotations

from pipecat.transports.base_transport import BaseTransport

from bots.durations import seconds
from bots.spec import BotSpec
from processors.backchannels import Listener
from processors.ducking import DuckingFilter, place_filter
from processors.floor import Floor
from processors.floor_terms import Manners
from processors.interruption import InterruptionStrategy, OnFloor
from processors.speech_models import SpeechProbability


def build_interruption(
    spec: BotSpec,
    transport: BaseTransport,
    probability: SpeechProbability,
    on_floor: OnFloor | None = None,
) -> InterruptionStrategy:
    """What begins the caller's turns; it works the volume of what `transport` plays."""
    told = spec.interruption
    manners = Manners(
        may_interrupt=told.may_interrupt,
        words=told.words,
        confirm_s=seconds(told.confirm),
        ignores_backchannels=told.ignore_backchannels,
    )
    mouth = DuckingFilter()
    place_filter(transport, mouth)
    floor = Floor(manners, Listener(spec.language[0], told.backchannels))
    return InterruptionStrategy(floor, mouth, probability, on_event=on_floor)
