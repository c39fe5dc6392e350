"""A bot's patience in a call: the `turns` part of its spec, made into the turn's end."""

from __future__ import annotations

from bots.providers.build import turn_wait_s
from bots.spec import BotSpec
from processors.speech_models import SharedSileroVADAnalyzer, SpeechModels
from processors.turn_detection import OnTurnEnded, SpeculativeUserTurnStopStrategy

PIPECAT_STOP_TIMEOUT_S = 5.0
"""Pipecat's own bound of a turn whose end nobody finds."""
WATCH_ROOM_S = 2.0
"""Between the longest wait of ours and that bound, so that the two never race."""


def build_end_of_turn(
    spec: BotSpec,
    models: SpeechModels,
    vad: SharedSileroVADAnalyzer,
    on_ended: OnTurnEnded | None = None,
) -> SpeculativeUserTurnStopStrategy:
    """What ends the turns of a call of `spec`, whose pipeline ends in a CommitWatch. `vad` is the
    analyzer of the same aggregator."""
    turns = spec.turns
    return SpeculativeUserTurnStopStrategy(
        models.smart_turn,
        patience=turns.resolved(),
        speculates=turns.speculate,
        language=spec.language[0] if turns.words else "",
        is_quiet=lambda: vad.is_quiet,
        on_ended=on_ended,
        is_watched=True,
    )


def stop_timeout_s(spec: BotSpec) -> float:
    """When Pipecat ends a turn by itself: never before the patience of the bot, and of ears that it
    leaves the turn to, is over."""
    ours_s = spec.turns.resolved().longest_of_all_s
    longest_s = max([ours_s, *(turn_wait_s(one, spec) for one in spec.stt)])
    return max(PIPECAT_STOP_TIMEOUT_S, longest_s + WATCH_ROOM_S)
