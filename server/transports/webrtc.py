"""A call over WebRTC: Pipecat's SmallWebRTC, watched for silence and made to survive a restart.

    offer --> open() --> answer, candidates trickle in by `control(CANDIDATES)`
    no packet for SILENCE_S -> `on_lost`; the output holds its audio back
    `control(OFFER, restart_pc)` -> a new peer connection under the same session -> `on_restored`
    the peer connection closes -> `on_client_disconnected`, `on_gone`

aiortc notices a vanished peer only when its consent runs out (about 30 s), so packets are counted.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiortc.sdp import candidate_from_sdp
from loguru import logger
from pipecat.frames.frames import OutputAudioRawFrame
from pipecat.transports.base_transport import TransportParams
from pipecat.transports.smallwebrtc.connection import IceServer, SmallWebRTCConnection
from pipecat.transports.smallwebrtc.transport import (
    RawAudioTrack,
    SmallWebRTCInputTransport,
    SmallWebRTCOutputTransport,
    SmallWebRTCTransport,
)
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bots.errors import CallRefused
from bots.record import EndReason
from server.fabric import Operation
from server.line import RESUME_S, SILENCE_S
from server.transports.hold import Hold, ignore
from server.transports.socket_frames import MalformedMessage, MessagePace

OFFER_TIMEOUT_S = 10.0
MAX_SDP_CHARS = 48 * 1024
MAX_CANDIDATES = 64
POLL_S = 0.5


class Offer(BaseModel):
    """An SDP offer, as Pipecat's client sends it."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    sdp: str = Field(min_length=1, max_length=MAX_SDP_CHARS)
    type: str = Field(pattern="^offer$")
    pc_id: str | None = Field(default=None, max_length=200)
    restart_pc: bool | None = None


class Candidate(BaseModel):
    """One trickled ICE candidate; an empty one ends them."""

    candidate: str = Field(max_length=1024)
    sdp_mid: str | None = Field(default=None, max_length=64)
    sdp_mline_index: int | None = Field(default=None, ge=0, le=32)


class Candidates(BaseModel):
    """What a PATCH carries."""

    pc_id: str = Field(max_length=200)
    candidates: list[Candidate] = Field(max_length=MAX_CANDIDATES)


class PeerInput(SmallWebRTCInputTransport):
    """Reads the caller's audio and messages; messages come checked and at a bounded pace."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pace = MessagePace()

    async def push_app_message(self, message: Any) -> None:
        try:
            checked = self._pace.check(message)
        except MalformedMessage as error:
            logger.warning("A data channel message was dropped: {}", error)
            return
        await super().push_app_message(checked)


class HeldOutput(SmallWebRTCOutputTransport):
    """Writes the bot's audio, and waits with it while the caller is lost."""

    hold: Hold
    _track: RawAudioTrack | None = None

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        if self.hold.is_lost:
            await self.hold.wait()
        self._track = self._client._audio_output_track
        return await super().write_audio_frame(frame)

    def unblock(self) -> None:
        """Lets go of a write that waits for a peer connection which takes no more audio: with it
        the pipeline could neither end nor be cancelled."""
        if self._track is not None:
            for _, written in self._track._chunk_queue:
                if written is not None and not written.done():
                    written.set_result(True)


class PeerTransport(SmallWebRTCTransport):
    """The transport of one call, whichever peer connection it runs on."""

    def __init__(
        self, connection: SmallWebRTCConnection, params: TransportParams, hold: Hold
    ) -> None:
        super().__init__(connection, params)
        self.has_connected = False
        self._hold = hold
        self._input = PeerInput(self._client, params)
        self.held_output = self._output = HeldOutput(self._client, params)
        self.held_output.hold = hold

    async def _on_client_connected(self, webrtc_connection: SmallWebRTCConnection) -> None:
        if self.has_connected:
            self._hold.restore()
            return
        self.has_connected = True
        await super()._on_client_connected(webrtc_connection)


class PeerConnection:
    """The `Connection` of a call over WebRTC."""

    name = "webrtc"

    def __init__(self, peer: SmallWebRTCConnection) -> None:
        self.on_lost: Callable[[], None] = ignore
        self.on_restored: Callable[[], None] = ignore
        self.on_gone: Callable[[EndReason], None] = ignore
        self._peer = peer
        self._hold = Hold(lambda: self.on_lost(), lambda: self.on_restored())
        self._negotiating = asyncio.Lock()
        params = TransportParams(
            audio_in_enabled=True,
            audio_out_enabled=True,
            # The output waits for a lost caller inside a write.
            audio_out_write_timeout_secs=RESUME_S * 2,
        )
        self.transport = PeerTransport(peer, params, self._hold)
        self._watching = asyncio.create_task(self._watch(), name="webrtc-watch")

        @self.transport.event_handler("on_client_disconnected")
        async def on_client_disconnected(*_: Any) -> None:
            self.transport.held_output.unblock()
            self.on_gone(EndReason.CALLER_HUNG_UP)

    @classmethod
    async def open(
        cls, body: Mapping[str, Any], stun_urls: Sequence[str]
    ) -> tuple[PeerConnection, dict[str, Any]]:
        """Accepts an offer: the connection, and the answer {sdp, type, pc_id}.

        Raises:
            CallRefused: 422 when the offer is none, or carries no audio.
        """
        offer = _parse(Offer, body)
        peer = SmallWebRTCConnection(ice_servers=[IceServer(urls=url) for url in stun_urls])
        try:
            async with asyncio.timeout(OFFER_TIMEOUT_S):
                answer = await _accept(peer, offer)
        except BaseException:
            await peer.pc.close()
            raise
        return cls(peer), answer

    async def control(self, operation: Operation, body: Mapping[str, Any]) -> dict[str, Any]:
        """See `Connection.control`."""
        async with self._negotiating:
            if operation is Operation.OFFER:
                return await self._renegotiate(_parse(Offer, body))
            if operation is Operation.CANDIDATES:
                return await self._add_candidates(_parse(Candidates, body))
        raise CallRefused("A call cannot do that.", status=409, code="wrong_operation")

    def release(self) -> None:
        """See `Connection.release`."""
        self._hold.release()

    async def close(self) -> None:
        """Closes the peer connection and stops watching it."""
        self._hold.release()
        self._watching.cancel()
        await self._peer.disconnect()
        self.transport.held_output.unblock()

    async def _renegotiate(self, offer: Offer) -> dict[str, Any]:
        self._require_peer(offer.pc_id)
        if offer.restart_pc:
            self.transport.held_output.unblock()
        async with asyncio.timeout(OFFER_TIMEOUT_S):
            return await _accept(self._peer, offer, is_first=False)

    async def _add_candidates(self, body: Candidates) -> dict[str, Any]:
        self._require_peer(body.pc_id)
        for one in body.candidates:
            candidate = None
            if one.candidate:
                try:
                    candidate = candidate_from_sdp(one.candidate.removeprefix("candidate:"))
                except (ValueError, AssertionError, IndexError):
                    raise _bad_offer("The candidate does not hold.") from None
                candidate.sdpMid = one.sdp_mid
                candidate.sdpMLineIndex = one.sdp_mline_index
            await self._peer.add_ice_candidate(candidate)
        return {}

    def _require_peer(self, pc_id: str | None) -> None:
        if pc_id is not None and pc_id != self._peer.pc_id:
            raise CallRefused(
                "This peer connection has been replaced.", status=409, code="stale_peer"
            )

    async def _watch(self) -> None:
        """Counts packets: silence for SILENCE_S is a break, and a packet after it mends it."""
        heard, heard_at_s = -1, time.monotonic()
        while True:
            await asyncio.sleep(POLL_S)
            if not self.transport.has_connected:
                continue
            packets = await _count_packets(self._peer)
            now_s = time.monotonic()
            if packets != heard:
                heard, heard_at_s = packets, now_s
                if self._hold.is_lost:
                    self._hold.restore()
            elif now_s - heard_at_s >= SILENCE_S:
                self._hold.lose()


async def _accept(
    peer: SmallWebRTCConnection, offer: Offer, *, is_first: bool = True
) -> dict[str, Any]:
    """Negotiates; aiortc's parser raises whatever it stumbles over."""
    if "m=audio" not in offer.sdp:
        raise _bad_offer("The offer has no audio.")
    try:
        if is_first:
            await peer.initialize(sdp=offer.sdp, type=offer.type)
        else:
            await peer.renegotiate(
                sdp=offer.sdp, type=offer.type, restart_pc=bool(offer.restart_pc)
            )
    except Exception as error:
        logger.debug("An offer was refused: {}", type(error).__name__)
        raise _bad_offer("The offer does not hold.") from None
    answer = peer.get_answer()
    if answer is None:
        raise _bad_offer("The offer has no answer.")
    return answer


async def _count_packets(peer: SmallWebRTCConnection) -> int:
    """Packets of every kind that came in over the peer connection."""
    for transceiver in peer.pc.getTransceivers():
        transport = transceiver.receiver.transport
        for report in transport._get_stats().values():
            return report.packetsReceived
    return 0


def _parse(model: type[Any], body: Mapping[str, Any]) -> Any:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        part = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(key) for key in part["loc"])
        raise _bad_offer(f"{place}: {part['msg']}.") from None


def _bad_offer(message: str) -> CallRefused:
    return CallRefused(
        message, status=422, code="bad_offer", hint="Send an SDP offer with one audio track."
    )
