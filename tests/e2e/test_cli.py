# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line as a shell script would use it: exit codes, JSON, hints, signals, pipes."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import time

import pytest

from quietscan_harness import CORPUS_SIGNATURES, Service, eicar, make_tree, program, wait_for

CLEAN, FOUND, ERROR, USAGE = 0, 1, 2, 64


def cli(service, *arguments, **kwargs):
    """Run quietscan against a service; output as bytes."""
    return subprocess.run([program("quietscan"), *arguments, "--socket", service.socket_path],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False,
                          **kwargs)


def answer(service, *arguments):
    """The JSON a command prints, after checking that it worked and printed nothing else."""
    done = cli(service, *arguments, "--output", "json")
    assert done.returncode == CLEAN, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """A service with one finished scan that found something; its scan and action."""
    tree = tmp_path_factory.mktemp("tree")
    make_tree(tree)
    with Service() as service:
        service.start()
        done = cli(service, "scan", "custom", "--path", str(tree), "--comment", "for the lists",
                   "--wait", "--output", "json")
        assert done.returncode == FOUND, done.stderr
        service.scan = service.list("scan.list")[0]
        service.action = service.list("action.list")[0]
        yield service


# ---- exit codes ------------------------------------------------------------

def test_exit_0_when_all_is_clean(ready, tmp_path):
    """Every file wholly scanned, nothing found."""
    make_tree(tmp_path, n_infected=0)
    assert cli(ready, "scan", "custom", "--path", str(tmp_path), "--comment", "c", "--wait").returncode == CLEAN


def test_exit_1_when_something_is_found(ready, tmp_path):
    """Found and still there."""
    (tmp_path / "x.com").write_bytes(eicar())
    done = cli(ready, "scan", "custom", "--path", str(tmp_path), "--comment", "c", "--wait")
    assert done.returncode == FOUND
    assert b"Eicar-Test-Signature" in done.stdout


def test_exit_2_when_a_file_is_incomplete(ready, tmp_path):
    """A file beyond the size limit: nothing found, but not wholly scanned either."""
    with open(tmp_path / "large", "wb") as out:
        out.truncate(200 << 20)
    assert cli(ready, "scan", "custom", "--path", str(tmp_path), "--comment", "c", "--wait").returncode == ERROR


def left_out(kind, folder):
    """A path that is never scanned, or is excluded."""
    path = folder / "target"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "excluded":
        path.mkdir()
        (path / "file").write_text("x")
    else:
        return kind
    return str(path)


@pytest.mark.parametrize("kind", ["/proc", "/sys", "/dev/null", "fifo", "excluded"])
def test_exit_2_when_a_target_is_left_out(ready, tmp_path, kind):
    """Nothing was scanned of what was asked for: said so, alone and beside a file that was."""
    path = left_out(kind, tmp_path)
    (tmp_path / "clean").write_text("x")
    answer(ready, "exclusion", "add", "--path", str(tmp_path / "target"))
    try:
        done = cli(ready, "scan", "custom", "--path", path, "--comment", "c", "--wait")
        both = cli(ready, "scan", "custom", "--path", path, "--path", str(tmp_path / "clean"),
                   "--comment", "c", "--wait")
    finally:
        answer(ready, "exclusion", "remove", "--path", str(tmp_path / "target"))
    assert done.returncode == ERROR
    assert b"not complete: nothing was scanned" in done.stdout
    assert both.returncode == ERROR
    assert b"not complete" in both.stdout
    scan_id = json.loads(cli(ready, "scan", "list", "--limit", "1", "--output", "json").stdout)[0]["id"]
    told = answer(ready, "timeline", "--scan", scan_id, "--type", "ScanTargetMissing")
    assert [(event["path"], event["reason"][:8]) for event in told] == [(path, "left out")]


def test_exit_0_for_an_empty_directory(ready, tmp_path):
    """There was nothing to scan, and all of it was."""
    done = cli(ready, "scan", "custom", "--path", str(tmp_path), "--comment", "c", "--wait")
    assert done.returncode == CLEAN
    assert b"complete: there was no file" in done.stdout


def test_exit_2_without_a_daemon(stopped_service):
    """Nobody listens: an error that names the socket."""
    done = cli(stopped_service, "health")
    assert done.returncode == ERROR
    assert stopped_service.socket_path.encode() in done.stderr


def test_exit_2_for_a_refusal(ready):
    """The daemon's sentence is shown."""
    done = cli(ready, "scan", "show", "00000000-0000-0000-0000-000000000000")
    assert done.returncode == ERROR
    assert done.stderr.strip()


@pytest.mark.parametrize("arguments, hint", [
    ((), b"quietscan"),
    (("scam",), b"scan"),
    (("scan", "quik"), b"quick"),
    (("scan", "quick"), b"--comment"),
    (("scan", "custom", "--comment", "c"), b"--path"),
    (("scan", "quick", "--comment", "c", "--load-factor", "3"), b"5"),
    (("scan", "quick", "--comment", "c", "--load-factor", "fifty"), b"load-factor"),
    (("scan", "quick", "--coment", "c"), b"--comment"),
    (("scan", "show"), b""),
    (("health", "--output", "xml"), b"json"),
])
def test_exit_64_with_a_hint(ready, arguments, hint):
    """Wrong usage: 64, a hint on stderr, nothing on stdout."""
    done = cli(ready, *arguments)
    assert done.returncode == USAGE, done.stderr
    assert hint in done.stderr
    assert done.stdout == b""


def test_help_is_no_error():
    """--help goes to stdout and needs no daemon."""
    done = subprocess.run([program("quietscan"), "--help"], capture_output=True, check=False)
    assert done.returncode == CLEAN
    assert b"scan" in done.stdout


# ---- JSON -------------------------------------------------------------------

@pytest.mark.parametrize("arguments", [
    ("scan", "list"), ("action", "list"), ("timeline",), ("detection", "list"), ("alert", "list"),
    ("quarantine", "list"), ("exclusion", "list"), ("allowed", "list"), ("settings", "show"),
])
def test_lists_print_an_array(ready, arguments):
    """A list command prints a JSON array and nothing else."""
    assert isinstance(answer(ready, *arguments), list)


def test_objects_print_an_object(ready):
    """One thing is one JSON object."""
    for arguments in (("scan", "show", ready.scan["id"]), ("action", "show", ready.action["id"]),
                      ("health",), ("definitions", "show"), ("log", "verify")):
        assert isinstance(answer(ready, *arguments), dict), arguments


def test_scan_has_the_documented_fields(ready):
    """The shape of DESIGN section 7."""
    scan = answer(ready, "scan", "show", ready.scan["id"])
    wanted = "id type origin status comment startTime endTime loadFactor achievedLoad results bytes " \
             "detections complete actionId"
    assert set(wanted.split()) <= set(scan)
    assert set(scan["results"]) == set("clean infected incomplete changed skipped blocked crashed".split())


def test_exclusions_and_settings_round_trip(ready):
    """add, list, remove; set, show."""
    answer(ready, "exclusion", "add", "--path", "/srv/never")
    assert any("/srv/never" in json.dumps(row) for row in answer(ready, "exclusion", "list"))
    answer(ready, "exclusion", "remove", "--path", "/srv/never")
    assert answer(ready, "exclusion", "list") == []
    answer(ready, "settings", "set", "ScanAvgCPULoadFactor", "40")
    rows = {row["name"]: row["value"] for row in answer(ready, "settings", "show")}
    assert rows["ScanAvgCPULoadFactor"] == 40
    done = cli(ready, "settings", "set", "ScanAvgCPULoadFactor", "4")
    assert done.returncode == ERROR
    assert b"5" in done.stderr


def test_allowed_round_trip(ready):
    """add, list, remove; what is there already, wrong or given twice is an error."""
    item = ("--name", "Eicar-Test-Signature", "--comment", "ticket 4711")
    row = {"kind": "name", "value": "Eicar-Test-Signature"}
    assert answer(ready, "allowed", "add", *item) == [row]
    assert cli(ready, "allowed", "add", *item).returncode == ERROR
    assert cli(ready, "allowed", "add", "--hash", "00", "--comment", "c").returncode == ERROR
    for wrong in ((), ("--name", "a", "--path", "/b"), ("--path", "/a", "--path", "/b")):
        assert cli(ready, "allowed", "add", "--comment", "c", *wrong).returncode == USAGE
    assert answer(ready, "allowed", "list") == [row]
    assert answer(ready, "allowed", "remove", *item) == []
    assert cli(ready, "allowed", "remove", *item).returncode == ERROR


# ---- names ------------------------------------------------------------------

def test_names_that_are_no_utf8(ready, tmp_path):
    """A path of any bytes can be asked for, and is shown without harm to the terminal."""
    raw = bytes(tmp_path) + b"/\xff\n\x1b[31m"
    os.mkdir(raw)
    with open(raw + b"/x.com", "wb") as out:
        out.write(eicar())
    done = subprocess.run([program("quietscan"), "scan", "custom", "--path", raw, "--comment", "bytes",
                           "--wait", "--socket", ready.socket_path], capture_output=True, check=False)
    assert done.returncode == FOUND, done.stderr
    assert b"\x1b[31m" not in done.stdout and b"\xff" not in done.stdout
    listed = cli(ready, "detection", "list").stdout
    assert b"\x1b" not in listed and b"\xff" not in listed


# ---- waiting ------------------------------------------------------------------

def test_names_that_fill_an_answer(tmp_path):
    """Who may make files must not be able to make the lists too long to be read."""
    folder = os.open(tmp_path, os.O_RDONLY)
    for _ in range(60):
        os.mkdir(b"\x01" * 250, dir_fd=folder)
        below = os.open(b"\x01" * 250, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
    for i in range(110):
        file = os.open(f"{i}.com", os.O_CREAT | os.O_WRONLY, dir_fd=folder)
        os.write(file, eicar())
        os.close(file)
    os.close(folder)
    with Service() as service:
        service.start()
        assert cli(service, "scan", "custom", "--path", str(tmp_path), "--comment", "c",
                   "--wait").returncode == FOUND
        assert len(answer(service, "detection", "list")) == 110
        events = answer(service, "timeline")
        assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
        assert answer(service, "timeline", "--limit", "100") == events[-100:]
        page = service.call("detection.list", limit=1000)
        assert 0 < len(page["value"]) == page["nextOffset"] < 110


def slow_scan(service, tmp_path):
    """The command that scans a tree of some seconds at the lowest load there is."""
    service.call("settings.set", name="ScanAvgCPULoadFactor", value=5)
    subprocess.run([program("corpus-filler"), str(tmp_path / "slow"), "3000", "4000"], check=True)
    return [program("quietscan"), "scan", "custom", "--path", str(tmp_path / "slow"), "--comment", "slow",
            "--wait", "--socket", service.socket_path]


def running_scan(service, comment):
    for scan in service.list("scan.list"):
        if scan["comment"] == comment and scan["status"] == "InProgress":
            return scan
    return None


def test_interrupt_in_wait(ready, tmp_path):
    """Ctrl-C cancels the scan that is waited for, and the command waits for its end: exit 2."""
    process = subprocess.Popen(slow_scan(ready, tmp_path), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    scan = wait_for("the scan runs", lambda: running_scan(ready, "slow"))
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == ERROR, (out, err)
    assert ready.call("scan.show", id=scan["id"])["status"] == "Cancelled"
    action = ready.call("action.show", id=scan["actionId"])
    assert action["status"] == "Cancelled"
    assert action["cancellationComment"]


def test_exit_2_when_cancelled(ready, tmp_path):
    """--wait on a scan that somebody cancels."""
    process = subprocess.Popen(slow_scan(ready, tmp_path), stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    scan = wait_for("the scan runs", lambda: running_scan(ready, "slow"))
    ready.call("scan.cancel", id=scan["id"], comment="test")
    assert process.wait(60) == ERROR


def numbers_of_files(output):
    return set(re.findall(rb"(\d[\d, ]*) (?:files|of)", output))


def test_progress_on_a_terminal(ready, tmp_path):
    """On a terminal the progress is live; numbers of files move."""
    arguments = slow_scan(ready, tmp_path)
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.execv(arguments[0], arguments)
    seen = b""
    end = time.monotonic() + 90
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.5)[0]:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                break
            if not data:
                break
            seen += data
            if len(numbers_of_files(seen)) > 2:  # seen to move: the rest may be fast
                ready.call("settings.set", name="ScanAvgCPULoadFactor", value=0)
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == CLEAN, seen[-2000:]
    assert seen.count(b"\r") > 3
    assert len(numbers_of_files(seen)) > 2, seen[-2000:]


def test_no_progress_in_a_pipe(ready, tmp_path):
    """Without a terminal there are no carriage returns and no escapes."""
    make_tree(tmp_path)
    done = cli(ready, "scan", "custom", "--path", str(tmp_path), "--comment", "piped", "--wait")
    assert b"\r" not in done.stdout and b"\x1b" not in done.stdout


def test_closed_pipe(ready):
    """A reader that goes away (| head) is no crash and no noise."""
    done = subprocess.run(["bash", "-c", f"'{program('quietscan')}' timeline --output json --socket "
                           f"'{ready.socket_path}' | head -c 10 >/dev/null; exit ${{PIPESTATUS[0]}}"],
                          capture_output=True, check=False)
    assert done.returncode in (CLEAN, ERROR, 128 + signal.SIGPIPE)
    assert b"rror" not in done.stderr


def test_full_device(ready):
    """Output that cannot be written is an error, not success."""
    with open("/dev/full", "wb") as full:
        done = subprocess.run([program("quietscan"), "timeline", "--socket", ready.socket_path],
                              stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == ERROR
    assert done.stderr


def test_c_locale(ready):
    """LC_ALL=C prints no byte outside ASCII."""
    done = cli(ready, "detection", "list", env={"LC_ALL": "C", "PATH": os.environ["PATH"]})
    assert done.returncode == CLEAN
    done.stdout.decode("ascii")
