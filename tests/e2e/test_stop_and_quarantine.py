# SPDX-License-Identifier: GPL-2.0-or-later
"""
StopAndQuarantineFile: by hash, among detections and the executables of running
processes. The programs are copies that the test made: nobody else executes them.
"""

import contextlib
import hashlib
import os
import shutil
import sqlite3
import subprocess
import time

import pytest

from process_clock import TreeClock
from quietscan_harness import ACTION, RpcError, Service, eicar, program, wait_for


@pytest.fixture
def service():
    with Service({**ACTION, "PassiveMode": "on"}) as started:
        started.start()
        yield started


@contextlib.contextmanager
def running(path, n=1):
    """So many processes that execute `path`."""
    processes = [subprocess.Popen([str(path), "600"]) for _ in range(n)]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait(20)


@pytest.fixture
def sleeper(tmp_path):
    """A program of the test's own, with a content of its own."""
    path = tmp_path / "sleeper"
    shutil.copy("/bin/sleep", path)
    with open(path, "ab") as out:
        out.write(b"quietscan test " + os.urandom(16))
    return path


def ask(service, **hashes):
    return service.call("file.stopAndQuarantine", comment="ticket 4711", **hashes)["id"]


def ended(service, action_id):
    def final():
        action = service.call("action.show", id=action_id)
        return action if action["status"] in ("Succeeded", "Failed") else None
    return wait_for("the end", final)


def completed(service, action_id):
    event, = service.list("timeline.list", actionType="StopAndQuarantineFileCompleted",
                          actionId=action_id)
    return event


def digest(path, kind):
    return hashlib.new(kind, path.read_bytes()).hexdigest()


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_running(service, sleeper, kind):
    """Its processes are killed, the file is in quarantine, all of it is told."""
    hash_of = digest(sleeper, kind)
    with running(sleeper, 3) as processes:
        action_id = ask(service, **{kind: hash_of.upper()})
        action = ended(service, action_id)
        assert action["status"] == "Succeeded" and action["type"] == "StopAndQuarantineFile"
        assert action["requestorComment"] == "ticket 4711" and action["scanId"] is None
        assert action["relatedFileInfo"]["fileIdentifier"] == hash_of
        assert [process.wait(20) for process in processes] == [-9, -9, -9]
    assert not sleeper.exists()
    item, = service.list("quarantine.list")
    assert item["path"] == str(sleeper)
    event = completed(service, action_id)
    assert (event["executables"], event["processesEnded"], event["processesLeft"],
            event["quarantined"], event["failed"]) == (1, 3, 0, 1, 0)
    taken, = service.list("timeline.list", actionType="FileQuarantined")
    assert taken["quarantineId"] == item["id"] and taken["actionId"] == action_id
    service.call("quarantine.restore", id=item["id"], comment="ours", wait=True)
    assert digest(sleeper, kind) == hash_of and os.access(sleeper, os.X_OK)


def test_detected(service, tmp_path):
    """What was found and left is taken away, each name of it, in passive mode too."""
    folder = tmp_path / "tree"
    folder.mkdir()
    for name in ("a.com", "b.com"):
        (folder / name).write_bytes(eicar())
    service.run_scan("custom", paths=[str(folder)])
    assert len(list(folder.iterdir())) == 2
    action_id = ask(service, sha1=hashlib.sha1(eicar()).hexdigest())
    assert ended(service, action_id)["status"] == "Succeeded"
    assert list(folder.iterdir()) == []
    assert {d["remediationStatus"] for d in service.list("detection.list")} == {"Quarantined"}
    event = completed(service, action_id)
    assert (event["detections"], event["quarantined"], event["executables"]) == (2, 2, 0)
    # Once more: it is in quarantine, and nothing is left to be done.
    again = ask(service, sha256=hashlib.sha256(eicar()).hexdigest())
    assert ended(service, again)["status"] == "Succeeded"


def test_detected_and_running(service, sleeper):
    """The detection tells the end, and the processes are gone."""
    content = sleeper.read_bytes()
    service.write_signatures([f"{hashlib.md5(content).hexdigest()}:{len(content)}:Test.Sleeper"])
    with running(sleeper) as processes:
        service.run_scan("custom", paths=[str(sleeper)])
        assert sleeper.exists()
        action_id = ask(service, sha256=hashlib.sha256(content).hexdigest())
        assert ended(service, action_id)["status"] == "Succeeded"
        assert processes[0].wait(20) == -9
    detection, = service.list("detection.list")
    assert detection["remediationStatus"] == "Quarantined"
    assert detection["quarantineId"] == service.list("quarantine.list")[0]["id"]
    assert completed(service, action_id)["processesEnded"] == 1


def test_nobody_has_it(service):
    """Failed, and the answer says what was looked at."""
    action_id = ask(service, sha256="ab" * 32)
    action = ended(service, action_id)
    assert action["status"] == "Failed" and action["errorHResult"] != 0
    event = completed(service, action_id)
    assert (event["detections"], event["executables"], event["quarantined"]) == (0, 0, 0)
    assert event["reason"]


def test_kept_as_long_as_its_file(service, sleeper):
    """What ended long ago goes, but not while its file is in quarantine; the log keeps both."""
    gone = ended(service, ask(service, sha1="ab" * 20))["id"]
    with running(sleeper):
        kept = ended(service, ask(service, sha1=digest(sleeper, "sha1")))["id"]
    service.stop()
    with sqlite3.connect(service.state_dir / "store.db") as db:
        db.execute("UPDATE actions SET last_update_unix_ms = 1")
    service.start()
    wait_for("the purge", lambda: [row["id"] for row in service.list("action.list")] == [kept])
    assert completed(service, gone) and completed(service, kept)


def test_file_that_cannot_be_taken(service, sleeper):
    """Its processes are ended all the same; the action has failed."""
    if subprocess.run(["chattr", "+i", sleeper], check=False, capture_output=True).returncode != 0:
        pytest.skip("no immutable files on this file system")
    try:
        with running(sleeper) as processes:
            action_id = ask(service, sha1=digest(sleeper, "sha1"))
            assert ended(service, action_id)["status"] == "Failed"
            assert processes[0].wait(20) == -9
    finally:
        subprocess.run(["chattr", "-i", sleeper], check=True)
    assert sleeper.exists()
    assert service.list("timeline.list", actionType="FileQuarantineFailed")[0]["outcome"] == "Immutable"


def test_deleted_executable(service, sleeper):
    """There is no file any more; the process is ended."""
    hash_of = digest(sleeper, "sha256")
    with running(sleeper) as processes:
        sleeper.unlink()
        action_id = ask(service, sha256=hash_of)
        ended(service, action_id)
        assert processes[0].wait(20) == -9
    assert completed(service, action_id)["executables"] == 1


def test_one_at_a_time_and_over_a_kill(service, tmp_path):
    """A second request for the same hash is refused; a killed service goes on with the first."""
    programs = tmp_path / "libexec"
    programs.mkdir()
    bins = os.path.dirname(program("quietscan-engine"))
    for name in ("quietscan-engine", "quietscan-scanner"):
        os.symlink(f"{bins}/{name}", programs / name)
    script = programs / "quietscan-remediate"
    script.write_text("#!/bin/sh\nexec sleep 600\n")
    script.chmod(0o755)
    service.stop()
    service.arguments = ["--libexec-dir", str(programs)]
    service.start()
    action_id = ask(service, sha256="cd" * 32)
    with pytest.raises(RpcError) as error:
        ask(service, sha256="CD" * 32)
    assert error.value.code == "ActiveRequestAlreadyExists"
    assert service.call("action.show", id=action_id)["status"] == "InProgress"
    service.kill()
    service.arguments = []
    service.start()
    assert ended(service, action_id)["status"] == "Failed"
    assert len(service.list("timeline.list", actionType="StopAndQuarantineFileSubmitted")) == 1


def test_search_keeps_the_load_factor(service, sleeper):
    """Nothing is scanned, and what a search computes is limited all the same."""
    os.truncate(sleeper, 192 * 1024 * 1024)
    service.call("settings.set", name="ScanAvgCPULoadFactor", value=5)
    clock = TreeClock(service.pid)
    with running(sleeper):
        before, began = clock.cpu_s(), time.monotonic()
        action_id = ask(service, sha1="cd" * 20)
        ended(service, action_id)
        used, took = clock.cpu_s() - before, time.monotonic() - began
    assert " 0 unreadable" in completed(service, action_id)["reason"]
    print(f"{used:.2f} s of CPU time in {took:.2f} s")
    assert used >= 0.1  # it was work
    assert used <= 0.05 * len(os.sched_getaffinity(0)) * took * 1.1 + 0.1


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A daemon of an installation of the test's own: no other program has these contents."""
    folders = {"quietscand": "sbin", "quietscan-console": "sbin", "quietscan": "sbin"}
    prefix = tmp_path / "prefix"
    for name in (*folders, "quietscan-engine", "quietscan-scanner", "quietscan-remediate"):
        folder = prefix / folders.get(name, "libexec/quietscan")
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(program(name), folder / name)
        with open(folder / name, "ab") as out:
            out.write(b"quietscan test " + os.urandom(16))
    for folder in (tmp_path, *prefix.rglob("*"), prefix):
        folder.chmod(0o755)  # the engine's own uid
    monkeypatch.setenv("QUIETSCAN_PREFIX", str(prefix))
    with Service({**ACTION, "PassiveMode": "on"}) as started:
        started.start()
        yield started, prefix


@pytest.mark.parametrize("name", ["sbin/quietscan", "sbin/quietscan-console", "sbin/quietscand",
                                  "libexec/quietscan/quietscan-remediate"])
def test_our_own_program(installed, tmp_path, name):
    """Neither ended nor taken away, and told; a copy elsewhere is a file like others."""
    service, prefix = installed
    ours = prefix / name
    command = [str(ours)]
    if name == "sbin/quietscan":
        command += ["timeline", "--follow", "--socket", service.socket_path]
    elif name == "sbin/quietscan-console":
        command += ["--state-dir", str(tmp_path / "console"), "--socket", service.socket_path,
                    "--listen", "127.0.0.1:0"]
    is_started = name in ("sbin/quietscan", "sbin/quietscan-console")
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL) if is_started else None
    try:
        if process:
            wait_for("its exec", lambda: os.readlink(f"/proc/{process.pid}/exe") == str(ours))
        action_id = ask(service, sha256=digest(ours, "sha256"))
        assert ended(service, action_id)["status"] == "Failed"
        event = completed(service, action_id)
        assert (event["executables"], event["failed"], event["processesEnded"],
                event["quarantined"]) == (1, 1, 0, 0)
        assert event["reason"].startswith(f"{ours} is a program of this service, which is neither")
        assert ours.exists() and service.list("quarantine.list") == []
        assert process is None or process.poll() is None
    finally:
        if process:
            process.kill()
            process.wait()


def test_copy_of_our_program(installed, tmp_path):
    """What it is called and what is in it do not spare it."""
    service, prefix = installed
    copy = tmp_path / "quietscan"
    shutil.copy(prefix / "sbin/quietscan", copy)
    with subprocess.Popen([str(copy), "timeline", "--follow", "--socket", service.socket_path],
                          stdout=subprocess.DEVNULL) as process:
        wait_for("its exec", lambda: os.readlink(f"/proc/{process.pid}/exe") == str(copy))
        action_id = ask(service, sha256=digest(copy, "sha256"))
        assert ended(service, action_id)["status"] == "Succeeded"
        assert process.wait(20) == -9
    assert not copy.exists()


def test_command(service, sleeper):
    """On the command line."""
    with running(sleeper):
        done = subprocess.run(
            [program("quietscan"), "file", "quarantine", digest(sleeper, "sha1"), "--comment",
             "ticket", "--socket", service.socket_path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        wait_for("the move", lambda: not sleeper.exists())
