"""`offhook graph`: the processors of a bot's pipeline in their order, from the real builder."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import typer

from bots.errors import OffhookError
from bots.folders import bot_folders, find_bot
from bots.load import load_bot
from bots.local import weights
from bots.local.models import LocalModels
from bots.pipeline import Stage, build_pipeline
from bots.spec import TRANSPORTS, BotSpec
from bots.suggest import did_you_mean
from bots.wav import WavTransport


def run(bot: str, *, transport: str, folders: Sequence[Path]) -> None:
    """Build the pipeline of `bot` for `transport` and print a line a processor.

    The bot's local models are loaded, as the builder needs them.

    Raises:
        OffhookError: no such bot or transport, a model that is not here, or a key that is not set.
    """
    if transport not in TRANSPORTS:
        hint = did_you_mean(transport, TRANSPORTS, noun="transports")
        raise OffhookError(f"There is no transport `{transport}`.", hint=hint, code="usage")
    spec = load_bot(find_bot(bot, bot_folders(folders))).spec.for_transport(transport)
    for line in drawing(asyncio.run(_stages(spec)), transport):
        typer.echo(line)


def drawing(stages: Sequence[Stage], transport: str) -> list[str]:
    """A line a stage: its name, the processor's class and where that class is from."""
    lines: list[str] = []
    for stage in stages:
        kind = type(stage.processor)
        made_of = f"{kind.__name__} ({kind.__module__})"
        if stage.name in ("input", "output"):
            made_of = f"the {transport} transport's {stage.name}"
        lines += ["  |", f"{stage.name:<14} {made_of}"]
    return lines[1:]


async def _stages(spec: BotSpec) -> tuple[Stage, ...]:
    models = LocalModels()
    for name in models.needs([spec]):
        weights.path(name)
    try:
        await models.prepare(spec)
        # The way in is the caller's; what stands between its ends is the same over each.
        return build_pipeline(spec, WavTransport(), models).stages
    finally:
        await models.close()
