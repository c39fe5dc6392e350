"""Deepgram Flux as Pipecat's service, the SDK and a bare socket meet it."""

import json
from typing import Any

import pytest
import websockets
from deepgram import AsyncDeepgramClient
from deepgram.environment import DeepgramClientEnvironment
from pipecat.frames.frames import (
    EagerEndOfTurnCancelFrame,
    EagerTranscriptionFrame,
    Frame,
    InterimTranscriptionFrame,
    ProposedUserStartedSpeakingFrame,
    ProposedUserStoppedSpeakingFrame,
    STTUpdateSettingsFrame,
    TranscriptionFrame,
)
from pipecat.services.deepgram.flux.stt import DeepgramFluxSTTService, DeepgramFluxSTTSettings

from emulators.deepgram_flux import DeepgramFluxEmulator
from emulators.word_tones import encode
from tests.emulators.rig import Rig, running
from tests.emulators.test_deepgram import RATE_HZ, SILENCE, finals, speak

pytestmark = pytest.mark.wire

LINE = "When do you open on Saturday?"


def service(vendor: DeepgramFluxEmulator, **options: Any) -> DeepgramFluxSTTService:
    settings = DeepgramFluxSTTSettings(**options)
    is_eager = "eager_eot_threshold" in options
    return DeepgramFluxSTTService(
        api_key="key", url=vendor.base_url, settings=settings, enable_eager_end_of_turn=is_eager
    )


def kinds(rig: Rig) -> list[type[Frame]]:
    """What was told of turns, in order, the many interim results as one."""
    told = (
        ProposedUserStartedSpeakingFrame,
        EagerTranscriptionFrame,
        EagerEndOfTurnCancelFrame,
        TranscriptionFrame,
        ProposedUserStoppedSpeakingFrame,
    )
    return [type(frame) for frame in rig.frames if isinstance(frame, told)]


async def test_service_hears_a_turn_with_its_end() -> None:
    """Its start, interim words, the whole of it at its end, and then that it is over."""
    async with DeepgramFluxEmulator() as vendor, running(service(vendor)) as rig:
        await vendor.wait_for_requests("connect", 1)
        await speak(rig, encode(LINE, RATE_HZ) + SILENCE)
        await rig.wait_for(ProposedUserStoppedSpeakingFrame)
        assert finals(rig) == [LINE]
        assert rig.all(TranscriptionFrame)[0].finalized
        assert list(dict.fromkeys(kinds(rig))) == [
            ProposedUserStartedSpeakingFrame,
            TranscriptionFrame,
            ProposedUserStoppedSpeakingFrame,
        ]
        interim = [frame.text for frame in rig.all(InterimTranscriptionFrame)]
        assert interim and all(LINE.startswith(text) for text in interim)
        assert rig.errors == ""


async def test_an_end_is_foretold_and_taken_back_when_the_caller_goes_on() -> None:
    """The eager transcript is void once more words come; the next one is the turn."""
    pause = bytes(int(0.3 * RATE_HZ) * 2)
    async with (
        DeepgramFluxEmulator() as vendor,
        running(service(vendor, eager_eot_threshold=0.4)) as rig,
    ):
        await vendor.wait_for_requests("connect", 1)
        await speak(rig, encode("w1 w2", RATE_HZ) + pause + encode("w3", RATE_HZ) + SILENCE)
        await rig.wait_for(TranscriptionFrame)
        eager = [frame.text for frame in rig.all(EagerTranscriptionFrame)]
        assert eager == ["w1 w2", "w1 w2 w3"]
        assert len(rig.all(EagerEndOfTurnCancelFrame)) == 1
        assert finals(rig) == ["w1 w2 w3"]


async def test_a_turn_that_sounds_unfinished_ends_by_its_timeout() -> None:
    """After a comma half a second of silence is not enough; `eot_timeout_ms` is."""
    async with (
        DeepgramFluxEmulator() as vendor,
        running(service(vendor, eot_timeout_ms=1000)) as rig,
    ):
        await vendor.wait_for_requests("connect", 1)
        await speak(rig, encode("w1 w2,", RATE_HZ) + SILENCE)
        await rig.wait_for(InterimTranscriptionFrame)
        assert await rig.stays_without(TranscriptionFrame)
        await speak(rig, SILENCE + SILENCE)
        await rig.wait_for(TranscriptionFrame)
        told: Any = rig.all(TranscriptionFrame)[0].result
        assert told["trigger"] == "timeout"


async def test_thresholds_are_changed_in_mid_stream() -> None:
    """Pipecat's Configure is acknowledged and holds from there."""
    async with DeepgramFluxEmulator() as vendor, running(service(vendor)) as rig:
        await vendor.wait_for_requests("connect", 1)
        await speak(rig, SILENCE)
        delta = DeepgramFluxSTTSettings(eot_timeout_ms=700)
        await rig.push(STTUpdateSettingsFrame(delta=delta))
        await speak(rig, encode("w1,", RATE_HZ) + SILENCE + SILENCE)
        await rig.wait_for(TranscriptionFrame)
        assert finals(rig) == ["w1,"] and rig.errors == ""


async def test_a_refused_key_makes_the_service_unusable() -> None:
    """It is permanent to Pipecat, and told in the vendor's words."""
    async with DeepgramFluxEmulator() as vendor:
        vendor.fault("401")
        refused = service(vendor)
        async with running(refused) as rig:
            await rig.wait_for_error("HTTP 401")
            assert not refused.is_usable


@pytest.mark.parametrize("kind", ["429", "500", "503", "drop", "malformed", "refused"])
async def test_faults_of_an_open_stream_leave_no_turn_open(kind: str) -> None:
    """A turn that an outage cuts is ended with what was heard of it, or was never told of."""
    async with DeepgramFluxEmulator() as vendor, running(service(vendor)) as rig:
        await vendor.wait_for_requests("connect", 1)
        await speak(rig, encode("w1 w2 w3", RATE_HZ))
        await rig.wait_for(InterimTranscriptionFrame)
        vendor.fault(kind, times=None if kind == "refused" else 1)
        await speak(rig, encode("w4 w5", RATE_HZ))
        if kind == "malformed":
            await rig.wait_for(InterimTranscriptionFrame, 2)
            assert rig.errors == ""
            return
        await rig.wait_for(ProposedUserStoppedSpeakingFrame)
        assert "w1" in finals(rig)[0] and "w5" not in finals(rig)[0]


@pytest.mark.parametrize("kind", ["stall", "hang", "empty"])
async def test_silent_faults_give_no_words(kind: str) -> None:
    """The stream stays open and nothing is heard on it."""
    async with DeepgramFluxEmulator() as vendor, running(service(vendor)) as rig:
        await vendor.wait_for_requests("connect", 1)
        vendor.fault(kind)
        await speak(rig, encode("w1 w2 w3", RATE_HZ) + SILENCE)
        assert await rig.stays_without(TranscriptionFrame)
        assert rig.errors == ""


def connect(vendor: DeepgramFluxEmulator, query: str, key: str = "key") -> websockets.connect:
    headers = {"Authorization": f"Token {key}"}
    return websockets.connect(f"{vendor.base_url}?{query}", additional_headers=headers)


GOOD = "model=flux-general-multi&encoding=linear16&sample_rate=16000"


async def test_the_events_of_a_turn_come_in_the_documented_order() -> None:
    """Connected, then turns; updates each quarter of a second; numbers that grow by one."""
    query = f"{GOOD}&eager_eot_threshold=0.5&language_hint=en&language_hint=es"
    async with DeepgramFluxEmulator() as vendor, connect(vendor, query) as ws:
        await ws.send(encode("w1 w2", RATE_HZ))
        for _ in range(12):
            await ws.send(bytes(3200))
        await ws.send(json.dumps({"type": "CloseStream"}))
        messages = [json.loads(message) async for message in ws]
        assert messages[0]["type"] == "Connected"
        assert [one["sequence_id"] for one in messages] == list(range(len(messages)))
        turns = messages[1:]
        events = [one["event"] for one in turns]
        said = [event for event in events if event != "Update"]
        assert said == ["StartOfTurn", "EagerEndOfTurn", "EndOfTurn"]
        end = turns[events.index("EndOfTurn")]
        assert (end["transcript"], end["trigger"]) == ("w1 w2", "model")
        assert end["languages_hinted"] == ["en", "es"]
        assert end["words"][0]["start"] < end["words"][0]["end"]
        assert {one["turn_index"] for one in turns[events.index("EndOfTurn") + 1 :]} == {1}


async def test_a_turn_can_be_ended_by_hand() -> None:
    """ForceEndTurn ends the turn in progress; without one it is ignored."""
    force = json.dumps({"type": "ForceEndTurn"})
    async with DeepgramFluxEmulator() as vendor, connect(vendor, GOOD) as ws:
        await ws.send(force)
        await ws.send(encode("w1 w2", RATE_HZ) + bytes(640))
        await ws.send(force)
        async for message in ws:
            told = json.loads(message)
            if told.get("event") == "EndOfTurn":
                assert (told["transcript"], told["trigger"]) == ("w1 w2", "manual")
                return


@pytest.mark.parametrize(
    ("query", "key", "status", "reason"),
    [
        (f"{GOOD}&punctuate=true", "key", 400, "unknown query parameter punctuate"),
        (f"{GOOD}&eot_threshold=0.4", "key", 400, "eot_threshold"),
        (f"{GOOD}&eager_eot_threshold=0.95", "key", 400, "eager_eot_threshold"),
        (f"{GOOD}&eot_timeout_ms=100", "key", 400, "eot_timeout_ms"),
        (f"{GOOD}&language_hint=tr", "key", 400, "language_hint"),
        (f"{GOOD}&model=flux-general-en", "key", 400, "sent twice"),
        ("model=nova-3&encoding=linear16&sample_rate=16000", "key", 400, "model"),
        ("model=flux-general-en&encoding=linear16&sample_rate=11025", "key", 400, "sample_rate"),
        (
            "model=flux-general-en&encoding=linear16&sample_rate=16000&language_hint=en",
            "key",
            400,
            "hints are for flux-general-multi",
        ),
        (GOOD, "wrong", 401, "Invalid credentials"),
    ],
)
async def test_mutated_handshake_is_refused(query: str, key: str, status: int, reason: str) -> None:
    """One wrong parameter is an HTTP status with the reason in dg-error."""
    async with DeepgramFluxEmulator() as vendor:
        with pytest.raises(websockets.InvalidStatus) as refused:
            await connect(vendor, query, key)
        assert refused.value.response.status_code == status
        assert reason in refused.value.response.headers["dg-error"]


async def test_a_threshold_out_of_range_is_a_configure_failure() -> None:
    """The stream goes on as it was."""
    wrong = {"type": "Configure", "thresholds": {"eot_timeout_ms": 1}}
    async with DeepgramFluxEmulator() as vendor, connect(vendor, GOOD) as ws:
        await ws.recv()
        await ws.send(json.dumps(wrong))
        assert json.loads(await ws.recv())["type"] == "ConfigureFailure"
        await ws.send(json.dumps({"type": "Configure", "thresholds": {"eot_timeout_ms": 900}}))
        success = json.loads(await ws.recv())
        assert success["thresholds"]["eot_timeout_ms"] == 900


@pytest.mark.parametrize("message", ["hello", '{"type":"KeepAlive"}'])
async def test_unknown_text_message_is_a_fatal_error(message: str) -> None:
    """Flux names it in its last message and closes."""
    async with DeepgramFluxEmulator() as vendor, connect(vendor, GOOD) as ws:
        await ws.recv()
        await ws.send(message)
        error = json.loads(await ws.recv())
        assert (error["type"], error["code"]) == ("Error", "UNPARSABLE_CLIENT_MESSAGE")
        with pytest.raises(websockets.ConnectionClosedError):
            await ws.recv()


async def test_the_sdk_reads_its_turns() -> None:
    """Deepgram's own client of the second version parses what is sent."""
    async with DeepgramFluxEmulator() as vendor:
        socket = vendor.base_url.removesuffix("/v2/listen")
        root = socket.replace("ws", "http", 1)
        where = DeepgramClientEnvironment(
            base=root, production=socket, agent=socket, agent_rest=root
        )
        client = AsyncDeepgramClient(api_key="key", environment=where)
        async with client.listen.v2.connect(
            model="flux-general-en", encoding="linear16", sample_rate=RATE_HZ
        ) as listening:
            await listening.send_media(encode("w1 w2", RATE_HZ) + SILENCE)
            async for told in listening:
                if getattr(told, "event", "") == "StartOfTurn":
                    assert getattr(told, "transcript", "") == "w1 w2"
                    return
