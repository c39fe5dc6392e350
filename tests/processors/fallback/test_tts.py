"""The chain of voices with Pipecat's real services against emulated vendors, counted in words."""

from __future__ import annotations

import pytest
from pipecat.frames.frames import (
    TTSStartedFrame,
    TTSStoppedFrame,
)

from emulators.word_tones import word_duration_s
from tests.processors.fallback.voices import RATE_HZ, VENDORS, chain

pytestmark = [
    pytest.mark.unit,
    # httpx leaves its socket to the collector when a request is cancelled while it connects.
    pytest.mark.filterwarnings(
        r"ignore:Exception ignored in.*(_SelectorTransport|socket\.socket)"
        ":pytest.PytestUnraisableExceptionWarning"
    ),
]

LINE = "w1 w2 w3 w4 w5. w6 w7 w8 w9 w10."
CUT_BYTES = 2 * round(RATE_HZ * sum(word_duration_s(word) for word in ("w1", "w2", "w3")))
CUT_BYTES += 4000
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
