"""HTTPS without a proxy: the certificate given, or one made here and kept beside the weights.

Browsers give a page the microphone only over HTTPS or on localhost; a self-signed certificate is
enough for a phone on the same network, after its warning.
"""

from __future__ import annotations

import datetime
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bots.errors import OffhookError

VALID_DAYS = 397
"""What browsers accept at most."""
RENEW_DAYS = 30


class CertificateError(OffhookError):
    """A certificate or key that cannot be read."""

    code = "certificate"


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Chain and private key in PEM."""

    chain: Path
    key: Path


def given_certificate(chain: Path, key: Path) -> CertificateFiles:
    """The operator's files.

    Raises:
        CertificateError: when one of them is missing.
    """
    for path in (chain, key):
        if not path.is_file():
            raise CertificateError(
                f"{path} is not a file.", hint="Set OFFHOOK_TLS_CERT and OFFHOOK_TLS_KEY."
            )
    return CertificateFiles(chain, key)


def ensure_self_signed(folder: Path, names: Sequence[str]) -> CertificateFiles:
    """The certificate kept in `folder`, made anew when it is missing, old or lacks one of `names`.

    `names` are host names and IP addresses; the key's file is readable by its owner only.
    """
    files = CertificateFiles(folder / "self-signed.crt", folder / "self-signed.key")
    if not _is_good(files, names):
        folder.mkdir(parents=True, exist_ok=True)
        chain, key = make_self_signed(names, datetime.datetime.now(datetime.UTC))
        files.key.touch(mode=0o600)
        files.key.chmod(0o600)
        files.key.write_bytes(key)
        files.chain.write_bytes(chain)
    return files


def make_self_signed(names: Sequence[str], now: datetime.datetime) -> tuple[bytes, bytes]:
    """A certificate for `names` and its key, both in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Offhook (self-signed)")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=VALID_DAYS))
        .add_extension(
            x509.SubjectAlternativeName([_alternative_name(name) for name in names]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return (
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )


def local_names(host: str) -> list[str]:
    """The names and addresses under which this machine is reached when it listens on `host`."""
    names = ["localhost", "127.0.0.1", "::1"]
    if host not in ("0.0.0.0", "::"):
        return list(dict.fromkeys([*names, host]))
    hostname = socket.gethostname()
    names.append(hostname)
    for family, probe in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        # Connecting a UDP socket sends nothing; it only picks the address a packet would carry.
        with socket.socket(family, socket.SOCK_DGRAM) as udp:
            try:
                udp.connect((probe, 9))
            except OSError:
                continue
            names.append(udp.getsockname()[0])
    return list(dict.fromkeys(names))


def _alternative_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _is_good(files: CertificateFiles, names: Sequence[str]) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(files.chain.read_bytes())
        has_key = files.key.stat().st_size > 0
    except (OSError, ValueError):
        return False
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=RENEW_DAYS)
    held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return (
        has_key
        and certificate.not_valid_after_utc > soon
        and all(_alternative_name(name) in held for name in names)
    )
