"""The real ears on small recordings: right words, silence unheard, long speech whole, loop free."""

from __future__ import annotations

import asyncio
import re
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soxr
from hibari import Hibari
from numpy.typing import NDArray

from bots.errors import WeightsError
from bots.local import weights
from bots.local.whisper import WhisperEars

pytestmark = [pytest.mark.call, pytest.mark.alone]

AUDIO = Path(__file__).parents[2] / "audio"
RATE_HZ = 16_000


def recording(name: str) -> tuple[NDArray[np.int16], int]:
    with wave.open(str(AUDIO / f"{name}.wav")) as source:
        pcm = np.frombuffer(source.readframes(source.getnframes()), np.int16)
        return pcm, source.getframerate()


def hiss(duration_s: float, level: float) -> NDArray[np.int16]:
    rng = np.random.default_rng(3)
    return rng.normal(0, level, int(duration_s * RATE_HZ)).astype(np.int16)


@pytest.fixture(scope="module")
def ears() -> Iterator[WhisperEars]:
    ears = WhisperEars.load(weights.path("whisper-tiny.en"), threads=2)
    yield ears
    ears.close()


async def test_a_question_is_understood(ears: WhisperEars) -> None:
    """Word for word, at 16 kHz."""
    assert await ears.transcribe(*recording("open_on_saturday")) == (
        "What time do you open on Saturday?"
    )


async def test_a_single_word_is_understood(ears: WhisperEars) -> None:
    """The guard against made-up words lets it pass."""
    assert await ears.transcribe(*recording("yes")) == "Yes."


async def test_a_telephone_s_narrow_band_is_understood(ears: WhisperEars) -> None:
    """8 kHz is resampled on the way."""
    pcm, rate_hz = recording("cancel_appointment_8k")
    assert rate_hz == 8000
    text = await ears.transcribe(pcm, rate_hz)
    assert "cancel my appointment for tomorrow morning" in text.lower()


@pytest.mark.parametrize(
    "pcm",
    [
        np.zeros(RATE_HZ * 2, np.int16),
        np.zeros(0, np.int16),
        hiss(2.0, 3),
        hiss(2.0, 300),
        hiss(3.0, 3000),
        (hiss(2.0, 800) * np.hanning(RATE_HZ * 2)).astype(np.int16),
        np.concatenate([np.zeros(8000), hiss(0.1, 5000), np.zeros(8000)]).astype(np.int16),
    ],
    ids=["zeros", "empty", "faint", "hiss", "roar", "breath", "knock"],
)
async def test_nothing_said_is_nothing_heard(ears: WhisperEars, pcm: NDArray[np.int16]) -> None:
    """No "you", no "Thank you." over silence and noise."""
    assert await ears.transcribe(pcm) == ""


STORY = """I would like to book a table for four people tonight. Do you accept credit cards?
Is there any parking near the clinic? My name is Margaret Johnson and I live in Boston.
How long does the delivery usually take? I left my umbrella there yesterday afternoon.
Can I bring my daughter with me? That sounds good. Please cancel my appointment for tomorrow.
Where exactly are you located? I need to speak with someone about my invoice.
Can you tell me how much a haircut costs? What is your refund policy for damaged items?"""


async def test_more_than_the_model_s_window_loses_no_sentence(ears: WhisperEars) -> None:
    """Some 40 s, cut in a pause: what was said before, at and after the cut comes back."""
    hibari = Hibari()
    spoken = [np.asarray(hibari(sentence)) for sentence in re.split(r"(?<=[.?])\s+", STORY)]
    pcm = np.concatenate([soxr.resample(sound, hibari.sample_rate, RATE_HZ) for sound in spoken])
    assert len(pcm) > 34 * RATE_HZ
    text = await ears.transcribe((pcm * 20_000).astype(np.int16))
    heard = set(re.findall(r"\w+", text.lower()))
    said = set(re.findall(r"\w+", STORY.lower()))
    assert len(said & heard) / len(said) > 0.9


async def test_the_event_loop_stays_free(ears: WhisperEars) -> None:
    """While the model works, the loop turns: audio of other calls flows."""
    pcm, _ = recording("open_on_saturday")
    work = asyncio.create_task(ears.transcribe(pcm))
    await asyncio.sleep(0)
    assert ears.is_busy
    turns, longest_s, last_s = 0, 0.0, time.perf_counter()
    while not work.done():
        await asyncio.sleep(0.001)
        now_s = time.perf_counter()
        turns, longest_s, last_s = turns + 1, max(longest_s, now_s - last_s), now_s
    assert turns > 10
    assert longest_s < 0.1
    assert not ears.is_busy


async def test_calls_at_once_each_get_their_own_words(ears: WhisperEars) -> None:
    """One pass at a time, answers to those who asked."""
    question, yes = recording("open_on_saturday"), recording("yes")
    texts = await asyncio.gather(*(ears.transcribe(*sound) for sound in (question, yes) * 3))
    assert texts == ["What time do you open on Saturday?", "Yes."] * 3


async def test_a_caller_who_left_costs_no_pass(ears: WhisperEars) -> None:
    """Work that waits is dropped with the task that wanted it."""
    pcm, _ = recording("open_on_saturday")
    first = asyncio.create_task(ears.transcribe(pcm))
    await asyncio.sleep(0)
    second = asyncio.create_task(ears.transcribe(pcm))
    await asyncio.sleep(0)
    second.cancel()
    await first
    with pytest.raises(asyncio.CancelledError):
        await second
    assert not ears.is_busy


def test_an_english_model_refuses_another_language(ears: WhisperEars) -> None:
    """Rather than write English words for Spanish sounds."""
    with pytest.raises(WeightsError, match="'es'") as caught:
        ears.for_language("es")
    assert "whisper-base" in caught.value.hint


def test_a_directory_that_is_no_model_is_told_so(tmp_path: Path) -> None:
    """With the fix, not a native traceback."""
    with pytest.raises(WeightsError, match="does not load") as caught:
        WhisperEars.load(tmp_path)
    assert "offhook models verify" in caught.value.hint


async def test_one_multilingual_model_serves_several_languages() -> None:
    """A view for another language shares the model and its thread."""
    english = WhisperEars.load(weights.path("whisper-base"), "en")
    try:
        spanish = english.for_language("es")
        assert spanish.language == "es"
        assert "Saturday" in await english.transcribe(*recording("open_on_saturday"))
        work = asyncio.create_task(spanish.transcribe(*recording("yes")))
        await asyncio.sleep(0)
        assert english.is_busy
        await work
    finally:
        english.close()
