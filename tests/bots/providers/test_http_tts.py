"""The house voice: its contract, against the emulator, and every way it can fail."""

from __future__ import annotations

import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO

import pytest
from aiohttp import web
from pipecat.frames.frames import ErrorFrame, TTSAudioRawFrame, TTSSpeakFrame, TTSStoppedFrame
from pipecat.transcriptions.language import Language
from pipecat.utils.errors import ErrorCategory

from bots.providers.http_tts import HouseTTSService
from emulators.house import HouseEmulator
from emulators.word_tones import encode
from tests.emulators.rig import running

pytestmark = pytest.mark.wire

LINE = "w1 w2 w3 w4."


def service(url: str, *, api_key: str | None = "key", **settings: object) -> HouseTTSService:
    """The service as the builder makes it."""
    values = {"voice": "nora", "language": Language.ES, **settings}
    made = HouseTTSService.Settings.from_mapping(values)
    return HouseTTSService(url=url, api_key=api_key, settings=made)


@asynccontextmanager
async def answering(content_type: str, body: bytes) -> AsyncIterator[str]:
    """A server that always answers so; gives its URL."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=body, content_type=content_type)

    app = web.Application()
    app.add_routes([web.post("/speak", answer)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/speak"
    finally:
        await runner.cleanup()


async def test_it_speaks_by_the_contract() -> None:
    """The text, the voice, the language and the rate are asked for, and what comes is heard."""
    async with HouseEmulator() as vendor, running(service(f"{vendor.base_url}/speak")) as rig:
        await rig.push(TTSSpeakFrame(LINE))
        await rig.wait_for(TTSStoppedFrame)
        assert (rig.heard(), rig.errors) == (LINE.split(), "")
        assert vendor.asked[-1].body == {
            "text": LINE,
            "voice": "nora",
            "language": "es",
            "sample_rate_hz": 24_000,
        }


async def test_more_fields_are_sent_and_replace_nothing() -> None:
    """What the contract itself says stays; a field the house does not know it refuses."""
    fields = {"text": "no", "style": "calm"}
    async with HouseEmulator() as vendor:
        url = f"{vendor.base_url}/speak"
        async with running(service(url, fields=fields)) as rig:
            await rig.push(TTSSpeakFrame(LINE))
            await rig.wait_for(ErrorFrame)
        assert vendor.asked[-1].body["text"] == LINE
        assert vendor.asked[-1].body["style"] == "calm"


@pytest.mark.parametrize(
    ("fault", "category"),
    [
        ("401", ErrorCategory.AUTHENTICATION),
        ("429", ErrorCategory.RATE_LIMIT),
        ("503", ErrorCategory.SERVER),
        ("refused", ErrorCategory.CONNECTIVITY),
        ("drop", ErrorCategory.CONNECTIVITY),
        ("malformed", ErrorCategory.CONNECTIVITY),
    ],
)
async def test_a_failure_is_an_error_with_its_category(fault: str, category: ErrorCategory) -> None:
    """So that a chain knows what it is told; the text is not in the message."""
    async with HouseEmulator() as vendor, running(service(f"{vendor.base_url}/speak")) as rig:
        vendor.fault(fault)
        await rig.push(TTSSpeakFrame(LINE))
        await rig.wait_for(ErrorFrame)
        assert rig.all(ErrorFrame)[0].category is category
        assert "w1" not in rig.errors


async def test_without_a_key_none_is_sent() -> None:
    """The emulator asks for one, so it refuses."""
    async with HouseEmulator() as vendor:
        url = f"{vendor.base_url}/speak"
        async with running(service(url, api_key=None)) as rig:
            await rig.push(TTSSpeakFrame(LINE))
            await rig.wait_for_error("401")


async def test_a_wav_of_another_rate_is_resampled() -> None:
    """The header says the rate, and is not played."""
    file = BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16_000)
        out.writeframes(encode(LINE, 16_000))
    async with answering("audio/wav", file.getvalue()) as url, running(service(url)) as rig:
        await rig.push(TTSSpeakFrame(LINE))
        await rig.wait_for(TTSStoppedFrame)
        assert rig.heard() == LINE.split()


@pytest.mark.parametrize(
    ("content_type", "body", "said"),
    [
        ("text/html", b"<html>", "its type is text/html"),
        ("audio/wav", b"RIFF", "it ends inside its WAV header"),
    ],
)
async def test_what_is_no_audio_is_never_played(content_type: str, body: bytes, said: str) -> None:
    """A proxy's page of excuses is an error, not noise."""
    async with answering(content_type, body) as url, running(service(url)) as rig:
        await rig.push(TTSSpeakFrame(LINE))
        await rig.wait_for_error(said)
        assert rig.all(TTSAudioRawFrame) == []
