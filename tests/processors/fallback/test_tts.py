"""The chain of voices with Pipecat's real services against emulated vendors, counted in words."""

from __future__ import annotations

import asyncio
import time

import pytest
from pipecat.frames.frames import (
    AggregatedTextFrame,
    EndFrame,
    ErrorFrame,
    FunctionCallResultFrame,
    InterruptionFrame,
    LLMAssistantPushAggregationFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    MetricsFrame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)

from emulators.server import Pace
from emulators.word_tones import decode, encode, word_duration_s
from processors.fallback.breaker import BreakerSettings, Health
from processors.fallback.events import AVOIDED, RECOVERED, ChainExhausted
from processors.fallback.failure import Reason
from processors.fallback.member import NotFree
from processors.fallback.playout import LastResort
from processors.fallback.probes import Prober
from tests.processors.fallback.voices import RATE_HZ, VENDORS, chain

pytestmark = [
    pytest.mark.wire,
    # httpx leaves its socket to the collector when a request is cancelled while it connects.
    pytest.mark.filterwarnings(
        r"ignore:Exception ignored in.*(_SelectorTransport|socket\.socket)"
        ":pytest.PytestUnraisableExceptionWarning"
    ),
]

LINE = "w1 w2 w3 w4 w5. w6 w7 w8 w9 w10."
CUT_BYTES = 2 * round(RATE_HZ * sum(word_duration_s(word) for word in ("w1", "w2", "w3")))
CUT_BYTES += 4000
ONE_WORD_BYTES = 2 * round(RATE_HZ * word_duration_s("w1")) + 4000
STREAM_FAULTS = ("stall", "drop", "malformed")
FAULTS = ("401", "402", "429", "500", "503", "refused", "hang", "empty", "drip", *STREAM_FAULTS)


@pytest.mark.parametrize("name", VENDORS)
async def test_a_healthy_voice_says_all_itself(name: str) -> None:
    """A reply and a line: every word once, one start and one stop each, no switch."""
    async with chain(name, "house") as stage:
        await stage.reply(LINE)
        await stage.speak("w11 w12.")
        script = f"{LINE} w11 w12."
        assert stage.count(script).is_exact
        assert stage.words == script.split()
        assert stage.switches == []
        assert len(stage.rig.all(TTSStartedFrame)) == len(stage.rig.all(TTSStoppedFrame)) == 2
        assert stage.rig.errors == ""


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", VENDORS)
async def test_a_voice_that_fails_before_a_word_is_replaced(name: str, fault: str) -> None:
    """Whatever is wrong with the first voice, the second says the whole reply."""
    async with chain(name, "house" if name != "house" else "cartesia") as stage:
        stage.primary.fault(fault, drip_bytes=100, drip_ms=500)
        await stage.reply(LINE)
        assert stage.count(LINE).is_exact
        assert stage.words == LINE.split()
        assert [switch.to_name for switch in stage.switches] == [stage.tts._members[1].name]
        assert len(stage.rig.all(TTSStartedFrame)) == len(stage.rig.all(TTSStoppedFrame)) == 1


@pytest.mark.parametrize("fault", STREAM_FAULTS)
@pytest.mark.parametrize("name", VENDORS)
async def test_a_voice_that_fails_in_a_word_is_continued(name: str, fault: str) -> None:
    """The second voice goes on with the word in which the first was cut."""
    async with chain(name, "house" if name != "house" else "cartesia") as stage:
        stage.primary.fault(fault, after_bytes=CUT_BYTES)
        await stage.reply(LINE)
        count = stage.count(LINE)
        assert count.is_exact, count
        assert stage.words == LINE.split()
        assert len(stage.switches) == 1


@pytest.mark.parametrize("name", VENDORS)
async def test_a_voice_that_ends_in_order_far_too_early_is_continued(name: str) -> None:
    """A good end after one word of a sentence is no end."""
    async with chain(name, "house" if name != "house" else "cartesia") as stage:
        stage.primary.fault("empty", after_bytes=ONE_WORD_BYTES)
        await stage.reply("w1 w2 w3 w4 w5.")
        count = stage.count("w1 w2 w3 w4 w5.")
        assert count.is_exact, count
        assert len(stage.switches) == 1


@pytest.mark.parametrize("out_hz", [8_000, 16_000, 24_000])
async def test_rates_are_matched_across_a_switch(out_hz: int) -> None:
    """A voice of a fixed 24 kHz and one at the pipeline's rate sound as one."""
    async with chain("openai", "cartesia", out_hz=out_hz) as stage:
        stage.primary.fault("drop", after_bytes=CUT_BYTES)
        await stage.reply(LINE)
        assert stage.count(LINE).is_exact
        assert {frame.sample_rate for frame in stage.rig.all(TTSAudioRawFrame)} == {out_hz}


@pytest.mark.parametrize("names", [("elevenlabs", "cartesia", "openai", "house")])
async def test_each_voice_fails_in_its_turn(names: tuple[str, ...]) -> None:
    """Three voices die one after another within one reply; the fourth ends it."""
    async with chain(*names) as stage:
        for vendor in stage.vendors[:3]:
            vendor.fault("drop", after_bytes=CUT_BYTES // 4 * 2)
        await stage.reply(LINE)
        assert stage.count(LINE).is_exact
        assert stage.words == LINE.split()
        assert len(stage.switches) == 3
        assert len(stage.rig.all(TTSStartedFrame)) == len(stage.rig.all(TTSStoppedFrame)) == 1


async def test_lines_that_wait_for_a_dead_voice_are_said_in_order() -> None:
    """What was queued on the dead voice comes from the next one, in order, frames in place."""
    async with chain("elevenlabs", "house") as stage:
        stage.primary.fault("stall", after_bytes=CUT_BYTES)
        result = FunctionCallResultFrame("f", "1", {}, None)
        lines = ["w1 w2 w3 w4 w5.", "w6 w7 w8.", "w9 w10."]
        first, second, third = (TTSSpeakFrame(line) for line in lines)
        await stage.rig.push(first, second, result, third)
        await stage.rig.wait_for(TTSStoppedFrame, 3)
        assert stage.count(" ".join(lines)).is_exact
        assert stage.words == " ".join(lines).split()
        kinds = (TTSStartedFrame, FunctionCallResultFrame)
        order = [type(f) for f in stage.rig.frames if isinstance(f, kinds)]
        assert order == [TTSStartedFrame, TTSStartedFrame, FunctionCallResultFrame, TTSStartedFrame]


async def test_a_slow_model_is_not_held_against_the_voice() -> None:
    """Between two sentences of a model that thinks, the voice owes nothing."""
    async with chain("elevenlabs", "house") as stage:
        await stage.rig.push(LLMFullResponseStartFrame(), LLMTextFrame("w1 w2. w3"))
        await stage.rig.wait_until(lambda: stage.words == ["w1", "w2."])
        assert await stage.rig.stays_without(TTSAudioRawFrame, 0.8)
        await stage.rig.push(LLMTextFrame(" w4."), LLMFullResponseEndFrame())
        await stage.rig.wait_for(LLMFullResponseEndFrame)
        assert stage.count("w1 w2. w3 w4.").is_exact
        assert stage.switches == []


async def test_text_that_comes_after_a_switch_goes_to_the_new_voice() -> None:
    """The model is still at it when the first voice dies."""
    async with chain("cartesia", "house") as stage:
        stage.primary.fault("500")
        await stage.rig.push(LLMFullResponseStartFrame(), LLMTextFrame("w1 w2. w3"))
        await stage.rig.wait_until(lambda: stage.words == ["w1", "w2."])
        await stage.rig.push(LLMTextFrame(" w4."), LLMFullResponseEndFrame())
        await stage.rig.wait_for(LLMFullResponseEndFrame)
        assert stage.count("w1 w2. w3 w4.").is_exact


async def test_an_interruption_drops_what_is_said_and_what_waits() -> None:
    """Nothing of the old reply comes after it, from any voice, and the next one is whole."""
    async with chain("elevenlabs", "house") as stage:
        for vendor in stage.vendors:
            vendor.pace = Pace(chunk_ms=60)
        await stage.rig.push(TTSSpeakFrame("w1 w2 w3 w4 w5 w6 w7 w8."), TTSSpeakFrame("w9 w10."))
        await stage.rig.wait_for(TTSAudioRawFrame, 2)
        await stage.rig.push(InterruptionFrame())
        await stage.rig.wait_for(InterruptionFrame)
        at = max(i for i, f in enumerate(stage.rig.frames) if isinstance(f, InterruptionFrame))
        await stage.speak("w21 w22.")
        after = stage.rig.frames[at:]
        pcm = b"".join(f.audio for f in after if isinstance(f, TTSAudioRawFrame))
        assert [word.text for word in decode(pcm, RATE_HZ)] == ["w21", "w22."]
        assert [f.text for f in after if isinstance(f, TTSTextFrame)] == ["w21", "w22."]
        assert stage.switches == []


async def test_an_uninterruptible_line_is_said_to_its_end() -> None:
    """An interruption takes the reply behind it and leaves the line."""
    async with chain("elevenlabs", "house") as stage:
        stage.primary.pace = Pace(chunk_ms=40)
        line = TTSSpeakFrame("w1 w2 w3 w4.")
        line.interruptible = False
        await stage.rig.push(line, TTSSpeakFrame("w9."))
        await stage.rig.wait_for(TTSAudioRawFrame)
        await stage.rig.push(InterruptionFrame())
        await stage.rig.wait_for(TTSStoppedFrame)
        assert stage.count("w1 w2 w3 w4.").is_exact


async def test_a_late_voice_is_not_heard_after_the_switch() -> None:
    """A voice that finds its tongue once it was dropped says nothing more."""
    async with chain("openai", "house") as stage:
        stage.primary.pace = Pace(first_byte_ms=600)
        await stage.reply(LINE)
        assert await stage.rig.stays_without(TTSAudioRawFrame, 0.5)
        assert stage.count(LINE).is_exact


async def test_what_was_never_said_is_not_remembered() -> None:
    """When all voices die in a line, the conversation holds the words that were heard."""
    async with chain("elevenlabs", "cartesia") as stage:
        stage.primary.fault("stall", after_bytes=CUT_BYTES)
        stage.vendors[1].fault("500")
        await stage.rig.push(TTSSpeakFrame(LINE))
        await stage.rig.wait_for(ChainExhausted)
        await stage.rig.wait_for(TTSStoppedFrame)
        assert stage.words == ["w1", "w2", "w3"]
        assert stage.count("w1 w2 w3").is_exact
        spoken = [f for f in stage.rig.all(AggregatedTextFrame) if f.append_to_context]
        assert [f.text for f in spoken] == ["w1", "w2", "w3"]


@pytest.mark.parametrize("fault", ["refused", "hang", "500", "empty"])
async def test_the_last_resort_sounds_when_all_are_down(fault: str) -> None:
    """Its PCM is played within the members' deadlines, the session is told, the call goes on."""
    told: list[str] = []

    async def decide() -> None:
        told.append("exhausted")

    resort = LastResort(encode("one moment please", 16_000), 16_000)
    options = {"last_resort": resort, "on_exhausted": decide}
    health = Health(BreakerSettings(open_s=0.05, refusal_s=0.05))
    async with chain("elevenlabs", "house", health=health, **options) as stage:
        for vendor in stage.vendors:
            vendor.fault(fault)
        await stage.rig.push(TTSSpeakFrame(LINE))
        await stage.rig.wait_until(lambda: stage.count("one moment please").is_exact, 3.0)
        await stage.rig.wait_for(ErrorFrame)
        assert told == ["exhausted"]
        assert stage.words == []
        assert stage.rig.all(ErrorFrame)[0].processor is stage.tts


async def test_the_first_voice_comes_back_between_turns_once_it_has_proved_itself() -> None:
    """After a switch the second voice stays; a proof brings the first back, at a turn's start."""
    health = Health()
    async with chain("elevenlabs", "house", health=health) as stage:
        stage.primary.fault("drop", after_bytes=CUT_BYTES, times=1)
        await stage.reply("w1 w2 w3 w4 w5.")
        await stage.reply("w6 w7.")
        await stage.vendors[0].recover()
        key, breaker = next(iter(health))
        breaker.succeeded(breaker.probe_due_s or 1e12)
        await stage.reply("w8 w9.")
        assert stage.count("w1 w2 w3 w4 w5. w6 w7. w8 w9.").is_exact
        assert [switch.reason for switch in stage.switches][1:] == [RECOVERED]
        assert key == "tts elevenlabs 0"


@pytest.mark.parametrize("name", ["elevenlabs", "cartesia"])
async def test_a_voice_that_was_written_off_can_come_back(name: str) -> None:
    """Pipecat gives a service up for good after a refusal; the chain revives it."""
    health = Health(BreakerSettings(open_s=0.01, refusal_s=0.01, proofs=1))
    async with chain(name, "house", health=health) as stage:
        stage.primary.fault("refused")
        await stage.reply("w1 w2.")
        await stage.primary.recover()
        stage.vendors[1].fault("refused")
        await stage.reply("w3 w4.")
        assert stage.count("w1 w2. w3 w4.").is_exact


async def test_frames_of_a_line_and_of_a_reply() -> None:
    """A line commits itself to the conversation, a reply's end commits it; words are timed."""
    async with chain("cartesia", "house") as stage:
        await stage.speak("w1 w2.")
        assert len(stage.rig.all(LLMAssistantPushAggregationFrame)) == 1
        await stage.reply("w3 w4.")
        await stage.rig.push(TTSSpeakFrame("w5.", append_to_context=False))
        await stage.rig.wait_for(TTSStoppedFrame, 3)
        assert len(stage.rig.all(LLMAssistantPushAggregationFrame)) == 1
        assert stage.words == ["w1", "w2.", "w3", "w4."]
        times = [frame.pts or 0 for frame in stage.rig.all(TTSTextFrame)]
        assert times == sorted(times) and times[0] > 0
        end = stage.rig.all(LLMFullResponseEndFrame)[0]
        assert end.pts == times[3]
        assert stage.rig.all(MetricsFrame) == []


async def test_the_page_is_told_a_sentence_once() -> None:
    """A sentence that two voices share is announced once, and its words point to it."""
    async with chain("elevenlabs", "house") as stage:
        stage.primary.fault("drop", after_bytes=CUT_BYTES)
        await stage.reply("w1 w2 w3 w4 w5.")
        announced = [
            f
            for f in stage.rig.all(AggregatedTextFrame)
            if not isinstance(f, TTSTextFrame) and f.will_be_spoken
        ]
        assert [f.text for f in announced] == ["w1 w2 w3 w4 w5."]
        assert {f.segment_id for f in stage.rig.all(TTSTextFrame)} == {announced[0].id}


async def test_the_end_waits_for_what_is_to_be_said() -> None:
    """EndFrame comes behind the last word, also when the voice dies in it."""
    async with chain("elevenlabs", "house") as stage:
        stage.primary.fault("drop", after_bytes=CUT_BYTES)
        await stage.rig.push(TTSSpeakFrame(LINE), EndFrame())
        await stage.rig.wait_for(EndFrame)
        assert stage.count(LINE).is_exact


async def test_nothing_to_say_is_no_failure() -> None:
    """Marks and spaces make no sound, and no voice is blamed for it."""
    async with chain("house", "cartesia") as stage:
        await stage.reply(" ... ")
        await stage.rig.push(TTSSpeakFrame("—"))
        await stage.speak("w1.")
        assert stage.switches == []
        assert stage.words == ["w1."]


async def test_a_trickle_is_no_speech() -> None:
    """A voice that sends a few bytes at a time, never pausing long, is left like a stalled one."""
    async with chain("cartesia", "house") as stage:
        stage.primary.fault("drip", drip_bytes=20, drip_ms=30)
        await stage.reply(LINE)
        assert stage.count(LINE).is_exact
        assert [switch.reason for switch in stage.switches] == [Reason.STALLED]


async def test_sessions_share_what_they_learn() -> None:
    """Once a breaker is open, the next session does not wait for the dead voice at all."""
    health = Health(BreakerSettings(failures=1, open_s=60))
    async with chain("elevenlabs", "house", health=health) as stage:
        stage.primary.fault("hang", operation="speak")
        await stage.reply("w1 w2.")
        async with chain(health=health, vendors=stage.vendors) as other:
            asked = len(stage.primary.asked)
            await other.reply("w1 w2.")
            assert other.count("w1 w2.").is_exact
            assert [switch.reason for switch in other.switches] == [AVOIDED]
            assert [a.operation for a in list(stage.primary.asked)[asked:]] == []


@pytest.mark.parametrize("name", VENDORS)
async def test_a_probe_is_a_word_for_nobody(name: str) -> None:
    """A well voice answers its probe, an ill one raises, and the caller hears neither."""
    async with chain("house", name) as stage:
        probe = stage.tts.members[1].probe
        assert probe is not None
        async with asyncio.timeout(2):
            await probe()
        stage.vendors[1].fault("500")
        with pytest.raises(Exception, match=r"500|went wrong|[Ii]nternal|no audio"):
            async with asyncio.timeout(2):
                await probe()
        assert stage.rig.all(TTSAudioRawFrame) == []
        assert stage.rig.errors == ""


async def test_a_probe_gives_way_to_the_call() -> None:
    """A voice that is being probed when it is needed speaks, and the probe ends."""
    async with chain("elevenlabs", "house") as stage:
        stage.primary.pace = Pace(first_byte_ms=100)
        probe = stage.tts.members[0].probe
        assert probe is not None
        asking = asyncio.ensure_future(probe())
        await stage.primary.wait_for_requests("speak", 1)
        await stage.speak("w1 w2.")
        assert stage.count("w1 w2.").is_exact
        with pytest.raises(NotFree):
            await asking


async def test_an_ill_voice_is_probed_and_comes_back_without_a_turn_that_pays_for_it() -> None:
    """Probes alone find out that it is well; until then no reply waits for it."""
    soon = BreakerSettings(failures=1, open_s=0.05, probe_every_s=0.05, settle_s=0.0)
    health = Health(soon)
    prober = Prober(health)
    async with chain("elevenlabs", "house", health=health) as stage:
        key = stage.tts.members[0].key
        with prober.lend(stage.tts.members):
            stage.primary.fault("503", operation="speak")
            await stage.reply("w1 w2.")
            await stage.primary.wait_for_requests("speak", 3)
            await stage.reply("w3 w4.")
            await stage.primary.recover()
            async with asyncio.timeout(5):
                while not health.breaker(key).is_closed(time.monotonic()):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            await stage.reply("w5 w6.")
        assert stage.count("w1 w2. w3 w4. w5 w6.").is_exact
        assert [switch.reason for switch in stage.switches] == [Reason.ERROR, RECOVERED]
    await prober.close()
