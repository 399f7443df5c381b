# SPDX-License-Identifier: GPL-2.0-or-later
"""A detection tells which processes run the file: the processes are the test's own."""

import contextlib
import hashlib
import os
import pathlib
import shutil
import subprocess

import pytest

from quietscan_harness import Service, eicar

THREAT = "Test-Running-Program"
TOLD_MAX = 16


@contextlib.contextmanager
def running(path, n):
    """So many processes that execute `path`; they end with their input."""
    processes = [subprocess.Popen([str(path)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
                 for _ in range(n)]
    try:
        yield sorted(process.pid for process in processes)
    finally:
        for process in processes:
            process.stdin.close()
            process.wait(20)


@pytest.fixture(scope="module")
def service():
    with Service({"ScanAvgCPULoadFactor": 0}) as started:
        program = started.base / "files" / "program"
        program.parent.mkdir()
        shutil.copy("/bin/cat", program)
        content = program.read_bytes()
        started.write_signatures([f"{hashlib.md5(content).hexdigest()}:{len(content)}:{THREAT}",
                                  f"{hashlib.md5(eicar()).hexdigest()}:68:Eicar-Test-Signature"])
        started.start()
        yield started


@pytest.fixture
def program(service):
    return service.base / "files" / "program"


def detections_of(service, *paths):
    """Scan and give {path: detection}."""
    scan = service.run_scan("custom", paths=paths)
    assert scan["status"] == "Succeeded"
    return {row["path"]: row for row in service.list("detection.list", scanId=scan["id"])}


def told(row):
    return row["wasExecutingWhileDetected"], row["processCount"], row["processIds"]


def test_running(service, program):
    """Two processes run it: both are told, in the list and in the log; beside it nobody runs a file."""
    idle = program.parent / "idle"
    idle.write_bytes(eicar())
    with running(program, 2) as pids:
        rows = detections_of(service, program.parent)
    assert told(rows[str(program)]) == (True, 2, pids)
    assert told(rows[str(idle)]) == (False, 0, [])
    events = {event["path"]: event for event in service.timeline(
        scanId=rows[str(idle)]["scanId"], actionType="AntivirusDetection")}
    assert {path: told(event) for path, event in events.items()} == {
        path: told(row) for path, row in rows.items()}
    listed = service.call("detection.list", scanId=rows[str(idle)]["scanId"],
                          filter=["eq", "wasExecutingWhileDetected", True])["value"]
    assert [row["path"] for row in listed] == [str(program)]


def test_ended(service, program):
    """Who ran it once and has ended is not told."""
    with running(program, 1):
        pass
    assert told(detections_of(service, program)[str(program)]) == (False, 0, [])


def test_other_names(service, program):
    """It is the file that runs, whatever name it was started by, and each of its names says so."""
    link = program.parent / "link"
    os.link(program, link)
    try:
        with running(link, 1) as pids:
            rows = detections_of(service, program.parent)
        assert told(rows[str(program)]) == told(rows[str(link)]) == (True, 1, pids)
    finally:
        link.unlink()


def test_copy(service, program):
    """The same content in another file is not what runs."""
    copy = pathlib.Path(shutil.copy(program, program.parent / "copy"))
    try:
        with running(copy, 1) as pids:
            rows = detections_of(service, program.parent)
        assert told(rows[str(program)]) == (False, 0, [])
        assert told(rows[str(copy)]) == (True, 1, pids)
    finally:
        copy.unlink()


def test_many(service, program):
    """All are counted, the first are told."""
    with running(program, TOLD_MAX + 4) as pids:
        row = detections_of(service, program)[str(program)]
    assert told(row) == (True, TOLD_MAX + 4, pids[:TOLD_MAX])
