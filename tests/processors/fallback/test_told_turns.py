"""Chains with ears that find the end of a turn: they are not late while they hold one open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pipecat.frames.frames import (
    InterimTranscriptionFrame,
    ProposedUserStartedSpeakingFrame,
    ProposedUserStoppedSpeakingFrame,
    STTMetadataFrame,
    TranscriptionFrame,
)
from pipecat.services.deepgram.flux.stt import DeepgramFluxSTTService

from emulators.deepgram import DeepgramEmulator
from emulators.deepgram_flux import DeepgramFluxEmulator
from processors.fallback.breaker import Health
from processors.fallback.ears import EarsMember
from processors.fallback.events import ProviderSwitched, WordsAwaited
from processors.fallback.settings import ChainSettings
from processors.fallback.stt import FallbackSTT
from tests.emulators.rig import Rig, running
from tests.processors.fallback.hearing import QUICK, Caller, heard, segmented

pytestmark = pytest.mark.wire


def flux(vendor: DeepgramFluxEmulator) -> EarsMember:
    """Pipecat's Flux, which a turn may keep waiting for 5 s."""

    def create() -> DeepgramFluxSTTService:
        return DeepgramFluxSTTService(api_key="key", url=vendor.base_url)

    return EarsMember("flux", "stt flux", create, turn_wait_s=5.0, tells_on=True)


PATIENT = ChainSettings(stt_s=5.0, stall_s=5.0)
"""For what is not about lateness: this caller's audio comes in a burst, and then none."""


@asynccontextmanager
async def calling(
    settings: ChainSettings = QUICK,
) -> AsyncIterator[tuple[Rig, Caller, DeepgramFluxEmulator]]:
    """A caller heard by Flux, with ears behind it that tell no turns."""
    async with DeepgramFluxEmulator() as first, DeepgramEmulator() as second:
        stt = FallbackSTT([flux(first), segmented(second)], Health(), settings)
        async with running(stt) as rig:
            await first.wait_for_requests("connect", 1)
            yield rig, Caller(rig), first


async def test_two_stretches_of_a_turn_are_paid_for_by_its_end() -> None:
    """One final covers both, nobody is late, and the end of the turn is proposed once."""
    async with calling(PATIENT) as (rig, caller, _):
        await caller.says(2)
        await caller.says(2)
        await caller.silent(0.6)
        await caller.is_heard()
        await rig.wait_for(ProposedUserStoppedSpeakingFrame)
        assert heard(rig) == caller.words
        assert rig.all(ProviderSwitched) == []


async def test_what_such_ears_take_for_a_beginning_goes_no_further() -> None:
    """A proposal that its ears never take back would keep the caller's turn open."""
    async with calling(PATIENT) as (rig, caller, _):
        await caller.says(2)
        await caller.silent(0.6)
        await caller.is_heard()
        assert rig.all(ProposedUserStartedSpeakingFrame) == []


async def test_who_is_at_work_says_whether_it_tells_turns() -> None:
    """Flux does at the start; the ears that take over from it do not."""
    async with calling() as (rig, caller, first):
        await caller.begins(3)
        await rig.wait_for(InterimTranscriptionFrame)
        first.fault("drop")
        await caller.goes_on(3)
        await caller.ends()
        await caller.is_heard()
        assert heard(rig) == caller.words
        strategies = [one.user_turn_strategies for one in rig.all(STTMetadataFrame)]
        assert strategies[0] is not None and strategies[-1] is None


async def test_ears_that_go_silent_in_a_pause_are_replaced_before_their_bound() -> None:
    """They tell four times a second while a turn is open, so their silence tells."""
    async with calling() as (rig, caller, first):
        await caller.says(3)
        await rig.wait_for(InterimTranscriptionFrame)
        first.fault("stall")
        await caller.silent(0.4)
        await caller.is_heard(4)
        assert heard(rig) == caller.words
        assert [one.to_name.split("@")[0] for one in rig.all(ProviderSwitched)] == ["http"]
        assert rig.all(TranscriptionFrame)


async def test_a_turn_of_two_stretches_is_not_over_with_the_first_of_them() -> None:
    """The ears that hear it again tell each by itself, and only the last is all of it."""
    async with calling() as (rig, caller, first):
        await caller.says(2)
        await rig.wait_for(InterimTranscriptionFrame)
        first.fault("stall")
        await caller.says(2)
        await caller.is_heard()
        assert heard(rig) == caller.words
        assert [one.finalized for one in rig.all(TranscriptionFrame)] == [False, True]


@pytest.mark.parametrize("fault", ["hang", "empty"])
async def test_ears_without_a_first_word_are_replaced(fault: str) -> None:
    """The others hear all of it, and the turn's end is told to wait for them."""
    async with calling() as (rig, caller, first):
        first.fault(fault)
        await caller.says(3)
        await caller.is_heard()
        assert heard(rig) == caller.words
        assert [one.reason for one in rig.all(ProviderSwitched)] == ["empty"]
        told = [one for one in rig.frames if isinstance(one, (WordsAwaited, TranscriptionFrame))]
        assert isinstance(told[0], WordsAwaited)
        assert all(one.for_s > 0 for one in rig.all(WordsAwaited))


async def test_a_sound_that_nobody_hears_a_word_in_is_said_to_have_none() -> None:
    """So that the turn it opened can end."""
    async with calling() as (rig, caller, _):
        await caller.coughs()
        await rig.wait_until(lambda: any(one.for_s == 0 for one in rig.all(WordsAwaited)))
        assert rig.all(WordsAwaited)[0].for_s > 0
        assert rig.all(ProviderSwitched) == []
