# SPDX-License-Identifier: GPL-2.0-or-later
"""A mount that hangs costs its own rest, never the scan.

The mounts are real: a FUSE file system that does not answer where a file's name
asks for it (tests/lib/hangfs.c), and a fanotify permission listener that is
stuck (tests/lib/permlisten.c). Needs root; skipped elsewhere.
"""

import contextlib
import os
import pathlib
import time

import pytest

from mount_harness import helper, tmpfs, unmount
from quietscan_harness import Service, descendants, eicar, make_tree, wait_for

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="mounts need root")

STALL_S = 2  # on a busy machine what does not hang must move within it


@contextlib.contextmanager
def hangfs(backing, point):
    """BACKING shown at POINT, by a file system that hangs where names ask for it."""
    point.mkdir()
    try:
        with helper("hangfs", backing, point) as process:
            yield process
    finally:
        unmount(point)


@pytest.fixture
def service():
    """A daemon that gives a mount up after STALL_S."""
    with Service({"MountStallTimeoutSeconds": STALL_S, "ScanAvgCPULoadFactor": 0,
                  "MaximumOnDemandScanThreads": 2, "EnableLowCpuPriority": False}) as running:
        running.start()
        yield running


@pytest.fixture
def place(tmp_path):
    """A folder whose path the scanner's own user may pass."""
    for folder in [tmp_path, *list(tmp_path.parents)[:2]]:
        folder.chmod(0o755)
    return tmp_path


def results_of(service, scan):
    """{file name: (result, reason)} of the report; no name twice."""
    rows = [(row["raw"], (row["result"], row.get("reason", "none")))
            for row in service.report(scan["id"])]
    assert len({raw for raw, _ in rows}) == len(rows), rows
    return {raw.rsplit(b"/", 1)[1].decode(): result for raw, result in rows}


def given_up(service, scan):
    """The events of mounts that were given up."""
    return [event for event in service.timeline() if event["actionType"] == "MountNotResponding"
            and event["scanId"] == scan["id"]]


def expect_sound(service, scan, n_events=1):
    """It ended, is not complete, its counts are those of the report, and it says what is missing."""
    assert scan["status"] == "Succeeded", scan
    assert scan["complete"] is False
    events = given_up(service, scan)
    assert len(events) == n_events, events
    for event in events:
        assert event["waitedMs"] >= STALL_S * 1000
    detections = service.list("detection.list", scanId=scan["id"])
    assert scan["results"]["infected"] == scan["detections"] == len(detections), scan
    return events


def expect_no_processes(service):
    """Nothing of a scan is left."""
    wait_for("the scan's processes have ended", lambda: not descendants(service.pid))


@pytest.mark.parametrize("fault", ["open", "read", "direct", "getattr", "readdir"])
def test_fuse_that_hangs(service, place, fault):
    """Each system call that hangs: the rest of that mount is given up, all else is scanned."""
    make_tree(place / "local", n_files=10, n_infected=1)
    make_tree(place / "backing", n_files=10, n_infected=1)
    stuck = place / "backing" / f"hang-{fault}"
    if fault == "readdir":
        stuck.mkdir()
    else:
        stuck.write_bytes(b"x" * 100)
    with hangfs(place / "backing", place / "mount"):
        begin = time.monotonic()
        scan = service.run_scan("custom", paths=[place / "local", place / "mount"], report="all")
        print(f"hang in {fault}: {time.monotonic() - begin:.1f} s", scan["results"])
        event, = expect_sound(service, scan)
        assert event["path"] == str(place / "mount")
        assert event["fsType"] == "fuse.hangfs"
        assert event["waitedFor"].endswith(f"/hang-{fault}")
        results = results_of(service, scan)
        assert sum(result == "clean" for result, _ in results.values()) >= 10
        assert scan["results"]["infected"] >= 1
        # What is found is judged, but for what hangs.
        if fault in ("open", "read", "direct"):
            assert scan["results"]["clean"] == 20 and scan["results"]["infected"] == 2, scan
            assert scan["results"]["incomplete"] == event["unscanned"] == 1
    expect_no_processes(service)


def test_two_mounts_that_hang_and_one_that_does_not(service, place):
    """Each is given up on its own; what lies between them is scanned."""
    for name in ("a", "b", "c"):
        make_tree(place / f"backing-{name}", n_files=5, n_infected=1)
    (place / "backing-a/hang-open").write_bytes(b"x")
    (place / "backing-b/hang-open").write_bytes(b"x")
    tree = place / "tree"
    make_tree(tree, n_files=5, n_infected=1)
    with hangfs(place / "backing-a", tree / "a"), hangfs(place / "backing-b", tree / "b"), \
            hangfs(place / "backing-c", tree / "c"):
        scan = service.run_scan("custom", paths=[tree, tree / "c/d1"], report="all")
        events = expect_sound(service, scan, 2)
        assert sorted(event["path"] for event in events) == [str(tree / "a"), str(tree / "b")]
        assert scan["results"]["clean"] == 20 and scan["results"]["infected"] == 4, scan
        assert scan["results"]["incomplete"] == 2
        assert service.list("scan.list")[0]["id"] == scan["id"]
    expect_no_processes(service)


def test_fuse_that_answers(service, place):
    """A FUSE mount that answers is scanned like any other, and the scan is complete."""
    make_tree(place / "backing", n_files=10, n_infected=1)
    with hangfs(place / "backing", place / "mount"):
        (place / "link").symlink_to(place / "mount/d1")
        scan = service.run_scan("custom", paths=[place / "mount", place / "link"], report="all")
        assert scan["status"] == "Succeeded" and scan["complete"] is True, scan
        assert scan["results"]["clean"] == 10 and scan["results"]["infected"] == 1
        assert scan["results"]["skipped"] == 1  # the link itself
        assert not given_up(service, scan)


def test_pause_cancel_and_stop_while_it_hangs(service, place):
    """Pause, resume and cancel work; then another scan hangs, and the daemon stops all the same."""
    make_tree(place / "backing", n_files=3, n_infected=0)
    (place / "backing/hang-getattr").write_bytes(b"x")
    set_stall(service, 3600)
    with hangfs(place / "backing", place / "mount"):
        scan = service.start_scan("custom", paths=[place / "mount"])["scan"]
        wait_for("the scan hangs", lambda: is_hanging(service))
        service.call("scan.pause", id=scan["id"])
        service.wait_status(scan["id"], "Paused")
        service.call("scan.resume", id=scan["id"])
        service.wait_status(scan["id"], "InProgress")
        time.sleep(2.5)  # until the daemon knows that it waits
        begin = time.monotonic()
        service.call("scan.cancel", id=scan["id"], comment="enough")
        scan = service.wait_scan(scan["id"], 15)
        assert scan["status"] == "Cancelled"
        print(f"cancelled within {time.monotonic() - begin:.1f} s")
        service.start_scan("custom", paths=[place / "mount"])
        wait_for("the scan hangs", lambda: is_hanging(service))
        begin = time.monotonic()
        left = descendants(service.pid)
        assert service.stop(20) == 0
        print(f"stopped within {time.monotonic() - begin:.1f} s")
    wait_for("what was left behind has ended",
             lambda: not any(pathlib.Path(f"/proc/{pid}").exists() for pid in left))


def test_pause_is_no_hang(service, place):
    """Paused time does not count; when it goes on, the mount is given up after its time."""
    make_tree(place / "backing", n_files=3, n_infected=0)
    (place / "backing/hang-getattr").write_bytes(b"x")
    set_stall(service, 3600)
    with hangfs(place / "backing", place / "mount"):
        scan = service.start_scan("custom", paths=[place / "mount"])["scan"]
        wait_for("the scan hangs", lambda: is_hanging(service))
        service.call("scan.pause", id=scan["id"])
        set_stall(service, STALL_S)
        time.sleep(3 * STALL_S)
        assert service.call("scan.show", id=scan["id"])["status"] == "Paused"
        assert not given_up(service, scan)
        service.call("scan.resume", id=scan["id"])
        expect_sound(service, service.wait_scan(scan["id"]))
    expect_no_processes(service)


def set_stall(service, seconds):
    """Change the running daemon's limit."""
    service.call("settings.set", name="MountStallTimeoutSeconds", value=seconds)


def is_hanging(service):
    """Whether a thread of a scanner waits for an answer of FUSE."""
    for pid in service.children("quietscan-scanner"):
        for task in pathlib.Path(f"/proc/{pid}/task").glob("*/wchan"):
            with contextlib.suppress(OSError):
                if "request_wait_answer" in task.read_text() or "fuse" in task.read_text():
                    return True
    return False


def test_listener_that_is_stuck(service, place):
    """A local mount under a stuck listener: set apart, given up; all others are scanned once."""
    make_tree(place / "local", n_files=10, n_infected=1)
    with tmpfs(place / "guarded") as guarded, tmpfs(place / "other") as other:
        for folder in (guarded, other):
            make_tree(folder, n_files=10, n_infected=1)
        (guarded / "deny-me").write_bytes(b"x")
        (guarded / "delay-me").write_bytes(b"x")
        (guarded / "zz").mkdir()
        (guarded / "zz/hang-me").write_bytes(b"x")
        with helper("permlisten", guarded):
            begin = time.monotonic()
            scan = service.run_scan("custom", report="all",
                                    paths=[guarded, place / "local", other])
            print(f"listener: {time.monotonic() - begin:.1f} s", scan["results"])
            events = expect_sound(service, scan)
            assert events[0]["path"] == str(guarded)
            assert events[0]["fsType"] == "tmpfs"
            rows = list(service.report(scan["id"]))
            for folder in (place / "local", other):
                inside = [row for row in rows if row["raw"].startswith(os.fsencode(folder) + b"/")]
                assert len(inside) == 11, inside
                assert sum(row["result"] == "infected" for row in inside) == 1
            assert len({row["raw"] for row in rows}) == len(rows)
        expect_no_processes(service)
        # Nobody is stuck any more: everything is scanned.
        scan = service.run_scan("custom", paths=[guarded], report="all")
        assert scan["complete"] is True and scan["results"]["clean"] == 13, scan


def test_listener_and_what_was_judged_before(service, place):
    """What was judged on a local mount before it hung stays, a detection too; nothing twice."""
    make_tree(place / "local", n_files=10, n_infected=1)
    with tmpfs(place / "guarded") as guarded:
        make_tree(guarded / "before", n_files=10, n_infected=1)
        make_tree(guarded / "after", n_files=10, n_infected=1)
        (guarded / "hang-me").write_bytes(b"x")
        with helper("permlisten", guarded):
            scan = service.run_scan("custom", report="all", paths=[
                guarded / "before", place / "local/d1", place / "link-to-nothing",
                guarded / "hang-me", place / "local", guarded / "after"])
            event, = expect_sound(service, scan)
            assert event["path"] == str(guarded)
            assert event["waitedFor"] == str(guarded / "hang-me")
            assert scan["results"] == {"clean": 20, "infected": 2, "incomplete": 1, "changed": 1,
                                       "skipped": 0, "blocked": 0, "crashed": 0}, scan
            rows = [row["raw"] for row in service.report(scan["id"])]
            assert len(set(rows)) == len(rows) == 23
        expect_no_processes(service)


def test_eicar_before_the_hang_stays(service, place):
    """What was found on the mount before it hung is a detection of the scan, once."""
    backing = place / "backing"
    (backing / "sub").mkdir(parents=True)
    (backing / "sub/sick.com").write_bytes(eicar())
    (backing / "sub/hang-read").write_bytes(b"x" * 1000)
    with hangfs(backing, place / "mount"):
        scan = service.run_scan("custom", paths=[place / "mount"], report="all")
        expect_sound(service, scan)
        assert scan["results"]["infected"] == 1 and scan["results"]["incomplete"] == 1, scan
    expect_no_processes(service)
