"""The certificates of the authorities, read once a process and not once a client.

Each vendor's client that is built, and each WebSocket that is opened, reads all of them anew: 20 ms
of a core in which no call of the process moves on, for every provider of every chain at the start
of every call.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pipecat.services.websocket_service import WebsocketService

_Files = tuple[ssl.Purpose, Any, Any]
_read: dict[_Files, ssl.SSLContext] = {}
_LOCK = threading.RLock()
"""Blocks that overlap in two threads would put back each other's replacement, for good."""


@contextmanager
def read_once() -> Iterator[None]:
    """Let the clients that are built inside share one TLS context for each list of authorities.

    `ssl.create_default_context` is replaced meanwhile, since Pipecat hands none of its clients a
    context. Only the calling thread gets the shared one: a context made elsewhere stays its maker's
    own, whose settings may be changed. Nothing inside may await.
    """
    thread = threading.get_ident()
    with _LOCK:
        create = ssl.create_default_context

        def shared(
            purpose: ssl.Purpose = ssl.Purpose.SERVER_AUTH,
            *,
            cafile: Any = None,
            capath: Any = None,
            cadata: Any = None,
        ) -> ssl.SSLContext:
            if cadata is not None or threading.get_ident() != thread:
                return create(purpose, cafile=cafile, capath=capath, cadata=cadata)
            files = purpose, cafile, capath
            if files not in _read:
                _read[files] = create(purpose, cafile=cafile, capath=capath)
            return _read[files]

        ssl.create_default_context = shared
        try:
            yield
        finally:
            ssl.create_default_context = create


def share_with_sockets(service: WebsocketService) -> None:
    """Let the service's WebSockets, which it opens by itself and again after a failure, share the
    context of those who name no authorities of their own.

    Pipecat opens all of them through one method. Deepgram's streaming ears are not of this class:
    its SDK opens their socket.
    """
    connect = service._websocket_connect

    async def connect_sharing(uri: str, **options: Any) -> Any:
        if uri.startswith("wss:"):
            with read_once():
                options.setdefault("ssl", ssl.create_default_context())
        return await connect(uri, **options)

    service._websocket_connect = connect_sharing
