"""Deepgram as Pipecat's streaming service, the SDK and a bare socket meet it."""

import io
import json
import wave
from typing import Any

import httpx
import pytest
import websockets
from deepgram import AsyncDeepgramClient
from deepgram.core.api_error import ApiError
from deepgram.environment import DeepgramClientEnvironment
from pipecat.frames.frames import (
    InputAudioRawFrame,
    InterimTranscriptionFrame,
    TranscriptionFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.services.deepgram.stt import DeepgramSTTService

from emulators.deepgram import DeepgramEmulator
from emulators.word_tones import encode
from tests.emulators.rig import Rig, running
from tests.emulators.telephone import mu_law

pytestmark = pytest.mark.wire

RATE_HZ = 16_000
LINE = "When do you open on Saturday?"
SILENCE = bytes(2 * RATE_HZ // 2)


def service(vendor: DeepgramEmulator, **options: Any) -> DeepgramSTTService:
    settings = DeepgramSTTService.Settings(**options)
    return DeepgramSTTService(api_key="key", base_url=vendor.base_url, settings=settings)


async def speak(rig: Rig, pcm: bytes) -> None:
    """Send `pcm` in the 20 ms frames of a transport."""
    size = 2 * RATE_HZ // 50
    for start in range(0, len(pcm), size):
        await rig.push(InputAudioRawFrame(pcm[start : start + size], RATE_HZ, 1))


def finals(rig: Rig) -> list[str]:
    return [frame.text for frame in rig.all(TranscriptionFrame)]


async def test_service_hears_interim_and_final_words() -> None:
    """Interim results grow towards the final one, which is exactly what was spoken."""
    async with DeepgramEmulator() as vendor, running(service(vendor)) as rig:
        await speak(rig, encode(LINE, RATE_HZ) + SILENCE)
        await rig.wait_for(TranscriptionFrame)
        assert finals(rig) == [LINE]
        interim = [frame.text for frame in rig.all(InterimTranscriptionFrame)]
        assert interim and all(LINE.startswith(text) for text in interim)
        assert rig.errors == ""


async def test_finalize_gives_the_words_without_waiting_for_silence() -> None:
    """Pipecat's Finalize at the end of a turn is answered from what was heard so far."""
    async with DeepgramEmulator() as vendor:
        patient = service(vendor, endpointing=5000)
        async with running(patient) as rig:
            await speak(rig, encode(LINE, RATE_HZ) + bytes(640))
            await rig.push(VADUserStoppedSpeakingFrame())
            await rig.wait_for(TranscriptionFrame)
            assert finals(rig) == [LINE]
            assert rig.all(TranscriptionFrame)[0].finalized


async def test_two_utterances_are_two_finals() -> None:
    """No word of one utterance is lost to or repeated in the next."""
    async with DeepgramEmulator() as vendor, running(service(vendor)) as rig:
        await speak(rig, encode("w1 w2 w3", RATE_HZ) + SILENCE)
        await speak(rig, encode("w4 w5", RATE_HZ) + SILENCE)
        await rig.wait_for(TranscriptionFrame, 2)
        assert finals(rig) == ["w1 w2 w3", "w4 w5"]


@pytest.mark.parametrize("status", ["401", "402"])
async def test_refused_handshake_makes_the_service_unusable(status: str) -> None:
    """A 4xx at the handshake is permanent to Pipecat."""
    async with DeepgramEmulator() as vendor:
        vendor.fault(status)
        refused = service(vendor)
        async with running(refused) as rig:
            await rig.wait_for_error(f"status {status}")
            assert not refused.is_usable


@pytest.mark.parametrize("kind", ["429", "500", "503", "drop", "malformed", "refused"])
async def test_faults_of_an_open_stream_are_errors(kind: str) -> None:
    """An outage during an utterance reaches the service as an error, with no transcript."""
    async with DeepgramEmulator() as vendor, running(service(vendor)) as rig:
        details = {"after_bytes": 1000} if kind in ("drop", "malformed") else {}
        vendor.fault(kind, times=None if kind == "refused" else 1, **details)
        await speak(rig, encode("w1 w2 w3", RATE_HZ))
        await rig.wait_until(lambda: rig.errors != "")
        assert finals(rig) == []


@pytest.mark.parametrize("kind", ["stall", "hang", "empty"])
async def test_silent_faults_give_no_words(kind: str) -> None:
    """The stream stays open and nothing is heard on it."""
    async with DeepgramEmulator() as vendor, running(service(vendor)) as rig:
        vendor.fault(kind)
        await speak(rig, encode("w1 w2 w3", RATE_HZ) + SILENCE)
        assert await rig.stays_without(TranscriptionFrame)
        assert rig.errors == ""


async def test_fault_is_over_when_it_is_taken_back() -> None:
    """After an utterance was heard as nothing, a well vendor hears the next."""
    async with DeepgramEmulator() as vendor, running(service(vendor)) as rig:
        vendor.fault("empty", times=1)
        await speak(rig, encode("w1 w2", RATE_HZ) + SILENCE)
        await speak(rig, encode("w3 w4", RATE_HZ) + SILENCE)
        await rig.wait_for(TranscriptionFrame)
        assert finals(rig) == ["w3 w4"]


def connect(vendor: DeepgramEmulator, query: str, key: str = "key") -> websockets.connect:
    url = f"{vendor.base_url.replace('http', 'ws')}/v1/listen?{query}"
    return websockets.connect(url, additional_headers={"Authorization": f"Token {key}"})


GOOD = "model=nova-3&encoding=linear16&sample_rate=16000"


async def test_live_protocol_tells_speech_and_its_end() -> None:
    """SpeechStarted, Results, UtteranceEnd and Metadata come in the documented order."""
    query = f"{GOOD}&interim_results=true&vad_events=true&utterance_end_ms=1000&language=multi"
    async with DeepgramEmulator() as vendor, connect(vendor, query) as ws:
        await ws.send(json.dumps({"type": "KeepAlive"}))
        await ws.send(encode("w1 w2", RATE_HZ))
        for _ in range(12):
            await ws.send(bytes(3200))
        await ws.send(json.dumps({"type": "CloseStream"}))
        messages = [json.loads(message) async for message in ws]
        kinds = [message["type"] for message in messages]
        assert kinds[0] == "SpeechStarted"
        assert kinds[-1] == "Metadata" and "UtteranceEnd" in kinds
        final = next(message for message in messages if message.get("speech_final"))
        best = final["channel"]["alternatives"][0]
        assert (best["transcript"], best["languages"]) == ("w1 w2", ["en"])
        assert best["words"][0]["start"] < best["words"][0]["end"] < best["words"][1]["end"]
        assert ws.close_code == 1000


async def test_mu_law_of_a_telephone_is_heard() -> None:
    """8 kHz mu-law, as carriers send it, is transcribed as well."""

    query = "model=nova-3&encoding=mulaw&sample_rate=8000"
    async with DeepgramEmulator() as vendor, connect(vendor, query) as ws:
        await ws.send(mu_law(encode("w1 w2 w3", 8000)))
        await ws.send(json.dumps({"type": "Finalize"}))
        result = json.loads(await ws.recv())
        assert result["from_finalize"] and result["is_final"]
        assert result["channel"]["alternatives"][0]["transcript"] == "w1 w2 w3"


@pytest.mark.parametrize(
    ("query", "key", "status", "reason"),
    [
        (f"{GOOD}&smart_formatt=true", "key", 400, "unknown query parameter smart_formatt"),
        (f"{GOOD}&punctuate=yes", "key", 400, "punctuate"),
        (f"{GOOD}&model=nova-2", "key", 400, "sent twice"),
        (f"{GOOD}&utterance_end_ms=1000", "key", 400, "needs interim_results"),
        ("model=nova-3", "key", 400, "needs encoding and sample_rate"),
        ("model=unknown-model", "key", 404, "No such model"),
        (GOOD, "wrong", 401, "Invalid credentials"),
    ],
)
async def test_mutated_handshake_is_refused(query: str, key: str, status: int, reason: str) -> None:
    """One wrong parameter is an HTTP status with the reason in dg-error."""
    async with DeepgramEmulator() as vendor:
        with pytest.raises(websockets.InvalidStatus) as refused:
            await connect(vendor, query, key)
        assert refused.value.response.status_code == status
        assert reason in refused.value.response.headers["dg-error"]


@pytest.mark.parametrize("message", ["hello", '{"type":"Restart"}', '{"type":"KeepAlive","a":1}'])
async def test_unknown_text_message_closes_the_stream(message: str) -> None:
    """Text that is no control message is taken for audio that cannot be decoded."""
    async with DeepgramEmulator() as vendor, connect(vendor, GOOD) as ws:
        await ws.send(message)
        with pytest.raises(websockets.ConnectionClosedError) as closed:
            await ws.recv()
        assert closed.value.rcvd and closed.value.rcvd.code == 1008
        assert "DATA-0000" in closed.value.rcvd.reason


def wav(pcm: bytes) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE_HZ)
        writer.writeframes(pcm)
    return file.getvalue()


async def test_sdk_transcribes_a_file_and_is_refused() -> None:
    """The vendor's SDK reads the pre-recorded document, and raises on a fault and a wrong key."""
    async with DeepgramEmulator() as vendor, httpx.AsyncClient() as http:
        ws_url = vendor.base_url.replace("http", "ws")
        environment = DeepgramClientEnvironment(
            base=vendor.base_url, production=ws_url, agent=ws_url, agent_rest=vendor.base_url
        )

        def client(key: str) -> AsyncDeepgramClient:
            return AsyncDeepgramClient(api_key=key, environment=environment, httpx_client=http)

        listen = client("key").listen.v1.media
        answer: Any = await listen.transcribe_file(
            request=wav(encode(LINE, RATE_HZ)), model="nova-3"
        )
        assert answer.results.channels[0].alternatives[0].transcript == LINE
        for key, status in (("wrong", 401), ("key", 503)):
            if status == 503:
                vendor.fault("503")
            with pytest.raises(ApiError) as refused:
                await client(key).listen.v1.media.transcribe_file(
                    request=b"", model="nova-3", request_options={"max_retries": 0}
                )
            assert refused.value.status_code == status


@pytest.mark.parametrize(("kind", "error"), [("drop", httpx.RemoteProtocolError)])
async def test_prerecorded_answer_can_be_cut(kind: str, error: type[Exception]) -> None:
    """The HTTP answer breaks off after the commanded bytes."""
    async with DeepgramEmulator() as vendor, httpx.AsyncClient() as client:
        vendor.fault(kind, after_bytes=20)
        url, headers = f"{vendor.base_url}/v1/listen?model=nova-3", {"Authorization": "Token key"}
        with pytest.raises(error):
            await client.post(url, content=wav(encode("w1", RATE_HZ)), headers=headers)


async def test_corrupt_file_is_refused() -> None:
    """Bytes that are neither WAV nor described as raw are a 400."""
    async with DeepgramEmulator() as vendor, httpx.AsyncClient() as client:
        url, headers = f"{vendor.base_url}/v1/listen?model=nova-3", {"Authorization": "Token key"}
        answer = await client.post(url, content=b"no audio", headers=headers)
        assert answer.status_code == 400
        assert "corrupt or unsupported data" in answer.json()["err_msg"]
