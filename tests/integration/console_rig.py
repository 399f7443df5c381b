# SPDX-License-Identifier: GPL-2.0-or-later
"""http_echo (tests/lib/http_echo.c) for a test, certificates, and raw sockets."""

import http.client
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import time

BUILD = pathlib.Path(os.environ.get("QUIETSCAN_BUILD_DIR",
                                    pathlib.Path(__file__).resolve().parents[2] / "build"))
DEADLINE_S = 30.0


def wait_for(what, condition, deadline_s=DEADLINE_S):
    """Poll until condition() is true and return its value."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_s} s: {what}")
        time.sleep(0.02)


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


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


class Echo:
    """A running http_echo; options as keywords, '_' for '-'."""

    def __init__(self, nofile=None, **options):
        self.tls = "certificate" in options
        words = []
        for name, value in options.items():
            words += ["--" + name.replace("_", "-"), str(value)]
        limits = ["prlimit", f"--nofile={nofile}"] if nofile else []
        self.process = subprocess.Popen([*limits, str(BUILD / "tests/http_echo"), *words],
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        while line and not line.startswith(("ready", "failed")):
            line = self.process.stderr.readline()
        self.first_line = line.strip()
        self.port = int(line.split()[1]) if line.startswith("ready") else 0

    def __enter__(self):
        return self

    def __exit__(self, *args):
        if self.process.poll() is None:
            assert self.stop() == 0, "the loop did not run empty, or a sanitizer complained"

    def stop(self, signo=signal.SIGTERM):
        """End it; returns the exit status. Whatever it printed is printed when that is not 0."""
        self.process.send_signal(signo)
        status = self.process.wait(DEADLINE_S)
        said = self.process.stderr.read()
        if status != 0:
            print(said)
        return status

    def connect(self, context=None, timeout=DEADLINE_S):
        """A raw connection, with TLS if a context is given."""
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        return context.wrap_socket(sock, server_hostname="127.0.0.1") if context else sock

    def client(self, context=None):
        if context:
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=DEADLINE_S,
                                               context=context)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)

    def get(self, target, method="GET", body=None, headers=None, context=None):
        """One request on a connection of its own: (status, headers, body)."""
        client = self.client(context)
        try:
            client.request(method, target, body=body, headers=headers or {})
            answer = client.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            client.close()


def read_to_end(sock, deadline_s=DEADLINE_S):
    """Everything until the server closes."""
    sock.settimeout(deadline_s)
    data = b""
    while True:
        try:
            part = sock.recv(65536)
        except ConnectionResetError:
            return data
        if not part:
            return data
        data += part


def read_answer(sock):
    """One answer with Content-Length: (head, body)."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = sock.recv(65536)
        assert part, data
        data += part
    head, body = data.split(b"\r\n\r\n", 1)
    length = int([line.split(b":")[1] for line in head.split(b"\r\n")
                  if line.lower().startswith(b"content-length:")][0])
    while len(body) < length:
        part = sock.recv(65536)
        assert part, data
        body += part
    assert len(body) == length
    return head, body
