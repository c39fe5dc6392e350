"""Deepgram over HTTP as a segmented service, against the emulator."""

from __future__ import annotations

from typing import Any

import pytest
from pipecat.frames.frames import (
    ErrorFrame,
    InputAudioRawFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.utils.errors import ErrorCategory

from bots.providers.deepgram_prerecorded import DeepgramPrerecordedSTTService
from emulators.deepgram import DeepgramEmulator
from emulators.word_tones import encode
from processors.fallback.failure import failure_of
from tests.emulators.rig import Rig, running

pytestmark = pytest.mark.wire

RATE_HZ = 16_000
LINE = "When do you open on Saturday?"


def service(
    vendor: DeepgramEmulator, *, key: str = "key", timeout_s: float = 5.0, **options: Any
) -> DeepgramPrerecordedSTTService:
    settings = DeepgramPrerecordedSTTService.Settings(**options)
    return DeepgramPrerecordedSTTService(
        api_key=key, base_url=vendor.base_url, settings=settings, timeout_s=timeout_s
    )


async def say(rig: Rig, text: str) -> None:
    """One stretch of speech, as the VAD and the transport tell it."""
    await rig.push(VADUserStartedSpeakingFrame())
    pcm = encode(text, RATE_HZ) if text else bytes(RATE_HZ)
    await rig.push(InputAudioRawFrame(pcm + bytes(640), RATE_HZ, 1))
    await rig.push(VADUserStoppedSpeakingFrame(stop_secs=0.2))


async def test_each_stretch_of_speech_is_one_final() -> None:
    """Words are exact, final, and asked for with the settings that were given and no others."""
    async with DeepgramEmulator() as vendor:
        stt = service(vendor, model="nova-3", redact=["pci", "ssn"], smart_format=True)
        async with running(stt) as rig:
            await say(rig, LINE)
            await say(rig, "w1 w2")
            await rig.wait_for(TranscriptionFrame, 2)
            finals = rig.all(TranscriptionFrame)
            assert [frame.text for frame in finals] == [LINE, "w1 w2"]
            assert all(frame.finalized for frame in finals)
        query = vendor.asked[0].query
        assert set(query) == {"model", "language", "punctuate", "smart_format", "redact"}
        assert (query["model"], query["smart_format"]) == ("nova-3", "true")


async def test_a_detected_language_is_told_and_not_also_ordered() -> None:
    """`detect_language` and `language` exclude each other in a request."""
    async with DeepgramEmulator() as vendor:
        async with running(service(vendor, detect_language=True)) as rig:
            await say(rig, "w1")
            await rig.wait_for(TranscriptionFrame)
        assert "language" not in vendor.asked[0].query


async def test_silence_is_no_transcript_and_no_error() -> None:
    """Success with nothing in it is the chain's business, not an error of the service."""
    async with DeepgramEmulator() as vendor, running(service(vendor)) as rig:
        await say(rig, "")
        await vendor.wait_for_requests("transcribe", 1)
        assert await rig.stays_without(TranscriptionFrame)
        assert rig.errors == ""


@pytest.mark.parametrize(
    ("fault", "category"),
    [
        ("401", ErrorCategory.AUTHENTICATION),
        ("402", ErrorCategory.QUOTA),
        ("429", ErrorCategory.RATE_LIMIT),
        ("500", ErrorCategory.SERVER),
        ("503", ErrorCategory.SERVER),
        ("refused", ErrorCategory.CONNECTIVITY),
        ("drop", ErrorCategory.CONNECTIVITY),
        ("hang", ErrorCategory.CONNECTIVITY),
        ("malformed", ErrorCategory.SERVER),
    ],
)
async def test_each_fault_is_one_error_of_its_category(fault: str, category: ErrorCategory) -> None:
    """Nothing is retried behind the chain's back, and nothing raises into the pipeline."""
    async with DeepgramEmulator() as vendor:
        vendor.fault(fault)
        async with running(service(vendor, timeout_s=0.3)) as rig:
            await say(rig, LINE)
            await rig.wait_for(ErrorFrame)
            assert [error.category for error in rig.all(ErrorFrame)] == [category]
            assert rig.all(TranscriptionFrame) == []
            asked = [asked for asked in vendor.asked if asked.operation == "transcribe"]
            assert len(asked) == (0 if fault == "refused" else 1)


async def test_a_vendor_s_retry_after_reaches_the_chain() -> None:
    """The breaker reads it from the error."""
    async with DeepgramEmulator() as vendor:
        vendor.fault("429", retry_after_s=7)
        async with running(service(vendor)) as rig:
            await say(rig, LINE)
            await rig.wait_for(ErrorFrame)
            assert failure_of(rig.all(ErrorFrame)[0]).retry_after_s == 7


async def test_a_misspelt_parameter_is_refused() -> None:
    """`extra` is sent as it is, and the vendor's answer is an invalid request."""
    async with DeepgramEmulator() as vendor:
        misspelt = service(vendor, extra={"smart_formatt": True})
        async with running(misspelt) as rig:
            await say(rig, LINE)
            await rig.wait_for(ErrorFrame)
            assert rig.all(ErrorFrame)[0].category is ErrorCategory.INVALID_REQUEST


@pytest.mark.parametrize("scheme", ["ws", "http"])
async def test_the_url_of_the_streaming_service_is_good_here_too(scheme: str) -> None:
    """One `base_url` serves both members of a chain."""
    async with DeepgramEmulator() as vendor:
        url = vendor.base_url.replace("http", scheme) + "/"
        async with running(DeepgramPrerecordedSTTService(api_key="key", base_url=url)) as rig:
            await say(rig, "w1")
            await rig.wait_for(TranscriptionFrame)
