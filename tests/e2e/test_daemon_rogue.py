# SPDX-License-Identifier: GPL-2.0-or-later
"""Child processes that crash, lie or break the protocol: the daemon ends them, tells, and lives.

The rogues are scripts in a private libexec directory, beside links to the real programs.
"""

import os
import pathlib
import signal
import stat

import pytest

from quietscan_harness import Service, make_tree, program, wait_for

HEAD = """#!/usr/bin/python3
import os, signal, socket, struct, sys, time
channel = socket.socket(fileno=3, family=socket.AF_UNIX, type=socket.SOCK_SEQPACKET)
def send(kind, body=b""):
    channel.send(struct.pack("<HH", kind, 1) + body)
HELLO = lambda: send(0x181, struct.pack("<Q", os.getpid()))
def blob(data):
    return struct.pack("<I", len(data)) + data
"""


def libexec(service, **rogues):
    """A libexec directory in which some programs are scripts."""
    folder = service.base / "libexec"
    folder.mkdir()
    for name in ("quietscan-engine", "quietscan-scanner"):
        path = folder / name
        body = rogues.get(name.split("-")[1])
        if body is None:
            path.symlink_to(program(name))
        else:
            path.write_text(HEAD + body)
            path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    service.arguments = ["--libexec-dir", str(folder)]


def types(service, **params):
    return [event["actionType"] for event in service.timeline(**params)]


@pytest.mark.parametrize("body", [
    "channel.send(b'garbage'); time.sleep(60)",
    "HELLO(); HELLO(); time.sleep(60)",
    "send(0x184, struct.pack('<BI', 0, 0) + blob(b'')); time.sleep(60)",
    "socket.send_fds(channel, [struct.pack('<HHQ', 0x181, 1, 1)], [2]); time.sleep(60)",
    "HELLO()\nwhile channel.recv(100000)[:2] != b'\\x02\\x01': pass\nsend(0x182, b'short'); time.sleep(60)",
])
def test_scanner_breaks_the_protocol(body):
    """Ended, recorded as ProtocolViolation, tried again a few times, then Failed with the reason."""
    with Service() as service:
        libexec(service, scanner=body)
        service.start()
        scan = service.run_scan("custom", paths=["/etc/hostname"])
        assert scan["status"] == "Failed" and "protocol" in scan["failure"], scan
        assert types(service, scanId=scan["id"]).count("ProtocolViolation") == 5
        action = service.call("action.show", id=scan["actionId"])
        assert action["status"] == "Failed" and action["errorHResult"] != 0
        # A load of the signatures by themselves may follow; then nothing is left.
        wait_for("no child is left", lambda: not service.children())


@pytest.mark.parametrize("body", [
    "os.kill(os.getpid(), signal.SIGSEGV)",
    "sys.exit(70)",
    "HELLO()\nwhile channel.recv(100000)[:2] != b'\\x02\\x01': pass\nos.kill(os.getpid(), signal.SIGSEGV)",
])
def test_scanner_crashes_again_and_again(body):
    """A crash loop without progress ends after five."""
    with Service() as service:
        libexec(service, scanner=body)
        service.start()
        scan = service.run_scan("custom", paths=["/etc/hostname"])
        assert scan["status"] == "Failed" and scan["attempts"] == 5, scan
        assert types(service, scanId=scan["id"]).count("AntivirusScanInterrupted") == 4


def test_scanner_that_gets_killed_is_started_again():
    """SIGKILL from outside is not the scan's fault: many times are borne."""
    with Service() as service:
        count = service.base / "count"
        count.write_text("0")
        libexec(service, scanner=f"""
n = int(open({str(count)!r}).read()) + 1
open({str(count)!r}, "w").write(str(n))
if n <= 12:
    os.kill(os.getpid(), signal.SIGKILL)
os.execv({program("quietscan-scanner")!r}, sys.argv)
""")
        service.start()
        tree = service.base / "tree"
        make_tree(tree)
        scan = service.run_scan("custom", paths=[tree])
        assert scan["status"] == "Succeeded" and scan["attempts"] == 13
        assert scan["results"]["infected"] == scan["detections"] == 2


@pytest.mark.parametrize("body, word", [
    ("channel.send(b'x')\ntime.sleep(60)", "protocol"),
    ("os.kill(os.getpid(), signal.SIGSEGV)", "signal 11"),
    ("send(0x282, struct.pack('<I', 84) + blob(b'bad \\x1b[31m database'))", "bad"),
])
def test_engine_fails(body, word):
    """An engine that cannot load: refused or Failed with the reason, and the daemon lives."""
    with Service() as service:
        libexec(service, engine=body)
        service.start()
        try:
            scan = service.run_scan("custom", paths=["/etc/hostname"])
            text = scan["failure"]
            assert scan["status"] == "Failed"
        except Exception as error:  # noqa: BLE001: refused, if the load was tried before
            text = str(error)
            assert "SignaturesMissing" in text
        assert word in text and "\x1b" not in text, text
        wait_for("health tells", lambda: any(
            word in issue for issue in service.call("health")["healthIssues"]))


def test_update_that_crashes_the_engine(tmp_path):
    """The scan that tries it goes on with the set before."""
    with Service() as service:
        real = program("quietscan-engine")
        libexec(service, engine=f"""
folder = sys.argv[sys.argv.index("--signatures") + 1]
if os.path.exists(folder + "/poison.hdb"):
    os.kill(os.getpid(), signal.SIGSEGV)
os.execv({real!r}, sys.argv)
""")
        service.start()
        tree = service.base / "tree"
        make_tree(tree)
        before = service.call("definitions.reload")
        service.write_signatures(["0" * 32 + ":1:Poison"], name="poison.hdb")
        scan = service.run_scan("custom", paths=[tree])
        assert scan["status"] == "Succeeded" and scan["results"]["infected"] == 2, scan
        shown = service.call("definitions.reload")
        assert shown["fingerprint"] == before["fingerprint"] and "signal 11" in shown["lastError"]
        assert types(service).count("AntivirusDefinitionsUpdateFailed") == 1


def test_scanner_that_does_not_wait():
    """It goes on far beyond its CPU time: ended, recorded, and the scan is taken up again."""
    # What it takes comes fast only when it need not stand back behind everybody else.
    with Service({"ScanAvgCPULoadFactor": 5, "EnableLowCpuPriority": False}) as service:
        libexec(service, scanner="HELLO()\nwhile True: pass")
        service.start()
        scan_id = service.start_scan("custom", paths=["/etc/hostname"])["scan"]["id"]
        wait_for("the end of the first scanner",
                 lambda: "ProtocolViolation" in types(service, scanId=scan_id), 60)
        told = service.timeline(scanId=scan_id, actionType="ProtocolViolation")
        assert told[0]["process"] == "scanner" and "CPU time" in told[0]["reason"], told
        wait_for("the next scanner", lambda: types(service, scanId=scan_id).count("AntivirusScanStarted") == 2, 60)
        service.call("scan.cancel", id=scan_id, comment="enough")
        assert service.wait_scan(scan_id)["status"] == "Cancelled"


def test_engine_that_does_not_wait_while_it_loads():
    """Outside of a scan the limit holds as well: ended, and the definitions say why."""
    with Service({"ScanAvgCPULoadFactor": 5, "EnableLowCpuPriority": False}) as service:
        libexec(service, engine="while True: pass")
        service.start()
        wait_for("its end", lambda: "CPU time" in (
            service.call("definitions.show")["lastError"] or ""), 90)


def test_engine_names_a_process_that_is_not_its_own():
    """A zygote that tells of a foreign process is ended; nobody else gets a signal."""
    ready = "send(0x281, struct.pack('<QQ', 1, 1) + blob(b'e') + blob(b's') + struct.pack('<q', 0))\n"
    worker = "send(0x283, struct.pack('<BHIQIQ', 1, 0, 1, os.getppid(), 0, 0))\ntime.sleep(60)"
    with Service() as service:
        libexec(service, engine=ready + worker)
        service.start()
        scan = service.run_scan("custom", paths=["/etc/hostname"])
        assert scan["status"] == "Failed"
        assert service.process.poll() is None and service.call("health")


def test_zygote_is_killed_during_a_scan(service, tmp_path):
    """Another one takes over; the pass goes on and every file has its result."""
    tree = tmp_path / "tree"
    make_tree(tree, n_files=400, n_infected=3)
    scan = service.start_scan("custom", paths=[tree], loadFactor=10)["scan"]
    wait_for("files are judged",
             lambda: sum(service.call("scan.show", id=scan["id"])["results"].values()) > 20)
    for _ in range(3):
        zygotes = [pid for pid in service.children("quietscan-engine")
                   if parent(pid) == service.pid]
        for pid in zygotes:
            try:
                pathlib.Path(f"/proc/{pid}").stat()
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        wait_for("another zygote is there", lambda: [
            pid for pid in service.children("quietscan-engine")
            if parent(pid) == service.pid and pid not in zygotes]
            or service.call("scan.show", id=scan["id"])["status"] == "Succeeded")
    done = service.wait_scan(scan["id"], 120)
    assert done["status"] == "Succeeded" and done["attempts"] == 1, done
    assert sum(done["results"].values()) == 403
    assert done["results"]["infected"] == 3


def parent(pid):
    try:
        return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0
