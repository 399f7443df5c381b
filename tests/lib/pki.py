# SPDX-License-Identifier: GPL-2.0-or-later
"""Certificates for tests of TLS, made by openssl."""

import base64
import hashlib
import pathlib
import ssl
import subprocess


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


def key_hash(pem):
    """SHA-256 of the public key of a certificate, base64: what a browser pins."""
    key = subprocess.run(["openssl", "x509", "-pubkey", "-noout"], input=pem, check=True, capture_output=True,
                         text=True).stdout
    der = base64.b64decode("".join(key.splitlines()[1:-1]))
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


class Pki:
    """A server certificate for 127.0.0.1, and a CA with a client's certificate."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.certificate, self.key = self.path("server.pem"), self.path("server.key")
        self.ca, self.ca_key = self.path("ca.pem"), self.path("ca.key")
        self.client, self.client_key = self.path("client.pem"), self.path("client.key")
        self.stranger, self.stranger_key = self.path("stranger.pem"), self.path("stranger.key")
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        openssl("req", "-x509", *curve, "-keyout", self.key, "-out", self.certificate,
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        openssl("req", "-x509", *curve, "-keyout", self.ca_key, "-out", self.ca, "-subj", "/CN=ca")
        openssl("req", "-x509", *curve, "-keyout", self.stranger_key, "-out", self.stranger,
                "-subj", "/CN=stranger")
        openssl("req", *curve[:-2], "-keyout", self.client_key, "-out", self.path("client.csr"),
                "-subj", "/CN=operator")
        openssl("x509", "-req", "-in", self.path("client.csr"), "-CA", self.ca, "-CAkey",
                self.ca_key, "-CAcreateserial", "-days", "2", "-out", self.client)

    def path(self, name):
        return str(self.folder / name)

    def context(self, certificate=None, key=None):
        """A client's TLS context that trusts the server's certificate and nothing else."""
        context = ssl.create_default_context(cafile=self.certificate)
        if certificate:
            context.load_cert_chain(certificate, key)
        return context
