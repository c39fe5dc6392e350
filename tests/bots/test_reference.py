"""docs/bots.md is current and says every key."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.reference import FORMS, reference_text
from bots.shape import keys_of
from bots.spec import (
    AnswerSpec,
    BotSpec,
    FallbackSpec,
    LastResortSpec,
    LimitsSpec,
    ProcessorSpec,
    ProviderSpec,
)
from bots.spec_facts import Fact
from bots.spec_interruption import InterruptionSpec
from bots.spec_quiet import QuietStep
from bots.spec_turns import TurnsSpec

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parent.parent.parent


def test_the_page_is_current() -> None:
    """`make schema` writes it; run it after a change of the spec."""
    assert (ROOT / "docs/bots.md").read_text("utf-8") == reference_text()


def test_every_key_says_how_it_is_written() -> None:
    """A key without a form, or a form without a key, is a key that was forgotten."""
    parts = (
        BotSpec,
        ProviderSpec,
        FallbackSpec,
        LastResortSpec,
        ProcessorSpec,
        AnswerSpec,
        LimitsSpec,
        InterruptionSpec,
        TurnsSpec,
        QuietStep,
        Fact,
    )
    assert {key for part in parts for key in keys_of(part)} == set(FORMS)
