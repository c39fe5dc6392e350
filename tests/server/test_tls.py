"""Certificates made here."""

from __future__ import annotations

import datetime
import ipaddress
import stat

import pytest
from cryptography import x509

from server.tls import (
    CertificateError,
    ensure_self_signed,
    given_certificate,
    local_names,
    make_self_signed,
)

pytestmark = pytest.mark.unit

NAMES = ["localhost", "192.0.2.7", "2001:db8::7"]


def test_certificate_names_hosts_and_addresses():
    """A browser that came by name or by address finds it in the certificate."""
    chain, _ = make_self_signed(NAMES, datetime.datetime.now(datetime.UTC))
    held = (
        x509.load_pem_x509_certificate(chain)
        .extensions.get_extension_for_class(x509.SubjectAlternativeName)
        .value
    )
    assert held.get_values_for_type(x509.DNSName) == ["localhost"]
    assert held.get_values_for_type(x509.IPAddress) == [
        ipaddress.ip_address("192.0.2.7"),
        ipaddress.ip_address("2001:db8::7"),
    ]


def test_certificate_is_kept_until_a_name_is_missing(tmp_path):
    """A restart does not make browsers ask again; a new address does."""
    first = ensure_self_signed(tmp_path, NAMES).chain.read_bytes()
    assert ensure_self_signed(tmp_path, NAMES[:2]).chain.read_bytes() == first
    assert ensure_self_signed(tmp_path, [*NAMES, "192.0.2.8"]).chain.read_bytes() != first


def test_key_is_for_its_owner_only(tmp_path):
    """Nobody else on the machine reads the private key."""
    key = ensure_self_signed(tmp_path, NAMES).key
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_old_certificate_is_renewed(tmp_path):
    """One that is about to run out is made anew."""
    files = ensure_self_signed(tmp_path, NAMES)
    long_ago = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=380)
    chain, key = make_self_signed(NAMES, long_ago)
    files.chain.write_bytes(chain)
    files.key.write_bytes(key)
    assert ensure_self_signed(tmp_path, NAMES).chain.read_bytes() != chain


def test_missing_file_is_named(tmp_path):
    """A path that is wrong is said before anything is served."""
    with pytest.raises(CertificateError, match=r"nothing\.pem"):
        given_certificate(tmp_path / "nothing.pem", tmp_path / "nothing.key")


@pytest.mark.wire
def test_machine_knows_its_names():
    """localhost is always there; a given host is added once."""
    assert local_names("127.0.0.1") == ["localhost", "127.0.0.1", "::1"]
    assert "localhost" in local_names("0.0.0.0")
