"""Cartesia as Pipecat's WebSocket and HTTP services and a bare socket meet it."""

import json
from typing import Any

import httpx
import pytest
import websockets
from pipecat.frames.frames import (
    ErrorFrame,
    TTSSpeakFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.services.cartesia.tts import CartesiaHttpTTSService, CartesiaTTSService
from pipecat.services.tts_service import TextAggregationMode

from emulators.cartesia import CartesiaEmulator
from emulators.word_tones import word_duration_s
from tests.emulators.rig import running

pytestmark = pytest.mark.wire

LINE = "w1 w2 w3 w4."


def service(vendor: CartesiaEmulator, **options: Any) -> CartesiaTTSService:
    settings = CartesiaTTSService.Settings(voice="nora")
    return CartesiaTTSService(api_key="key", url=vendor.base_url, settings=settings, **options)


@pytest.mark.parametrize("mode", [TextAggregationMode.SENTENCE, TextAggregationMode.TOKEN])
async def test_service_speaks_every_word_once_with_its_time(mode: TextAggregationMode) -> None:
    """The audio decodes to the text and the timestamps name each word of it."""
    async with CartesiaEmulator() as vendor:
        tts = service(vendor, text_aggregation_mode=mode)
        async with running(tts) as rig:
            await rig.push(TTSSpeakFrame(LINE))
            await rig.wait_for(TTSStoppedFrame)
            assert rig.heard() == LINE.split()
            assert " ".join(frame.text for frame in rig.all(TTSTextFrame)) == LINE
            assert rig.errors == ""


async def test_http_service_speaks() -> None:
    """The bytes endpoint gives the same speech to the HTTP service."""
    async with CartesiaEmulator() as vendor:
        settings = CartesiaHttpTTSService.Settings(voice="nora")
        tts = CartesiaHttpTTSService(api_key="key", base_url=vendor.http_url, settings=settings)
        async with running(tts) as rig:
            await rig.push(TTSSpeakFrame(LINE))
            await rig.wait_for(TTSStoppedFrame)
            assert rig.heard() == LINE.split()


@pytest.mark.parametrize("status", ["401", "402", "429", "500", "503"])
async def test_status_faults_are_errors_of_the_context(status: str) -> None:
    """The error reaches the service with its status, and nothing is spoken."""
    async with CartesiaEmulator() as vendor, running(service(vendor)) as rig:
        vendor.fault(status, times=1)
        await rig.push(TTSSpeakFrame("w1."))
        await rig.wait_for_error(f"'status_code': {status}")
        assert rig.heard() == []


async def test_refused_handshake_has_its_status() -> None:
    """A fault before the handshake is an HTTP status, as is a wrong key."""
    async with CartesiaEmulator() as vendor:
        vendor.fault("503", operation="connect", times=1)
        for key, status in (("key", 503), ("wrong", 401)):
            headers = {"X-API-Key": key, "Cartesia-Version": "2026-03-01"}
            with pytest.raises(websockets.InvalidStatus) as refused:
                await websockets.connect(vendor.base_url, additional_headers=headers)
            assert refused.value.response.status_code == status


@pytest.mark.parametrize("kind", ["stall", "drop", "malformed", "hang", "empty"])
async def test_stream_faults_cut_the_audio(kind: str) -> None:
    """The commanded bytes of audio pass and no more; an empty one stops there in order."""
    two_words = 2 * round(24_000 * (word_duration_s("w1") + word_duration_s("w2")))
    async with CartesiaEmulator() as vendor:
        once = service(vendor, reconnect_on_error=False)
        async with running(once) as rig:
            vendor.fault(kind, after_bytes=two_words, times=1)
            await rig.push(TTSSpeakFrame(LINE))
            if kind == "empty":
                await rig.wait_for(TTSStoppedFrame)
            elif kind in ("drop", "malformed"):
                await rig.wait_for(ErrorFrame)
            else:
                assert await rig.stays_without(TTSStoppedFrame)
            passed = [] if kind == "hang" else ["w1", "w2"]
            await rig.wait_until(lambda: rig.heard() == passed)


GOOD: dict[str, Any] = {
    "context_id": "c1",
    "model_id": "sonic-3.6",
    "transcript": "w1 ",
    "voice": {"mode": "id", "id": "nora"},
    "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 8000},
    "continue": True,
}


def socket(vendor: CartesiaEmulator) -> websockets.connect:
    headers = {"X-API-Key": "key", "Cartesia-Version": "2026-03-01"}
    return websockets.connect(vendor.base_url, additional_headers=headers)


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"speeed": 1}, 400, "unknown field 'speeed'"),
        ({"model_id": "unknown-model"}, 404, "unknown-model is not valid"),
        ({"voice": {"mode": "id", "id": "unknown-voice"}}, 404, "does not exist"),
        ({"max_buffer_delay_ms": 9000}, 400, "max_buffer_delay_ms"),
        ({"output_format": {**GOOD["output_format"], "encoding": "opus"}}, 400, "encoding"),
        ({"context_id": "new", "transcript": "", "continue": False}, 400, "nothing to say"),
        ({"language": "es"}, 400, "may not change in a context"),
        ({"cancel": True}, 400, "unknown field"),
    ],
)
async def test_mutated_message_is_an_error_of_its_context(
    change: Any, status: int, message: str
) -> None:
    """One wrong field, value or order is answered with an error message, on an open socket."""
    async with CartesiaEmulator() as vendor, socket(vendor) as ws:
        await ws.send(json.dumps(GOOD))
        await ws.send(json.dumps(GOOD | change))
        while (answer := json.loads(await ws.recv()))["type"] != "error":
            pass
        assert answer["status_code"] == status
        assert message in answer["message"]
        await ws.send(json.dumps(GOOD | {"context_id": "c2", "continue": False}))
        while (answer := json.loads(await ws.recv()))["type"] != "done":
            pass
        assert answer["context_id"] == "c2"


async def test_cancelled_context_falls_silent() -> None:
    """After a cancel the context's remaining words are not spoken."""
    async with CartesiaEmulator() as vendor, socket(vendor) as ws:
        vendor.fault("drip", drip_bytes=1000, drip_ms=5)
        await ws.send(json.dumps(GOOD | {"transcript": "w1 w2 w3 w4 w5 ", "continue": False}))
        await ws.recv()
        await ws.send(json.dumps({"context_id": "c1", "cancel": True}))
        pcm_chunks = 0
        while json.loads(await ws.recv())["type"] != "done":
            pcm_chunks += 1
        assert pcm_chunks < 10


async def test_voices_need_a_version_and_a_key() -> None:
    """The list of voices checks both headers."""
    async with CartesiaEmulator() as vendor, httpx.AsyncClient() as client:
        url, headers = f"{vendor.http_url}/voices", {"X-API-Key": "key"}
        assert (await client.get(url, headers=headers)).status_code == 400
        headers["Cartesia-Version"] = "2026-03-01"
        assert (await client.get(url, headers=headers)).json()["data"][0]["name"] == "Nora"
