# SPDX-License-Identifier: GPL-2.0-or-later
"""
What is found is taken away, and comes back: decided by the settings, done by
quietscan-remediate, told by detection, alert, timeline and both logs. What the
process itself can meet with a file is tests/integration/remediation-*.c.
"""

import contextlib
import hashlib
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import time
import zipfile

import pytest

from mount_harness import helper, unmount
from quietscan_harness import (
    ACTION, NO_ACTION, RpcError, Service, descendants, eicar, libexec_dir, program, wait_for)

GONE = ("Quarantined", "Removed")
TAKEN = "AntivirusMalwareActionTaken"
NOT_TAKEN = "AntivirusMalwareActionFailed"


@contextlib.contextmanager
def served(**settings):
    """A running service that takes away what it finds."""
    with Service({**ACTION, **settings}) as service:
        service.start()
        yield service


@pytest.fixture
def service():
    with served() as running:
        yield running


@pytest.fixture
def found(tmp_path):
    """An infected file with a mode and a time of its own, and the folder to be scanned."""
    folder = tmp_path / "tree"
    folder.mkdir()
    path = folder / "infected.com"
    path.write_bytes(eicar())
    path.chmod(0o640)
    os.utime(path, ns=(10**18, 10**18 + 5))
    return path


def scan(service, path, **params):
    return service.run_scan("custom", paths=[str(path.parent)], **params)


def detections(service):
    return service.list("detection.list")


def one(service, path):
    """The newest detection of a path."""
    return [d for d in detections(service) if d["path"] == str(path)][0]


def events(service, action_type):
    return service.list("timeline.list", actionType=action_type)


def items(service):
    return service.list("quarantine.list")


def cli(service, *arguments):
    return subprocess.run([program("quietscan"), *arguments, "--socket", service.socket_path],
                          capture_output=True, text=True, check=False)


# ---- taken away ---------------------------------------------------------------


def test_quarantined(service, found):
    """Gone when the scan has ended; detection, event, item, alert and log say so."""
    done = scan(service, found)
    assert done["status"] == "Succeeded" and done["detections"] == 1
    assert not found.exists() and list(found.parent.iterdir()) == []
    detection = one(service, found)
    assert detection["remediationStatus"] == "Quarantined"
    assert detection["remediationAction"] == "Quarantine"
    assert detection["remediationBy"].endswith("ThreatDefaultAction")
    item, = items(service)
    assert item["id"] == detection["quarantineId"] and item["detectionId"] == detection["id"]
    assert item["path"] == str(found) and item["sha256"] == detection["sha256"]
    assert item["size"] == len(eicar()) and item["names"] == 1
    event, = events(service, TAKEN)
    assert event["detectionId"] == detection["id"] and event["scanId"] == done["id"]
    assert event["actionId"] == done["actionId"] and event["remediationStatus"] == "Quarantined"
    assert [d["remediationStatus"] for d in service.list(
        "detection.list", alertId=service.list("alert.list")[0]["id"])] == ["Quarantined"]
    sequence = event["sequence"]
    ended, = events(service, "AntivirusScanCompleted")
    assert sequence < ended["sequence"]
    log = service.log_dir / "actions.jsonl"
    wait_for("the log", lambda: f'"sequence":{sequence},' in log.read_text())
    # Nothing of the sample is left where another scanner would find it.
    for folder in (service.state_dir, service.log_dir, found.parent):
        for file in filter(pathlib.Path.is_file, folder.rglob("*")):
            assert eicar() not in file.read_bytes(), file


def test_exit_status(service, found):
    """0 when all that was found is gone, 1 when it is still there."""
    ask = ("scan", "custom", "--path", str(found.parent), "--comment", "c", "--wait")
    assert cli(service, *ask).returncode == 0
    assert not found.exists()
    found.write_bytes(eicar())
    service.call("settings.set", name="SevereThreatDefaultAction", value="NoAction")
    assert cli(service, *ask).returncode == 1
    assert found.exists()


def test_all_names(service, found):
    """A file with several names is one item; each name's detection ends."""
    other = found.parent / "other"
    other.mkdir()
    os.link(found, other / "second")
    scan(service, found)
    assert not found.exists() and not (other / "second").exists()
    assert {d["remediationStatus"] for d in detections(service)} == {"Quarantined"}
    assert len(detections(service)) == 2
    assert {d["quarantineId"] for d in detections(service)} == {i["id"] for i in items(service)}


def test_archive(service, tmp_path):
    """The archive is the item, however many threats are in it; a hash is enough to find it."""
    folder = tmp_path / "tree"
    folder.mkdir()
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.com", eicar())
        archive.writestr("two.txt", b"harmless")
    scan(service, path)
    assert not path.exists()
    assert {d["remediationStatus"] for d in detections(service)} == {"Quarantined"}
    assert len(items(service)) == 1


def test_removed(found):
    """Remove leaves nothing."""
    with served(SevereThreatDefaultAction="Remove") as service:
        scan(service, found)
        assert not found.exists() and items(service) == []
        assert one(service, found)["remediationStatus"] == "Removed"
        assert one(service, found)["quarantineId"] is None
        assert events(service, TAKEN)[0]["outcome"] == "Removed"


def allowing(service, path, **settings):
    """The file stays under these settings."""
    for name, value in settings.items():
        service.call("settings.set", name=name, value=value)
    scan(service, path)
    assert path.exists()
    assert events(service, TAKEN) == []
    return one(service, path)


@pytest.mark.parametrize("setting", ["AllowedThreats", "AllowedFileHashes", "AllowedPaths"])
def test_allowed(service, found, setting):
    """What an operator allows stays, is told, and the detection says by what."""
    value = {"AllowedThreats": None, "AllowedPaths": str(found),
             "AllowedFileHashes": "275A021BBFB6489E54D471899F7DB9D1663FC695EC2FE2A2C4538AABF651FD0F"}
    if setting == "AllowedThreats":
        service.call("settings.set", name="SevereThreatDefaultAction", value="NoAction")
        scan(service, found)
        value[setting] = one(service, found)["threatName"]
        service.call("settings.set", name="SevereThreatDefaultAction", value="Quarantine")
    detection = allowing(service, found, **{setting: [value[setting]]})
    assert detection["remediationStatus"] == "Allowed"
    assert detection["remediationAction"] == "Allow"
    assert detection["remediationBy"] == f"{setting}: {value[setting]}"


def test_allowed_by_command(service, found):
    """What allowed.add names stays, from the next scan on."""
    service.call("allowed.add", kind="path", value=str(found), comment="ticket 4711")
    detection = allowing(service, found)
    assert detection["remediationBy"] == f"AllowedPaths: {found}"


def test_by_threat_id(service, found):
    """An id says more than a severity."""
    service.call("settings.set", name="SevereThreatDefaultAction", value="NoAction")
    scan(service, found)
    threat = one(service, found)["threatId"]
    service.call("settings.set", name="ThreatIDDefaultAction", value=[f"{threat}=Quarantine"])
    scan(service, found)
    assert not found.exists()
    assert one(service, found)["remediationBy"] == f"ThreatIDDefaultAction: {threat}=Quarantine"
    # The detection of before is of the same file by the same name.
    assert {d["remediationStatus"] for d in detections(service)} == {"Quarantined"}


# ---- passive ---------------------------------------------------------------------


def test_passive_moves_nothing(found):
    """Found, told, left; and left also when the mode changes later."""
    with served(PassiveMode="on") as service:
        scan(service, found)
        assert found.exists() and events(service, TAKEN) == []
        detection = one(service, found)
        assert (detection["remediationStatus"], detection["remediationAction"],
                detection["remediationBy"]) == ("Detected", "NoAction", "PassiveMode")
        service.call("settings.set", name="PassiveMode", value="off")
        scan(service, found.parent / "nothing-else" / "x")
        assert found.exists()
        scan(service, found)
        assert not found.exists()


# ---- not taken away ------------------------------------------------------------------


def test_immutable(service, found):
    """Refused, with an event and a status that say so."""
    if subprocess.run(["chattr", "+i", found], check=False, capture_output=True).returncode != 0:
        pytest.skip("no immutable files on this file system")
    try:
        scan(service, found)
        assert found.read_bytes() == eicar()
    finally:
        subprocess.run(["chattr", "-i", found], check=True)
    assert one(service, found)["remediationStatus"] == "QuarantineFailed"
    event, = events(service, NOT_TAKEN)
    assert event["outcome"] == "Immutable"
    assert items(service) == []


@pytest.fixture
def programs(tmp_path):
    """The private programs, but quietscan-remediate is what a test makes it."""
    folder = tmp_path / "libexec"
    folder.mkdir(mode=0o755)
    for name in ("quietscan-engine", "quietscan-scanner"):
        os.symlink(pathlib.Path(libexec_dir()) / name, folder / name)
    return folder


def pretend(programs, script):
    path = programs / "quietscan-remediate"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_dies_again_and_again(programs, found, tmp_path):
    """Another process is started, and in the end the file is told as still there."""
    pretend(programs, f"echo once >> {tmp_path}/starts; exit 3")
    with Service(ACTION) as service:
        service.arguments = ["--libexec-dir", str(programs)]
        service.start()
        scan(service, found)
        assert found.exists()
        assert (tmp_path / "starts").read_text().count("once") == 3
        assert one(service, found)["remediationStatus"] == "QuarantineFailed"
        assert events(service, NOT_TAKEN)[0]["reason"] == "quietscan-remediate dies over it"


def test_missing_program(programs, found):
    """The scan ends, and says so."""
    with Service(ACTION) as service:
        service.arguments = ["--libexec-dir", str(programs)]
        service.start()
        assert scan(service, found)["status"] == "Succeeded"
        assert found.exists()
        assert one(service, found)["remediationStatus"] == "QuarantineFailed"
        assert "cannot be started" in events(service, NOT_TAKEN)[0]["reason"]


def test_lies(programs, found):
    """Bytes that are no message: it is not believed, and told as dying."""
    pretend(programs, "printf 'HELLO' >&3; exec sleep 60")
    with Service(ACTION) as service:
        service.arguments = ["--libexec-dir", str(programs)]
        service.start()
        scan(service, found)
        assert one(service, found)["remediationStatus"] == "QuarantineFailed"
        assert descendants(service.pid, "quietscan-remediate") == []
        assert "protocol violation" in service.stderr()


# What a program in Python needs to pass for quietscan-remediate.
SPEAKS = """
import os, socket, struct, sys
control = socket.socket(fileno=3)
def send(type_, body): control.send(struct.pack("<HH", type_, 1) + body)
"""

LIAR = SPEAKS + """
def bytes_of(data): return struct.pack("<I", len(data)) + data
def result(serial, outcome, id_, left=0, names=1):
    send(0x583, struct.pack("<QBI", serial, outcome, 0) + id_ + struct.pack("<QQBQ", names, left, 0, 0)
         + 2 * bytes_of(b""))
def item(serial, id_):
    send(0x584, struct.pack("<Q", serial) + id_ + bytes(1) + bytes_of(b"/" * (PATH - 1) + b"x")
         + 3 * bytes_of(b"/x") + bytes(52)
         + struct.pack("<QIQq", 1, 0, 1, 1))
for _ in range(N_RECOVERED):
    send(0x581, RECOVERED)
send(0x582, struct.pack("<QQ", os.getpid(), 0))
while message := control.recv(100000):
    type_, = struct.unpack("<H", message[:2])
    if type_ == 0x501:
        continue
    serial, = struct.unpack("<Q", message[4:12])
    if type_ != 0x505:
        result(serial + (END == 99), 19 if END == 99 else END, ID, names=NAMES)
        continue
    if RISING:
        first = int(message[12:44].strip(b"\\0") or b"0", 16) + 1
        for i in range(first, first + 64):
            item(serial, b"%032x" % i)
        LEFT -= 64 if PATH > 2 else 0
        result(serial, 20, b"%032x" % (first + 63), LEFT)
        continue
    for i in range(N_ITEMS):
        item(serial, b"%032x" % (99999 - i))
    result(serial, 20, b"a" * 32 if LEFT else bytes(32), LEFT)
"""


def lie_of(programs, **lie):
    """quietscan-remediate is one that lies; what it says."""
    said = {"N_RECOVERED": 0, "RECOVERED": b"a" * 32 + bytes([3, 0]) + 3 * b"\2\0\0\0/x", "N_ITEMS": 0, "RISING": 0, "LEFT": 0, "PATH": 2, "END": 19,
            "ID": bytes(32), "NAMES": 1, **lie}
    script = programs / "liar.py"
    script.write_text("".join(f"{k} = {v}\n" for k, v in said.items()) + LIAR)
    pretend(programs, f"exec /usr/bin/python3 {script}")
    return said


@pytest.mark.parametrize("lie", [
    {"N_RECOVERED": 1500}, {"N_ITEMS": 500}, {"LEFT": 1}, {"END": 0},
    {"END": 1}, {"END": 2}, {"END": 20}, {"END": 99}, {"END": 0, "ID": b"b" * 32, "NAMES": 2},
    {"END": 0, "ID": b"%032x" % 99999, "N_ITEMS": 1}])
def test_long_lies(programs, found, lie):
    """Without end, out of order, or without an id: the scan ends, and nothing grows."""
    said = lie_of(programs, **lie)
    with Service(ACTION) as service:
        service.arguments = ["--libexec-dir", str(programs)]
        service.start()
        scan(service, found)
        assert found.exists() and one(service, found)["remediationStatus"] == "QuarantineFailed"
        lies = 3 if "END" in lie else 0
        believed = 0 if lies else min(said["N_ITEMS"], 1)
        wait_for("what was believed", lambda: len(items(service)) == believed)
        assert len(service.timeline(actionType="RemediationRecovered")) == min(said["N_RECOVERED"], 1000)
        # Its ends are not those that were asked for: killed, and another one tried, three times.
        assert [e["process"] for e in events(service, "ProtocolViolation")] == lies * ["remediate"]
        assert events(service, NOT_TAKEN)[0]["reason"] == (
            "quietscan-remediate lies about it" if lies else "")


def test_kept_is_told_once(programs, found):
    """Another file than was scanned is in quarantine: each process tells it again, one event does."""
    id_ = b"%032x" % 99999
    lie_of(programs, END=7, ID=id_)
    with Service(ACTION) as service:
        service.arguments = ["--libexec-dir", str(programs)]
        service.start()
        scan(service, found)
        detection = one(service, found)
        assert detection["remediationStatus"] == "Abandoned"
        assert [e["outcome"] for e in events(service, NOT_TAKEN)] == ["ChangedKept"]
        assert [item["id"] for item in items(service)] == [id_.decode()]
        texts = [str(found).encode(), detection["id"].encode(), b""]
        lie_of(programs, N_ITEMS=1, N_RECOVERED=1, RECOVERED=id_ + bytes([4, 1]) + b"".join(
            len(text).to_bytes(4, "little") + text for text in texts))
        for i in range(2):
            service.stop()
            service.start()
            found.unlink(missing_ok=True)
            (found.parent / f"other{i}").write_bytes(eicar())
            scan(service, found)
        outcomes = [e["outcome"] for e in events(service, NOT_TAKEN)]
        assert outcomes.count("ChangedKept") == 1 and outcomes.count("Failed") == 3
        assert one(service, found) == detection


def test_endless_list(programs, found):
    """Pages that rise for ever, or are large: the list is given up, and the scan ends."""
    for said, most in (({"RISING": 1, "LEFT": 1000}, 128),
                       ({"RISING": 1, "LEFT": 10**15, "PATH": 30000}, 16 * 2**20 // 30000 + 64)):
        lie_of(programs, **said)
        with Service(ACTION) as service:
            service.arguments = ["--libexec-dir", str(programs)]
            service.start()
            scan(service, found)
            assert one(service, found)["remediationStatus"] == "QuarantineFailed"
            least = min(most, 500)
            wait_for("what was believed", lambda: service.call(
                "quarantine.list", offset=least - 1, limit=1)["value"])
            time.sleep(0.2)
            assert service.call("quarantine.list", offset=most, limit=1)["value"] == []
            assert "the list of the quarantine" in service.stderr()


# ---- killed ---------------------------------------------------------------------------


DUMB = SPEAKS + """
def note(*what):
    with open(NOTES, "a") as notes: print(*what, file=notes)
def result(serial, outcome):
    send(0x583, struct.pack("<QBI", serial, outcome, 0) + bytes(32) + bytes(25 + 8))
note("start", "--leave-pending" in sys.argv)
while os.path.exists(NOTES + ".deaf"):
    control.recv(100000) or sys.exit(0)
send(0x582, struct.pack("<QQ", os.getpid(), 0))
while message := control.recv(100000):
    type_, = struct.unpack("<H", message[:2])
    if type_ == 0x501:
        continue
    serial, = struct.unpack("<Q", message[4:12])
    if type_ == 0x502:
        dev, = struct.unpack("<Q", message[13:21])
        note("file", dev)
        if dev == HUNG:
            control.recv(100000) or sys.exit(0)
    if type_ == 0x503:
        note("restore")
        control.recv(100000) or sys.exit(0)
    result(serial, 20 if type_ == 0x505 else 19)
"""


def test_hung_file_system(programs, found, tmp_path):
    """It costs the time of one answer, not of one for each file; others are asked for."""
    hung = tmp_path / "tree" / "hung"
    hung.mkdir()
    notes = tmp_path / "notes"
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", hung], check=True)
    try:
        for i in range(5):
            (hung / f"f{i}").write_bytes(eicar())
        script = programs / "dumb.py"
        script.write_text(f"NOTES = {str(notes)!r}\nHUNG = {hung.stat().st_dev}\n" + DUMB)
        pretend(programs, f'exec /usr/bin/python3 {script} "$@"')
        with Service(ACTION) as service:
            service.arguments = ["--libexec-dir", str(programs), "--remediation-patience-ms", "2500"]
            service.start()
            scan(service, found)
            asked = [line.split() for line in notes.read_text().splitlines()]
            assert asked.count(["file", str(hung.stat().st_dev)]) == 1
            assert asked.count(["file", str(found.stat().st_dev)]) == 1
            reasons = [e["reason"] for e in events(service, NOT_TAKEN)
                       if e["path"].startswith(str(hung))]
            assert reasons.count("its file system does not answer") == 1
            assert reasons.count("its file system did not answer, and is not asked again"
                                 " for 10 minutes") == 4
            assert {d["remediationStatus"] for d in detections(service)} == {"QuarantineFailed"}
            # What is half done is left by the processes that come after it.
            assert asked[0] == ["start", "False"]
            assert {line[1] for line in asked[1:] if line[0] == "start"} <= {"True"}
            # Nor does an operator wait for it again and again.
            for name in ("f0", "f1"):
                service.call("detection.remediate", id=one(service, hung / name)["id"],
                             action="Remove", comment="c")
            wait_for("their ends", lambda: len(events(service, NOT_TAKEN)) == 8)
            assert notes.read_text().count(f"file {hung.stat().st_dev}") == 1
    finally:
        subprocess.run(["umount", "-l", hung], check=True)


def test_process_that_cannot_be_ended(found, tmp_path):
    """It hangs in the kernel: others fail with that reason, and are taken away when it has ended."""
    for folder in [tmp_path, *list(tmp_path.parents)[:2], found.parent]:
        folder.chmod(0o755)
    backing, mount = tmp_path / "backing", tmp_path / "mount"
    backing.mkdir()
    mount.mkdir()
    (backing / "far.com").write_bytes(eicar())
    with helper("hangfs", backing, mount) as hangs, Service(ACTION) as service:
        try:
            service.arguments = ["--remediation-patience-ms", "2000"]
            service.start()
            scan(service, mount / "far.com")
            (event,) = events(service, NOT_TAKEN)
            assert event["reason"] == "its file system does not answer"
            (behind,) = [pid for pid in descendants(service.pid)
                         if "remed" in pathlib.Path(f"/proc/{pid}/comm").read_text()]
            scan(service, found)
            assert one(service, found)["remediationStatus"] == "QuarantineFailed"
            assert events(service, NOT_TAKEN)[0]["reason"] == (
                "a process that cannot be ended holds the quarantine")
            os.kill(hangs.pid, signal.SIGUSR1)
            wait_for("its end", lambda: behind not in descendants(service.pid))
            time.sleep(2)
            scan(service, found)
            assert one(service, found)["remediationStatus"] == "Quarantined"
        finally:
            os.kill(hangs.pid, signal.SIGUSR1)
            unmount(mount)


def test_hung_start(programs, found, tmp_path):
    """What a process looks at first hangs: the next one leaves it, and when that hangs too, all fail."""
    notes = tmp_path / "notes"
    script = programs / "dumb.py"
    script.write_text(f"NOTES = {str(notes)!r}\nHUNG = 0\n" + DUMB)
    pretend(programs, f'exec /usr/bin/python3 {script} "$@"')
    (tmp_path / "notes.deaf").touch()
    (found.parent / "second").write_bytes(eicar())
    with Service(ACTION) as service:
        service.arguments = ["--libexec-dir", str(programs), "--remediation-patience-ms", "1000"]
        service.start()
        scan(service, found)
        assert notes.read_text().split() == ["start", "False", "start", "True"]
        reasons = {e["reason"] for e in events(service, NOT_TAKEN)}
        assert reasons == {"the quarantine did not answer, and is not asked again for 10 minutes"}
        assert {d["remediationStatus"] for d in detections(service)} == {"QuarantineFailed"}


@pytest.fixture
def interrupted(programs, found):
    """A service that was killed after the detection, before the file was taken away."""
    pretend(programs, "exec sleep 600")
    with Service(ACTION) as service:
        service.arguments = ["--libexec-dir", str(programs)]
        service.start()
        service.start_scan("custom", paths=[str(found.parent)])
        wait_for("the detection", lambda: detections(service))
        assert one(service, found)["remediationStatus"] == "Detected"
        service.kill()
        service.arguments = []
        yield service


def test_killed_service(interrupted, found):
    """The next one does what was decided."""
    assert found.exists()
    interrupted.start()
    wait_for("the move", lambda: one(interrupted, found)["remediationStatus"] == "Quarantined")
    assert not found.exists() and len(items(interrupted)) == 1


def test_passive_after_the_kill(interrupted, found):
    """What was decided in active mode is not done in passive mode."""
    interrupted.write_settings(PassiveMode="on")
    interrupted.start()
    wait_for("the decision", lambda: one(interrupted, found)["remediationBy"] == "PassiveMode")
    assert found.exists() and one(interrupted, found)["remediationAction"] == "NoAction"


def test_stop_while_it_waits(programs, found):
    """The service stops in time, though the process does not answer; the next one goes on."""
    pretend(programs, "exec sleep 600")
    with Service(ACTION) as service:
        service.arguments = ["--libexec-dir", str(programs)]
        service.start()
        service.start_scan("custom", paths=[str(found.parent)])
        wait_for("the detection", lambda: detections(service))
        service.stop()
        service.arguments = []
        service.start()
        wait_for("the move", lambda: not found.exists())


# ---- asked for ------------------------------------------------------------------------


def test_manual(found):
    """In passive mode too: the file goes, and who wanted it is told."""
    with served(PassiveMode="on") as service:
        scan(service, found)
        detection = one(service, found)
        done = cli(service, "detection", "quarantine", detection["id"], "--comment", "go")
        assert done.returncode == 0, done.stderr
        wait_for("the move", lambda: one(service, found)["remediationStatus"] == "Quarantined")
        assert not found.exists() and len(items(service)) == 1
        event, = events(service, "RemediationRequested")
        assert event["comment"] == "go" and event["detectionId"] == detection["id"]
        assert one(service, found)["remediationBy"].startswith("requestor: ")
        with pytest.raises(RpcError) as error:
            service.call("detection.remediate", id=detection["id"], action="Remove", comment="c")
        assert error.value.code == "InvalidState" and "Quarantined" in str(error.value)


def test_manual_after_a_restore(service, found):
    """What was restored is another file since: a scan has to find it first."""
    scan(service, found)
    service.call("quarantine.restore", id=items(service)[0]["id"], comment="c", wait=True)
    with pytest.raises(RpcError) as error:
        service.call("detection.remediate", id=one(service, found)["id"], action="Quarantine",
                     comment="c")
    assert error.value.code == "InvalidState" and "Restored" in str(error.value)
    assert found.exists()


def test_manual_removal(found):
    """Removed, though the settings leave it."""
    with served(SevereThreatDefaultAction="NoAction") as service:
        scan(service, found)
        assert found.exists()
        assert cli(service, "detection", "remove", one(service, found)["id"],
                   "--comment", "go").returncode == 0
        wait_for("the removal", lambda: one(service, found)["remediationStatus"] == "Removed")
        assert not found.exists() and items(service) == []


def test_manual_survives_a_kill(programs, found):
    """What was asked for in passive mode is done by the next service, in passive mode."""
    pretend(programs, "exec sleep 600")
    with Service({**ACTION, "PassiveMode": "on"}) as service:
        service.arguments = ["--libexec-dir", str(programs)]
        service.start()
        scan(service, found)
        asked = {"id": one(service, found)["id"], "action": "Quarantine", "comment": "c"}
        service.call("detection.remediate", **asked)
        with pytest.raises(RpcError) as error:
            service.call("detection.remediate", **asked)
        assert error.value.code == "InvalidState" and "being done" in str(error.value)
        service.kill()
        service.arguments = []
        service.start()
        wait_for("the move", lambda: one(service, found)["remediationStatus"] == "Quarantined")


# ---- items --------------------------------------------------------------------------


@pytest.fixture
def item(service, found):
    scan(service, found)
    return items(service)[0]


def test_restored(service, found, item):
    """With mode and time; the detection and the timeline say who wanted it and why."""
    answer = service.call("quarantine.restore", id=item["id"], comment="ours", wait=True)
    assert answer == {"id": item["id"], "outcome": "Restored", "reason": ""}
    status = found.stat()
    assert found.read_bytes() == eicar()
    assert status.st_mode & 0o7777 == 0o640 and status.st_mtime_ns == 10**18 + 5
    assert items(service) == [] and one(service, found)["remediationStatus"] == "Restored"
    event, = events(service, "QuarantineItemRestored")
    assert event["comment"] == "ours" and event["quarantineId"] == item["id"]
    assert event["requestor"] and event["path"] == str(found)
    with pytest.raises(RpcError) as error:
        service.call("quarantine.restore", id=item["id"], comment="again", wait=True)
    assert error.value.code == "NotFound"


def test_restore_replaces_nothing(service, found, item):
    """What has the name now stays; the item too."""
    found.write_text("somebody's work")
    with pytest.raises(RpcError) as error:
        service.call("quarantine.restore", id=item["id"], comment="c", wait=True)
    assert error.value.code == "InvalidState" and "TargetExists" in str(error.value)
    assert found.read_text() == "somebody's work" and items(service) == [item]
    assert events(service, "QuarantineItemRestoreFailed")[0]["outcome"] == "TargetExists"
    assert one(service, found)["remediationStatus"] == "Quarantined"


def test_not_waiting(service, found, item):
    """Accepted at once; the timeline has the end."""
    answer = service.call("quarantine.restore", id=item["id"], comment="c")
    assert answer["outcome"] == "Accepted"
    wait_for("the end", lambda: events(service, "QuarantineItemRestored"))
    assert found.exists()


def test_deleted(service, found, item):
    """For good."""
    done = cli(service, "quarantine", "delete", item["id"], "--comment", "enough")
    assert done.returncode == 0 and "Deleted" in done.stdout
    assert items(service) == [] and list((service.state_dir / "quarantine").glob("*.qsv")) == []
    assert one(service, found)["remediationStatus"] == "Removed"
    assert events(service, "QuarantineItemDeleted")[0]["comment"] == "enough"


def test_commands(service, found, item):
    """list, restore and their errors on the command line."""
    shown = cli(service, "quarantine", "list")
    assert item["id"] in shown.stdout and str(found) in shown.stdout
    assert json.loads(cli(service, "quarantine", "list", "--output", "json").stdout) == [item]
    assert cli(service, "quarantine", "restore", item["id"]).returncode == 64
    assert cli(service, "quarantine", "restore", "0" * 32, "--comment", "c").returncode == 2
    assert cli(service, "quarantine", "restore", item["id"], "--comment", "c").returncode == 0
    assert "empty" in cli(service, "quarantine", "list").stdout


def test_lost_item(service, found, item):
    """An item that somebody took out of the folder is told, and not listed any more."""
    (service.state_dir / "quarantine" / f"{item['id']}.qsv").unlink()
    with pytest.raises(RpcError) as error:
        service.call("quarantine.restore", id=item["id"], comment="c", wait=True)
    assert error.value.code == "NotFound"
    assert items(service) == [] and not found.exists()
    assert events(service, "QuarantineItemRestoreFailed")[0]["outcome"] == "NoItem"


def test_gone_client(service, found, item):
    """Who asked and went away is not waited for; what he asked for is done."""
    with service.connect() as connection:
        connection.send("quarantine.restore",
                        {"id": item["id"], "comment": "c", "wait": True})
    wait_for("the end", lambda: events(service, "QuarantineItemRestored"))
    assert found.exists() and service.call("health")


def test_purged(service, found, item):
    """What is older than QuarantinePurgeItemsAfterDelay goes by itself; the rest stays."""
    found.write_bytes(eicar())
    scan(service, found)
    young = [i for i in items(service) if i["id"] != item["id"]]
    service.stop()
    with contextlib.closing(sqlite3.connect(service.state_dir / "store.db")) as store, store:
        assert store.execute("UPDATE quarantine SET time_unix_ms = time_unix_ms - 3 * 86400000"
                             " WHERE id = ?", (item["id"],)).rowcount == 1
    service.write_settings(QuarantinePurgeItemsAfterDelay=2)
    service.start()
    wait_for("the purge", lambda: len(items(service)) == 1)
    assert items(service) == young and len(young) == 1
    event, = events(service, "QuarantineItemDeleted")
    assert event["requestor"] == "quietscan"
    assert event["comment"] == "QuarantinePurgeItemsAfterDelay"


# ---- the vault and the list of it ---------------------------------------------------


def edit(service, *statements):
    """The store, behind the back of a service that is stopped."""
    service.stop()
    with contextlib.closing(sqlite3.connect(service.state_dir / "store.db")) as store, store:
        for statement in statements:
            assert store.execute(statement).rowcount == 1


def test_moved_and_not_written(service, found, item):
    """The service died after the move and before its record: the vault is asked."""
    edit(service, "DELETE FROM quarantine",
         "UPDATE detections SET remediation_status = 'Detected', quarantine_id = ''")
    service.start()
    wait_for("the record", lambda: one(service, found)["remediationStatus"] == "Quarantined")
    assert one(service, found)["quarantineId"] == item["id"]
    listed, = items(service)
    assert (listed["id"], listed["path"], listed["sha256"]) == (
        item["id"], item["path"], item["sha256"])
    assert len(events(service, TAKEN)) == 2 and events(service, NOT_TAKEN) == []


def test_item_without_a_detection(service, found, item):
    """An item that nobody knows of any more is listed all the same."""
    edit(service, "DELETE FROM quarantine", "DELETE FROM detections")
    service.start()
    wait_for("the item", lambda: items(service))
    listed, = items(service)
    assert (listed["id"], listed["path"]) == (item["id"], str(found))
    assert service.call("quarantine.restore", id=item["id"], comment="c",
                        wait=True)["outcome"] == "Restored"


def test_item_that_is_gone(service, found, item):
    """What the vault does not have is not listed, and the timeline says so."""
    service.stop()
    (service.state_dir / "quarantine" / f"{item['id']}.qsv").unlink()
    service.start()
    wait_for("the end of it", lambda: items(service) == [])
    assert events(service, "QuarantineItemLost")[0]["quarantineId"] == item["id"]
    assert one(service, found)["remediationStatus"] == "Abandoned"


@pytest.mark.parametrize("action", ["Remove", "Quarantine"])
def test_killed_before_it_told(programs, found, tmp_path, action):
    """The file is gone, and who took it away was killed then: the true end is told."""
    with Service({**ACTION, "SevereThreatDefaultAction": action}) as service:
        service.arguments = ["--libexec-dir", str(programs)]
        dying(programs, tmp_path, "sendmsg", 3)  # hello, the vault's list, then it
        service.start()
        scan(service, found)
        assert "quietscan-remediate ended by signal 9" in service.stderr()
        assert not found.exists()
        word = {"Remove": "Removed", "Quarantine": "Quarantined"}[action]
        assert one(service, found)["remediationStatus"] == word
        assert [e["outcome"] for e in events(service, TAKEN)] == [word]
        assert events(service, NOT_TAKEN) == [] and events(service, "RemediationRecovered") == []
        assert len(items(service)) == (action == "Quarantine")
        # The service was killed before it wrote that: the next one hears it again.
        forget(service, "UPDATE detections SET remediation_status = 'Detected', quarantine_id = ''",
               "DELETE FROM quarantine")
        wait_for("the end", lambda: one(service, found)["remediationStatus"] == word)
        assert len(items(service)) == (action == "Quarantine")
        assert len(events(service, TAKEN)) == 2 and events(service, NOT_TAKEN) == []
        # And once it is written, it is not written again.
        service.stop()
        service.start()
        scan(service, found)
        assert len(events(service, TAKEN)) == 2 and events(service, NOT_TAKEN) == []


def test_restored_and_not_written(service, found, item):
    """The service died after a file was put back and before its record: it is restored."""
    service.stop()
    keep = "CREATE TABLE kept AS SELECT * FROM quarantine"
    with contextlib.closing(sqlite3.connect(service.state_dir / "store.db")) as store, store:
        store.execute(keep)
    service.start()
    service.call("quarantine.restore", id=item["id"], comment="c", wait=True)
    forget(service, "INSERT INTO quarantine SELECT * FROM kept", "DROP TABLE kept",
           "UPDATE detections SET remediation_status = 'Quarantined',"
           f" quarantine_id = '{item['id']}'")
    wait_for("the end", lambda: items(service) == [])
    assert one(service, found)["remediationStatus"] == "Restored"
    assert events(service, "QuarantineItemLost") == []
    event = events(service, "QuarantineItemRestored")[0]
    assert event["requestor"] == "quietscan" and event["path"] == str(found)
    assert found.read_bytes() == eicar()


@pytest.mark.parametrize("call", ["renameat2", "unlinkat", "fsync", "fdatasync"])
def test_killed_process(programs, found, tmp_path, call):
    """quietscan-remediate is killed in the middle of a move: the next one ends it."""
    pretend(programs, f"""
        real={libexec_dir()}/quietscan-remediate
        [ -e {tmp_path}/killed ] && exec $real "$@"
        touch {tmp_path}/killed
        exec strace -f -o /dev/null -e trace={call} \\
            -e inject={call}:signal=KILL:when=1 $real "$@" """)
    with Service(ACTION) as service:
        service.arguments = ["--libexec-dir", str(programs)]
        service.start()
        scan(service, found)
        assert "quietscan-remediate ended by signal 9" in service.stderr()
        assert not found.exists() and len(items(service)) == 1
        detection = one(service, found)
        assert detection["remediationStatus"] == "Quarantined"
        assert detection["quarantineId"] == items(service)[0]["id"]
        assert service.call("quarantine.restore", id=detection["quarantineId"], comment="c",
                            wait=True)["outcome"] == "Restored"
        assert found.read_bytes() == eicar()


def test_many(service, tmp_path):
    """Each of many files ends, while the scan runs and after it."""
    folder = tmp_path / "tree"
    folder.mkdir()
    for i in range(150):
        (folder / f"f{i}.com").write_bytes(eicar())
    scan(service, folder / "x")
    assert list(folder.iterdir()) == []
    assert len(items(service)) == 150 == len(events(service, TAKEN))
    assert {d["remediationStatus"] for d in detections(service)} == {"Quarantined"}


@pytest.fixture
def small_vault():
    """A service whose quarantine has room for 4 MiB."""
    with Service(ACTION) as service:
        vault = service.state_dir / "quarantine"
        vault.mkdir(mode=0o700)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", vault], check=True)
        try:
            yield service
        finally:
            service.stop()
            subprocess.run(["umount", vault], check=True)


def test_full_disk(small_vault, found):
    """No room for the quarantine: the file stays where it is, and is told as failed."""
    body = os.urandom(6_000_000)
    found.write_bytes(body)
    small_vault.write_signatures([f"{hashlib.md5(body).hexdigest()}:{len(body)}:Test.Big"])
    small_vault.start()
    scan(small_vault, found)
    assert found.read_bytes() == body
    assert one(small_vault, found)["remediationStatus"] == "QuarantineFailed"
    assert events(small_vault, NOT_TAKEN)[0]["outcome"] == "NoSpace"
    assert items(small_vault) == []


def test_default_is_quarantine(found):
    """Where nothing is set."""
    with Service() as service:
        for name in NO_ACTION:
            del service.settings[name]
        service.write_settings()
        service.start()
        scan(service, found)
        assert not found.exists() and one(service, found)["remediationStatus"] == "Quarantined"


# ---- together, half done, or not at all --------------------------------------------


def test_asked_twice(service, found, item):
    """Two clients want the same item: what the first one did is not overwritten."""
    with service.connect() as first, service.connect() as second:
        asked = {"id": item["id"], "comment": "c", "wait": True}
        first.send("quarantine.restore", asked)
        second.send("quarantine.delete", asked)
        answers = [first.read_message(), second.read_message()]
    assert [a.get("error", {}).get("data", {}).get("code") for a in answers].count("NotFound") == 1
    assert one(service, found)["remediationStatus"] == ("Restored" if found.exists() else "Removed")
    assert items(service) == []


def forget(service, *statements):
    """As edit(), of any number of rows."""
    service.stop()
    with contextlib.closing(sqlite3.connect(service.state_dir / "store.db")) as store, store:
        for statement in statements:
            store.execute(statement)
    service.start()


def test_items_without_detections(service, found):
    """Each of several items that nobody knows of is listed, and what comes then is done."""
    for i in range(5):
        (found.parent / f"f{i}").write_bytes(eicar())
    scan(service, found)
    known = sorted(i["id"] for i in items(service))
    assert len(known) == 6
    forget(service, "DELETE FROM quarantine", "DELETE FROM detections")
    wait_for("the items", lambda: sorted(i["id"] for i in items(service)) == known)
    found.write_bytes(eicar())
    scan(service, found)
    assert not found.exists() and len(items(service)) == 7


def test_very_many_items(service, found, item):
    """A store that lost them all knows them again, a page at a time; and hears when they are gone."""
    service.stop()
    vault = service.state_dir / "quarantine"
    for i in range(1, 1300):
        path = vault / f"{i * 2654435761 % 2**32:08x}{i:024x}.qsv"
        path.write_bytes(b"x")
        path.chmod(0o600)
    service.start()
    wait_for("the items", lambda: service.call("quarantine.list", offset=1299)["value"])
    assert len({i["id"] for i in items(service)}) == 1300
    with service.connect() as connection:
        connection.send("quarantine.list", {})
        assert len(connection.read_line()) < 2**20
    service.stop()
    for path in vault.glob("*.qsv"):
        if path.stem != item["id"]:
            path.unlink()
    service.start()
    wait_for("their end", lambda: not service.call("quarantine.list", offset=1)["value"])
    assert items(service) == [item]
    answer = service.call("quarantine.restore", id=item["id"], comment="c", wait=True)
    assert answer["outcome"] == "Restored"


def test_damaged_item_is_not_old(service, found, item):
    """Of an item that cannot be read nobody knows how old it is: it is not purged."""
    found.write_bytes(eicar())
    scan(service, found)
    path = service.state_dir / "quarantine" / f"{item['id']}.qsv"
    path.write_bytes(path.read_bytes()[:-1])
    service.write_settings(QuarantinePurgeItemsAfterDelay=1)
    forget(service, f"DELETE FROM quarantine WHERE id = '{item['id']}'")
    wait_for("the item", lambda: len(items(service)) == 2)
    forget(service, "UPDATE quarantine SET time_unix_ms = time_unix_ms - 3 * 86400000"
           f" WHERE id <> '{item['id']}'")
    wait_for("the purge of the other one", lambda: len(items(service)) == 1)
    assert items(service)[0]["id"] == item["id"] and path.exists()


def test_item_of_a_failed_one(service, found, item):
    """It was told as failed, and the move was ended later: then it is in quarantine."""
    forget(service, "DELETE FROM quarantine",
           "UPDATE detections SET remediation_status = 'QuarantineFailed', quarantine_id = ''")
    wait_for("the item", lambda: items(service))
    assert one(service, found)["remediationStatus"] == "Quarantined"
    assert one(service, found)["quarantineId"] == item["id"]


def dying(programs, tmp_path, call, when=1, mark="killed"):
    """quietscan-remediate dies once, at a system call."""
    pretend(programs, f"""
        real={libexec_dir()}/quietscan-remediate
        [ -e {tmp_path}/{mark} ] && exec $real "$@"
        touch {tmp_path}/{mark}
        exec strace -f -o /dev/null -e trace={call} \\
            -e inject={call}:signal=KILL:when={when} $real "$@" """)


@pytest.mark.parametrize("when", [1, 2, 3, 4])
def test_killed_between_names(programs, found, tmp_path, when):
    """Killed when one name is gone and the other one is not: that goes too."""
    second = found.parent / "second"
    os.link(found, second)
    dying(programs, tmp_path, "unlinkat", when)
    with Service(ACTION) as service:
        service.arguments = ["--libexec-dir", str(programs)]
        service.start()
        scan(service, found)
        assert not found.exists() and not second.exists()
        assert {d["remediationStatus"] for d in detections(service)} == {"Quarantined"}
        known = {i["id"] for i in items(service)}
        assert known and {d["quarantineId"] for d in detections(service)} == known


def test_name_that_stays(service, found):
    """One of two names cannot be taken away: its detection says so."""
    fixed = found.parent / "fixed"
    fixed.mkdir()
    second = fixed / "second"
    os.link(found, second)
    if subprocess.run(["chattr", "+i", fixed], check=False, capture_output=True).returncode != 0:
        pytest.skip("no immutable folders on this file system")
    try:
        scan(service, found)
        assert not found.exists() and second.exists()
    finally:
        subprocess.run(["chattr", "-i", fixed], check=True)
    assert one(service, found)["remediationStatus"] == "Quarantined"
    assert one(service, second)["remediationStatus"] == "QuarantineFailed"
    assert events(service, NOT_TAKEN)[0]["outcome"] == "Immutable"


@pytest.mark.parametrize("call", ["linkat", "unlinkat", "fsync"])
@pytest.mark.parametrize("method,word", [("restore", "Restored"), ("delete", "Deleted")])
def test_killed_process_of_an_item(programs, found, tmp_path, call, method, word):
    """Killed while an item is put back or deleted: the next one ends it, or finds it ended."""
    with Service(ACTION) as service:
        service.arguments = ["--libexec-dir", str(programs)]
        dying(programs, tmp_path, call)
        (tmp_path / "killed").touch()
        service.start()
        scan(service, found)
        item, = items(service)
        service.stop()
        (tmp_path / "killed").unlink()
        service.start()
        answer = service.call(f"quarantine.{method}", id=item["id"], comment="c", wait=True)
        assert answer["outcome"] == word
        assert found.exists() == (method == "restore") and items(service) == []
        assert one(service, found)["remediationStatus"] == (
            "Restored" if method == "restore" else "Removed")
        assert len(events(service, f"QuarantineItem{word}")) == 1
        assert events(service, "QuarantineItemLost") == []


def test_purge_that_fails(service, found):
    """What cannot be deleted is not tried again and again."""
    for i in range(120):
        (found.parent / f"f{i}").write_bytes(eicar())
    scan(service, found)
    assert len(items(service)) == 121
    vault = service.state_dir / "quarantine"
    if subprocess.run(["chattr", "+i", vault], check=False, capture_output=True).returncode != 0:
        pytest.skip("no immutable folders on this file system")
    try:
        service.write_settings(QuarantinePurgeItemsAfterDelay=1)
        forget(service, "UPDATE quarantine SET time_unix_ms = time_unix_ms - 3 * 86400000")
        wait_for("the first", lambda: len(events(service, "QuarantineItemDeleteFailed")) >= 100)
        time.sleep(3)  # the service looks once a second
        assert len(events(service, "QuarantineItemDeleteFailed")) == 100
        assert "121 items are too old and could not be deleted" in service.stderr()
    finally:
        subprocess.run(["chattr", "-i", vault], check=True)
    # The oldest cannot be deleted, more of them than are asked for at once: the others can.
    oldest = sorted(items(service), key=lambda i: i["quarantinedTime"])[:110]
    fixed = [vault / f"{i['id']}.qsv" for i in oldest]
    try:
        subprocess.run(["chattr", "+i", *fixed], check=True)
        service.stop()
        service.start()
        wait_for("the younger", lambda: len(items(service)) == 110)
        assert {i["id"] for i in items(service)} == {i["id"] for i in oldest}
    finally:
        subprocess.run(["chattr", "-i", *fixed], check=True)


def test_purge_of_many(service, found):
    """More than are asked for at once: the rest does not wait for the next hour."""
    for i in range(119):
        (found.parent / f"f{i}").write_bytes(eicar())
    scan(service, found)
    assert len(items(service)) == 120
    service.write_settings(QuarantinePurgeItemsAfterDelay=1)
    forget(service, "UPDATE quarantine SET time_unix_ms = time_unix_ms - 3 * 86400000")
    wait_for("the purge", lambda: items(service) == [])
    assert len(events(service, "QuarantineItemDeleted")) == 120


def test_passive_before_the_move(programs, found, tmp_path):
    """Passive mode came after the decision, while the process started: nothing is touched."""
    pretend(programs, f"""
        while [ ! -e {tmp_path}/go ]; do sleep 0.05; done
        exec {libexec_dir()}/quietscan-remediate "$@" """)
    with Service(ACTION) as service:
        service.arguments = ["--libexec-dir", str(programs)]
        service.start()
        begun = service.start_scan("custom", paths=[str(found.parent)])
        wait_for("the process", lambda: service.children("quietscan-remediate"))
        service.call("settings.set", name="PassiveMode", value="on")
        (tmp_path / "go").touch()
        service.wait_scan(begun["scan"]["id"])
        assert found.exists()
        detection = one(service, found)
        assert (detection["remediationStatus"], detection["remediationBy"]) == (
            "Detected", "PassiveMode")


def test_replaced_and_paused(programs, found, tmp_path):
    """Another file has the name when it is to be taken away: told, and left. A pause changes nothing."""
    pretend(programs, f"""
        while [ ! -e {tmp_path}/go ]; do sleep 0.05; done
        exec {libexec_dir()}/quietscan-remediate "$@" """)
    other = found.parent / "other"
    other.write_bytes(eicar())
    clean = tmp_path / "clean"  # scanned after them: the scan is not over when both are found
    clean.mkdir()
    for i in range(3000):
        (clean / str(i)).write_bytes(b"%d" % i)
    with Service({**ACTION, "ScanAvgCPULoadFactor": 5}) as service:
        service.arguments = ["--libexec-dir", str(programs)]
        service.start()
        scan_id = service.start_scan("custom", paths=[str(found.parent), str(clean)])["scan"]["id"]
        wait_for("the detections", lambda: len(detections(service)) == 2)
        wait_for("the process", lambda: service.children("quietscan-remediate"))
        service.call("scan.pause", id=scan_id)
        new = tmp_path / "new"
        new.write_text("somebody's work")
        os.utime(new, ns=(10**18, 10**18 + 5))
        new.rename(found)
        (tmp_path / "go").touch()
        wait_for("their ends", lambda: not [
            d for d in detections(service) if d["remediationStatus"] == "Detected"])
        # It was asked for while the scan was paused, which is not over by it.
        assert service.call("scan.show", id=scan_id)["status"] == "Paused"
        assert one(service, other)["remediationStatus"] == "Quarantined" and not other.exists()
        assert one(service, found)["remediationStatus"] == "Abandoned"
        assert found.read_text() == "somebody's work"
        event, = events(service, NOT_TAKEN)
        assert (event["outcome"], event["path"]) == ("Changed", str(found))
        service.call("settings.set", name="ScanAvgCPULoadFactor", value=0)
        service.call("scan.resume", id=scan_id)
        done = service.wait_scan(scan_id)
        assert done["status"] == "Succeeded" and done["detections"] == 2


def test_links_across_scans(service, found):
    """A name that the first scan did not see stays, and is another item when one finds it."""
    elsewhere = found.parent.parent / "elsewhere"
    elsewhere.mkdir()
    second = elsewhere / "second"
    os.link(found, second)
    scan(service, found)
    assert not found.exists() and second.read_bytes() == eicar()
    event, = events(service, TAKEN)
    assert (event["names"], event["namesLeft"]) == (1, 1)
    scan(service, second)
    assert not second.exists()
    assert [d["remediationStatus"] for d in detections(service)] == 2 * ["Quarantined"]
    assert {i["path"] for i in items(service)} == {str(found), str(second)}
    assert {d["quarantineId"] for d in detections(service)} == {i["id"] for i in items(service)}
    for item in items(service):
        assert service.call("quarantine.restore", id=item["id"], comment="c",
                            wait=True)["outcome"] == "Restored"
    assert found.read_bytes() == second.read_bytes() == eicar()
    assert {d["remediationStatus"] for d in detections(service)} == {"Restored"}


def test_many_detections_of_a_file(service, found):
    """More than one request tells: the one that is to be done is among them."""
    service.call("settings.set", name="SevereThreatDefaultAction", value="NoAction")
    scan(service, found)
    forget(service, "INSERT INTO detections SELECT NULL, printf('%036d', n), scan_id, alert_id,"
           " time_unix_ms, path, CAST(n AS BLOB), threat_name, threat_id, severity, category,"
           " sha256, sha1, size, uid, gid, mode, mtime_ns, dev, ino, remediation_status,"
           " remediation_action, remediation_by, is_remediation_manual, quarantine_id,"
           " n_executing, process_ids FROM detections, (WITH RECURSIVE c(n) AS (VALUES (1) UNION"
           " ALL SELECT n + 1 FROM c WHERE n < 1100) SELECT n FROM c)")
    service.call("settings.set", name="SevereThreatDefaultAction", value="Quarantine")
    scan(service, found)
    assert not found.exists()
    assert one(service, found)["remediationStatus"] == "Quarantined"
    assert events(service, NOT_TAKEN) == []
