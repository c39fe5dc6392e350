"""The local voice in a pipeline: clauses, timed words, interruption, a clause that fails."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise

import pytest
from pipecat.frames.frames import (
    ErrorFrame,
    Frame,
    InterruptionFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.tests.utils import SleepFrame, run_test

from bots.local.tts import LocalTTSService, word_times
from tests.fakes.speech import ToneVoice
from tests.fakes.waiting import until

pytestmark = pytest.mark.unit


def reply(*tokens: str) -> list[Frame]:
    return [
        LLMFullResponseStartFrame(),
        *(LLMTextFrame(token) for token in tokens),
        LLMFullResponseEndFrame(),
    ]


def words(frames: Sequence[Frame]) -> list[str]:
    return [frame.text for frame in frames if isinstance(frame, TTSTextFrame)]


def audio(frames: Sequence[Frame]) -> bytes:
    return b"".join(f.audio for f in frames if isinstance(f, TTSAudioRawFrame))


async def test_a_reply_is_spoken_clause_by_clause() -> None:
    """The first clause goes to the voice as soon as it stands."""
    voice = ToneVoice()
    down, _ = await run_test(
        LocalTTSService(voice), frames_to_send=reply("Yes", ", we", " are open", ". Bye", "!")
    )
    assert voice.spoken == ["Yes,", "we are open.", "Bye!"]
    kinds = [type(frame) for frame in down]
    assert kinds.count(TTSStartedFrame) == kinds.count(TTSStoppedFrame) == 1
    assert kinds.index(TTSStartedFrame) < kinds.index(TTSAudioRawFrame)
    assert isinstance(down[-1], LLMFullResponseEndFrame)


async def test_audio_comes_in_small_frames_at_the_pipelines_rate() -> None:
    """40 ms a frame, nothing lost in the cutting."""
    down, _ = await run_test(LocalTTSService(ToneVoice()), frames_to_send=reply("Hello there."))
    frames = [frame for frame in down if isinstance(frame, TTSAudioRawFrame)]
    assert {frame.sample_rate for frame in frames} == {24_000}
    assert max(len(frame.audio) for frame in frames) == 24_000 * 40 // 1000 * 2
    assert len(audio(down)) == 28_800


async def test_audio_is_resampled_for_the_phone() -> None:
    """A transport at 8 kHz gets the same seconds at its own rate."""
    service = LocalTTSService(ToneVoice(), sample_rate=8000)
    down, _ = await run_test(service, frames_to_send=reply("Hello there."))
    assert len(audio(down)) == pytest.approx(12 * 0.05 * 8000 * 2, abs=8)


async def test_the_words_are_the_written_ones() -> None:
    """The context gets what the brain wrote, in order, though the voice hears other words."""
    down, _ = await run_test(
        LocalTTSService(ToneVoice()),
        frames_to_send=reply("It opens at 9:30 — code AB-4471 costs $12.50."),
    )
    assert " ".join(words(down)) == "It opens at 9:30 — code AB-4471 costs $12.50."
    times = [f.pts for f in down if isinstance(f, TTSTextFrame)]
    assert times == sorted(times, key=lambda pts: pts or 0)
    assert len(set(times)) == len(times)


async def test_a_greeting_is_cut_too() -> None:
    """A long text spoken at once still starts with a short clause."""
    voice = ToneVoice()
    text = "Hello, this is Bloom Dental. How can I help?"
    down, _ = await run_test(LocalTTSService(voice), frames_to_send=[TTSSpeakFrame(text)])
    assert voice.spoken == ["Hello, ", "this is Bloom Dental. ", "How can I help?"]
    assert " ".join(words(down)) == text


async def test_only_the_first_clause_of_a_reply_is_cut_short() -> None:
    """Once the bot is speaking, a sentence keeps its melody: no cut at its first comma."""
    voice = ToneVoice()
    await run_test(
        LocalTTSService(voice), frames_to_send=reply("Sure. On Monday, we open at ten. ", "Bye.")
    )
    assert voice.spoken == ["Sure.", "On Monday, we open at ten.", "Bye."]


async def test_a_slow_voice_gets_short_clauses() -> None:
    """The next clause has to be ready before the one before has played."""
    voice = ToneVoice(is_slow=True)
    await run_test(
        LocalTTSService(voice),
        frames_to_send=reply("Sure. On Monday and Tuesday, we open at ten. Bye."),
    )
    assert voice.spoken == ["Sure.", "On Monday and Tuesday,", "we open at ten.", "Bye."]


async def test_an_interruption_ends_the_clause_and_its_words() -> None:
    """What was not spoken reaches neither the caller nor the context."""
    voice = ToneVoice()
    voice.held.clear()
    service = LocalTTSService(voice)
    down, _ = await run_test(
        service,
        frames_to_send=[
            *reply("Yes, we are open. ")[:2],
            SleepFrame(0.05),
            InterruptionFrame(),
            SleepFrame(0.05),
        ],
    )
    assert voice.cancelled == ["Yes,"]
    assert audio(down) == b""
    assert words(down) == []


async def test_after_an_interruption_the_next_reply_is_spoken() -> None:
    """The service takes up work again at once."""
    voice = ToneVoice()
    voice.held.clear()
    service = LocalTTSService(voice)

    async def release() -> None:
        await until(lambda: bool(voice.cancelled))
        voice.held.set()

    release_task = asyncio.create_task(release())
    down, _ = await run_test(
        service,
        frames_to_send=[
            *reply("Yes, we are open. ")[:2],
            SleepFrame(0.05),
            InterruptionFrame(),
            SleepFrame(0.05),
            *reply("Goodbye."),
        ],
    )
    await release_task
    assert words(down) == ["Goodbye."]


async def test_a_clause_that_fails_is_reported_and_the_rest_spoken() -> None:
    """One bad clause costs itself; its text is not in the report."""
    voice = ToneVoice()
    down, up = await run_test(
        LocalTTSService(voice), frames_to_send=reply("Hello. This is broken. Goodbye.")
    )
    errors = [frame.error for frame in up if isinstance(frame, ErrorFrame)]
    assert errors == ["The local voice failed on a clause: RuntimeError"]
    assert voice.spoken == ["Hello.", "This is broken.", "Goodbye."]
    assert len(audio(down)) == 33_600


def test_words_share_the_time_by_what_is_said() -> None:
    """A code takes the time of its digits, not of its letters on paper."""
    times = word_times("Code AB-4471 is yours.", 4.0, "en")
    assert [word for word, _ in times] == ["Code", "AB-4471", "is", "yours."]
    assert times[0][1] == 0.0
    spans = [after - at for (_, at), (_, after) in pairwise(times)]
    assert spans[1] > 4 * spans[0]


def test_text_without_words_has_no_times() -> None:
    """Marks alone take no time."""
    assert word_times(" — ... ", 1.0, "en") == []
