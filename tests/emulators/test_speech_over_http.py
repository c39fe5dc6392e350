"""OpenAI's speech, as Pipecat's service meets it, and the house voice."""

from typing import Any

import httpx
import pytest
from pipecat.frames.frames import ErrorFrame, TTSSpeakFrame, TTSStoppedFrame
from pipecat.services.openai.tts import OpenAITTSService

from emulators.house import HouseEmulator
from emulators.openai import OpenAIEmulator
from emulators.word_tones import decode, word_duration_s
from tests.emulators.rig import running

pytestmark = pytest.mark.wire

LINE = "w1 w2 w3 w4."
TWO_WORDS = 2 * round(24_000 * (word_duration_s("w1") + word_duration_s("w2")))


def service(vendor: OpenAIEmulator) -> OpenAITTSService:
    tts = OpenAITTSService(api_key="key", base_url=vendor.base_url)
    tts._client = tts._client.with_options(max_retries=0)
    return tts


async def test_openai_service_speaks() -> None:
    """The PCM decodes to the text."""
    async with OpenAIEmulator() as vendor, running(service(vendor)) as rig:
        await rig.push(TTSSpeakFrame(LINE))
        await rig.wait_for(TTSStoppedFrame)
        assert (rig.heard(), rig.errors) == (LINE.split(), "")


@pytest.mark.parametrize("status", ["401", "402", "429", "500", "503"])
async def test_status_faults_reach_the_service(status: str) -> None:
    """Each status arrives as an error frame."""
    async with OpenAIEmulator() as vendor, running(service(vendor)) as rig:
        vendor.fault(status)
        await rig.push(TTSSpeakFrame(LINE))
        await rig.wait_for_error(status)
        assert rig.heard() == []


@pytest.mark.parametrize("kind", ["stall", "drop", "malformed", "hang", "refused"])
async def test_stream_faults_cut_the_audio(kind: str) -> None:
    """The commanded bytes of audio pass, to within the chunk the service was filling."""
    async with OpenAIEmulator() as vendor, running(service(vendor)) as rig:
        vendor.fault(kind, after_bytes=TWO_WORDS)
        await rig.push(TTSSpeakFrame(LINE))
        if kind in ("stall", "hang"):
            assert await rig.stays_without(ErrorFrame)
        else:
            await rig.wait_for(ErrorFrame)
        assert rig.heard() == ["w1", "w2"][: len(rig.heard())]
        pcm = rig.pcm
        assert len(pcm) <= TWO_WORDS


@pytest.mark.parametrize("kind", ["drop", "malformed"])
async def test_cut_passes_exactly_the_bytes(kind: str) -> None:
    """On the wire not a byte more or less passes before the cut."""
    async with HouseEmulator() as vendor, httpx.AsyncClient() as client:
        vendor.fault(kind, after_bytes=TWO_WORDS)
        received = b""
        body, headers = {"text": LINE}, {"Authorization": "Bearer key"}
        url = f"{vendor.base_url}/speak"
        with pytest.raises(httpx.RemoteProtocolError):
            async with client.stream("POST", url, json=body, headers=headers) as response:
                async for piece in response.aiter_raw():
                    received += piece
        assert len(received) == TWO_WORDS
        assert [word.text for word in decode(received, 24_000)] == ["w1", "w2"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"volume": 2}, 400),
        ({"text": ""}, 400),
        ({"sample_rate_hz": 4000}, 400),
        ({"voice": "unknown-voice"}, 404),
    ],
)
async def test_house_voice_refuses_a_mutated_request(change: Any, status: int) -> None:
    """The house voice is as strict as the vendors."""
    async with HouseEmulator() as vendor, httpx.AsyncClient() as client:
        url, headers = f"{vendor.base_url}/speak", {"Authorization": "Bearer key"}
        good = await client.post(url, json={"text": LINE, "sample_rate_hz": 8000}, headers=headers)
        assert [word.text for word in decode(good.content, 8000)] == LINE.split()
        refused = await client.post(url, json={"text": LINE} | change, headers=headers)
        assert refused.status_code == status
        assert (await client.get(f"{vendor.base_url}/voices")).status_code == 401


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"pitch": 2}, 400),
        ({"voice": "nobody"}, 400),
        ({"speed": 9}, 400),
        ({"response_format": "mp3"}, 400),
        ({"model": "unknown-model"}, 404),
    ],
)
async def test_openai_speech_refuses_a_mutated_request(change: Any, status: int) -> None:
    """One wrong field or value of a speech request is refused."""
    good = {"model": "gpt-4o-mini-tts", "voice": "alloy", "input": LINE, "response_format": "pcm"}
    async with OpenAIEmulator() as vendor, httpx.AsyncClient() as client:
        url, headers = f"{vendor.base_url}/audio/speech", {"Authorization": "Bearer key"}
        assert (await client.post(url, json=good, headers=headers)).status_code == 200
        refused = await client.post(url, json=good | change, headers=headers)
        assert refused.status_code == status
