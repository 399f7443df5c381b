# SPDX-License-Identifier: GPL-2.0-or-later
"""http_echo (tests/lib/http_echo.c) for a test, certificates, and raw sockets."""

import functools
import http.client
import os
import pathlib
import signal
import socket
import subprocess
import sys

BUILD = pathlib.Path(os.environ.get("QUIETSCAN_BUILD_DIR",
                                    pathlib.Path(__file__).resolve().parents[2] / "build"))
sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / name) for name in ("e2e", "lib")]

import quietscan_harness  # noqa: E402
from pki import Pki  # noqa: E402,F401

DEADLINE_S = 30.0
wait_for = functools.partial(quietscan_harness.wait_for, deadline_s=DEADLINE_S)


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
