# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS: a generated certificate, one of the operator's, and clients that must show theirs."""

import socket
import ssl

import pytest
import requests

from console_client import Client
from console_harness import TlsConsole
from pki import Pki


def test_own_certificate_and_old_protocols(tmp_path):
    """The operator's certificate is shown and verified; TLS below 1.2 and plain HTTP are refused."""
    pki = Pki(tmp_path)
    with TlsConsole(arguments=["--tls-cert", pki.certificate, "--tls-key", pki.key]) as console:
        console.start()
        api = Client(console.url, console.add_client(), verify=pki.certificate).sign_in()
        assert api.get("/api/machines")["value"]
        assert "max-age" in api.raw("GET", "/api/machines").headers["Strict-Transport-Security"]
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{console.url}/healthz", timeout=20)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        with socket.create_connection(("127.0.0.1", console.port), 20) as plain:
            with pytest.raises((ssl.SSLError, OSError)):
                context.wrap_socket(plain)
        with pytest.raises(requests.exceptions.ConnectionError):
            requests.get(f"http://127.0.0.1:{console.port}/healthz", timeout=20)


def test_clients_must_show_a_certificate(tmp_path):
    """mTLS: with the authority's certificate in; without one, or with another's, out."""
    pki = Pki(tmp_path)
    with TlsConsole(arguments=["--tls-cert", pki.certificate, "--tls-key", pki.key,
                               "--client-ca", pki.ca]) as console:
        console.start()
        client = console.add_client()
        api = Client(console.url, client, verify=pki.certificate,
                     cert=(pki.client, pki.client_key)).sign_in()
        assert api.get("/api/machines")["value"]
        for certificate in (None, (pki.stranger, pki.stranger_key)):
            with pytest.raises(requests.exceptions.ConnectionError):
                Client(console.url, client, verify=pki.certificate, cert=certificate).sign_in()


def test_generated_certificate(tmp_path):
    """Without a certificate one is made, kept, and the same after a restart."""
    with TlsConsole() as console:
        console.start()
        first = ssl.get_server_certificate(("127.0.0.1", console.port))
        (tmp_path / "made.pem").write_text(first)
        api = Client(console.url, console.add_client(), verify=str(tmp_path / "made.pem")).sign_in()
        assert api.get("/api/machines")["value"]
        keys = [entry for entry in console.state_dir.iterdir() if "key" in entry.name]
        assert keys and all(entry.stat().st_mode & 0o077 == 0 for entry in keys)
        console.stop_console()
        console.start_console()
        assert ssl.get_server_certificate(("127.0.0.1", console.port)) == first
