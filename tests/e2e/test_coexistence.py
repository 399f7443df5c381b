# SPDX-License-Identifier: GPL-2.0-or-later
"""Beside a real antivirus: clamd and clamonacc in prevention mode on a file system of the test.

What is denied is the other one's detection; ours is told about it, by name.
"""

import base64
import os
import subprocess
import zipfile

import pytest

from clamav_onaccess import ClamavOnAccess, refused
from mount_harness import helper
from quietscan_harness import ACTION, CORPUS_SIGNATURES, Service, eicar, program


def skip_reason():
    if os.geteuid() != 0:
        return "only root has permission marks of fanotify"
    why = refused()
    return f"the kernel gives no permission marks of fanotify: {why}" if why else ""


pytestmark = pytest.mark.skipif(bool(skip_reason()), reason=skip_reason() or "-")


@pytest.fixture
def watched(tmp_path):
    """A file system of its own with two clean files and EICAR."""
    folder = tmp_path / "watched"
    folder.mkdir()
    tmp_path.chmod(0o755)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "qs-test", folder], check=True)
    try:
        (folder / "clean.txt").write_text("nothing")
        (folder / "sub").mkdir()
        (folder / "sub/clean2.txt").write_text("nothing either")
        (folder / "eicar.com").write_bytes(eicar())
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def other(tmp_path, watched):
    with ClamavOnAccess(tmp_path / "clamav", watched, CORPUS_SIGNATURES,
                        watched / "eicar.com") as running:
        yield running


@pytest.fixture
def auto_service():
    with Service(settings={"PassiveMode": "auto"}) as service:
        yield service


def of_pid(health, pid):
    return [one for one in health["conflictingApplications"] if one["pid"] == pid]


def test_seen_at_the_start_and_passive(auto_service, other, watched):
    """Listed with what it blocks, in health and on the command line; the mode and its event."""
    service = auto_service.start()
    health = service.call("health")
    (one,) = of_pid(health, other.pid)
    assert (one["name"], one["role"]) == ("ClamAV on-access scanning", "antivirus")
    assert one["path"] == "/usr/sbin/clamonacc"
    assert one["seenBy"] == ["marks", "process"]
    (block,) = one["blocks"]
    assert (block["mount"], block["mark"]) == (str(watched), "inode")
    assert "open" in block["events"]
    assert not [issue for issue in health["healthIssues"] if "antivirus" in issue]
    assert (health["amRunningMode"], health["passiveModeEnabled"]) == ("Passive", True)
    text = subprocess.run([program("quietscan"), "--socket", service.socket_path, "health"],
                          capture_output=True, text=True, check=True).stdout
    assert f"ClamAV on-access scanning (pid {other.pid}) blocks {watched}" in text
    (event,) = service.timeline(actionType="AntivirusRunningModeChanged")
    assert (event["previousMode"], event["mode"]) == ("Normal", "Passive")
    assert event["reason"] == health["amRunningModeReason"]
    assert of_pid(event, other.pid) == [one]


def test_broken_table(auto_service, other, tmp_path):
    """A table that cannot be read is an issue of health with its place; marks are seen all the same."""
    for name in ("quietscan-scanner", "quietscan-engine"):
        (tmp_path / name).symlink_to(program(name))
    (tmp_path / "known-antivirus.json").write_text('{"formatVersion": 1, "products": [7]}')
    auto_service.arguments = ["--libexec-dir", str(tmp_path)]
    health = auto_service.start().call("health")
    (issue,) = [issue for issue in health["healthIssues"] if "antivirus" in issue]
    assert "known-antivirus.json: products[0]: " in issue
    assert not health["conflictingApplicationsComplete"]
    (one,) = of_pid(health, other.pid)
    assert (one["name"], one["role"], one["seenBy"]) == ("clamonacc", None, ["marks"])
    assert health["amRunningMode"] == "Passive"


def test_seen_when_a_scan_begins(auto_service, tmp_path, watched):
    """It comes after us: the next scan's start is a look. A restart of ours makes no second event."""
    service = auto_service.start()
    with ClamavOnAccess(tmp_path / "late", watched, CORPUS_SIGNATURES,
                        watched / "eicar.com") as late:
        service.run_scan("custom", paths=[watched / "sub"])
        assert of_pid(service.call("health"), late.pid)
        assert service.call("health")["amRunningMode"] == "Passive"
    service.stop()
    service.start()
    assert service.call("health")["amRunningMode"] == "Passive", "held for a while"
    assert len(service.timeline(actionType="AntivirusRunningModeChanged")) == 1


def test_settings_decide(auto_service, other):
    """off and on at once, each change an event with its reason."""
    service = auto_service.start()
    for setting, mode in (("off", "Normal"), ("on", "Passive"), ("off", "Normal")):
        service.call("settings.set", name="PassiveMode", value=setting)
        health = service.call("health")
        assert (health["amRunningMode"], health["amRunningModeReason"]) == (
            mode, f"PassiveMode is {setting}")
        assert of_pid(health, other.pid), "seen in every mode"
    events = service.timeline(actionType="AntivirusRunningModeChanged")
    assert [event["mode"] for event in events] == ["Passive", "Normal", "Passive", "Normal"]


def test_denied_is_blocked_with_its_name(auto_service, other, watched):
    """EICAR is denied to us: blocked, no detection of ours, and the event says who it was."""
    service = auto_service.start()
    scan = service.run_scan("custom", paths=[watched])
    assert scan["status"] == "Succeeded" and not scan["complete"]
    assert (scan["results"]["blocked"], scan["results"]["clean"], scan["detections"]) == (1, 2, 0)
    (line,) = [row for row in service.report(scan["id"]) if row["result"] == "blocked"]
    assert (line["path"], line["reason"]) == (str(watched / "eicar.com"), "denied")
    (event,) = service.timeline(actionType="FilesBlockedByOther")
    assert event["scanId"] == scan["id"]
    assert (event["product"], event["pid"]) == ("ClamAV on-access scanning", other.pid)
    assert (event["mount"], event["blockedFiles"]) == (str(watched), 1)
    assert [path["path"] for path in event["paths"]] == [str(watched / "eicar.com")]
    assert base64.b64decode(event["paths"][0]["pathBytes"]).decode() == event["paths"][0]["path"]
    assert (watched / "eicar.com").exists(), "nobody moved it"
    # Its CPU time is told, and that of clamd, which does the work.
    load = service.call("scan.show", id=scan["id"])["load"]
    assert {"ClamAV on-access scanning", "ClamAV"} <= {
        one["name"] for one in load["otherAntivirus"]}


def test_many_denied_are_one_event(auto_service, other, watched):
    """One event a product and scan: a count, and the first paths."""
    for i in range(30):
        (watched / f"eicar{i}.com").write_bytes(eicar() + b"\n")
    service = auto_service.start()
    scan = service.run_scan("custom", paths=[watched])
    blocked = scan["results"]["blocked"]
    assert blocked > 1
    (event,) = service.timeline(actionType="FilesBlockedByOther")
    assert event["blockedFiles"] == blocked
    assert len(event["paths"]) == min(10, blocked)


def nest(path):
    """An archive in an archive with EICAR in it, which nobody finds without unpacking."""
    inner = path.with_name("inner.zip")
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eicar.com", eicar())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(inner, "inner.zip")
    inner.unlink()


def test_our_files_do_not_trip_it(other, watched, tmp_path):
    """Our own directories lie on what it guards: it meets nothing of what is unpacked or kept."""
    for name in ("run", "log", "tmp"):
        (watched / name).mkdir(mode=0o755)
    (watched / "tmp").chmod(0o1777)
    for folder in list(tmp_path.parents)[:2]:
        folder.chmod(0o755)  # the engine's own user reads its signatures below it
    (tmp_path / "tree").mkdir()
    archive = tmp_path / "tree/nested.zip"
    nest(archive)
    # clamonacc, and one that also sees what is written, and on every mount.
    with helper("permlisten", watched, "eicar") as listener, Service(settings=ACTION) as service:
        service.state_dir = watched / "state"
        service.state_dir.mkdir(mode=0o755)
        service.run_dir, service.log_dir = watched / "run", watched / "log"
        service.start(env={**os.environ, "TMPDIR": str(watched / "tmp")})
        scan = service.run_scan("custom", paths=[tmp_path / "tree"])
        assert (scan["complete"], scan["detections"], scan["results"]["infected"]) == (True, 1, 1)
        (detection,) = service.list("detection.list")
        assert detection["containerPath"].endswith("inner.zip/eicar.com")
        assert detection["remediationStatus"] == "Quarantined" and not archive.exists()
        vault = service.state_dir / "quarantine"
        assert len(list(vault.glob("*.qsv"))) == 1
        assert other.scan(vault) == 0, "nothing is found in the quarantine"
        # Both are awake: what is plain they meet, there too.
        (service.state_dir / "temp/plain.com").write_bytes(eicar())
        assert other.is_denied(service.state_dir / "temp/plain.com")
        service.call("quarantine.restore", id=detection["quarantineId"], comment="a test",
                     wait=True)
        assert other.scan(archive) == 1
        listener.kill()
        assert set(listener.stdout.read().decode().split()) == {"plain.com"}
    assert other.found() <= {str(watched / "eicar.com"), str(watched / "state/temp/plain.com"),
                             str(archive)}
