"""Gemini Live as Pipecat's service and a bare socket meet it."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import websockets
from google.genai.types import HttpOptions
from pipecat.frames.frames import (
    LLMContextFrame,
    TranscriptionFrame,
    TTSTextFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.services.google.gemini_live.llm import GeminiLiveLLMService
from pipecat.transcriptions.language import Language

from emulators.gemini_live import PATH, GeminiLiveEmulator
from emulators.script import Reply, Script
from emulators.word_tones import encode
from tests.emulators.rig import Rig, running
from tests.emulators.test_deepgram import RATE_HZ, SILENCE, speak
from tests.fakes.tls import behind_tls

pytestmark = [
    pytest.mark.wire,
    # Pipecat's own call of the SDK.
    pytest.mark.filterwarnings("ignore:Setting `LiveConnectConfig.generation_config`"),
]


@asynccontextmanager
async def conversing(folder: Path, vendor: GeminiLiveEmulator) -> AsyncIterator[Rig]:
    """Pipecat's service at the emulator, whose SDK insists on TLS."""
    port = urlsplit(vendor.base_url).port
    assert port
    async with behind_tls(folder, port) as (tls_port, trusted):
        options = HttpOptions(
            base_url=f"https://127.0.0.1:{tls_port}", async_client_args={"ssl": trusted}
        )
        settings = GeminiLiveLLMService.Settings(
            model="models/gemini-3.8-live",
            system_instruction="You sell hats.",
            language=Language.EN,
        )
        service = GeminiLiveLLMService(api_key="key", http_options=options, settings=settings)
        async with running(service) as rig:
            yield rig


async def test_service_greets_hears_and_answers(tmp_path: Path) -> None:
    """What a conversation begins with is answered when Pipecat asks for it; then the caller is
    heard to the end of the turn, and the answer comes as audio and text."""
    script = Script(replies=[Reply(text="w11 w12."), Reply(text="w21 w22.")])
    context = LLMContext(messages=[{"role": "user", "content": "Greet the caller."}])
    async with (
        GeminiLiveEmulator(script=script) as vendor,
        conversing(tmp_path, vendor) as rig,
    ):
        await rig.push(LLMContextFrame(context))
        await rig.wait_until(lambda: rig.heard() == ["w11", "w12."], 10)
        await speak(rig, encode("w1 w2", RATE_HZ) + SILENCE + SILENCE)
        await rig.wait_until(lambda: rig.heard()[2:] == ["w21", "w22."], 10)
        await rig.wait_until(lambda: "w22." in "".join(f.text for f in rig.all(TTSTextFrame)))
        await rig.wait_for(TranscriptionFrame)
        assert "w1 w2" in "".join(frame.text for frame in rig.all(TranscriptionFrame))
        assert len([one for one in vendor.asked if one.operation == "chat"]) == 2
        assert rig.errors == ""


SETUP: dict[str, Any] = {
    "setup": {
        "model": "models/gemini-3.8-live",
        "generationConfig": {"responseModalities": ["AUDIO"]},
        "inputAudioTranscription": {},
    }
}


def connect(vendor: GeminiLiveEmulator, key: str = "key") -> websockets.connect:
    return websockets.connect(f"{vendor.base_url.replace('http', 'ws')}{PATH}?key={key}")


async def said(socket: websockets.ClientConnection, *messages: dict[str, Any]) -> None:
    """Send messages, and be told that the setup is complete after the first."""
    for number, message in enumerate(messages):
        await socket.send(json.dumps(message))
        if number == 0:
            assert json.loads(await socket.recv()) == {"setupComplete": {}}


def audio(pcm: bytes) -> dict[str, Any]:
    data = base64.b64encode(pcm).decode()
    return {"realtimeInput": {"audio": {"data": data, "mimeType": "audio/pcm;rate=16000"}}}


async def test_an_answer_that_is_spoken_over_is_interrupted() -> None:
    """It ends where it is, and says that it was interrupted and not that it is complete."""
    script = Script(replies=[Reply(text=" ".join(f"w{n}" for n in range(40)))])
    async with GeminiLiveEmulator(script=script) as vendor, connect(vendor) as socket:
        vendor.fault("drip", drip_bytes=2000, drip_ms=20)
        await said(socket, SETUP, audio(encode("w1", RATE_HZ)), audio(SILENCE), audio(SILENCE))
        async for message in socket:
            content = json.loads(message)["serverContent"]
            assert "turnComplete" not in content
            if "modelTurn" in content:
                await socket.send(json.dumps(audio(encode("w2", RATE_HZ))))
            if content.get("interrupted"):
                return


@pytest.mark.parametrize(
    ("messages", "code", "reason"),
    [
        ([{"realtimeInput": {"text": "hi"}}], 1007, "setup must be the first"),
        ([{"setup": {**SETUP["setup"], "voice": "Puck"}}], 1007, "Extra inputs"),
        ([{**SETUP, "realtimeInput": {"text": "hi"}}], 1007, "exactly one field"),
        ([{"setup": {**SETUP["setup"], "model": "gemini"}}], 1007, "pattern"),
        ([{"setup": {**SETUP["setup"], "model": "models/unknown-1"}}], 1008, "unknown-1"),
        ([{"setup": {**SETUP["setup"], "generationConfig": {"responseModalities": ["TEXT"]}}}],
         1007, "answers are audio"),
        ([SETUP, SETUP], 1007, "setup must be the first"),
        ([SETUP, {"realtimeInput": {"audio": {"data": "!", "mimeType": "audio/pcm;rate=16000"}}}],
         1007, "base64"),
    ],
)  # fmt: skip
async def test_mutated_messages_close_the_socket(
    messages: list[dict[str, Any]], code: int, reason: str
) -> None:
    """In the vendor's codes, with what is wrong."""
    async with GeminiLiveEmulator() as vendor, connect(vendor) as socket:
        for message in messages:
            await socket.send(json.dumps(message))
        with pytest.raises(websockets.ConnectionClosedError) as closed:
            while True:
                await socket.recv()
        assert closed.value.rcvd
        assert (closed.value.rcvd.code, reason in closed.value.rcvd.reason) == (code, True)


async def test_a_wrong_key_is_refused() -> None:
    """In the handshake, as over HTTP."""
    async with GeminiLiveEmulator() as vendor:
        with pytest.raises(websockets.InvalidStatus) as refused:
            await connect(vendor, "wrong")
        assert refused.value.response.status_code == 400


@pytest.mark.parametrize("status", ["401", "429", "503"])
async def test_faults_refuse_the_handshake(status: str) -> None:
    """A status at the handshake, as over HTTP."""
    async with GeminiLiveEmulator() as vendor:
        vendor.fault(status)
        with pytest.raises(websockets.InvalidStatus) as refused:
            await connect(vendor)
        assert refused.value.response.status_code == int(status)
