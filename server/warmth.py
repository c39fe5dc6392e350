"""Keeps bots warm: before the first call, after an edit, and when a call finds one that is not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from loguru import logger

from bots.errors import CallRefused, OffhookError, Warming
from bots.journal import PARTS
from bots.spec import BotSpec
from server.protocols import Models

WAIT_S = 5.0
"""What a caller waits for a bot that is nearly warm."""
RETRY_AFTER_S = 5


class Warmth:
    """One preparation a version at a time, however many wait for it."""

    def __init__(self, models: Models, wait_s: float = WAIT_S) -> None:
        self._models = models
        self._wait_s = wait_s
        self._preparing: dict[str, asyncio.Task[None]] = {}
        self._failed: set[str] = set()

    def is_warm(self, spec: BotSpec) -> bool:
        """Whether a call's first answer would be as quick as its later ones."""
        return self._models.is_warm(spec)

    def has_failed(self, spec: BotSpec) -> bool:
        """Whether this version could not be prepared when that was last tried."""
        return spec.version in self._failed

    async def require(self, spec: BotSpec) -> None:
        """Passes once the bot's models are loaded; its prompt may still be on its way to them.

        Raises:
            Warming: they are not within `wait_s`.
            CallRefused: 503, they cannot be had; the log has the fix. The next call tries anew.
        """
        if self.is_warm(spec):
            return
        preparing = self._prepare(spec)
        if self._models.is_loaded(spec):
            return
        done, _ = await asyncio.wait({preparing}, timeout=self._wait_s)
        if self._models.is_loaded(spec):
            return
        if done:
            raise CallRefused(
                "This bot's models cannot be loaded.",
                status=503,
                code="models_failed",
                hint="The operator's log says why.",
            )
        raise Warming(
            "The bot is still waking up.",
            retry_after_s=RETRY_AFTER_S,
            hint=f"Try again in {RETRY_AFTER_S} seconds.",
        )

    def require_providers(self, spec: BotSpec) -> None:
        """Passes while every stage of the bot has a provider that takes its key.

        Raises:
            CallRefused: 502, since a call could only fail; the log has the vendor's reason.
        """
        if stage := self._models.refused_stage(spec):
            raise CallRefused(
                f"This bot's {PARTS.get(stage, stage)} cannot be used.",
                status=502,
                code="provider_refused",
                hint="The operator's log says why; `offhook check --online` asks again.",
            )

    async def warm(self, specs: Iterable[BotSpec]) -> None:
        """Warms bots one after the other; what fails is logged and the others go on.

        Those that need no model of this machine come first: they are ready in a moment.
        """
        for spec in sorted(specs, key=lambda spec: not self._models.is_loaded(spec)):
            await asyncio.wait({self._prepare(spec)})
            if self.is_warm(spec):
                logger.info("{} is ready", spec.name)

    async def close(self) -> None:
        """Gives up what is being prepared."""
        tasks = list(self._preparing.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _prepare(self, spec: BotSpec) -> asyncio.Task[None]:
        task = self._preparing.get(spec.version)
        if task is None:
            task = asyncio.create_task(self._run(spec), name=f"warm-{spec.name}")
            self._preparing[spec.version] = task
            task.add_done_callback(lambda _: self._preparing.pop(spec.version, None))
        return task

    async def _run(self, spec: BotSpec) -> None:
        try:
            await self._models.prepare(spec)
            self._failed.discard(spec.version)
        except OffhookError as error:
            self._failed.add(spec.version)
            logger.error("{} cannot be warmed: {}", spec.name, error)
        except Exception as error:
            self._failed.add(spec.version)
            logger.opt(exception=error).error("{} cannot be warmed", spec.name)
