"""The context holds what was heard: every kind of voice, cut off anywhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from pipecat.frames.frames import (
    AggregatedTextProgressFrame,
    Frame,
    OutputAudioRawFrame,
    TTSSpeakFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from bots.local.tts import LocalTTSService
from emulators.word_tones import word_duration_s
from processors.fallback.breaker import Health
from processors.fallback.member import Member
from processors.fallback.settings import ChainSettings
from processors.fallback.tts import FallbackTTS
from tests.fakes.playback import CHUNK_S, listening
from tests.fakes.speech import ToneVoice
from tests.fakes.waiting import until
from tests.processors.fallback.voices import VENDORS, service

pytestmark = pytest.mark.wire

PATIENT = ChainSettings(first_audio_s=10, stall_s=10)

TEXT = "we are open on saturday from ten to four. please come by any time you like."
ENDS_S = [
    sum(word_duration_s(word) for word in TEXT.split()[: count + 1])
    for count in range(len(TEXT.split()))
]


def heard_by(seconds: float) -> str:
    """The words of TEXT that are whole after so much of the emulators' audio."""
    return " ".join(TEXT.split()[: sum(end <= seconds + 0.01 for end in ENDS_S)])


@asynccontextmanager
async def voice_of(name: str, *, is_chain: bool) -> AsyncIterator[FrameProcessor]:
    """An emulated vendor's service, alone or as a chain of one."""
    async with AsyncExitStack() as stack:
        vendor = await stack.enter_async_context(VENDORS[name]())
        alone = service(vendor)
        if close := getattr(getattr(alone, "_client", None), "close", None):
            stack.push_async_callback(close)
        yield FallbackTTS([Member(name, name, alone)], Health(), PATIENT) if is_chain else alone


@pytest.mark.parametrize("is_chain", [False, True], ids=["alone", "chain"])
@pytest.mark.parametrize("name", list(VENDORS))
async def test_a_cut_answer_leaves_the_words_that_were_heard(name: str, is_chain: bool) -> None:
    """With word times and without, by itself and in a chain: the whole words that came out."""
    async with voice_of(name, is_chain=is_chain) as voice, listening(voice) as call:
        await call.reply(TEXT)
        await call.play(3.4)
        await call.interrupt()
        await until(lambda: bool(call.said))
        at_s = call.output.played_s
        assert call.said[0] in [heard_by(at_s), heard_by(at_s - CHUNK_S)]


async def test_a_whole_answer_is_whole_and_counted() -> None:
    """Nothing is lost, doubled or out of place when nobody interrupts, and words are counted."""
    async with voice_of("elevenlabs", is_chain=True) as voice, listening(voice) as call:
        await call.reply(TEXT)
        call.output.play(30)
        await until(lambda: bool(call.said))
        assert call.said == [TEXT]
        assert (call.tally.generated, call.tally.heard) == (16, 16)


async def test_the_local_voice_by_clauses() -> None:
    """50 ms a letter: after 1.6 s the first clause is heard and no word of the rest."""
    async with listening(LocalTTSService(ToneVoice())) as call:
        await call.reply("We are open on Saturday. From ten to four in the afternoon.")
        await call.play(1.24)
        await call.interrupt()
        await until(lambda: bool(call.said))
        assert call.said == ["We are open on Saturday."]
        assert call.tally.generated > call.tally.heard == 5


async def test_words_reach_the_context_as_they_are_heard() -> None:
    """Not at the end, and not at the interruption, when the aggregator has committed already."""
    async with listening(LocalTTSService(ToneVoice())) as call:
        await call.reply("One two three four. Five six.")
        await call.play(0.2)
        assert 0 < call.tally.heard < 4
        assert call.tally.generated > call.tally.heard


async def test_a_line_outside_of_the_conversation_stays_outside() -> None:
    """It is heard and shown, and the context never knows; a line of it is committed by itself."""
    async with listening(LocalTTSService(ToneVoice())) as call:
        await call.rig.push(
            TTSSpeakFrame("One moment.", append_to_context=False),
            TTSSpeakFrame("Hello there.", append_to_context=True),
        )
        call.output.play(30)
        await until(lambda: bool(call.said))
        assert call.said == ["Hello there."]
        assert call.tally.heard == 2


@pytest.mark.parametrize("is_chain", [False, True], ids=["alone", "chain"])
async def test_a_cut_greeting_leaves_its_words(is_chain: bool) -> None:
    """A line of its own is committed at the interruption too."""
    alone = LocalTTSService(ToneVoice())
    voice = FallbackTTS([Member("a", "a", alone)], Health(), PATIENT) if is_chain else alone
    async with listening(voice) as call:
        await call.rig.push(TTSSpeakFrame("Hello there. How can I help?", append_to_context=True))
        await call.play(0.68)
        await call.interrupt()
        await until(lambda: bool(call.said))
        assert call.said == ["Hello there."]


async def test_a_filler_before_the_answer_moves_no_word() -> None:
    """Sound that is not the bot's speech is not counted."""
    async with listening(LocalTTSService(ToneVoice())) as call:
        await call.rig.push(OutputAudioRawFrame(bytes(48_000), 24_000, 1))
        await call.reply("We are open on Saturday. From ten to four.")
        await call.play(1.0 + 1.24)
        await call.interrupt()
        await until(lambda: bool(call.said))
        assert call.said == ["We are open on Saturday."]


async def test_a_protected_line_goes_on_and_is_committed() -> None:
    """An interruption does not cut it, and its later words are one message with no other."""
    async with listening(LocalTTSService(ToneVoice())) as call:
        notice = TTSSpeakFrame("This call is recorded. Stay on the line.", append_to_context=True)
        notice.interruptible = False
        await call.rig.push(notice)
        await call.play(1.2)
        await call.interrupt()
        call.output.play(30)
        await until(lambda: len(call.said) == 2)
        assert " ".join(call.said) == "This call is recorded. Stay on the line."
        await call.reply("Hello.")
        await until(lambda: len(call.said) == 3)
        assert call.said[2] == "Hello."


async def test_what_the_transport_still_holds_is_not_heard() -> None:
    """With a lag, a word counts so much after it was written, or not at all."""
    async with listening(LocalTTSService(ToneVoice()), lag=lambda: 30.0) as call:
        await call.reply("We are open on Saturday. From ten to four.")
        await call.play(1.24)
        await call.interrupt()
        assert call.said == []


async def test_the_end_of_a_reply_waits_for_its_words() -> None:
    """Behind the lag too, words first and then the commit."""
    async with listening(LocalTTSService(ToneVoice()), lag=lambda: 0.1) as call:
        await call.reply("We are open.")
        call.output.play(30)
        await until(lambda: bool(call.said))
        assert call.said == ["We are open."]


async def test_the_page_is_told_at_the_pace_of_hearing() -> None:
    """The output pushes a progress for each heard word, and the sentence before its first."""
    async with listening(LocalTTSService(ToneVoice())) as call:
        pushed: list[AggregatedTextProgressFrame] = []
        push = call.output.push_frame

        async def watched(frame: Frame, *rest: FrameDirection) -> None:
            if isinstance(frame, AggregatedTextProgressFrame):
                pushed.append(frame)
            await push(frame, *rest)

        setattr(call.output, "push_frame", watched)  # noqa: B010
        await call.reply("We are open.")
        await call.play(0.12)
        assert [frame.accumulated_text for frame in pushed] == ["We"]
        call.output.play(30)
        await until(lambda: bool(call.said))
        assert [frame.remaining_text.strip() for frame in pushed] == ["are open.", "open.", ""]


async def test_two_answers_one_after_the_other() -> None:
    """Each is its own message, and an answer after a cut one starts from its first word."""
    async with listening(LocalTTSService(ToneVoice())) as call:
        await call.reply("We are open on Saturday. From ten to four.")
        await call.play(1.24)
        await call.interrupt()
        await until(lambda: len(call.said) == 1)
        await call.reply("You are welcome.")
        call.output.play(30)
        await until(lambda: len(call.said) == 2)
        assert call.said == ["We are open on Saturday.", "You are welcome."]
