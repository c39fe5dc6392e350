"""Audio of the emulated voices, sent over HTTP through a fault."""

import contextlib
from collections.abc import Iterator

from aiohttp import web

from emulators.faults import Passage
from emulators.server import CutShort, Emulator
from emulators.word_tones import encode

_CHUNK_S = 0.1


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
    headers: dict[str, str],
) -> web.StreamResponse:
    """Answer with `text` spoken in tones, PCM s16le mono, at the emulator's pace."""
    response = web.StreamResponse(headers=headers)

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
