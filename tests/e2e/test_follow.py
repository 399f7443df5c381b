# SPDX-License-Identifier: GPL-2.0-or-later
"""timeline.follow: told soon, told seldom, nothing missed, nothing queued."""

import json
import time

from quietscan_harness import make_tree, wait_for


def advanced(connection, deadline_s=30):
    """The next notification's params."""
    connection.sock.settimeout(deadline_s)
    message = connection.read_message()
    assert message["method"] == "timeline.advanced", message
    assert set(message["params"]) == {"sequence", "revision"}
    return message["params"]


def is_silent(connection, seconds):
    connection.sock.settimeout(seconds)
    try:
        return connection.read_message() is None
    except TimeoutError:
        return True


def test_nothing_is_missed(service, tmp_path):
    """From the answer on, what is pulled after each notification is every event once, in order."""
    make_tree(tmp_path, n_files=5, n_infected=3)
    service.call("definitions.reload")
    with service.connect() as follower, service.connect() as puller:
        told = follower.call("timeline.follow")
        last = first = told["sequence"]
        asked = service.start_scan("custom", paths=[tmp_path])
        events = []
        while not any(event["actionType"] == "AntivirusScanCompleted" for event in events):
            told = advanced(follower)
            assert told["sequence"] >= last
            page = puller.call("timeline.list", afterSequence=last, order="asc", limit=1000)["value"]
            assert page or told["sequence"] == last
            events += page
            last = max([last] + [event["sequence"] for event in page])
        assert [event["sequence"] for event in events] == list(range(first + 1, last + 1))
        assert events[0]["actionType"] == "AntivirusScanSubmitted"
        assert {event["scanId"] for event in events} >= {asked["scan"]["id"]}
        while told["sequence"] < last:
            told = advanced(follower)
        assert is_silent(follower, 0.5), "nothing happens, nothing is told"


def test_told_soon_and_seldom(service):
    """The first change is told at once; a burst is told ten times a second at most, its end surely."""
    service.call("definitions.reload")
    with service.connect() as follower, service.connect() as writer:
        before = follower.call("timeline.follow")
        start = time.monotonic()
        writer.call("exclusion.add", kind="path", value="/nowhere/0")
        told = advanced(follower)
        assert time.monotonic() - start < 5  # a busy machine; it is some 10 ms
        assert told["sequence"] == before["sequence"] + 1
        assert told["revision"] == before["revision"], "neither actions nor alerts have changed"
        start = time.monotonic()
        for i in range(1, 60):
            writer.call("exclusion.add", kind="path", value=f"/nowhere/{i}")
        n = 0
        while told["sequence"] < before["sequence"] + 60:
            told = advanced(follower)
            n += 1
        assert n <= (time.monotonic() - start) * 10 + 2


def test_actions_and_alerts_change_the_revision(service, tmp_path):
    """What changes without an event is told as well."""
    make_tree(tmp_path, n_files=1, n_infected=1)
    service.call("definitions.reload")
    with service.connect() as follower:
        told = [follower.call("timeline.follow")["revision"]]
        service.run_scan("custom", paths=[tmp_path])
        last = service.timeline()[-1]["sequence"]
        sequence = 0
        while sequence < last:
            params = advanced(follower)
            sequence = params["sequence"]
            told.append(params["revision"])
        assert told == sorted(told) and told[-1] > told[0]
        alert = service.list("alert.list")[0]
        service.call("alert.update", id=alert["id"], comment="x")
        assert advanced(follower)["revision"] > told[-1]


def test_twice_on_one_connection(service):
    """One notification for each change all the same; other answers come in between."""
    service.call("definitions.reload")
    with service.connect() as follower:
        first = follower.call("timeline.follow")
        assert follower.call("timeline.follow") == first
        service.call("exclusion.add", kind="path", value="/nowhere")
        assert advanced(follower)["sequence"] == first["sequence"] + 1
        assert is_silent(follower, 0.3)
        follower.sock.settimeout(30)
        assert follower.call("health")["machineId"]


def test_a_follower_that_does_not_read(service):
    """It costs one line, not one for each event; when it reads it learns the last state."""
    service.call("definitions.reload")
    with service.connect() as follower, service.connect() as writer:
        first = follower.call("timeline.follow")["sequence"]
        line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "settings.show"}).encode() + b"\n"
        for _ in range(100):
            follower.send_raw(line)  # answers nobody reads: the connection's buffers are full
        for i in range(60):
            writer.call("exclusion.add", kind="path", value=f"/nowhere/{i}")
            time.sleep(0.02)
        seen = []

        def caught_up():
            message = follower.read_message()
            if message.get("method") == "timeline.advanced":
                seen.append(message["params"]["sequence"])
            return seen and seen[-1] == first + 60
        wait_for("it is told of the last event", caught_up, interval_s=0)
        assert len(seen) <= 3, seen


def test_followers_end_with_their_connections(service):
    """Many come and go while things happen; a stop with followers is a stop."""
    service.call("definitions.reload")
    held = []
    for i in range(100):
        connection = service.connect()
        connection.call("timeline.follow")
        if i % 2:
            connection.close()
        else:
            held.append(connection)
        service.call("exclusion.add" if i % 2 == 0 else "exclusion.remove", kind="path", value="/nowhere")
    assert all(advanced(connection)["sequence"] for connection in held)
    assert service.stop() == 0
    for connection in held:
        connection.close()
