"""What Deepgram's two live APIs share: a stream of the caller's audio that may meet a fault.

Bytes of a fault are bytes of the caller's audio.
"""

import asyncio
import uuid
from typing import Any

from emulators.faults import FaultKind, Passage
from emulators.hearing import Ear
from emulators.lanes import Socket
from emulators.mu_law import to_pcm
from emulators.problems import of_fault
from emulators.server import Cut, Emulator


class AudioStream:
    """One connection: what was heard on it, and the fault that the utterance under way has met."""

    def __init__(
        self, vendor: Emulator, socket: Socket, encoding: str | None, rate_hz: int
    ) -> None:
        self.ear = Ear(rate_hz)
        self.request_id = str(uuid.uuid4())
        self._vendor, self._socket = vendor, socket
        self._is_mu_law = encoding == "mulaw"
        self._is_stalled = False
        self._passage: Passage | None = None

    @property
    def is_deaf(self) -> bool:
        """Whether this utterance is heard as nothing."""
        return bool(self._passage and self._passage.is_empty)

    async def listen(self, audio: bytes) -> bool:
        """Take audio as it came; True when it made new words. Raises what its fault commands."""
        await self._meet_fault(audio)
        return self.ear.listen(to_pcm(audio) if self._is_mu_law else audio)

    def forget(self) -> None:
        """Start the next utterance."""
        self._passage = None
        self.ear.forget()

    async def send(self, message: dict[str, Any]) -> None:
        """Send a message, unless the stream has stalled."""
        if self._is_stalled:
            return
        if self._passage and (drip := self._passage.drip):
            await asyncio.sleep(drip.drip_ms / 1000)
        await self._socket.send(message)

    async def _meet_fault(self, audio: bytes) -> None:
        """An utterance meets one fault: armed before it, or while it is spoken."""
        vendor = self._vendor
        if self._passage is None or self._passage.fault is None:
            # Audio without a fault is no request worth remembering: it comes 50 times a second.
            fault = vendor.look_up("listen")
            if fault is None:
                return
            self._passage = vendor.meet("listen", self._socket.request)
        fault = self._passage.fault
        if fault is None:
            return
        if fault.kind is FaultKind.REFUSED:
            raise Cut
        if fault.kind.status:
            raise of_fault(fault)
        step = self._passage.step(len(audio))
        if step.then == "drop":
            raise Cut
        if step.then == "garble":
            await self._socket.garble()
        self._is_stalled = self._is_stalled or step.then == "stall" or self._passage.is_hung
