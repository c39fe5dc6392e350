"""A chain of real STT services against emulated vendors: every word comes once, whatever dies."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pipecat.frames.frames import (
    EndFrame,
    ErrorFrame,
    InputAudioRawFrame,
    InterimTranscriptionFrame,
    STTMetadataFrame,
    STTMuteFrame,
    STTUpdateSettingsFrame,
    TranscriptionFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.transcriptions.language import Language

from bots.local.stt import LocalSTTService
from bots.providers.deepgram_prerecorded import DeepgramPrerecordedSTTService
from emulators.deepgram import DeepgramEmulator
from emulators.word_tones import decode
from processors.fallback.breaker import BreakerSettings, Health
from processors.fallback.ears import EarsMember
from processors.fallback.events import ChainExhausted, ProviderSwitched
from processors.fallback.failure import Failure, Reason
from processors.fallback.stt import FallbackSTT
from tests.emulators.rig import Rig, running
from tests.fakes.ears import FakeEars
from tests.processors.fallback.hearing import QUICK, Caller, Member, heard, segmented, streaming

pytestmark = pytest.mark.wire

FAULTS = [
    "401",
    "402",
    "429",
    "500",
    "503",
    "refused",
    "hang",
    "stall",
    "drop",
    "malformed",
    "empty",
]
BACKUPS = pytest.mark.parametrize("backup", [streaming, segmented], ids=["stream", "http"])


class Call:
    """A caller, two vendors and what came of it."""

    def __init__(
        self, rig: Rig, first: DeepgramEmulator, second: DeepgramEmulator, stt: FallbackSTT
    ) -> None:
        self.rig, self.first, self.second, self.stt = rig, first, second, stt
        self.caller = Caller(rig)

    @property
    def switches(self) -> list[tuple[str, str]]:
        return [(s.to_name.split("@")[0], s.reason) for s in self.rig.all(ProviderSwitched)]


@asynccontextmanager
async def calling(
    primary: Member = streaming,
    backup: Member = streaming,
    *,
    health: Health | None = None,
    fault: str | None = None,
) -> AsyncIterator[Call]:
    """A running chain of two; the first vendor has `fault` from the beginning."""
    async with DeepgramEmulator() as first, DeepgramEmulator() as second:
        if fault:
            first.fault(fault)
        members = [primary(first), backup(second)]
        stt = FallbackSTT(members, health or Health(), QUICK)
        async with running(stt) as rig:
            yield Call(rig, first, second, stt)


async def test_a_healthy_chain_is_its_first_member() -> None:
    """Partials, finals and audio pass as they are, and the second vendor is not even connected."""
    async with calling() as call:
        await call.caller.says(4)
        await call.caller.is_heard()
        await call.caller.says(3)
        await call.caller.is_heard()
        assert heard(call.rig) == call.caller.words
        assert call.rig.all(InterimTranscriptionFrame)
        assert call.switches == [] and not call.second.asked
        assert len(call.rig.all(VADUserStoppedSpeakingFrame)) == 2
        assert len(call.rig.all(InputAudioRawFrame)) > 100
        assert len({frame.id for frame in call.rig.all(InputAudioRawFrame)}) == len(
            call.rig.all(InputAudioRawFrame)
        )


@BACKUPS
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_vendor_that_is_ill_from_the_start_costs_no_word(
    fault: str, backup: Member
) -> None:
    """The first utterance is answered in full by the second, and so is the next."""
    async with calling(backup=backup, fault=fault) as call:
        await call.caller.says(6)
        await call.caller.is_heard()
        await call.caller.says(3)
        await call.caller.is_heard()
        assert heard(call.rig) == call.caller.words
        assert len(call.switches) == 1
        assert call.rig.errors == ""


@BACKUPS
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_vendor_that_dies_in_mid_utterance_costs_no_word(
    fault: str, backup: Member
) -> None:
    """Some words were shown or told by the one, the whole is heard by the other."""
    async with calling(backup=backup) as call:
        await call.caller.begins(4)
        await call.rig.wait_for(InterimTranscriptionFrame)
        call.first.fault(fault)
        await call.caller.goes_on(4)
        await call.caller.ends()
        await call.caller.is_heard()
        assert heard(call.rig) == call.caller.words
        assert len(call.switches) == 1
        assert call.rig.errors == ""


@BACKUPS
@pytest.mark.parametrize("fault", ["drop", "stall"])
async def test_words_that_were_final_are_not_said_again(fault: str, backup: Member) -> None:
    """A long utterance is told in parts; what was told before the death stays told once."""
    async with calling(backup=backup) as call:
        await call.caller.begins(26)
        await call.rig.wait_for(TranscriptionFrame)
        assert len(heard(call.rig)) > 5
        call.first.fault(fault)
        await call.caller.goes_on(8)
        await call.caller.ends()
        await call.caller.is_heard()
        assert heard(call.rig) == call.caller.words


@pytest.mark.parametrize("fault", ["500", "refused", "hang", "empty", "drop", "malformed"])
async def test_a_segmented_vendor_is_replaced_as_well(fault: str) -> None:
    """The utterance that it refuses or loses is heard again by the next."""
    async with calling(primary=segmented, fault=fault) as call:
        await call.caller.says(5)
        await call.caller.is_heard()
        assert heard(call.rig) == call.caller.words
        assert len(call.switches) == 1


async def test_two_stretches_of_one_turn_are_both_heard_again() -> None:
    """Words before a pause are owed too when the vendor went silent in it."""
    async with calling(backup=segmented, fault="stall") as call:
        await call.caller.says(3)
        await call.caller.says(3)
        await call.caller.is_heard()
        assert heard(call.rig) == call.caller.words


async def test_a_cough_is_no_outage() -> None:
    """Nobody heard a word: nobody is to blame, nothing is switched, and the next words come."""
    health = Health()
    async with calling(health=health) as call:
        for _ in range(3):
            await call.caller.coughs()
            await call.second.wait_for_requests("connect", 1)
        await call.caller.says(3)
        await call.caller.is_heard()
        assert heard(call.rig) == call.caller.words
        assert call.switches == [] and call.rig.errors == ""
        assert all(breaker.probe_due_s is None for _, breaker in health)


async def test_a_vendor_comes_back_after_it_has_proved_itself() -> None:
    """It hears an utterance in the shadow, then takes over between turns; no word is doubled."""
    health = Health(BreakerSettings(open_s=0.05, refusal_s=0.05, probe_every_s=0.05))
    async with calling(health=health, fault="401") as call:
        await call.caller.says(3)
        await call.caller.is_heard()
        assert [reason for _, reason in call.switches] == ["error"]
        await call.first.recover()
        for _ in range(8):
            await call.caller.says(2)
            await call.caller.is_heard()
            if len(call.switches) > 1:
                break
        else:
            await call.rig.wait_for(ProviderSwitched, 2)
        assert [reason for _, reason in call.switches] == ["error", "recovered"]
        await call.caller.says(4)
        await call.caller.is_heard()
        assert heard(call.rig) == call.caller.words


async def test_when_all_are_down_the_call_is_told_once_an_utterance_and_goes_on() -> None:
    """One error and the last resort's cue; when a vendor is back, it hears again."""
    async with calling(backup=segmented) as call:
        await call.first.wait_for_requests("connect", 1)
        call.first.fault("refused")
        call.second.fault("503")
        await call.caller.says(3)
        await call.rig.wait_for(ChainExhausted)
        assert len(call.rig.all(ErrorFrame)) == 1
        assert call.rig.all(ErrorFrame)[0].processor is call.stt
        await call.first.recover()
        await call.second.recover()
        call.caller.words.clear()
        await call.caller.says(3)
        await call.caller.is_heard()
        assert heard(call.rig) == call.caller.words


async def test_the_turn_s_end_is_told_whose_words_it_waits_for() -> None:
    """Latency is announced at the start and again at a switch, in both directions."""
    async with calling(backup=segmented) as call:
        call.first.fault("drop")
        await call.caller.says(3)
        await call.caller.is_heard()
        told = [frame.ttfs_p99_latency for frame in call.rig.all(STTMetadataFrame)]
        assert told == [0.35, 0.35, 0.4, 0.4]


async def test_an_outage_that_others_have_met_costs_nothing() -> None:
    """The breaker that another session opened keeps this one from asking."""
    health = Health()
    async with calling(health=health) as call:
        await call.first.wait_for_requests("connect", 1)
        call.first.fault("stall")
        for _ in range(2):
            health.failed(f"stt {call.first.base_url}", time.monotonic(), Failure(Reason.LATE))
        await call.caller.says(4)
        await call.caller.is_heard()
        assert heard(call.rig) == call.caller.words
        assert [switch.gap_ms for switch in call.rig.all(ProviderSwitched)] == [0.0]


def local(ears: FakeEars) -> Member:
    """The embedded ears, which hear what they are told to."""
    return lambda vendor: EarsMember(
        "local", "stt local", lambda: LocalSTTService(ears), is_local=True
    )


@pytest.mark.parametrize("fault", ["drop", "stall", "empty"])
async def test_the_local_ears_take_over(fault: str) -> None:
    """They hear the utterance from before its start to its end, and nothing of it twice."""
    ears = FakeEars(
        hear=lambda pcm, rate_hz: " ".join(w.text for w in decode(pcm.tobytes(), rate_hz))
    )
    async with calling(backup=local(ears)) as call:
        await call.caller.says(3)
        await call.caller.is_heard()
        await call.caller.begins(4)
        call.first.fault(fault)
        await call.caller.goes_on(4)
        await call.caller.ends()
        await call.caller.is_heard()
        assert heard(call.rig) == call.caller.words
        assert call.switches[0][0] == "local"


async def test_words_after_a_repetition_are_not_taken_for_news() -> None:
    """A second opinion that hears only what was passed on already proves nobody guilty."""
    async with calling(backup=segmented) as call:
        call.first.fault("empty", starts_after_s=60)
        await call.caller.begins(3)
        await call.rig.wait_for(InterimTranscriptionFrame)
        await call.caller.ends()
        await call.caller.is_heard()
        await call.caller.coughs()
        await call.second.wait_for_requests("transcribe", 1)
        await call.caller.says(2)
        await call.caller.is_heard()
        assert heard(call.rig) == call.caller.words
        assert call.switches == []


async def test_a_call_that_ends_hears_its_last_words() -> None:
    """EndFrame waits for the provider at work, and leaves nothing running."""
    async with calling(primary=segmented) as call:
        await call.caller.says(3)
        await call.rig.push(EndFrame())
        await call.rig.wait_for(EndFrame)
        assert heard(call.rig) == call.caller.words
        kinds = [type(f) for f in call.rig.frames if isinstance(f, TranscriptionFrame | EndFrame)]
        assert kinds == [TranscriptionFrame, EndFrame]


async def test_a_muted_caller_is_not_heard_and_owes_nothing() -> None:
    """What is said while muted is neither kept nor sent, and no silence is judged."""
    async with calling(primary=segmented) as call:
        await call.rig.push(STTMuteFrame(mute=True))
        await call.caller.says(3)
        call.caller.words.clear()
        await call.rig.push(STTMuteFrame(mute=False))
        await call.caller.says(2)
        await call.caller.is_heard()
        assert heard(call.rig) == call.caller.words
        assert not call.second.asked and not call.rig.all(STTMuteFrame)


async def test_a_language_chosen_in_the_call_stays_with_the_next_provider() -> None:
    """The provider at work takes the whole update, whoever follows it the language."""
    async with calling(primary=segmented, backup=segmented) as call:
        await call.caller.says(1)
        await call.caller.is_heard()
        delta = DeepgramPrerecordedSTTService.Settings(language=Language.ES, numerals=True)
        await call.rig.push(STTUpdateSettingsFrame(delta=delta))
        for _ in range(5):  # settings are no system frames: audio may overtake them
            await call.caller.says(1)
            await call.caller.is_heard()
            if call.first.asked[-1].query.get("numerals"):
                break
        assert call.first.asked[-1].query["language"] == "es"
        call.first.fault("500")
        await call.caller.says(1)
        await call.caller.is_heard()
        assert call.second.asked[0].query["language"] == "es"
        assert "numerals" not in call.second.asked[0].query


async def test_switching_leaves_nothing_behind() -> None:
    """Ten deaths of the primary: as many tasks as before, and no audio kept but the latest."""
    health = Health(BreakerSettings(open_s=0.01, refusal_s=0.01, probe_every_s=0.01, proofs=1))
    async with calling(primary=segmented, backup=segmented, health=health) as call:
        await call.caller.says(1)
        await call.caller.is_heard()
        tasks = len(asyncio.all_tasks())
        for _ in range(10):
            call.first.fault("503", times=1)
            await call.caller.says(1)
            await call.caller.is_heard()
            await call.caller.says(1)
            await call.caller.is_heard()
        assert heard(call.rig) == call.caller.words
        assert len(asyncio.all_tasks()) <= tasks + 12
