# SPDX-License-Identifier: GPL-2.0-or-later
"""What the daemon answers: the whole matrix of bad input, duplicates, roles, lists."""

import base64
import json
import os
import socket
import sqlite3

import pytest

from quietscan_harness import Connection, RpcError, Service, make_tree, wait_for

NO_SUCH = "00000000-0000-0000-0000-000000000000"


@pytest.fixture(scope="module")
def ready():
    """One daemon for the tests that change nothing."""
    with Service() as service:
        service.start()
        service.call("definitions.reload")  # no event of its own comes in between
        yield service


def refused(service, method, code, **params):
    """The error of a call that must fail with this code."""
    with pytest.raises(RpcError) as caught:
        service.call(method, **params)
    assert caught.value.code == code, caught.value
    assert caught.value.message
    return caught.value


# ---- messages ---------------------------------------------------------------

@pytest.mark.parametrize("line, number", [
    (b"", None),
    (b"{", -32700),
    (b"nonsense", -32700),
    (b"\xff\xfe", -32700),
    (b'{"jsonrpc":"2.0","id":1,"method":"health"} x', -32700),
    (b"[" * 200 + b"]" * 200, -32700),
    (b'{"jsonrpc":"2.0","id":1,"method":"health","params":{"a":"\\u0000"}}', -32700),
    (b"[]", -32600),
    (b"3", -32600),
    (b"{}", -32600),
    (b'{"jsonrpc":"1.0","id":1,"method":"health"}', -32600),
    (b'{"jsonrpc":"2.0","id":{},"method":"health"}', -32600),
    (b'{"jsonrpc":"2.0","id":1,"method":7}', -32600),
    (b'{"jsonrpc":"2.0","id":1,"method":"health","params":[1]}', -32600),
    (b'{"jsonrpc":"2.0","id":1,"method":"health","extra":1}', -32600),
    (b'{"jsonrpc":"2.0","id":1,"method":"helth"}', -32601),
    (b'{"jsonrpc":"2.0","id":1,"method":"health","params":{"x":1}}', -32602),
])
def test_malformed_messages(ready, line, number):
    """Each has its own error, and the connection lives on."""
    with ready.connect() as connection:
        connection.send_raw(line + b"\n")
        if number is not None:
            message = connection.read_message()
            assert message["error"]["code"] == number, message
            assert message["error"]["data"]["code"]
        assert connection.call("health")["appVersion"]


def test_near_miss_of_a_method(ready):
    """A mistyped method gets a hint."""
    assert "scan.start" in refused(ready, "scan.strat", "MethodNotFound").message


def test_notification_gets_no_answer(ready):
    """Without an id nothing comes back, not even an error of the method."""
    with ready.connect() as connection:
        connection.send_raw(b'{"jsonrpc":"2.0","method":"health"}\n')
        connection.send_raw(b'{"jsonrpc":"2.0","method":"scan.show","params":{}}\n')
        serial = connection.send("health", {})
        assert connection.read_message()["id"] == serial


def test_answers_come_in_order(ready):
    """Many requests at once, also in pieces, are answered one after another."""
    with ready.connect() as connection:
        data = b"".join(b'{"jsonrpc":"2.0","id":%d,"method":"health"}\r\n' % i for i in range(200))
        for at in range(0, len(data), 777):
            connection.send_raw(data[at:at + 777])
        assert [connection.read_message()["id"] for _ in range(200)] == list(range(200))


def test_longest_line_is_accepted(ready):
    """A request of exactly 1 MiB is read, and judged by its content."""
    head = b'{"jsonrpc":"2.0","id":1,"method":"scan.show","params":{"id":"'
    tail = b'"}}'
    line = head + b"a" * (1024 * 1024 - len(head) - len(tail)) + tail
    with ready.connect() as connection:
        connection.send_raw(line + b"\n")
        assert connection.read_message()["error"]["code"] == -32602
        assert connection.call("health")


@pytest.mark.parametrize("newline", [b"", b"\n"])
def test_oversized_line(ready, newline):
    """One byte more than 1 MiB: an error, then the connection is closed; others live on."""
    with ready.connect() as connection:
        try:
            connection.send_raw(b"a" * (1024 * 1024 + 1) + newline)
        except BrokenPipeError:
            pass
        message = connection.read_message()
        assert message["error"]["code"] == -32700
        assert "1048576" in message["error"]["message"]
        assert connection.read_message() is None
    assert ready.call("health")


def test_endless_line_does_not_grow_the_daemon(ready):
    """A client that never sends a newline is cut off."""
    with ready.connect() as connection:
        with pytest.raises(OSError):
            for _ in range(64):
                connection.send_raw(b"x" * 1024 * 1024)
    assert ready.call("health")


def test_client_that_does_not_read(ready):
    """Its answers are not kept without bound: it is dropped."""
    request = b'{"jsonrpc":"2.0","id":1,"method":"settings.show"}\n'
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(30)
    sock.connect(ready.socket_path)
    with pytest.raises(OSError):
        for _ in range(100000):
            sock.sendall(request * 10)
    sock.close()
    assert ready.call("health")


def test_half_closed_client_is_answered(ready):
    """A script may close its sending side and read the answers then."""
    with ready.connect() as connection:
        connection.send("health", {})
        connection.send("scan.list", {})
        connection.sock.shutdown(socket.SHUT_WR)
        assert connection.read_message()["id"] == 1
        assert connection.read_message()["id"] == 2
        assert connection.read_message() is None


def test_too_many_connections(ready):
    """The 129th is closed at once; when one goes there is room again."""
    held = [ready.connect() for _ in range(128)]
    extra = ready.connect()
    assert extra.read_line() is None
    extra.close()
    for connection in held:
        connection.close()

    def is_served():
        try:
            return ready.call("health")
        except ConnectionError:
            return None  # the daemon has not seen the ends of the others yet
    wait_for("there is room again", is_served)


def test_peer_without_a_role(ready):
    """A user who is no operator is refused every method, whatever the socket's mode."""
    if os.geteuid() != 0:
        pytest.skip("needs root to become somebody else")
    os.chmod(ready.socket_path, 0o666)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            with Connection(ready.socket_path) as connection:
                for method in ("health", "scan.list", "no.such"):
                    try:
                        connection.call(method)
                    except RpcError as error:
                        assert error.number == -32003, error
                    else:
                        raise AssertionError(method)
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(pid, 0)[1] == 0
    os.chmod(ready.socket_path, 0o660)


def test_socket_mode(ready):
    """Nobody but owner and group can connect."""
    assert os.stat(ready.socket_path).st_mode & 0o777 == 0o660


# ---- parameters of scan.start ---------------------------------------------------

B64 = base64.b64encode(b"/tmp/x").decode()


@pytest.mark.parametrize("params, target", [
    ({}, "type"),
    ({"type": "quick"}, "comment"),
    ({"type": "quick", "comment": ""}, "comment"),
    ({"type": "quick", "comment": " \n\t"}, "comment"),
    ({"type": "quick", "comment": 7}, "comment"),
    ({"type": "quick", "comment": "a" * 4001}, "comment"),
    ({"type": "fast", "comment": "c"}, "type"),
    ({"type": 1, "comment": "c"}, "type"),
    ({"type": "Quick", "comment": "c"}, "type"),
    ({"type": "custom", "comment": "c"}, "paths"),
    ({"type": "custom", "comment": "c", "paths": []}, "paths"),
    ({"type": "custom", "comment": "c", "paths": "/tmp"}, "paths"),
    ({"type": "custom", "comment": "c", "paths": [1]}, "paths"),
    ({"type": "custom", "comment": "c", "paths": ["tmp"]}, "paths"),
    ({"type": "custom", "comment": "c", "paths": [""]}, "paths"),
    ({"type": "custom", "comment": "c", "paths": ["/tmp/../etc"]}, "paths"),
    ({"type": "custom", "comment": "c", "paths": ["/" + "a" * 4096]}, "paths"),
    ({"type": "custom", "comment": "c", "paths": ["/tmp"] * 1025}, "paths"),
    ({"type": "custom", "comment": "c", "pathsBytes": ["%%%"]}, "pathsBytes"),
    ({"type": "custom", "comment": "c", "pathsBytes": [base64.b64encode(b"/a\0b").decode()]}, "pathsBytes"),
    ({"type": "quick", "comment": "c", "paths": ["/tmp"]}, "paths"),
    ({"type": "full", "comment": "c", "pathsBytes": [B64]}, "paths"),
    ({"type": "quick", "comment": "c", "loadFactor": 4}, "loadFactor"),
    ({"type": "quick", "comment": "c", "loadFactor": 101}, "loadFactor"),
    ({"type": "quick", "comment": "c", "loadFactor": -1}, "loadFactor"),
    ({"type": "quick", "comment": "c", "loadFactor": 50.5}, "loadFactor"),
    ({"type": "quick", "comment": "c", "loadFactor": "much"}, "loadFactor"),
    ({"type": "quick", "comment": "c", "origin": "action"}, "origin"),
    ({"type": "quick", "comment": "c", "origin": "moon"}, "origin"),
    ({"type": "quick", "comment": "c", "report": "some"}, "report"),
    ({"type": "quick", "comment": "c", "report": True}, "report"),
    ({"type": "quick", "comment": "c", "ignoreExclusions": "yes"}, "ignoreExclusions"),
    ({"type": "quick", "comment": "c", "extra": 1}, "params"),
])
def test_bad_parameters_of_scan_start(ready, params, target):
    """Refused with the parameter's name; nothing is in the queue or in the log."""
    before = ready.timeline()[-1]["sequence"]
    error = refused(ready, "scan.start", "InvalidInput", **params)
    assert error.target == target, error
    assert ready.call("scan.list")["value"] == []
    assert ready.timeline()[-1]["sequence"] == before


@pytest.mark.parametrize("method, params, code", [
    ("scan.show", {}, "InvalidInput"),
    ("scan.show", {"id": 7}, "InvalidInput"),
    ("scan.show", {"id": ""}, "InvalidInput"),
    ("scan.show", {"id": "x" * 65}, "InvalidInput"),
    ("scan.show", {"id": NO_SUCH}, "NotFound"),
    ("scan.show", {"id": "'; DROP TABLE scans; --"}, "NotFound"),
    ("scan.cancel", {"id": NO_SUCH, "comment": "c"}, "NotFound"),
    ("scan.cancel", {"id": NO_SUCH}, "InvalidInput"),
    ("scan.cancel", {"id": NO_SUCH, "comment": " "}, "InvalidInput"),
    ("scan.pause", {"id": NO_SUCH}, "NotFound"),
    ("scan.resume", {"id": NO_SUCH}, "NotFound"),
    ("scan.report", {"id": NO_SUCH}, "NotFound"),
    ("scan.report", {"id": NO_SUCH, "limit": 262145}, "InvalidInput"),
    ("scan.report", {"id": NO_SUCH, "offset": -1}, "InvalidInput"),
    ("scan.watch", {"id": NO_SUCH}, "NotFound"),
    ("scan.list", {"limit": 0}, "InvalidInput"),
    ("scan.list", {"limit": 1001}, "InvalidInput"),
    ("scan.list", {"limit": "many"}, "InvalidInput"),
    ("scan.list", {"offset": -1}, "InvalidInput"),
    ("scan.list", {"page": 1}, "InvalidInput"),
    ("action.show", {"id": NO_SUCH}, "NotFound"),
    ("action.cancel", {"id": NO_SUCH, "comment": "c"}, "NotFound"),
    ("timeline.list", {"order": "up"}, "InvalidInput"),
    ("timeline.list", {"afterSequence": -1}, "InvalidInput"),
    ("alert.update", {"id": NO_SUCH, "status": "New"}, "NotFound"),
    ("alert.update", {"id": NO_SUCH, "status": "Old"}, "InvalidInput"),
    ("quarantine.restore", {"id": NO_SUCH, "comment": "c"}, "NotFound"),
    ("quarantine.restore", {"id": NO_SUCH, "comment": "c", "wait": True}, "NotFound"),
    ("quarantine.restore", {"id": NO_SUCH, "comment": "c", "wait": 1}, "InvalidInput"),
    ("quarantine.restore", {"id": NO_SUCH}, "InvalidInput"),
    ("quarantine.delete", {"id": NO_SUCH, "comment": "c"}, "NotFound"),
    ("detection.remediate", {"id": NO_SUCH, "action": "Remove", "comment": "c"}, "NotFound"),
    ("detection.remediate", {"id": NO_SUCH, "action": "Allow", "comment": "c"}, "InvalidInput"),
    ("detection.remediate", {"id": NO_SUCH, "action": "Remove"}, "InvalidInput"),
    ("file.stopAndQuarantine", {"comment": "c"}, "InvalidInput"),
    ("file.stopAndQuarantine", {"sha1": "0" * 40, "sha256": "0" * 64, "comment": "c"}, "InvalidInput"),
    ("file.stopAndQuarantine", {"sha1": "0" * 64, "comment": "c"}, "InvalidInput"),
    ("file.stopAndQuarantine", {"sha256": "x" * 64, "comment": "c"}, "InvalidInput"),
    ("file.stopAndQuarantine", {"sha1": "0" * 40}, "InvalidInput"),
    ("quarantine.delete", {"id": NO_SUCH, "comment": " "}, "InvalidInput"),
    ("exclusion.add", {"kind": "path"}, "InvalidInput"),
    ("exclusion.add", {"kind": "mime", "value": "x"}, "InvalidInput"),
    ("exclusion.add", {"kind": "path", "value": "relative"}, "InvalidInput"),
    ("exclusion.remove", {"kind": "path", "value": "/never/added"}, "NotFound"),
    ("allowed.add", {"kind": "name", "value": "X"}, "InvalidInput"),
    ("allowed.add", {"kind": "name", "value": " ", "comment": "c"}, "InvalidInput"),
    ("allowed.add", {"kind": "name", "value": "x" * 1025, "comment": "c"}, "InvalidInput"),
    ("allowed.add", {"kind": "name", "value": "X", "comment": " "}, "InvalidInput"),
    ("allowed.add", {"kind": "extension", "value": "iso", "comment": "c"}, "InvalidInput"),
    ("allowed.add", {"kind": "hash", "value": "0" * 40, "comment": "c"}, "InvalidInput"),
    ("allowed.add", {"kind": "hash", "value": "g" * 64, "comment": "c"}, "InvalidInput"),
    ("allowed.add", {"kind": "path", "value": "relative", "comment": "c"}, "InvalidInput"),
    ("allowed.add", {"kind": "path", "value": "/a/../b", "comment": "c"}, "InvalidInput"),
    ("allowed.remove", {"kind": "path", "value": "/never/added", "comment": "c"}, "NotFound"),
    ("settings.set", {"name": "ScanAvgCPULoadFactor"}, "InvalidInput"),
    ("settings.set", {"name": "NoSuch", "value": 1}, "InvalidInput"),
    ("settings.set", {"name": "ScanAvgCPULoadFactor", "value": 4}, "InvalidInput"),
])
def test_bad_parameters(ready, method, params, code):
    """Every other method."""
    refused(ready, method, code, **params)


def test_empty_lists(ready):
    """Lists of nothing are empty, with no next page."""
    for method in ("exclusion.list", "allowed.list"):
        assert ready.call(method) == {"value": [], "nextOffset": None}
    for method in ("detection.list", "alert.list", "quarantine.list"):
        answer = ready.call(method, count=True)
        assert answer.pop("revision") > 0
        assert answer == {"value": [], "nextOffset": None, "count": 0}, method


def test_paths_that_take_too_much_together(service):
    """Each path may be so long, but not all: refused with a reason, and what is below is recorded."""
    longest = base64.b64encode(b"/" + b"\xff" * 4095).decode()
    comment = "x" + "\x01" * 3999
    accepted = service.call("scan.start", type="custom", comment=comment, pathsBytes=[longest] * 37)
    error = refused(service, "scan.start", "InvalidInput", type="custom", comment=comment, pathsBytes=[longest] * 38)
    assert error.target == "paths"
    assert "together" in error.message and "at most 983040" in error.message
    (row,) = service.timeline(actionType="AntivirusScanSubmitted")
    assert (row["scanId"], len(row["paths"]), row["requestorComment"]) == (accepted["scan"]["id"], 37, comment)
    assert len(service.call("scan.list")["value"]) == 1


# ---- what is allowed --------------------------------------------------------------

def allowed(service):
    return {(row["kind"], row["value"]) for row in service.call("allowed.list")["value"]}


def test_allowed_twice(service):
    """Each item is there once, a hash in whatever case; what is refused changes and records nothing."""
    item = {"kind": "hash", "value": "ab" * 32, "comment": "ticket 1"}
    service.call("allowed.add", **item)
    service.call("allowed.add", kind="name", value="X", comment="ticket 2")
    for value in ("ab" * 32, "AB" * 32):
        assert refused(service, "allowed.add", "InvalidState", **{**item, "value": value}).target == "value"
    service.call("allowed.add", kind="name", value="x", comment="ticket 3")
    assert allowed(service) == {("hash", "ab" * 32), ("name", "X"), ("name", "x")}
    assert service.call("allowed.remove", **{**item, "value": "AB" * 32})["value"] == [
        {"kind": "name", "value": "X"}, {"kind": "name", "value": "x"}]
    refused(service, "allowed.remove", "NotFound", **item)
    rows = [(row["actionType"], row["value"], row["requestorComment"]) for row in service.timeline()
            if row["actionType"].startswith("Allowance")]
    assert rows == [("AllowanceAdded", "ab" * 32, "ticket 1"), ("AllowanceAdded", "X", "ticket 2"),
                    ("AllowanceAdded", "x", "ticket 3"), ("AllowanceRemoved", "AB" * 32, "ticket 1")]
    assert all(row["requestor"] for row in service.timeline(actionType="AllowanceAdded"))


def test_allowed_by_two_at_once(service):
    """Nobody's item is lost, in memory or after a crash."""
    with service.connect() as one, service.connect() as other:
        for i in range(10):
            one.send("allowed.add", {"kind": "path", "value": f"/one/{i}", "comment": "c"})
            other.send("allowed.add", {"kind": "path", "value": f"/other/{i}", "comment": "c"})
        for connection in (one, other):
            for _ in range(10):
                assert "result" in connection.read_message()
    wanted = {("path", f"/{who}/{i}") for who in ("one", "other") for i in range(10)}
    assert allowed(service) == wanted
    service.kill()
    service.start()
    assert allowed(service) == wanted


def test_allowed_but_not_written(service):
    """A file that cannot be replaced: nothing is changed and nothing recorded."""
    service.call("allowed.add", kind="name", value="X", comment="c")
    service.config.unlink()
    service.config.mkdir()
    for method, value in (("allowed.add", "Y"), ("allowed.remove", "X")):
        error = refused(service, method, "StoreUnavailable", kind="name", value=value, comment="c")
        assert "nothing was changed" in error.message
    assert allowed(service) == {("name", "X")}
    assert len([row for row in service.timeline() if row["actionType"].startswith("Allowance")]) == 1
    service.config.rmdir()
    service.call("allowed.remove", kind="name", value="X", comment="c")
    assert allowed(service) == set()


def test_allowed_is_bounded(stopped_service):
    """Neither the list nor the file grows beyond what is read again."""
    service = stopped_service
    service.write_settings(AllowedThreats=[f"T{i}" for i in range(1024)],
                           AllowedPaths=[f"/{i:03}{'x' * 4000}" for i in range(255)])
    service.start()
    refused(service, "allowed.add", "InvalidInput", kind="name", value="one more", comment="c")
    for i in range(10):
        try:
            service.call("allowed.add", kind="path", value=f"/more{i}{'x' * 4000}", comment="c")
        except RpcError as error:
            assert (error.code, "larger" in error.message) == ("InvalidState", True)
            break
    else:
        pytest.fail("the file grew beyond 1 MiB")
    before = allowed(service)
    service.stop()
    service.start()
    assert allowed(service) == before


# ---- duplicates, lists, alerts ----------------------------------------------------

def test_second_quick_scan_is_refused(service):
    """ActiveRequestAlreadyExists, recorded; a full scan beside it is accepted; custom scans queue."""
    first = service.start_scan("quick", loadFactor=5)
    error = refused(service, "scan.start", "ActiveRequestAlreadyExists", type="quick", comment="again")
    assert error.message == "Action is already in progress"
    assert error.target == first["action"]["id"]
    service.start_scan("full")
    refused(service, "scan.start", "ActiveRequestAlreadyExists", type="full", comment="again")
    for _ in range(3):
        service.start_scan("custom", paths=["/etc/hostname"])
    events = [e for e in service.timeline() if e["actionType"] == "RequestRefused"]
    assert [e["code"] for e in events] == ["ActiveRequestAlreadyExists"] * 2
    for scan in service.list("scan.list"):
        if scan["status"] in ("Pending", "InProgress"):
            service.call("scan.cancel", id=scan["id"], comment="done")
    for scan in service.list("scan.list"):
        assert service.wait_scan(scan["id"])["status"] == "Cancelled"
    service.start_scan("quick")


def test_lists_have_pages(service, tmp_path):
    """limit, offset and nextOffset walk over everything once, newest first."""
    make_tree(tmp_path, n_files=2, n_infected=5)
    ids = [service.run_scan("custom", comment=f"number {i}", paths=[tmp_path])["id"] for i in range(3)]
    assert [scan["id"] for scan in service.list("scan.list", limit=2)] == ids[::-1]
    assert service.call("scan.list", limit=2)["nextOffset"] == 2
    assert service.call("scan.list", limit=3)["nextOffset"] is None
    assert [scan["comment"] for scan in service.list("scan.list", status="Succeeded")][0] == "number 2"
    assert service.list("scan.list", status="Failed") == []
    assert len(service.list("detection.list", limit=4)) == 15
    assert len(service.list("detection.list", scanId=ids[0])) == 5
    assert len(service.list("alert.list")) == 3
    events = service.timeline()
    assert [e["sequence"] for e in events] == list(range(1, len(events) + 1))
    newest = service.call("timeline.list", limit=3)["value"]
    assert [e["sequence"] for e in newest] == [len(events), len(events) - 1, len(events) - 2]
    own = service.timeline(scanId=ids[1])
    assert own and all(e["scanId"] == ids[1] for e in own)
    assert [e["actionType"] for e in service.timeline(actionType="AntivirusScanCompleted")] == \
        ["AntivirusScanCompleted"] * 3


def test_alert_comments_are_bounded(service, tmp_path):
    """Number and size have an end; a history that cannot be read stays as it is."""
    make_tree(tmp_path / "tree", n_files=1, n_infected=1)
    service.run_scan("custom", paths=[tmp_path / "tree"])
    alert = service.list("alert.list")[0]["id"]

    def put(text):
        service.stop()
        with sqlite3.connect(service.state_dir / "store.db") as db:
            db.execute("UPDATE alerts SET comments=?", (text,))
        service.start()

    def stored():
        with sqlite3.connect(service.state_dir / "store.db") as db:
            return db.execute("SELECT comments FROM alerts").fetchone()[0]

    comment = {"comment": "c", "createdBy": "a", "createdTime": "2026-01-01T00:00:00.0000000Z"}
    put(json.dumps([comment] * 199))
    assert len(service.call("alert.update", id=alert, comment="last")["comments"]) == 200
    assert refused(service, "alert.update", "InvalidState", id=alert, comment="one more").target == "comment"
    assert service.call("alert.update", id=alert, status="Resolved")["status"] == "Resolved"
    put(json.dumps([dict(comment, comment="x" * 4000)] * 64))
    assert refused(service, "alert.update", "InvalidState", id=alert, comment="y" * 4000).target == "comment"
    put('[{"comment":"cut of')
    refused(service, "alert.update", "StoreUnavailable", id=alert, comment="new")
    assert stored() == '[{"comment":"cut of'


def test_alert_update(service, tmp_path):
    """Status, assignee, words and comments change, with an event; a bad word changes nothing."""
    make_tree(tmp_path, n_files=1, n_infected=1)
    service.run_scan("custom", paths=[tmp_path])
    alert = service.list("alert.list")[0]
    assert alert["status"] == "New"
    changed = service.call("alert.update", id=alert["id"], status="Resolved", assignedTo="alice",
                           classification="TruePositive", determination="Malware", comment="seen")
    assert (changed["status"], changed["assignedTo"]) == ("Resolved", "alice")
    assert changed["comments"][0]["comment"] == "seen"
    assert changed["comments"][0]["createdBy"] == "root" or os.geteuid() != 0
    changed = service.call("alert.update", id=alert["id"], comment="again")
    assert [c["comment"] for c in changed["comments"]] == ["seen", "again"]
    refused(service, "alert.update", "InvalidInput", id=alert["id"], classification="Sure")
    assert service.list("alert.list", status="Resolved") == [changed]
    assert len(service.timeline(actionType="AlertUpdated")) == 2


def test_report_pages(service, tmp_path):
    """The per-file report comes in pages of whole lines."""
    make_tree(tmp_path, n_files=50, n_infected=1)
    scan = service.run_scan("custom", paths=[tmp_path], report="all")
    rows = list(service.report(scan["id"]))
    assert len(rows) == sum(scan["results"].values()) == 51
    offset, lines = 0, []
    while offset is not None:
        page = service.call("scan.report", id=scan["id"], offset=offset, limit=500)
        lines += page["lines"]
        offset = page["nextOffset"]
    assert [json.loads(line) for line in lines] == [
        {key: value for key, value in row.items() if key != "raw"} for row in rows]
    refused(service, "scan.report", "InvalidInput", id=scan["id"], offset=3)


def test_watch(service, tmp_path):
    """The scan at once, progress while it runs, its end once; a scan that is over ends at once."""
    make_tree(tmp_path, n_files=100)
    with service.connect() as connection:
        scan = service.start_scan("custom", paths=[tmp_path])["scan"]
        assert connection.call("scan.watch", id=scan["id"])["id"] == scan["id"]
        seen = list(connection.notifications("scan.ended"))
        assert seen[-1][1]["status"] == "Succeeded"
        assert all(name in ("scan.progress", "scan.ended") for name, _ in seen)
        for name, params in seen[:-1]:
            assert params["id"] == scan["id"]
    with service.connect() as connection:
        connection.send("scan.watch", {"id": scan["id"]})
        assert connection.read_message()["result"]["status"] == "Succeeded"
        assert connection.read_message()["method"] == "scan.ended"
