"""The authorities' certificates are read once, and only the builders of clients share them."""

from __future__ import annotations

import ssl
import threading
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from pipecat.services.cartesia.tts import CartesiaTTSService

from bots.providers import certificates
from bots.providers.certificates import read_once, share_with_sockets
from emulators.cartesia import CartesiaEmulator
from tests.fakes.tls import behind_tls

pytestmark = pytest.mark.unit


def test_clients_built_inside_share_one_context() -> None:
    """The second client, and the first of a later block, read nothing."""
    with read_once():
        first, second = httpx.create_ssl_context(), httpx.create_ssl_context()
    with read_once():
        third = httpx.create_ssl_context()
    assert first is second is third
    assert first.verify_mode is ssl.CERT_REQUIRED
    assert first.check_hostname
    assert first.get_ca_certs()


def test_other_authorities_have_another_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator's own list of authorities is not mixed up with the usual one."""
    with read_once():
        usual = httpx.create_ssl_context()
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        monkeypatch.setenv("SSL_CERT_DIR", "/nowhere")
        own = httpx.create_ssl_context()
    assert own is not usual
    assert own.get_ca_certs() == []


def test_a_context_made_outside_is_its_makers_own() -> None:
    """What a tool does to its context, no vendor's client feels."""
    with read_once():
        shared = ssl.create_default_context()
    own = ssl.create_default_context()
    assert own is not shared
    assert ssl.create_default_context() is not own


def test_another_thread_has_its_own() -> None:
    """A download in a thread, at the same moment, shares nothing."""
    made: list[ssl.SSLContext] = []
    with read_once():
        shared = ssl.create_default_context()
        thread = threading.Thread(target=lambda: made.append(ssl.create_default_context()))
        thread.start()
        thread.join()
    assert made[0] is not shared


def test_blocks_of_two_threads_leave_nothing_behind() -> None:
    """The second begins when the first is over, so each puts back what Python came with."""
    before = ssl.create_default_context
    entered, may_leave = threading.Event(), threading.Event()

    def build() -> None:
        with read_once():
            entered.set()
            may_leave.wait(5)

    thread = threading.Thread(target=build)
    with read_once():
        thread.start()
        assert not entered.wait(0.05)
    assert entered.wait(5)
    may_leave.set()
    thread.join()
    assert ssl.create_default_context is before


def test_it_is_over_when_a_client_cannot_be_built() -> None:
    """The way contexts are made is given back whatever happens inside."""
    before = ssl.create_default_context
    with pytest.raises(ValueError, match="no key"), read_once():
        raise ValueError("no key")
    assert ssl.create_default_context is before


@pytest.mark.wire
async def test_sockets_share_one_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A voice's WebSocket over TLS, and the one after it failed, read the certificates once."""
    monkeypatch.setattr(certificates, "_read", {})
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "self-signed.crt"))
    service = CartesiaTTSService(api_key="a-key")
    share_with_sockets(service)
    async with CartesiaEmulator() as vendor:
        there = urlsplit(vendor.base_url)
        assert there.port
        async with behind_tls(tmp_path, there.port) as (port, _):
            url = f"wss://127.0.0.1:{port}{there.path}?api_key=a-key&cartesia_version=2026-03-01"
            contexts = []
            for _ in range(2):
                async with await service._websocket_connect(url) as socket:
                    contexts.append(socket.transport.get_extra_info("sslcontext"))
    assert contexts[0] is contexts[1]
    assert contexts[0].verify_mode is ssl.CERT_REQUIRED
    assert contexts[0].check_hostname
