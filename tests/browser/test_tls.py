"""A caller elsewhere in the network: the page and its call over HTTPS, self-signed."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

import ifaddr
import pytest

from tests.fakes.caller_page import chromium
from tests.fakes.offhook_process import OffhookProcess
from tests.fakes.scripted_brain import scripted_brains, write_bot

pytestmark = pytest.mark.browser

ANSWER = "There is strawberry cake in the window."


def lan_address() -> str:
    """This machine's own address: a page from there gets a microphone over HTTPS alone."""
    found = [
        str(ip.ip)
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if ip.is_IPv4 and not ipaddress.ip_address(str(ip.ip)).is_loopback
    ]
    return found[0] if found else "127.0.0.1"


@pytest.fixture(scope="module")
def offhook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OffhookProcess]:
    """`offhook serve --tls` on that address, with a scripted brain."""
    folder = tmp_path_factory.mktemp("bots")
    with scripted_brains([ANSWER] * 4) as [brain]:
        write_bot(folder, "bakery", brain)
        log = tmp_path_factory.mktemp("log") / "server.log"
        with OffhookProcess(folder, log, host=lan_address(), is_tls=True) as process:
            process.wait_ready()
            yield process


@pytest.mark.parametrize("transport", ["websocket", "webrtc"])
def test_a_call_over_https(offhook: OffhookProcess, transport: str) -> None:
    """The page is a secure context with a microphone, and all that it opens is encrypted."""
    with chromium(offhook.url) as caller:
        opened: list[str] = []
        caller.page.on("request", lambda request: opened.append(request.url))
        caller.page.on("websocket", lambda socket: opened.append(socket.url))
        caller.call("bakery", transport=transport)
        assert caller.page.evaluate("isSecureContext")
        caller.wait_for_answers(1)
        caller.type("What do you have?")
        caller.wait_for_answers(2)
        shown = " ".join(caller.said_by_bot())
        caller.hang_up()
    assert "Welcome" in shown and "strawberry" in shown
    assert any(address.startswith("wss:") for address in opened) == (transport == "websocket")
    assert not [address for address in opened if address.startswith(("http:", "ws:"))]
    offhook.wait_idle()
