"""In which order bots become ready."""

from __future__ import annotations

import pytest

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
