# SPDX-License-Identifier: GPL-2.0-or-later
"""quietscan-console as a process: start, certificate, walls, end."""

import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from console_rig import BUILD, Pki, wait_for  # noqa: E402
from quietscan_harness import Service  # noqa: E402

PROGRAM = str(BUILD / "bin/quietscan-console")


class Console:
    """A running console without a daemon unless it is given its socket."""

    def __init__(self, state_dir, *words, env=None):
        self.state_dir = pathlib.Path(state_dir)
        self.stderr = self.state_dir.parent / (self.state_dir.name + ".stderr")
        command = [PROGRAM, "--state-dir", str(state_dir), "--listen", "127.0.0.1:0", *words]
        if "--socket" not in words:
            command += ["--socket", str(self.state_dir.parent / "none.sock")]
        with open(self.stderr, "wb") as err:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=err,
                                            env={**os.environ, **(env or {})})
        self.url = wait_for("it is ready or has ended",
                            lambda: self.ready() or (self.process.poll() is not None and "ended"))
        assert self.url != "ended", self.said()
        self.port = int(self.url.rsplit(":", 1)[1])

    def said(self):
        return self.stderr.read_text(errors="replace")

    def ready(self):
        found = re.search(r"info console: ready, listening on (https?://\S+)\n", self.said())
        return found and found.group(1)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        if self.process.poll() is None:
            assert self.stop() == 0, self.said()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def get(self, path, context=None, host=None, name="127.0.0.1"):
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        if self.url.startswith("https"):
            context = context or ssl.create_default_context(
                cafile=str(self.state_dir / "tls-certificate.pem"))
            sock = context.wrap_socket(sock, server_hostname=name)
        with sock:
            host = host or f"127.0.0.1:{self.port}"
            sock.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            data = b""
            while part := sock.recv(65536):
                data += part
        return int(data.split(b" ", 2)[1]), data

    def status(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return dict(re.findall(r"(\w+):\t(.*)", text))


def test_own_certificate(tmp_path):
    state = tmp_path / "state"
    with Console(state) as console:
        for name in ("localhost", "127.0.0.1", socket.gethostname()):
            assert console.get("/", name=name)[0] in (200, 401, 404, 503)
        first = (state / "tls-certificate.pem").read_bytes()
        for name in ("tls-certificate.pem", "tls-key.pem"):
            assert (state / name).stat().st_mode & 0o7777 == 0o600
        assert state.stat().st_mode & 0o7777 == 0o700
        printed = subprocess.run(["openssl", "x509", "-in", state / "tls-certificate.pem", "-noout",
                                  "-fingerprint", "-sha256"], capture_output=True, text=True, check=True)
        assert printed.stdout.split("=")[1].strip() in console.said()
    with Console(state):
        assert (state / "tls-certificate.pem").read_bytes() == first
    with Console(state, "--host", "console.example:443") as console:
        assert (state / "tls-certificate.pem").read_bytes() != first
        assert console.get("/", name="console.example", host="console.example:443")[0] != 421


def test_host_allowlist(tmp_path):
    with Console(tmp_path / "state", "--plain-http", "--host", "proxy.example") as console:
        port = console.port
        for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}",
                     f"{socket.gethostname()}:{port}", "proxy.example", f"proxy.example:{port}"):
            assert console.get("/healthz", host=host)[0] != 421, host
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1:1", f"127.0.0.1:{port}.evil"):
            assert console.get("/healthz", host=host)[0] == 421, host


def test_given_certificate_and_clients(tmp_path):
    pki = Pki(tmp_path)
    with Console(tmp_path / "state", "--tls-cert", pki.certificate, "--tls-key", pki.key,
                 "--client-ca", pki.ca) as console:
        assert not (tmp_path / "state/tls-key.pem").exists()
        assert console.get("/healthz", pki.context(pki.client, pki.client_key))[0] in (200, 503)
        with pytest.raises(OSError):
            console.get("/healthz", pki.context())


def test_page(tmp_path):
    page = tmp_path / "page"
    page.mkdir()
    (page / "index.html").write_text("<p>hello")
    with Console(tmp_path / "state", "--plain-http", "--page-dir", str(page)) as console:
        assert console.get("/")[1].endswith(b"<p>hello")
        assert console.get("/", host="evil.example")[0] == 421


def test_walls(tmp_path):
    with Console(tmp_path / "state") as console:
        status = console.status()
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            if os.geteuid() == 0 or name != "CapBnd":
                assert int(status[name], 16) == 0, name
        assert status["NoNewPrivs"] == "1"
        assert console.get("/healthz")[0] in (200, 503)  # and it works within them


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
def test_other_user_and_a_low_port(tmp_path):
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents:
        if str(parent).startswith("/tmp/"):
            parent.chmod(0o755)
    state = tmp_path / "state"
    with Console(state, "--user", "daemon") as console:
        uid = state.stat().st_uid
        assert uid != 0 and set(console.status()["Uid"].split()) == {str(uid)}
        assert (state / "tls-key.pem").stat().st_uid == uid
        assert console.get("/healthz")[0] in (200, 503)
    low = subprocess.Popen([PROGRAM, "--state-dir", str(state), "--user", "daemon", "--listen",
                            "127.0.0.77:443"], stderr=subprocess.PIPE, text=True)
    for line in low.stderr:
        if "ready" in line:
            break
    assert line.strip().endswith("https://127.0.0.77:443")
    low.terminate()
    assert low.wait(30) == 0


def test_with_a_real_service(tmp_path):
    with Service() as service:
        service.start()
        with Console(tmp_path / "state", "--plain-http", "--socket", service.socket_path) as console:
            wait_for("it is well", lambda: console.get("/healthz")[0] == 200)
            service.kill()
            wait_for("it is not", lambda: console.get("/healthz")[0] == 503)
            service.start()
            wait_for("it is again", lambda: console.get("/healthz")[0] == 200)


def test_service_manager_is_told(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        console = Console(tmp_path / "state", "--plain-http",
                          env={"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"})
        assert manager.recv(100) == b"READY=1"
        assert manager.recv(100) == b"WATCHDOG=1"
        console.process.send_signal(signal.SIGTERM)
        while (told := manager.recv(100)) == b"WATCHDOG=1":
            pass
        assert told == b"STOPPING=1"
        assert console.process.wait(30) == 0


def test_end_with_a_client_that_stays(tmp_path):
    with Console(tmp_path / "state", "--plain-http") as console:
        held = socket.create_connection(("127.0.0.1", console.port))
        held.sendall(b"GET / HTTP/1.1\r\nHost:")
        assert console.stop() == 0
        held.close()
        assert "stopping" in console.said()


@pytest.mark.parametrize("words, status, why", [
    (["--nothing"], 64, "unknown option"),
    (["--plain-http", "--listen", "0.0.0.0:80"], 64, "loopback"),
    (["--tls-cert", "/nonexistent", "--tls-key", "/nonexistent"], 1, "/nonexistent"),
    (["--state-dir", "/nonexistent/a"], 1, "/nonexistent/a"),
    (["--page-dir", "/nonexistent"], 1, "/nonexistent"),
    (["--listen", "203.0.113.9:1"], 1, "203.0.113.9"),
    (["--socket", "/" + "x" * 200], 1, "--socket"),
])
def test_does_not_start(tmp_path, words, status, why):
    ended = subprocess.run([PROGRAM, "--state-dir", str(tmp_path / "s"), "--listen", "127.0.0.1:0", *words],
                           capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == status and why in ended.stderr, ended.stderr
    assert "ERROR" not in ended.stderr


def test_help_and_version():
    said = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout
    assert said.startswith("usage: quietscan-console") and "--listen" in said
    said = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout
    assert re.fullmatch(r"quietscan-console \d+\.\d+\.\d+\n", said)
