"""AssemblyAI as Pipecat's service and a bare socket meet it."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
import websockets
from pipecat.frames.frames import (
    InterimTranscriptionFrame,
    ProposedUserStartedSpeakingFrame,
    ProposedUserStoppedSpeakingFrame,
    STTUpdateSettingsFrame,
    TranscriptionFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.services.assemblyai.stt import AssemblyAISTTService

from emulators.assemblyai import AssemblyAIEmulator
from emulators.word_tones import encode
from tests.emulators.rig import running
from tests.emulators.test_deepgram import RATE_HZ, SILENCE, finals, speak

pytestmark = pytest.mark.wire

LINE = "When do you open on Saturday?"
FRAME_BYTES = RATE_HZ // 10
"""50 ms."""


def service(
    vendor: AssemblyAIEmulator, *, tells: bool = True, **options: Any
) -> AssemblyAISTTService:
    return AssemblyAISTTService(
        api_key="key",
        api_endpoint_base_url=vendor.base_url,
        vad_force_turn_endpoint=not tells,
        settings=AssemblyAISTTService.Settings(**options),
    )


async def test_service_hears_a_turn_with_its_end() -> None:
    """A question is over after a tenth of a second: start, interim words, the whole, the end."""
    async with AssemblyAIEmulator() as vendor, running(service(vendor)) as rig:
        await vendor.wait_for_requests("connect", 1)
        await speak(rig, encode(LINE, RATE_HZ) + SILENCE)
        await rig.wait_for(ProposedUserStoppedSpeakingFrame)
        assert finals(rig) == [LINE]
        assert rig.all(TranscriptionFrame)[0].finalized
        kinds = [type(frame) for frame in rig.frames]
        started = kinds.index(ProposedUserStartedSpeakingFrame)
        assert started < kinds.index(InterimTranscriptionFrame) < kinds.index(TranscriptionFrame)
        interim = [frame.text for frame in rig.all(InterimTranscriptionFrame)]
        assert all(LINE.startswith(text) for text in interim)
        assert rig.errors == ""


async def test_a_turn_without_the_end_of_a_sentence_ends_by_its_bound() -> None:
    """`min_turn_silence` is not enough then, `max_turn_silence` is."""
    async with AssemblyAIEmulator() as vendor, running(service(vendor)) as rig:
        await vendor.wait_for_requests("connect", 1)
        await speak(rig, encode("w1 w2,", RATE_HZ) + SILENCE)
        await rig.wait_for(InterimTranscriptionFrame)
        assert await rig.stays_without(TranscriptionFrame)
        await speak(rig, SILENCE + SILENCE)
        await rig.wait_for(TranscriptionFrame)
        assert finals(rig) == ["w1 w2,"]


async def test_a_turn_of_ours_is_ended_by_force() -> None:
    """Where our own detector decides, the VAD's stop brings the final at once."""
    async with (
        AssemblyAIEmulator() as vendor,
        running(service(vendor, tells=False, min_turn_silence=5000)) as rig,
    ):
        await vendor.wait_for_requests("connect", 1)
        await speak(rig, encode("w1 w2,", RATE_HZ) + bytes(2 * FRAME_BYTES))
        await rig.push(VADUserStoppedSpeakingFrame())
        await rig.wait_for(TranscriptionFrame)
        assert finals(rig) == ["w1 w2,"] and rig.all(TranscriptionFrame)[0].finalized
        assert not rig.all(ProposedUserStoppedSpeakingFrame)


async def test_what_the_bot_said_is_told_in_mid_stream() -> None:
    """`agent_context` goes as a message, without a new connection."""
    async with AssemblyAIEmulator() as vendor, running(service(vendor)) as rig:
        await vendor.wait_for_requests("connect", 1)
        delta = AssemblyAISTTService.Settings(agent_context="We are open.")
        await rig.push(STTUpdateSettingsFrame(delta=delta))
        await vendor.wait_for_requests("configure", 1)
        assert vendor.asked[-1].body["agent_context"] == "We are open."
        assert sum(one.operation == "connect" for one in vendor.asked) == 1


async def test_faults_of_an_open_stream_are_told() -> None:
    """The vendor's Error message, unknown to Pipecat, still reaches it as one."""
    async with AssemblyAIEmulator() as vendor, running(service(vendor)) as rig:
        await vendor.wait_for_requests("connect", 1)
        vendor.fault("500", times=1)
        await speak(rig, encode("w1 w2", RATE_HZ))
        await rig.wait_for_error("Error")


@pytest.mark.parametrize("kind", ["stall", "hang", "empty"])
async def test_silent_faults_give_no_words(kind: str) -> None:
    """The stream stays open and nothing is heard on it."""
    async with AssemblyAIEmulator() as vendor, running(service(vendor)) as rig:
        await vendor.wait_for_requests("connect", 1)
        vendor.fault(kind)
        await speak(rig, encode("w1 w2 w3.", RATE_HZ) + SILENCE)
        assert await rig.stays_without(TranscriptionFrame)


def connect(vendor: AssemblyAIEmulator, key: str = "key", **query: Any) -> websockets.connect:
    asked = urlencode({"speech_model": "universal-3-6-pro", "sample_rate": RATE_HZ} | query)
    return websockets.connect(
        f"{vendor.base_url}?{asked}", additional_headers={"Authorization": key}
    )


async def test_a_session_from_begin_to_termination() -> None:
    """What is in flight at Terminate still comes, then the end and a normal close."""
    async with AssemblyAIEmulator() as vendor, connect(vendor) as ws:
        pcm = encode("w1 w2", RATE_HZ)
        pcm += bytes(-len(pcm) % FRAME_BYTES)
        for start in range(0, len(pcm), FRAME_BYTES):
            await ws.send(pcm[start : start + FRAME_BYTES])
        await ws.send(json.dumps({"type": "Terminate"}))
        told = [json.loads(message) async for message in ws]
        assert [told[0]["type"], told[-1]["type"]] == ["Begin", "Termination"]
        turn = told[-2]
        assert (turn["transcript"], turn["end_of_turn"], turn["turn_order"]) == ("w1 w2", True, 0)
        assert turn["words"][0]["start"] < turn["words"][0]["end"] < turn["words"][1]["end"]
        assert ws.close_code == 1000


@pytest.mark.parametrize(
    ("key", "query", "code", "words"),
    [
        ("wrong", {}, 1008, "Unauthorized"),
        ("key", {"speech_model": "nova-3"}, 3006, "speech_model"),
        ("key", {"punctuate": "true"}, 3006, "punctuate"),
        ("key", {"mode": "fast"}, 3006, "mode"),
        ("key", {"sample_rate": 4000}, 3006, "sample_rate"),
    ],
)
async def test_a_refused_session_is_told_why_and_closed(
    key: str, query: dict[str, Any], code: int, words: str
) -> None:
    """Over the open socket: an Error, then its code."""
    async with AssemblyAIEmulator() as vendor, connect(vendor, key, **query) as ws:
        told = json.loads(await ws.recv())
        assert (told["type"], told["error_code"]) == ("Error", code) and words in told["error"]
        with pytest.raises(websockets.ConnectionClosed):
            await ws.recv()
        assert ws.close_code == code


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (bytes(FRAME_BYTES // 2), 3007),
        (bytes(FRAME_BYTES * 21), 3007),
        ("hello", 3006),
        ('{"type":"Finalize"}', 3006),
    ],
)
async def test_a_message_that_does_not_hold_ends_the_session(
    message: str | bytes, code: int
) -> None:
    """Audio of less than 50 ms or more than 1 s, and messages that are none."""
    async with AssemblyAIEmulator() as vendor, connect(vendor) as ws:
        await ws.recv()
        await ws.send(message)
        assert json.loads(await ws.recv())["error_code"] == code
