"""A bot's patience with a quiet caller: the `caller_quiet` part of its spec, built for a call."""

from __future__ import annotations

from collections.abc import Callable

from bots.durations import seconds
from bots.spec import BotSpec
from processors.quiet import QuietGuard, QuietStep


def build_quiet(spec: BotSpec, on_hang_up: Callable[[], None] | None = None) -> QuietGuard | None:
    """The guard of one call, or None for a bot that waits for ever."""
    if not spec.caller_quiet:
        return None
    steps = [
        QuietStep(
            after_s=seconds(step.after),
            say=step.say[spec.language[0]] if step.say else None,
            hangs_up=step.do == "hang_up",
        )
        for step in spec.caller_quiet
    ]
    return QuietGuard(steps, on_hang_up or (lambda: None))
