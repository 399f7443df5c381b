# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS: a generated certificate, one of the operator's, and clients that must show theirs."""

import ssl
import subprocess

import pytest
import requests

from console_client import Client
from console_harness import Console


class TlsConsole(Console):
    """The console without --plain-http."""

    def command(self):
        return [argument for argument in super().command() if argument != "--plain-http"]

    @property
    def url(self):
        return f"https://localhost:{self.port}"


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=30)


def authority(folder):
    """A CA, a certificate of localhost, and one of a client."""
    def path(name):
        return str(folder / name)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", path("ca.key"), "-out", path("ca.pem"), "-subj", "/CN=test authority",
            "-days", "2")
    for name, subject in (("server", "localhost"), ("client", "fleet manager")):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                path(f"{name}.key"), "-out", path(f"{name}.csr"), "-subj", f"/CN={subject}")
        (folder / f"{name}.ext").write_text("subjectAltName=DNS:localhost\n")
        openssl("x509", "-req", "-in", path(f"{name}.csr"), "-CA", path("ca.pem"), "-CAkey",
                path("ca.key"), "-CAcreateserial", "-days", "2", "-out", path(f"{name}.pem"),
                "-extfile", path(f"{name}.ext"))
    return path


def test_own_certificate_and_old_protocols(tmp_path):
    """The operator's certificate is shown and verified; TLS below 1.2 and plain HTTP are refused."""
    path = authority(tmp_path)
    with TlsConsole(arguments=["--tls-cert", path("server.pem"), "--tls-key", path("server.key")]) as console:
        console.start()
        api = Client(console.url, console.add_client(), verify=path("ca.pem")).sign_in()
        assert api.get("/api/machines")["value"]
        assert "max-age" in api.raw("GET", "/api/machines").headers["Strict-Transport-Security"]
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{console.url}/healthz", timeout=20)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        import socket
        with socket.create_connection(("127.0.0.1", console.port), 20) as plain:
            with pytest.raises((ssl.SSLError, OSError)):
                context.wrap_socket(plain)
        with pytest.raises(requests.exceptions.ConnectionError):
            requests.get(f"http://127.0.0.1:{console.port}/healthz", timeout=20)


def test_clients_must_show_a_certificate(tmp_path):
    """mTLS: with the authority's certificate in; without one, or with another's, out."""
    path = authority(tmp_path)
    (tmp_path / "other").mkdir()
    other = authority(tmp_path / "other")
    with TlsConsole(arguments=["--tls-cert", path("server.pem"), "--tls-key", path("server.key"),
                               "--client-ca", path("ca.pem")]) as console:
        console.start()
        client = console.add_client()
        api = Client(console.url, client, verify=path("ca.pem"),
                     cert=(path("client.pem"), path("client.key"))).sign_in()
        assert api.get("/api/machines")["value"]
        for certificate in (None, (other("client.pem"), other("client.key"))):
            with pytest.raises(requests.exceptions.ConnectionError):
                Client(console.url, client, verify=path("ca.pem"), cert=certificate).sign_in()


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
