"""ElevenLabs as Pipecat's WebSocket service, the SDK and a bare socket meet it."""

import asyncio
import json
from typing import Any

import httpx
import pytest
import websockets
from elevenlabs.client import AsyncElevenLabs
from elevenlabs.core.api_error import ApiError
from pipecat.frames.frames import (
    ErrorFrame,
    TTSSpeakFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.services.elevenlabs.tts import ElevenLabsTTSService

from emulators.elevenlabs import ElevenLabsEmulator
from emulators.server import Pace
from emulators.word_tones import decode, word_duration_s
from tests.emulators.rig import running

pytestmark = pytest.mark.wire

LINE = "w1 w2 w3 w4."


def service(
    vendor: ElevenLabsEmulator, *, reconnects: bool = True, **options: Any
) -> ElevenLabsTTSService:
    # A service that reconnects does not say why it had to.
    return ElevenLabsTTSService(
        api_key="key",
        url=vendor.base_url,
        settings=ElevenLabsTTSService.Settings(voice="nora", **options),
        reconnect_on_error=reconnects,
    )


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 24_000])
async def test_service_speaks_every_word_once_with_its_time(rate_hz: int) -> None:
    """The audio decodes to the text, and the alignment gives each word of it."""
    async with ElevenLabsEmulator() as vendor, running(service(vendor), out_hz=rate_hz) as rig:
        await rig.push(TTSSpeakFrame(LINE))
        await rig.wait_for(TTSStoppedFrame)
        assert rig.heard(rate_hz) == LINE.split()
        assert [frame.text for frame in rig.all(TTSTextFrame)] == LINE.split()
        assert rig.errors == ""


async def test_service_speaks_two_turns_with_voice_settings() -> None:
    """Each turn opens a context with the same settings; the vendor accepts them each time."""
    async with ElevenLabsEmulator() as vendor:
        settled = service(vendor, stability=0.5, similarity_boost=0.5)
        async with running(settled) as rig:
            await rig.push(TTSSpeakFrame("w1 w2."))
            await rig.wait_for(TTSStoppedFrame)
            await rig.push(TTSSpeakFrame("w3 w4."))
            await rig.wait_for(TTSStoppedFrame, 2)
            assert rig.heard() == ["w1", "w2.", "w3", "w4."]
            assert rig.errors == ""


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("401", "Invalid API key"),
        ("402", "exceeds your quota"),
        ("429", "Too many concurrent requests"),
        ("500", "something went wrong"),
        ("503", "heavy traffic"),
    ],
)
async def test_status_faults_close_an_open_socket(status: str, reason: str) -> None:
    """A fault armed during a call closes the socket over the next text, as the vendor does."""
    async with ElevenLabsEmulator() as vendor:
        once = service(vendor, reconnects=False)
        async with running(once) as rig:
            vendor.fault(status, times=1)
            await rig.push(TTSSpeakFrame(LINE))
            await rig.wait_for_error(reason)
            assert rig.heard() == []


@pytest.mark.parametrize("kind", ["stall", "drop", "malformed", "hang", "empty"])
async def test_stream_faults_cut_the_audio(kind: str) -> None:
    """The commanded bytes of audio pass and no more; an empty one stops there in order."""
    two_words = 2 * round(24_000 * (word_duration_s("w1") + word_duration_s("w2")))
    async with ElevenLabsEmulator() as vendor:
        once = service(vendor, reconnects=False)
        async with running(once) as rig:
            vendor.fault(kind, after_bytes=two_words, times=1)
            await rig.push(TTSSpeakFrame(LINE))
            if kind == "empty":
                await rig.wait_for(TTSStoppedFrame)
            elif kind == "drop":
                await rig.wait_for_error("no close frame")
            elif kind == "malformed":
                await rig.wait_for(ErrorFrame)
            else:
                assert await rig.stays_without(TTSStoppedFrame)
            passed = [] if kind == "hang" else ["w1", "w2"]
            await rig.wait_until(lambda: rig.heard() == passed)
            if kind == "drop":
                audio = rig.pcm
                assert len(audio) == two_words


async def test_service_reconnects_after_a_drop() -> None:
    """A vendor that is well again speaks the next text on a new connection."""
    async with ElevenLabsEmulator() as vendor, running(service(vendor)) as rig:
        vendor.fault("drop", times=1)
        await rig.push(TTSSpeakFrame("w1 w2."))
        await vendor.wait_for_requests("connect", 2)
        await rig.wait_for_error("completed with no audio")
        await rig.push(TTSSpeakFrame("w3 w4."))
        await rig.wait_for(TTSStoppedFrame)
        assert rig.heard() == ["w3", "w4."]


async def test_refused_cuts_the_open_socket() -> None:
    """A refusal ends the running connection as well as new ones."""
    async with ElevenLabsEmulator() as vendor, running(service(vendor)) as rig:
        vendor.fault("refused")
        await rig.wait_for_error("Connect call failed")
        with pytest.raises(OSError):
            await websockets.connect(vendor.base_url)


async def test_sdk_lists_voices_speaks_and_is_refused() -> None:
    """The vendor's SDK reads voices and PCM, and raises on a wrong key."""
    async with ElevenLabsEmulator(voices={"v1": "Nora"}) as vendor, httpx.AsyncClient() as http:
        client = AsyncElevenLabs(api_key="key", base_url=vendor.http_url, httpx_client=http)
        assert [v.name for v in (await client.voices.get_all()).voices] == ["Nora"]
        pieces = client.text_to_speech.stream("v1", text=LINE, output_format="pcm_16000")
        pcm = b"".join([piece async for piece in pieces])
        assert [word.text for word in decode(pcm, 16_000)] == LINE.split()
        wrong = AsyncElevenLabs(api_key="wrong", base_url=vendor.http_url, httpx_client=http)
        with pytest.raises(ApiError) as refused:
            await wrong.voices.get_all()
        assert refused.value.status_code == 401
        with pytest.raises(ApiError) as missing:
            async for _ in client.text_to_speech.stream("v2", text=LINE, output_format="pcm_16000"):
                pass
        assert missing.value.status_code == 404


def socket(vendor: ElevenLabsEmulator, query: str = "", key: str = "key", voice: str = "nora"):
    url = f"{vendor.base_url}/v1/text-to-speech/{voice}/multi-stream-input?{query}"
    return websockets.connect(url, additional_headers={"xi-api-key": key})


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        (["{"], "not JSON"),
        ([{"text": "w1 ", "speed": 1}], "speed: Extra inputs are not permitted"),
        ([{"text": "w1 ", "voice_settings": {"stability": 2}}], "voice_settings.stability"),
        (
            [{"text": " "}, {"text": "w1 ", "voice_settings": {"stability": 0.5}}],
            "voice_settings field must be provided in the first message",
        ),
        ([{"text": " ", "context_id": str(i)} for i in range(6)], "Maximum simultaneous contexts"),
    ],
)
async def test_mutated_message_closes_the_socket(messages: list[Any], reason: str) -> None:
    """A wrong field, value or order is a close frame 1008 with the reason."""
    async with ElevenLabsEmulator() as vendor, socket(vendor) as ws:
        for message in messages:
            await ws.send(message if isinstance(message, str) else json.dumps(message))
        with pytest.raises(websockets.ConnectionClosedError) as closed:
            while True:
                await ws.recv()
        assert closed.value.rcvd and closed.value.rcvd.code == 1008
        assert reason in closed.value.rcvd.reason


@pytest.mark.parametrize(
    ("connection", "reason"),
    [
        ({"query": "model=x"}, "model: Extra inputs"),
        ({"query": "output_format=wav"}, "output_format"),
        ({"key": "wrong"}, "Invalid API key"),
        ({"voice": "unknown-voice"}, "unknown-voice does not exist"),
        ({"query": "inactivity_timeout=0.05"}, "Have not received a new text input"),
    ],
)
async def test_wrong_connection_is_accepted_and_closed(connection: Any, reason: str) -> None:
    """Query, key, voice and idleness are judged after the handshake."""
    async with ElevenLabsEmulator() as vendor, socket(vendor, **connection) as ws:
        with pytest.raises(websockets.ConnectionClosedError) as closed:
            while True:
                await ws.recv()
        assert closed.value.rcvd and reason in closed.value.rcvd.reason


async def test_contexts_speak_beside_one_another() -> None:
    """A context that is slow does not hold up another, and each ends with its own isFinal."""
    slow = ElevenLabsEmulator(pace=Pace(chunk_ms=10))
    async with slow as vendor, socket(vendor, "auto_mode=true") as ws:
        async with asyncio.timeout(5):
            for name, text in (("long", "w1 w2 w3 w4 w5 w6 "), ("short", "w7 ")):
                await ws.send(json.dumps({"text": text, "context_id": name}))
                await ws.send(json.dumps({"context_id": name, "close_context": True}))
            finished = []
            while len(finished) < 2:
                message = json.loads(await ws.recv())
                finished += [message["contextId"]] if message.get("isFinal") else []
            assert finished == ["short", "long"]


async def test_without_auto_mode_text_waits_for_a_flush() -> None:
    """Short text is buffered until the client flushes it."""
    async with ElevenLabsEmulator() as vendor, socket(vendor) as ws:
        await ws.send(json.dumps({"text": "w1 w2 "}))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ws.recv(), 0.05)
        await ws.send(json.dumps({"flush": True}))
        message = json.loads(await ws.recv())
        assert message["alignment"]["chars"] == ["w", "1", " "]
