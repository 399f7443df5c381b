# SPDX-License-Identifier: GPL-2.0-or-later
"""console/http against real clients: http.client, requests, curl, openssl, raw sockets."""

import concurrent.futures
import json
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time

import pytest

from console_rig import Echo, Pki, read_answer, read_to_end, wait_for

HOST = b"Host: 127.0.0.1\r\n"


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def echo():
    with Echo() as server:
        yield server


def ask(server, data, deadline_s=30):
    """Send raw bytes, read until the server closes."""
    with server.connect() as sock:
        sock.sendall(data)
        return read_to_end(sock, deadline_s)


def status_of(answer):
    return int(answer.split(b" ", 2)[1])


# ---- requests ---------------------------------------------------------------


def test_target_arrives_as_sent(echo):
    status, _, body = echo.get("/echo//a/./b%2fc%00?$filter=name%20eq%20'a;b'&x=%3D+1&&y")
    assert status == 200
    seen = json.loads(body)
    assert seen["path"] == "/echo//a/./b%2fc%00"
    assert seen["query"] == "$filter=name%20eq%20'a;b'&x=%3D+1&&y"
    assert seen["peer"] == "127.0.0.1" and seen["cn"] == ""


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "PUT", "DELETE"])
def test_every_method_with_a_body(echo, method):
    status, headers, body = echo.get("/echo", method, b"grant_type=client_credentials",
                                     {"Content-Type": "application/x-www-form-urlencoded",
                                      "Authorization": "Bearer x.y.z", "Origin": "https://a",
                                      "Last-Event-ID": "12"})
    seen = json.loads(body)
    assert (status, seen["method"], seen["body"]) == (200, method, "grant_type=client_credentials")
    assert seen["contentType"] == "application/x-www-form-urlencoded"
    assert (seen["authorization"], seen["origin"], seen["lastEventId"]) == ("Bearer x.y.z", "https://a", "12")
    assert headers["X-Request-Id"] == seen["id"]
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", seen["id"])


def test_head_is_get_without_a_body(echo):
    status, headers, body = echo.get("/big?12345", "HEAD")
    assert (status, headers["Content-Length"], body) == (200, "12345", b"")
    client = echo.client()  # and the connection goes on
    for method in ("HEAD", "GET"):
        client.request(method, "/big?10")
        answer = client.getresponse()
        assert (answer.status, len(answer.read())) == (200, 0 if method == "HEAD" else 10)
    client.close()


def test_options_tells_methods_and_allows_no_origin(echo):
    status, headers, _ = echo.get("/echo", "OPTIONS", headers={"Origin": "https://evil.example"})
    assert status == 204 and "PATCH" in headers["Allow"]
    assert not [name for name in headers if name.lower().startswith("access-control")]
    assert "Content-Length" not in headers
    assert status_of(ask(echo, b"OPTIONS * HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n")) == 204


def test_chunked_request(echo):
    with echo.connect() as sock:
        sock.sendall(b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + HOST + b"\r\n")
        for part in (b"4\r\nab", b"cd\r\n", b"3;x=1\r\nefg\r", b"\n0\r\nTrailer: x\r\n\r", b"\n"):
            sock.sendall(part)
            time.sleep(0.02)
        _, body = read_answer(sock)
        assert json.loads(body)["body"] == "abcdefg"
        sock.sendall(b"GET /echo HTTP/1.1\r\n" + HOST + b"\r\n")  # and it goes on
        assert json.loads(read_answer(sock)[1])["body"] == ""


def test_expect_continue(echo):
    with echo.connect() as sock:
        sock.sendall(b"POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n" + HOST + b"\r\n")
        assert sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"abc")
        assert json.loads(read_answer(sock)[1])["body"] == "abc"


def test_byte_by_byte(echo):
    with echo.connect() as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"POST /echo HTTP/1.1\r\nContent-Length: 5\r\n" + HOST + b"\r\nhello":
            sock.sendall(bytes([byte]))
        assert json.loads(read_answer(sock)[1])["body"] == "hello"


def test_http_1_0(echo):
    answer = ask(echo, b"GET /echo HTTP/1.0\r\n\r\n")
    assert status_of(answer) == 200 and b"Connection: close" in answer
    with echo.connect() as sock:
        for _ in range(2):
            sock.sendall(b"GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert b"Connection: keep-alive" in read_answer(sock)[0]


def test_keep_alive_and_pipelining(echo):
    with echo.connect() as sock:
        one = b"GET /echo?%d HTTP/1.1\r\n" + HOST + b"\r\n"
        sock.sendall(b"".join(one % i for i in range(200)))
        data = b""
        while data.count(b"HTTP/1.1 200") < 200 or not data.endswith(b"}"):
            data += sock.recv(65536)
        assert [int(n) for n in re.findall(rb'"query":"(\d+)"', data)] == list(range(200))
    client = echo.client()
    ids = set()
    for _ in range(50):
        client.request("GET", "/echo")
        ids.add(json.loads(client.getresponse().read())["id"])
    client.close()
    assert len(ids) == 50


def test_pipelined_after_an_answer_that_comes_late(echo):
    with echo.connect() as sock:
        sock.sendall(b"GET /later?100 HTTP/1.1\r\n" + HOST + b"\r\nGET /echo?next HTTP/1.1\r\n" + HOST + b"\r\n")
        data = b""
        while b'"next"' not in data:
            data += sock.recv(65536)
        assert data.index(b"late") < data.index(b'"next"')


def test_upgrade_is_ignored(echo):
    for value in (b"websocket", b"h2c", b"", b"," * 500):
        answer = ask(echo, b"GET /echo HTTP/1.1\r\nConnection: Upgrade, close\r\nUpgrade: " + value +
                     b"\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                     b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n" + HOST + b"\r\n")
        assert status_of(answer) == 200
    assert status_of(ask(echo, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")) == 505


# ---- what is refused --------------------------------------------------------


@pytest.mark.parametrize("request_, status", [
    (b"GET /echo HTTP/1.1\r\n\r\n", 400),                                      # no Host
    (b"GET /echo HTTP/1.1\r\n" + HOST + HOST + b"\r\n", 400),                  # two
    (b"GET /echo HTTP/1.1\n" + HOST + b"\n\n", 400),                           # bare line feeds
    (b"GET /echo HTTP/1.1\r\nA : b\r\n" + HOST + b"\r\n", 400),                # blank before the colon
    (b"GET /echo HTTP/1.1\r\nA: b\r\n c\r\n" + HOST + b"\r\n", 400),           # folded
    (b"GET /echo HTTP/1.1\r\nA: b\x00c\r\n" + HOST + b"\r\n", 400),            # NUL
    (b"GET  /echo HTTP/1.1\r\n" + HOST + b"\r\n", 400),                        # two blanks
    (b"GET http://127.0.0.1/echo HTTP/1.1\r\n" + HOST + b"\r\n", 400),         # no path
    (b"GET /echo#x HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    (b"GET /echo\r\n\r\n", 400),
    (b"POST /echo HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n" + HOST + b"\r\nab", 400),
    (b"POST /echo HTTP/1.1\r\nContent-Length: 1, 1\r\n" + HOST + b"\r\nab", 400),
    (b"POST /echo HTTP/1.1\r\nContent-Length: -1\r\n" + HOST + b"\r\nab", 400),
    (b"POST /echo HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n" + HOST + b"\r\n0\r\n\r\n", 400),
    (b"POST /echo HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n" + HOST + b"\r\n0\r\n\r\n", 501),
    (b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + HOST + b"\r\nzz\r\n", 400),
    (b"POST /echo HTTP/1.1\r\nExpect: money\r\n" + HOST + b"\r\n", 417),
    (b"POST /echo HTTP/1.1\r\nContent-Length: 65537\r\n" + HOST + b"\r\n", 413),
    (b"POST /echo HTTP/1.1\r\nContent-Length: 99999999999999999999999999\r\n" + HOST + b"\r\n", 413),
    (b"GET /echo HTTP/2.0\r\n" + HOST + b"\r\n", 505),
    (b"BREW /echo HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    (b"TRACE /echo HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    (b"CONNECT a:1 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    (b"GET /" + b"a" * 2048 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
    (b"GET /?" + b"a" * 8193 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
    (b"GET /echo HTTP/1.1\r\n" + b"A: b\r\n" * 101 + HOST + b"\r\n", 431),
    (b"GET /echo HTTP/1.1\r\nA: " + b"b" * 20000, 431),
    (b"GET /echo HTTP/1.1\r\nHost: wrong.example\r\n\r\n", 421),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\n", 400),                # TLS where none is
])
def test_refused(echo, request_, status):
    with echo.connect() as sock:
        sock.sendall(request_)
        head, body = read_answer(sock)
    assert status_of(head) == status
    error = json.loads(body)["error"]
    assert error["code"] and error["message"] and f"X-Request-Id: {error['target']}".encode() in head
    assert b"X-Content-Type-Options: nosniff" in head


def test_large_body_is_refused_readably(echo):
    """The client sends ten megabytes and reads only then: the refusal is there."""
    with echo.connect() as sock:
        sock.sendall(b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + HOST + b"\r\n")
        try:
            for _ in range(64):
                sock.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pytest.fail("closed before the client could read why")
        assert status_of(read_answer(sock)[0]) == 413
    assert echo.get("/echo", "POST", b"x" * 65536)[0] == 200


def test_flood_ahead_of_answers_is_dropped(echo):
    with echo.connect() as sock:
        sock.sendall(b"GET /later?20000 HTTP/1.1\r\n" + HOST + b"\r\n")
        try:
            for _ in range(1000):
                sock.sendall(b"x" * 65536)
            pytest.fail("it took 64 MB")
        except (BrokenPipeError, ConnectionResetError):
            pass
    wait_for("the handler hears of it", lambda: json.loads(echo.get("/stats")[2])["gone"] == 1)


def test_slow_loris():
    with Echo(head_ms=700, body_ms=700, idle_ms=700) as server:
        begin = time.monotonic()
        silent, idle = server.connect(), server.connect()
        idle.sendall(b"GET /echo HTTP/1.1\r\n" + HOST + b"\r\n")
        read_answer(idle)
        heads = server.connect()
        bodies = server.connect()
        bodies.sendall(b"POST /echo HTTP/1.1\r\nContent-Length: 100\r\n" + HOST + b"\r\n")
        try:
            for _ in range(100):
                heads.sendall(b"G")
                bodies.sendall(b"b")
                time.sleep(0.05)
        except OSError:
            pass
        assert status_of(read_to_end(bodies)) == 408
        assert read_to_end(silent) == b"" and read_to_end(idle) == b""
        assert time.monotonic() - begin < 15
        assert json.loads(server.get("/stats")[2])["connections"] <= 2
        for sock in (silent, idle, heads, bodies):
            sock.close()


def test_connections_are_limited():
    with Echo(connections=20, per_address=8) as server:
        held = [server.connect() for _ in range(8)]
        for sock in held:
            sock.sendall(b"GET /echo HTTP/1.1\r\n" + HOST + b"\r\n")
            read_answer(sock)
        assert read_to_end(server.connect()) == b""
        other = socket.socket()
        other.bind(("127.0.0.2", 0))
        other.connect(("127.0.0.1", server.port))
        other.sendall(b"GET /echo HTTP/1.1\r\n" + HOST + b"\r\n")
        assert json.loads(read_answer(other)[1])["peer"] == "127.0.0.2"
        held.pop().close()
        wait_for("a place is free again", lambda: server_is_open(server))
        for sock in [*held, other]:
            sock.close()


def test_no_descriptors_left():
    """Who cannot be accepted waits; when there are descriptors again, it is served."""
    with Echo(nofile=40, per_address=500) as server:
        held = [server.connect() for _ in range(60)]
        for sock in held:
            sock.sendall(b"GET /echo HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n")
        for sock in held:
            assert status_of(read_to_end(sock)) == 200
            sock.close()
        assert server.get("/echo")[0] == 200


def server_is_open(server):
    try:
        return server.get("/echo")[0] == 200
    except (OSError, ConnectionError):
        return False
    except Exception as error:  # http.client: closed without an answer
        return "Remote end closed" not in str(error) and pytest.fail(str(error))


def test_handlers_headers(echo):
    status, headers, _ = echo.get("/headers")
    assert (status, headers["Retry-After"], headers["Cache-Control"]) == (429, "3", "no-store")
    status, headers, _ = echo.get("/evil")
    assert status == 500 and "Set-Cookie" not in headers and "X-Evil" not in headers
    status, headers, body = echo.get("/none")
    assert (status, body) == (204, b"") and "Content-Length" not in headers


# ---- answers that take time -------------------------------------------------


def test_large_answer(echo):
    assert len(echo.get("/big?20000000")[2]) == 20_000_000


def test_client_goes_before_its_answer(echo):
    for target in (b"/later?60000", b"/orphan?300"):
        sock = echo.connect()
        sock.sendall(b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n")
        wait_for("it is with the handler",
                 lambda: json.loads(echo.get("/stats")[2])["connections"] == 2)
        sock.close()
        wait_for("it is gone", lambda: json.loads(echo.get("/stats")[2])["connections"] == 1)
    assert json.loads(echo.get("/stats")[2])["gone"] == 1
    time.sleep(0.4)  # the orphan is answered
    assert echo.get("/echo")[0] == 200


def test_client_goes_within_a_request(echo):
    for part in (b"G", b"GET / HTTP/1.1\r\n", b"POST / HTTP/1.1\r\nContent-Length: 5\r\n" + HOST + b"\r\nab"):
        sock = echo.connect()
        sock.sendall(part)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # RST
        sock.close()
    wait_for("all are gone", lambda: json.loads(echo.get("/stats")[2])["connections"] == 1)


def test_stream_and_its_end(echo):
    client = echo.client()
    client.request("GET", "/stream?1000")
    answer = client.getresponse()
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert len(answer.read()) == 1000 * 1032
    client.request("GET", "/echo")  # the connection goes on
    assert client.getresponse().status == 200
    client.close()
    answer = ask(echo, b"GET /stream?3 HTTP/1.0\r\n\r\n")
    assert b"chunked" not in answer and answer.split(b"\r\n\r\n", 1)[1].count(b"data: ") == 3
    status, headers, body = echo.get("/stream?3", "HEAD")
    assert (status, body) == (200, b"") and headers["Content-Type"] == "text/event-stream"


def test_stream_back_pressure():
    """A client that does not read: the handler is stopped, later it goes on; nothing is lost."""
    with Echo() as server:
        with server.connect() as sock:
            sock.sendall(b"GET /stream?30000 HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n")
            wait_for("the handler is stopped",
                     lambda: json.loads(server.get("/stats")[2])["again"] > 0)
            with open(f"/proc/{server.process.pid}/statm", encoding="ascii") as statm:
                before = int(statm.read().split()[1])
            assert read_to_end(sock).count(b"data: ") == 30000
            with open(f"/proc/{server.process.pid}/statm", encoding="ascii") as statm:
                assert (int(statm.read().split()[1]) - before) * 4096 < 64 << 20
        assert json.loads(server.get("/stats")[2])["again"] > 1


def test_stream_of_a_client_that_never_reads_is_closed():
    with Echo(write_ms=700) as server:
        with server.connect() as sock:
            sock.sendall(b"GET /stream?1000000 HTTP/1.1\r\n" + HOST + b"\r\n")
            wait_for("it is closed", lambda: json.loads(server.get("/stats")[2])["closed"] == 1)
        with server.connect() as sock:
            sock.sendall(b"GET /big?90000000 HTTP/1.1\r\n" + HOST + b"\r\n")
            wait_for("it is closed too", lambda: json.loads(server.get("/stats")[2])["connections"] == 1)
        with server.connect() as sock:  # but silence of the handler is no reason
            sock.sendall(b"GET /stream HTTP/1.1\r\n" + HOST + b"\r\n")
            end = time.monotonic() + 1.5
            while time.monotonic() < end:
                assert sock.recv(4096)
        wait_for("it hears of the end", lambda: json.loads(server.get("/stats")[2])["closed"] == 2)


def test_answer_that_is_read_too_slowly():
    with Echo(write_ms=3000, answer_ms=2000) as server, server.connect() as sock:
        sock.sendall(b"GET /big?90000000 HTTP/1.1\r\n" + HOST + b"\r\n")
        start, closed = time.monotonic(), None
        while time.monotonic() < start + 10 and not closed:
            sock.recv(256 * 1024)  # always some progress
            time.sleep(0.05)
            closed = json.loads(server.get("/stats")[2])["connections"] == 1
        assert closed and 1.5 < time.monotonic() - start < 6
        assert server.get("/big?90000000")[0] == 200


def test_unsent_answers_have_a_budget():
    with Echo(unsent_max=40_000_000) as server:
        slow = [server.connect() for _ in range(3)]
        for sock in slow[:2]:
            sock.sendall(b"GET /big?16000000 HTTP/1.1\r\n" + HOST + b"\r\n")
            assert sock.recv(100).startswith(b"HTTP/1.1 200")
        slow[2].sendall(b"GET /big?16000000 HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n")
        answer = read_to_end(slow[2])
        assert answer.startswith(b"HTTP/1.1 503") and b"\r\nRetry-After: 10\r\n" in answer
        assert b"ServiceUnavailable" in answer
        assert server.get("/big?60000")[0] == 200  # small ones are always given
        for sock in slow:
            sock.close()
        wait_for("they are gone", lambda: json.loads(server.get("/stats")[2])["connections"] == 1)
        assert server.get("/big?16000000")[0] == 200


def test_sixty_four_clients(echo):
    def work(number):
        client = echo.client()
        for i in range(30):
            client.request("POST", f"/echo?{number}-{i}", body=str(number) * 10)
            seen = json.loads(client.getresponse().read())
            assert (seen["query"], seen["body"]) == (f"{number}-{i}", str(number) * 10)
        client.close()
        return 30

    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        assert sum(pool.map(work, range(64))) == 64 * 30


# ---- headers and pages ------------------------------------------------------


def test_security_headers(echo, pki):
    def check(headers, is_tls):
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert ("Strict-Transport-Security" in headers) == is_tls
        assert re.fullmatch(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", headers["Date"])

    for target in ("/echo", "/nothing"):
        _, headers, _ = echo.get(target)
        check(headers, False)
        assert headers["Cache-Control"] == "no-store"
    with Echo(certificate=pki.certificate, key=pki.key) as server:
        check(server.get("/echo", context=pki.context())[1], True)


def test_pages(tmp_path):
    (tmp_path / "lib").mkdir()
    for name, text in (("index.html", "<p>page"), ("app.js", "let a"), ("lib/x.css", "p{}"),
                       (".secret", "no"), ("key.pem", "no"), ("a b.js", "no")):
        (tmp_path / name).write_text(text)
    (tmp_path / "link.js").symlink_to(tmp_path / "app.js")
    with Echo(page_dir=tmp_path) as server:
        status, headers, body = server.get("/")
        assert (status, body, headers["Content-Type"]) == (200, b"<p>page", "text/html; charset=utf-8")
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-cache"
        etag = headers["ETag"]
        for known, wanted in ((etag, 304), (f'"x", W/{etag}', 304), ('"x"', 200)):
            status, headers, body = server.get("/", headers={"If-None-Match": known})
            assert (status, headers["ETag"], body) == (wanted, etag, b"" if wanted == 304 else b"<p>page")
        assert server.get("/", "HEAD")[1]["Content-Length"] == "7"
        assert server.get("/page/app.js")[1]["Content-Type"].startswith("text/javascript")
        assert server.get("/page/lib/x.css")[1]["Content-Type"].startswith("text/css")
        assert server.get("/page/link.js")[2] == b"let a"
        for path in ("/page/.secret", "/page/key.pem", "/page/a%20b.js", "/page/../key.pem",
                     "/page//etc/passwd", "/page/lib", "/page/", "/page/lib/../app.js"):
            assert server.get(path)[0] == 404, path
        assert server.get("/page/app.js", "POST")[0] == 404
        status, _, _ = server.get("/", headers={"Host": "wrong.example"})
        assert status == 421


# ---- TLS --------------------------------------------------------------------


def test_tls_with_requests_and_curl(pki):
    requests = pytest.importorskip("requests")
    with Echo(certificate=pki.certificate, key=pki.key) as server:
        base = f"https://127.0.0.1:{server.port}"
        with requests.Session() as session:
            session.trust_env = False
            session.verify = pki.certificate
            assert session.get(base + "/echo", params={"$filter": "a eq 'b c'"}).json()["query"] == \
                "%24filter=a+eq+%27b+c%27"
            assert session.patch(base + "/echo", json={"status": "Resolved"}).json()["body"] == '{"status": "Resolved"}'
            assert session.get(base + "/echo", data={"grant_type": "x"}).json()["body"] == "grant_type=x"
            assert session.post(base + "/echo", data=iter([b"ab", b"cd"])).json()["body"] == "abcd"
            assert len(session.get(base + "/big?5000000").content) == 5_000_000
        out = subprocess.run(["curl", "-sS", "--cacert", pki.certificate, "--http2", "-w", "%{http_version}",
                              "-H", "Expect: 100-continue", "-d", "x=1", base + "/echo"],
                             capture_output=True, text=True, check=True).stdout
        assert out.endswith("1.1") and json.loads(out[:-3])["body"] == "x=1"


def test_tls_speaks_http_1_1_and_nothing_old(pki):
    with Echo(certificate=pki.certificate, key=pki.key) as server:
        def say(*words):
            return subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", *words],
                                  input="", capture_output=True, text=True, check=False, timeout=30)
        assert "ALPN protocol: http/1.1" in say("-alpn", "h2,http/1.1").stdout
        assert "ALPN protocol: h2" not in say("-alpn", "h2").stdout
        assert "Cipher is (NONE)" in say("-tls1_1", "-cipher", "ALL:@SECLEVEL=0").stdout
        for version in ("-tls1_2", "-tls1_3"):
            assert "Verify return code" in say(version).stdout
        with server.connect() as plain:  # a client without TLS
            plain.sendall(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
            assert b"HTTP/1.1 200" not in read_to_end(plain)
        assert server.get("/echo", context=pki.context())[0] == 200


def test_handshake_that_does_not_end(pki):
    with Echo(certificate=pki.certificate, key=pki.key, head_ms=1000) as server:
        with server.connect() as sock:
            sock.sendall(b"\x16\x03\x01")
            begin = time.monotonic()
            read_to_end(sock)
            assert time.monotonic() - begin < 10


def test_mutual_tls(pki):
    with Echo(certificate=pki.certificate, key=pki.key, client_ca=pki.ca) as server:
        context = pki.context(pki.client, pki.client_key)
        assert json.loads(server.get("/echo", context=context)[2])["cn"] == "operator"
        for stranger in (pki.context(), pki.context(pki.stranger, pki.stranger_key)):
            with pytest.raises((ssl.SSLError, ConnectionError, OSError)):
                server.get("/echo", context=stranger)
        assert json.loads(server.get("/stats", context=context)[2])["requests"] == 2


def test_tls_stream_and_parallel_clients(pki):
    with Echo(certificate=pki.certificate, key=pki.key, per_address=200) as server:
        def work(number):
            client = server.client(pki.context())
            client.request("GET", "/stream?500")
            assert len(client.getresponse().read()) == 500 * 1032
            client.request("POST", "/echo", body=str(number))
            assert json.loads(client.getresponse().read())["body"] == str(number)
            client.close()

        with concurrent.futures.ThreadPoolExecutor(64) as pool:
            list(pool.map(work, range(64)))


def test_certificate_is_renewed_while_it_serves(tmp_path, pki):
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    shutil.copy(pki.certificate, certificate)
    shutil.copy(pki.key, key)
    with Echo(certificate=certificate, key=key) as server:
        held = server.client(pki.context())
        held.request("GET", "/echo")
        held.getresponse().read()
        other = Pki(tmp_path)
        shutil.copy(other.certificate, certificate)
        assert server.get("/renew", context=pki.context())[0] == 500  # the key does not fit
        shutil.copy(other.key, key)
        assert server.get("/renew", context=pki.context())[0] == 200
        assert server.get("/echo", context=other.context())[0] == 200
        with pytest.raises(ssl.SSLError):
            server.get("/echo", context=pki.context())
        held.request("GET", "/echo")  # what is open stays
        assert held.getresponse().status == 200
        held.close()


# ---- starting and ending ----------------------------------------------------


@pytest.mark.parametrize("tls", [False, True])
def test_ends_with_everything_open(pki, tls):
    server = Echo(certificate=pki.certificate, key=pki.key) if tls else Echo()
    context = pki.context() if tls else None
    socks = []
    for data in (b"", b"GET /", b"GET /later?60000 HTTP/1.1\r\n" + HOST + b"\r\n",
                 b"GET /orphan?100 HTTP/1.1\r\n" + HOST + b"\r\n",
                 b"GET /stream HTTP/1.1\r\n" + HOST + b"\r\n",
                 b"GET /stream?1000000 HTTP/1.1\r\n" + HOST + b"\r\n",
                 b"GET /big?50000000 HTTP/1.1\r\n" + HOST + b"\r\n"):
        sock = server.connect(context)
        sock.sendall(data)
        socks.append(sock)
    if tls:
        socks.append(server.connect())  # within its handshake
    wait_for("all are at work", lambda: json.loads(
        server.get("/stats", context=context)[2])["connections"] == len(socks) + 1)
    assert server.stop() == 0
    for sock in socks:
        sock.close()


def test_drain_lets_answers_out():
    server = Echo()
    late, idle, stream = server.connect(), server.connect(), server.connect()
    stream.sendall(b"GET /stream HTTP/1.1\r\n" + HOST + b"\r\n")
    assert stream.recv(100)
    late.sendall(b"GET /later?500 HTTP/1.1\r\n" + HOST + b"\r\n")
    wait_for("it is with the handler", lambda: json.loads(server.get("/stats")[2])["requests"] >= 3)
    server.process.send_signal(signal.SIGINT)
    assert read_to_end(idle) == b""
    assert read_to_end(stream).endswith(b"0\r\n\r\n")
    answer = read_to_end(late)
    assert answer.endswith(b"late") and b"Connection: close" in answer
    assert server.process.wait(30) == 0
    with pytest.raises(OSError):
        server.connect()


@pytest.mark.parametrize("options, why", [
    ({"address": "0.0.0.0"}, "loopback"),
    ({"address": "localhost"}, "numbers"),
    ({"address": "203.0.113.77", "certificate": "/x", "key": "/x"}, "listen"),
    ({"page_dir": "/nonexistent"}, "page"),
])
def test_does_not_start(options, why):
    server = Echo(**options)
    assert server.first_line.startswith("failed") and why in server.first_line
    assert server.process.wait(30) == 1


def test_certificate_that_is_none(tmp_path, pki):
    (tmp_path / "bad.pem").write_text("nothing")
    for certificate, key, ca in ((tmp_path / "bad.pem", pki.key, None),
                                 (pki.certificate, pki.client_key, None),
                                 (pki.certificate, pki.key, tmp_path / "bad.pem")):
        options = {"certificate": certificate, "key": key}
        if ca:
            options["client_ca"] = ca
        server = Echo(**options)
        assert server.first_line.startswith("failed") and "TLS" in server.first_line
        assert server.process.wait(30) == 1
