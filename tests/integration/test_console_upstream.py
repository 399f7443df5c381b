# SPDX-License-Identifier: GPL-2.0-or-later
"""console/upstream against a real quietscand, and against a service that does wrong."""

import errno
import json
import pathlib
import queue
import socket
import subprocess
import sys
import threading
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from console_rig import BUILD, wait_for  # noqa: E402
from quietscan_harness import Service  # noqa: E402


class Probe:
    """A running upstream_probe (tests/lib/upstream_probe.c)."""

    def __init__(self, path, deadline_ms=0):
        self.process = subprocess.Popen([str(BUILD / "tests/upstream_probe"), path, str(deadline_ms)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.said = queue.Queue()
        self.kept = []
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            self.said.put(json.loads(line))

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.process.stdin.close()
        assert self.process.wait(30) == 0

    def tell(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def hear(self, deadline_s=30, **wanted):
        """The next thing said that has these members."""
        def fits(said):
            return all(said.get(name) == value for name, value in wanted.items())
        for i, said in enumerate(self.kept):
            if fits(said):
                return self.kept.pop(i)
        end = time.monotonic() + deadline_s
        while True:
            try:
                said = self.said.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"not heard: {wanted}; heard: {self.kept}") from None
            if fits(said):
                return said
            self.kept.append(said)

    def is_quiet(self, seconds, **wanted):
        try:
            self.hear(seconds, **wanted)
        except AssertionError:
            return True
        return False

    def connect(self):
        """Wait until a call gets through."""
        self.hear(event="connected")

        def ask():
            self.tell(call="health", tag=4000)
            return "refused" not in self.hear(tag=4000)
        wait_for("the pool is connected", ask)


def test_real_service():
    with Service() as service:
        service.start()
        with Probe(service.socket_path) as probe:
            probe.connect()
            for tag in range(500):
                probe.tell(call="health", tag=tag)
            for tag in range(500):
                assert probe.hear(tag=tag)["result"]
            probe.tell(call="scan.show", params={"id": "x"}, tag=1)
            fault = probe.hear(tag=1)
            assert fault["transport"] == 0 and fault["number"] < 0 and fault["code"] and fault["message"]
            probe.tell(call="no.such", tag=2)
            assert probe.hear(tag=2)["code"] == "MethodNotFound"
            # A scan is followed on the kept connection.
            folder = service.base / "files"
            folder.mkdir()
            (folder / "a").write_text("a")
            probe.tell(call="scan.start", tag=3,
                       params={"type": "custom", "comment": "x", "paths": [str(folder)]})
            scan = probe.hear(tag=3)["result"]["scan"]
            probe.tell(follow="scan.watch", params={"id": scan["id"]}, tag=4)
            assert probe.hear(tag=4)["result"]["id"] == scan["id"]
            assert probe.hear(event="scan.ended")["params"]["status"] == "Succeeded"


def test_service_goes_and_comes_back():
    with Service() as service:
        service.start()
        with Probe(service.socket_path) as probe:
            probe.connect()
            service.kill()
            probe.hear(event="lost")
            wait_for("calls are refused", lambda: (probe.tell(call="health", tag=1),
                                                   probe.hear(tag=1).get("refused") == -errno.ECONNREFUSED)[1])
            time.sleep(1)  # the back-off grows
            service.start()
            probe.connect()
            service.stop()
            probe.hear(event="lost")


class Wrong:
    """A service of ours that does what it is told: one thread a connection."""

    def __init__(self, folder, behave):
        self.path = str(folder / "wrong.sock")
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(self.path)
        self.server.listen(16)
        self.behave = behave
        self.requests = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        try:
            with sock, sock.makefile("rwb") as stream:
                for line in stream:
                    request = json.loads(line)
                    self.requests.append(request)
                    self.behave(stream, request)
                    stream.flush()
        except OSError:
            pass  # the client is gone


def answer(stream, request, result):
    stream.write(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}).encode() + b"\n")


@pytest.fixture
def wrong(tmp_path):
    made = []

    def make(behave):
        made.append(Wrong(tmp_path, behave))
        return made[-1]
    yield make
    for server in made:
        server.server.close()


def test_late_answers_are_dropped_and_order_is_kept(wrong):
    def behave(stream, request):
        if request["method"] == "slow":
            time.sleep(1.0)
        answer(stream, request, {"method": request["method"]})
    with Probe(wrong(behave).path, 400) as probe:
        probe.connect()
        for tag in range(4):  # one on each connection
            probe.tell(call="slow", tag=tag)
        for tag in range(4):
            assert probe.hear(tag=tag)["transport"] == -errno.ETIMEDOUT
        time.sleep(0.9)
        probe.tell(call="quick", tag=9)
        assert probe.hear(tag=9)["result"] == {"method": "quick"}
        assert probe.is_quiet(0.3, result={"method": "slow"})


def test_a_service_that_is_stuck_gets_a_new_connection(wrong):
    stuck = threading.Event()

    def behave(stream, request):
        if not stuck.is_set() and request["method"] == "stick":
            stuck.wait(30)
        answer(stream, request, {})
    server = wrong(behave)
    with Probe(server.path, 200) as probe:
        probe.connect()
        for tag in range(4):
            probe.tell(call="stick", tag=tag)
        for tag in range(4):
            assert probe.hear(tag=tag)["transport"] == -errno.ETIMEDOUT
        time.sleep(0.8)  # three deadlines

        def is_well():
            probe.tell(call="quick", tag=9)
            said = probe.hear(tag=9)
            return said.get("transport") == 0
        wait_for("it answers again", is_well)
        stuck.set()


def test_cancelled_calls_are_silent(wrong):
    def behave(stream, request):
        time.sleep(0.3)
        answer(stream, request, {})
    with Probe(wrong(behave).path) as probe:
        probe.connect()
        probe.tell(call="a", tag=1)
        probe.tell(cancel=1)
        probe.tell(call="b", tag=2)
        assert probe.hear(tag=2)["transport"] == 0
        assert probe.is_quiet(0.5, tag=1)


@pytest.mark.parametrize("line", [
    b"nonsense\n", b"[]\n", b"{}\n", b'{"jsonrpc":"2.0","id":99999,"result":{}}\n', b"\xff\xfe\n",
    b'{"id":"x","result":1}\n', b'{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}}\n'])
def test_what_is_no_answer(wrong, line):
    """Whatever is no answer to the first call in the queue breaks the connection, not us."""
    def behave(stream, request):
        if request["method"] == "bad":
            stream.write(line)
        else:
            answer(stream, request, {})
    with Probe(wrong(behave).path) as probe:
        probe.connect()
        probe.tell(call="bad", tag=1)
        assert probe.hear(tag=1)["transport"] == -errno.ECONNRESET
        probe.tell(call="good", tag=2)
        assert probe.hear(tag=2)["transport"] == 0


@pytest.mark.parametrize("members, transport, number", [
    ({}, -errno.EBADMSG, 0), ({"error": {"code": 0}}, -errno.EBADMSG, 0), ({"error": {}}, -errno.EBADMSG, 0),
    ({"error": {"code": -32002, "message": "no", "data": {"code": "NotFound", "target": "id"}}}, 0, -32002),
    ({"error": {"code": -1}, "result": {}}, 0, -1)])
def test_answers_without_a_result(wrong, members, transport, number):
    def behave(stream, request):
        if request["method"] == "health":
            answer(stream, request, {})
        else:
            stream.write(json.dumps({"id": request["id"], **members}).encode() + b"\n")
    with Probe(wrong(behave).path) as probe:
        probe.connect()
        probe.tell(call="x", tag=1)
        said = probe.hear(tag=1)
        assert (said["transport"], said["number"]) == (transport, number) and "result" not in said


def test_line_limits(wrong):
    def behave(stream, request):
        if request["method"] == "huge":
            for _ in range(10):
                stream.write(b"x" * (1 << 20))
        else:
            answer(stream, request, {"big": "y" * 4_000_000} if request["method"] == "big" else {})
    with Probe(wrong(behave).path) as probe:
        probe.connect()
        probe.tell(call="big", tag=1)
        assert len(probe.hear(tag=1)["result"]["big"]) == 4_000_000
        probe.tell(call="huge", tag=2)
        assert probe.hear(tag=2)["transport"] == -errno.ECONNRESET
        probe.tell(call="x", params={"a": "z" * (1 << 20)}, tag=3)
        assert probe.hear(tag=3)["refused"] == -errno.EMSGSIZE


def test_caller_and_limits(wrong):
    release = threading.Event()

    def behave(stream, request):
        if request["method"] == "wait":
            release.wait(30)
        answer(stream, request, {})
    server = wrong(behave)
    with Probe(server.path) as probe:
        probe.connect()
        probe.tell(call="as", caller="jane", tag=1)
        probe.hear(tag=1)
        assert server.requests[-1]["onBehalfOf"] == {"name": "jane", "roles": ["Machine.Read.All"],
                                                     "source": "Portal"}
        assert "onBehalfOf" not in server.requests[0]
        for tag in range(1025):
            probe.tell(call="wait", tag=tag)
        assert probe.hear(tag=1024)["refused"] == -errno.EBUSY
        release.set()
        for tag in range(1024):
            assert probe.hear(tag=tag)["transport"] == 0


def test_closing_ends_calls(wrong):
    def behave(stream, request):
        if request["method"] == "health":
            answer(stream, request, {})
        else:
            time.sleep(30)
    with Probe(wrong(behave).path) as probe:
        probe.connect()
        probe.tell(call="x", tag=1)
        probe.tell(follow="y", tag=2)
        time.sleep(0.2)
        probe.tell(close=True)
        assert probe.hear(tag=1)["transport"] == -errno.ECONNRESET
        assert probe.hear(tag=2)["transport"] == -errno.ECONNRESET


def test_no_socket_and_a_path_too_long(tmp_path):
    with Probe(str(tmp_path / "none.sock")) as probe:
        probe.tell(call="x", tag=1)
        assert probe.hear(tag=1)["refused"] == -errno.ECONNREFUSED
    assert subprocess.run([str(BUILD / "tests/upstream_probe"), "/" + "x" * 200], check=False,
                          stdin=subprocess.DEVNULL).returncode == 1
