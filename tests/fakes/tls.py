"""TLS before a server that speaks none, with a certificate that one client is told to trust."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from server.tls import ensure_self_signed

_HOST = "127.0.0.1"


@asynccontextmanager
async def behind_tls(folder: Path, port: int) -> AsyncIterator[tuple[int, ssl.SSLContext]]:
    """A port that hands on to `port` what comes over TLS, and what a client needs to trust it."""
    files = ensure_self_signed(folder, [_HOST])
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(files.chain, files.key)
    client_side = ssl.create_default_context(cafile=str(files.chain))

    async def hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(_HOST, port)
        await asyncio.gather(_pour(reader, inner_writer), _pour(inner_reader, writer))

    front = await asyncio.start_server(hand_on, _HOST, 0, ssl=server_side)
    try:
        yield front.sockets[0].getsockname()[1], client_side
    finally:
        front.close()


async def _pour(source: asyncio.StreamReader, drain: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while data := await source.read(65536):
            drain.write(data)
            await drain.drain()
    drain.close()
