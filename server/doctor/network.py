"""The doctor on the network: the port, the addresses that WebRTC offers, and the microphone."""

from __future__ import annotations

import errno
import ipaddress
import socket

import ifaddr

from server.doctor.finding import Finding, fail, ok, warn
from server.settings import Settings


def check_network(settings: Settings) -> list[Finding]:
    """Whether callers can reach this server and get a microphone from their browser."""
    return [
        check_port(settings.host, settings.port),
        _check_addresses(),
        _check_microphone(settings),
    ]


def check_port(host: str, port: int) -> Finding:
    """Whether `host`:`port` can be listened on now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            return fail("port", *_refused(host, port, error))
    return ok("port", f"{port} on {host} is free.")


def _refused(host: str, port: int, error: OSError) -> tuple[str, str]:
    if error.errno == errno.EADDRINUSE:
        return f"{port} on {host} is in use.", "Stop what holds it, or choose another: --port."
    if error.errno == errno.EACCES:
        return f"{port} needs root.", "Choose a port from 1024 up: --port."
    return f"{host} cannot be listened on: {error.strerror}.", "Choose another address: --host."


def _check_addresses() -> Finding:
    addresses = [
        address
        for adapter in ifaddr.get_adapters()
        for address in (str(ip.ip) for ip in adapter.ips if ip.is_IPv4)
        if not ipaddress.ip_address(address).is_loopback
    ]
    if addresses:
        return ok("webrtc", f"Callers are offered {', '.join(addresses)}.")
    fix = "Bring a network interface up, or call over the WebSocket transport."
    return warn("webrtc", "Only loopback is up, and WebRTC offers no address on it.", fix)


def _check_microphone(settings: Settings) -> Finding:
    public = settings.public_url or ""
    if settings.tls or public.startswith("https://"):
        return ok("microphone", "Served over HTTPS: browsers give a microphone.")
    local = settings.host in ("127.0.0.1", "::1", "localhost")
    if local and not public:
        return ok("microphone", "Browsers give one on localhost; from elsewhere only over HTTPS.")
    fix = "Serve with --tls, or set OFFHOOK_PUBLIC_URL to the https:// address of your proxy."
    return warn("microphone", "Browsers give none to plain HTTP from another machine.", fix)
