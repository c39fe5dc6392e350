"""In which order bots become ready."""

from __future__ import annotations

import asyncio

import pytest

from bots.errors import CallRefused, Warming
from bots.spec import BotSpec
from server.warmth import Warmth
from tests.fakes.bots import InstantModels

pytestmark = pytest.mark.unit


class Notebook(InstantModels):
    """Writes down who was prepared; a bot of the cloud has nothing to load."""

    def __init__(self) -> None:
        super().__init__()
        self.prepared: list[str] = []

    async def prepare(self, spec: BotSpec) -> None:
        self.prepared.append(spec.name)
        await super().prepare(spec)

    def is_loaded(self, spec: BotSpec) -> bool:
        return spec.name.startswith("cloud")


async def test_bots_without_a_model_here_wait_for_nobody_elses() -> None:
    """They are ready first; the others follow in their order."""
    models = Notebook()
    names = ("local-a", "cloud-a", "local-b", "cloud-b")
    await Warmth(models).warm(BotSpec(name=name, version=name, prompt="Hi.") for name in names)
    assert models.prepared == ["cloud-a", "cloud-b", "local-a", "local-b"]


class Slow(InstantModels):
    """Loads until it is let go on, and then fails."""

    def __init__(self) -> None:
        super().__init__(can_warm=False)
        self.go_on = asyncio.Event()

    async def prepare(self, spec: BotSpec) -> None:
        await self.go_on.wait()
        await super().prepare(spec)


async def test_a_caller_is_told_loading_from_failing() -> None:
    """While models load there is a time to call again; once they have failed there is none."""
    models = Slow()
    warmth = Warmth(models, wait_s=0.1)
    spec = BotSpec(name="pirate", version="1", prompt="Hi.")
    with pytest.raises(Warming) as waking:
        await warmth.require(spec)
    assert waking.value.retry_after_s and not warmth.has_failed(spec)
    models.go_on.set()
    with pytest.raises(CallRefused) as failed:
        await warmth.require(spec)
    assert (failed.value.status, failed.value.code) == (503, "models_failed")
    assert warmth.has_failed(spec)


async def test_models_that_came_later_are_found_by_the_next_call() -> None:
    """Weights pulled while the server runs serve the next caller, and the failure is forgotten."""
    models = InstantModels(can_warm=False)
    warmth = Warmth(models)
    spec = BotSpec(name="pirate", version="1", prompt="Hi.")
    with pytest.raises(CallRefused):
        await warmth.require(spec)
    models.can_warm = True
    await warmth.require(spec)
    assert warmth.is_warm(spec) and not warmth.has_failed(spec)
