"""An emulated voice: the voices it has, and its audio sent over HTTP through a fault."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Unpack

from aiohttp import web

from emulators.faults import Passage
from emulators.problems import Wrong, check_known
from emulators.server import CutShort, Emulator, Serving
from emulators.word_tones import encode

_CHUNK_S = 0.1


class VoiceEmulator(Emulator):
    """A vendor of voices: those of `voices`, names by id, or any that is not `unknown...`."""

    def __init__(
        self, *, voices: Mapping[str, str] | None = None, **serving: Unpack[Serving]
    ) -> None:
        super().__init__(**serving)
        self._voices = voices

    @property
    def voices(self) -> Mapping[str, str]:
        """The voices that are listed, names by id."""
        return self._voices or {"nora-voice-id": "Nora", "luis-voice-id": "Luis"}

    def check_voice(self, voice_id: str) -> None:
        """Raises `Problem` 404 for a voice that is not there."""
        check_known(Wrong.VOICE, voice_id, self._voices)


def chunks(pcm: bytes, sample_rate_hz: int) -> Iterator[bytes]:
    """Cut PCM s16le mono into the 100 ms pieces in which voices send it."""
    size = 2 * round(_CHUNK_S * sample_rate_hz)
    for start in range(0, len(pcm), size):
        yield pcm[start : start + size]


async def send_pcm(
    emulator: Emulator,
    request: web.Request,
    passage: Passage,
    text: str,
    sample_rate_hz: int,
) -> web.StreamResponse:
    """Answer with `text` spoken in tones, PCM s16le mono, at the emulator's pace."""
    response = web.StreamResponse(headers={"Content-Type": "audio/pcm"})

    async def garble() -> None:
        # Not a chunk size: what follows is no HTTP any more.
        if request.transport:
            request.transport.write(b"broken\r\n")

    await emulator.wait_for_piece(0)
    await response.prepare(request)
    pcm = b"" if passage.is_empty else encode(text, sample_rate_hz)
    with contextlib.suppress(CutShort):
        for number, chunk in enumerate(chunks(pcm, sample_rate_hz)):
            if number:
                await emulator.wait_for_piece(number)
            await emulator.send(passage, chunk, response.write, garble)
    await response.write_eof()
    return response
