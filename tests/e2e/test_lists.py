# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists: filters against an oracle, order, counts, pages, revisions, and how long they take."""

import datetime
import json
import os
import random
import sqlite3
import time
import uuid

import pytest

from quietscan_harness import RpcError, Service, make_tree

N_ACTIONS = 400
N_EVENTS = 50_000
STATUSES = ["Pending", "InProgress", "Succeeded", "Failed", "TimeOut", "Cancelled"]


def iso(unix_ms):
    """A time as the protocol has it."""
    if unix_ms == 0:
        return None
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=unix_ms)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def fill_actions(service, n, seed=1):
    """Final actions of any kind, straight into the store of a daemon that is stopped."""
    dice = random.Random(seed)
    with sqlite3.connect(service.state_dir / "store.db") as db:
        for i in range(n):
            is_cancelled = dice.random() < 0.3
            created = 1_700_000_000_000 + dice.randrange(0, 500) * 1000
            db.execute(
                "INSERT INTO actions (id,type,requestor,comment,request_source,scope,status,creation_unix_ms,"
                "last_update_unix_ms,cancellation_requestor,cancellation_comment,cancellation_unix_ms,"
                "error_hresult,scan_id) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                (str(uuid.UUID(int=dice.getrandbits(128))), "RunAntiVirusScan",
                 dice.choice(["root", "alice", "bob", "ålice"]), dice.choice(["why", "50%_off", "ticket 4711"]),
                 dice.choice(["Portal", "PublicApi", "LocalCli"]), dice.choice(["Quick", "Full", "Custom"]),
                 "Cancelled" if is_cancelled else dice.choice(STATUSES[2:5]), created,
                 created + dice.randrange(0, 3), "carol" if is_cancelled else None,
                 dice.choice(["enough", None]) if is_cancelled else None, created + 5 if is_cancelled else 0,
                 -2147467260 if is_cancelled else 0, str(uuid.UUID(int=i))))


def fill_events(service, n):
    """More events, straight into the store; their hashes are of no importance here."""
    with sqlite3.connect(service.state_dir / "store.db") as db:
        first = db.execute("SELECT max(sequence) FROM events").fetchone()[0] + 1
        db.executemany(
            "INSERT INTO events (sequence,time_unix_ms,action_type,scan_id,action_id,fields,previous_hash,hash)"
            " VALUES (?,?,?,?,?,?,?,?)",
            ((first + i, 1_700_000_000_000 + i, "MountSkipped" if i % 100 else "AntivirusScanCompleted",
              str(uuid.UUID(int=i % 50)), "", '{"path":"/x","reason":"text of some length, as they have"}',
              b"\0" * 32, b"\1" * 32) for i in range(n)))


@pytest.fixture(scope="module")
def filled():
    """A daemon with many actions and many events, and what the actions are."""
    with Service() as service:
        service.start()
        service.stop()
        fill_actions(service, N_ACTIONS)
        fill_events(service, N_EVENTS)
        service.start()
        service.call("definitions.reload")
        rows = service.list("action.list")
        assert len(rows) == N_ACTIONS
        yield service, rows


# ---- filters -----------------------------------------------------------------

FIELDS = {
    "id": "text", "status": "text", "requestor": "text", "requestorComment": "text", "scope": "text",
    "requestSource": "text", "machineId": "text", "cancellationRequestor": "text", "externalId": "text",
    "cancellationComment": "text", "creationDateTimeUtc": "time", "lastUpdateDateTimeUtc": "time",
    "cancellationDateTimeUtc": "time", "errorHResult": "int",
}


def holds(tree, row):
    """Whether a filter holds for a row: what docs/local-protocol.md says, once more."""
    op, *rest = tree
    if op == "and":
        return all(holds(child, row) for child in rest)
    if op == "or":
        return any(holds(child, row) for child in rest)
    if op == "not":
        return not holds(rest[0], row)
    field, literal = rest
    value = row[field]
    if op == "in":
        return any(holds(["eq", field, one], row) for one in literal)
    if op in ("startswith", "endswith", "contains"):
        return value is not None and {"startswith": str.startswith, "endswith": str.endswith,
                                      "contains": str.__contains__}[op](value, literal)
    if op in ("eq", "ne"):
        return (value == literal) == (op == "eq")
    if value is None or literal is None:
        return False
    if isinstance(value, str):
        value, literal = value.encode(), literal.encode()
    return {"gt": value > literal, "ge": value >= literal, "lt": value < literal, "le": value <= literal}[op]


def random_leaf(dice, rows):
    field = dice.choice(list(FIELDS))

    def literal():
        if dice.random() < 0.1:
            return None
        value = dice.choice(rows)[field]
        if value is None or dice.random() < 0.2:
            return {"text": dice.choice(["", "a", "carol", "'", "zz"]), "int": dice.randrange(-5, 5),
                    "time": iso(1_700_000_000_000 + dice.randrange(500_000))[:-2] +
                    dice.choice(["0Z", "5Z"])}[FIELDS[field]]
        return value
    if FIELDS[field] == "text" and dice.random() < 0.3:
        return [dice.choice(["startswith", "endswith", "contains"]), field,
                dice.choice(["", "a", "li", "50%", "_", "å", "ool"])]
    if dice.random() < 0.2:
        return ["in", field, [literal() for _ in range(dice.randrange(1, 5))]]
    return [dice.choice(["eq", "ne", "gt", "ge", "lt", "le"]), field, literal()]


def random_tree(dice, rows, depth):
    if depth == 0 or dice.random() < 0.4:
        return random_leaf(dice, rows)
    op = dice.choice(["and", "or", "not"])
    return [op] + [random_tree(dice, rows, depth - 1) for _ in range(1 if op == "not" else dice.randrange(1, 4))]


def test_random_filters(filled):
    """Any tree gives exactly the rows for which it holds, and their number."""
    service, rows = filled
    seed = int(os.environ.get("QUIETSCAN_LISTS_SEED", random.SystemRandom().randrange(10**9)))
    print(f"QUIETSCAN_LISTS_SEED={seed}")
    dice = random.Random(seed)
    n_some = 0
    with service.connect() as connection:
        for _ in range(600):
            tree = random_tree(dice, rows, 3)
            expected = [row for row in rows if holds(tree, row)]
            answer = connection.call("action.list", filter=tree, limit=1000, count=True)
            assert answer["value"] == expected, json.dumps(tree)
            assert answer["count"] == len(expected)
            n_some += 0 < len(expected) < len(rows)
    assert n_some > 100


def test_order_and_pages(filled):
    """Any field orders, either way; pages of a filtered and ordered list are the whole list."""
    service, rows = filled
    tree = ["ne", "status", "Cancelled"]
    with service.connect() as connection:
        for field in FIELDS:
            for descending in (False, True):
                order = {"field": field, "descending": descending}
                value = connection.call("action.list", orderBy=order, limit=1000)["value"]
                key = {row["id"]: (row[field] is not None, row[field].encode() if isinstance(row[field], str)
                                   else row[field] or 0) for row in rows}
                oldest_first = rows[::-1]
                if descending:
                    assert value == sorted(oldest_first, key=lambda row: key[row["id"]])[::-1], field
                else:
                    assert value == sorted(oldest_first, key=lambda row: key[row["id"]]), field
        seen, offset = [], 0
        while offset is not None:
            page = connection.call("action.list", filter=tree, limit=37, offset=offset, count=True,
                                   orderBy={"field": "lastUpdateDateTimeUtc"})
            seen += page["value"]
            offset = page["nextOffset"]
            assert page["count"] == sum(row["status"] != "Cancelled" for row in rows)
        assert sorted(row["id"] for row in seen) == sorted(row["id"] for row in rows if holds(tree, row))
        assert [r["lastUpdateDateTimeUtc"] for r in seen] == sorted(r["lastUpdateDateTimeUtc"] for r in seen)


@pytest.mark.parametrize("method, params, target", [
    ("action.list", {"filter": "status eq 'x'"}, "filter"),
    ("action.list", {"filter": ["eq", "nosuch", 1]}, "nosuch"),
    ("action.list", {"filter": ["eq", "status", 1]}, "status"),
    ("action.list", {"filter": ["and"] + [["eq", "id", "x"]] * 64}, "filter"),
    ("action.list", {"filter": ["in", "status", ["x"] * 101]}, "status"),
    ("action.list", {"orderBy": "id"}, "orderBy"),
    ("action.list", {"orderBy": {}}, "orderBy"),
    ("action.list", {"orderBy": {"field": "id", "up": True}}, "orderBy"),
    ("action.list", {"orderBy": {"field": "id; DROP TABLE actions"}}, "id; DROP TABLE actions"),
    ("action.list", {"count": 1}, "count"),
    ("action.list", {"ifRevision": -1}, "ifRevision"),
    ("action.list", {"ifRevision": "x"}, "ifRevision"),
    ("timeline.list", {"orderBy": {"field": "time"}}, "params"),
    ("timeline.list", {"beforeSequence": 0}, "beforeSequence"),
])
def test_refused(filled, method, params, target):
    """What is wrong is named."""
    with pytest.raises(RpcError) as caught:
        filled[0].call(method, **params)
    assert (caught.value.code, caught.value.target) == ("InvalidInput", target)


# ---- revisions ---------------------------------------------------------------

def unchanged(service, method, revision):
    answer = service.call(method, ifRevision=revision)
    if "unchanged" in answer:
        assert answer == {"unchanged": True, "revision": revision}
        return True
    assert answer["revision"] != revision
    return False


def test_revisions(service, tmp_path):
    """Unchanged exactly as long as nothing has changed; a scan that is open always counts as changed."""
    make_tree(tmp_path, n_files=1, n_infected=1)
    lists = ("action.list", "scan.list", "alert.list", "detection.list", "timeline.list")
    service.call("definitions.reload")

    def revisions():
        return {method: service.call(method)["revision"] for method in lists}
    before = revisions()
    assert all(unchanged(service, method, before[method]) for method in lists)
    scan = service.run_scan("custom", paths=[tmp_path])
    assert not any(unchanged(service, method, before[method]) for method in lists)
    now = revisions()
    assert all(unchanged(service, method, now[method]) for method in lists)
    alert = service.list("alert.list")[0]
    service.call("alert.update", id=alert["id"], comment="seen")
    assert [method for method in lists if not unchanged(service, method, now[method])] == \
        ["alert.list", "timeline.list"]
    asked = service.start_scan("full", loadFactor=5)
    open_ = service.call("scan.list")["revision"]
    assert not unchanged(service, "scan.list", open_)
    service.call("scan.cancel", id=asked["scan"]["id"], comment="enough")
    service.wait_scan(asked["scan"]["id"])
    now = revisions()
    assert all(unchanged(service, method, now[method]) for method in lists)
    service.stop()
    service.start()
    assert not any(unchanged(service, method, now[method]) for method in lists), "of before the restart"
    assert service.call("scan.show", id=scan["id"])


def test_a_committed_change_is_seen_at_once(service):
    """A list that is asked for after an answer has what the answer told, whatever the revision said."""
    service.call("definitions.reload")
    with service.connect() as one, service.connect() as other:
        revision = other.call("action.list")["revision"]
        for i in range(20):
            asked = one.call("scan.start", type="custom", comment=f"{i}", paths=["/nonexistent"])
            answer = other.call("action.list", ifRevision=revision, limit=1)
            assert answer["value"][0]["id"] == asked["action"]["id"]
            revision = answer["revision"]


# ---- the timeline, and how long things take --------------------------------------

def test_timeline_pages(filled):
    """50,000 events: forwards and backwards by sequence, by type, with a filter; each page is quick."""
    service, _ = filled
    with service.connect() as connection:
        def walk(**params):
            rows, start = [], time.monotonic()
            while True:
                page = connection.call("timeline.list", limit=1000, **params)["value"]
                if not page:
                    return rows, time.monotonic() - start
                rows += [row["sequence"] for row in page]
                params["afterSequence" if params["order"] == "asc" else "beforeSequence"] = rows[-1]
        up, seconds_up = walk(order="asc")
        down, seconds_down = walk(order="desc")
        assert up == down[::-1] == list(range(1, len(up) + 1)) and len(up) > N_EVENTS
        few, seconds_few = walk(order="asc", actionType="AntivirusScanCompleted")
        assert len(few) == N_EVENTS // 100
        tree = ["and", ["eq", "actionType", "AntivirusScanCompleted"], ["gt", "sequence", 1000]]
        start = time.monotonic()
        answer = connection.call("timeline.list", filter=tree, count=True, limit=10)
        seconds_filter = time.monotonic() - start
        assert answer["count"] == sum(sequence > 1000 for sequence in few)
        start = time.monotonic()
        last = connection.call("timeline.list", offset=N_EVENTS - 10, limit=10, order="asc")["value"]
        seconds_offset = time.monotonic() - start
        assert len(last) == 10
    print(f"50,000 events: up {seconds_up:.2f} s, down {seconds_down:.2f} s, by type {seconds_few:.3f} s, "
          f"filter and count {seconds_filter:.3f} s, by offset {seconds_offset:.3f} s")
    assert seconds_few < 2 and seconds_filter < 2 and seconds_offset < 2


def test_speed_of_polling(stopped_service):
    """10,000 actions: what a console asks all the time costs little, above all when nothing changed."""
    service = stopped_service
    service.start()
    service.stop()
    fill_actions(service, 10_000)
    service.start()
    service.call("definitions.reload")

    def rate(n, **params):
        line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "action.list", "params": params}).encode() + b"\n"
        with service.connect() as connection:
            before = cpu_seconds(service.pid)
            for _ in range(n // 20):
                connection.send_raw(line * 20)
                for _ in range(20):
                    assert b'"result"' in connection.read_line()[:60]
            return n / max(cpu_seconds(service.pid) - before, 0.001)
    revision = service.call("action.list")["revision"]
    figures = {
        "unchanged": rate(20_000, limit=50, ifRevision=revision),
        "50 newest": rate(1000, limit=50),
        "50 by update": rate(1000, limit=50, orderBy={"field": "lastUpdateDateTimeUtc", "descending": True}),
        "50 by update since": rate(1000, limit=50, orderBy={"field": "lastUpdateDateTimeUtc"},
                                   filter=["gt", "lastUpdateDateTimeUtc", iso(1_700_000_400_000)]),
        "50 of a status, counted": rate(400, limit=50, filter=["eq", "status", "Failed"], count=True),
    }
    print("lists a second of the daemon's CPU time:", {name: round(value) for name, value in figures.items()})
    assert figures["unchanged"] > 2000  # far less than it is: the build may be a slow one


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
