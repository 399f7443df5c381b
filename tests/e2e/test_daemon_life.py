# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon over time: signatures, settings, cancel and pause, stops, restarts, a full disk."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import sqlite3
import subprocess
import time

import pytest

from gateway_caller import needs_root
from quietscan_harness import (EICAR_SIGNATURE, TESTFILE_SIGNATURE, RpcError, Service, make_tree,
                               program, wait_for)


def refused(service, method, code, **params):
    with pytest.raises(RpcError) as caught:
        service.call(method, **params)
    assert caught.value.code == code, caught.value
    return caught.value


def kinds(service, **params):
    """The action types of the timeline, in order."""
    return [event["actionType"] for event in service.timeline(**params)]


@pytest.fixture
def slow_tree(tmp_path):
    """Some seconds of work at a low load, with infected files in it."""
    tree = tmp_path / "slow"
    subprocess.run([program("corpus-filler"), str(tree), "2000", "4000"], check=True)
    make_tree(tree / "more", n_files=5, n_infected=4)
    return tree


def start_slow(service, tree, **params):
    """A scan that has begun to judge files and is far from its end; hurry() lets it get there."""
    service.call("settings.set", name="ScanAvgCPULoadFactor", value=5)
    scan = service.start_scan("custom", paths=[tree], **params)["scan"]
    wait_for("files are judged",
             lambda: sum(service.call("scan.show", id=scan["id"])["results"].values()) > 20)
    return scan["id"]


def hurry(service):
    """No limit any more for scans without a factor of their own."""
    service.call("settings.set", name="ScanAvgCPULoadFactor", value=0)


# ---- signatures -----------------------------------------------------------------

def test_no_signatures():
    """Requests are refused with the reason, health says so; files that appear are used."""
    with Service(signatures=()) as service:
        (service.signature_dir / "test.hdb").unlink()
        service.start()
        error = refused(service, "scan.start", "SignaturesMissing", type="quick", comment="c")
        assert str(service.signature_dir) in error.message
        health = service.call("health")
        assert not health["healthy"] and health["definitionsStatus"] == "none"
        assert any(str(service.signature_dir) in issue for issue in health["healthIssues"])
        assert "RequestRefused" in kinds(service)
        service.write_signatures([EICAR_SIGNATURE])
        assert service.call("definitions.reload")["state"] == "ready"
        assert service.run_scan("custom", paths=["/etc/hostname"])["status"] == "Succeeded"


def test_signature_folder_missing():
    """A folder that is not there is an ordinary reason."""
    with Service(settings={"SignaturePath": "/nonexistent/signatures"}) as service:
        service.start()
        error = refused(service, "scan.start", "SignaturesMissing", type="quick", comment="c")
        assert "/nonexistent/signatures" in error.message


def test_corrupt_signatures_only():
    """A first set that cannot be loaded: refused with the engine's reason."""
    with Service(signatures=["this is no signature"]) as service:
        service.start()
        shown = service.call("definitions.reload")
        assert shown["state"] == "none" and shown["lastError"]
        refused(service, "scan.start", "SignaturesMissing", type="quick", comment="c")
        assert "AntivirusDefinitionsUpdateFailed" in kinds(service)


def test_corrupt_update_keeps_the_old_set(service, tmp_path):
    """A broken update changes nothing but health, and is tried once; a good one heals."""
    infected = make_tree(tmp_path, n_files=2, n_infected=1)
    before = service.call("definitions.reload")
    service.write_signatures(["broken"])
    shown = service.call("definitions.reload")
    assert shown["state"] == "ready" and shown["fingerprint"] == before["fingerprint"]
    assert shown["lastError"]
    assert not service.call("health")["healthy"]
    scan = service.run_scan("custom", paths=infected)
    assert (scan["status"], scan["results"]["infected"]) == ("Succeeded", 1)
    service.call("definitions.reload")
    assert kinds(service).count("AntivirusDefinitionsUpdateFailed") == 1
    service.write_signatures([EICAR_SIGNATURE])
    shown = service.call("definitions.reload")
    assert shown["fingerprint"] != before["fingerprint"] and shown["lastError"] is None
    assert kinds(service).count("AntivirusDefinitionsUpdated") == 2


def test_update_is_used_by_the_next_scan(tmp_path):
    """New files are found at a scan's start, without anybody asking."""
    with Service(signatures=[TESTFILE_SIGNATURE]) as service:
        service.start()
        infected = make_tree(tmp_path, n_files=1, n_infected=1)
        assert service.run_scan("custom", paths=infected)["results"]["infected"] == 0
        service.write_signatures([TESTFILE_SIGNATURE, EICAR_SIGNATURE])
        assert service.run_scan("custom", paths=infected)["results"]["infected"] == 1


def test_same_contents_are_no_update(service):
    """Files written again with the same contents are no new set."""
    before = service.call("definitions.reload")
    service.write_signatures([TESTFILE_SIGNATURE, EICAR_SIGNATURE])
    assert service.call("definitions.reload")["loadedTime"] == before["loadedTime"]
    assert kinds(service).count("AntivirusDefinitionsUpdated") == 1


def test_set_survives_a_restart(service):
    """A second start knows its set at once, and old copies are removed."""
    before = service.call("definitions.reload")
    service.write_signatures([EICAR_SIGNATURE])
    after = service.call("definitions.reload")
    assert after["fingerprint"] != before["fingerprint"]
    service.stop()
    service.start()
    assert service.call("definitions.show") == after
    copies = os.listdir(service.state_dir / "definitions")
    wait_for("one copy is kept",
             lambda: os.listdir(service.state_dir / "definitions") == [f"set-{after['fingerprint']}"])
    assert f"set-{after['fingerprint']}" in copies


def test_source_gone_keeps_the_set(service):
    """Without SignaturePath the set in force goes on, and health complains."""
    service.call("definitions.reload")
    (service.signature_dir / "test.hdb").unlink()
    shown = service.call("definitions.reload")
    assert shown["state"] == "ready" and shown["lastError"]
    assert service.run_scan("custom", paths=["/etc/hostname"])["status"] == "Succeeded"


# ---- cancel, pause, resume ----------------------------------------------------------

def test_cancel_running(service, slow_tree):
    """Ends with who and why in action and log, and with the counts so far."""
    scan_id = start_slow(service, slow_tree)
    service.call("scan.cancel", id=scan_id, comment="enough")
    scan = service.wait_scan(scan_id)
    assert scan["status"] == "Cancelled" and not scan["complete"]
    assert sum(scan["results"].values()) > 0
    action = service.call("action.show", id=scan["actionId"])
    assert (action["status"], action["cancellationComment"]) == ("Cancelled", "enough")
    assert action["errorHResult"] == -2147467260
    assert action["cancellationDateTimeUtc"]
    assert kinds(service, scanId=scan_id)[-1] == "AntivirusScanCancelled"
    refused(service, "scan.cancel", "InvalidState", id=scan_id, comment="c")
    refused(service, "action.cancel", "InvalidState", id=scan["actionId"], comment="c")
    refused(service, "scan.pause", "InvalidState", id=scan_id)
    assert service.children() == [] or wait_for("no child is left", lambda: not service.children())


def test_cancel_pending(service, slow_tree):
    """A scan that waits is cancelled at once; by its action too; the running one goes on."""
    running = start_slow(service, slow_tree)
    waiting = [service.start_scan("custom", paths=["/etc"]) for _ in range(2)]
    assert service.call("scan.cancel", id=waiting[0]["scan"]["id"], comment="a")["status"] == "Cancelled"
    assert service.call("action.cancel", id=waiting[1]["action"]["id"], comment="b")["status"] == "Cancelled"
    assert service.call("scan.show", id=running)["status"] == "InProgress"
    refused(service, "scan.pause", "InvalidState", id=waiting[0]["scan"]["id"])
    service.call("scan.cancel", id=running, comment="c")
    service.wait_scan(running)


def test_pause_freezes_and_resume_goes_on(service, slow_tree):
    """No CPU time is used while paused; then every file gets its result."""
    scan_id = start_slow(service, slow_tree)
    refused(service, "scan.resume", "InvalidState", id=scan_id)
    assert service.call("scan.pause", id=scan_id)["status"] == "Paused"
    refused(service, "scan.pause", "InvalidState", id=scan_id)

    def cpu():
        ticks = 0
        for pid in service.children():
            try:
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            ticks += int(fields[11]) + int(fields[12])
        return ticks
    # What was granted before the pause may still be used up.
    readings = [cpu()]
    wait_for("the clocks stand still",
             lambda: readings.append(cpu()) or time.sleep(0.5) or readings[-1] == cpu())
    action = service.call("action.list")["value"][0]
    assert action["status"] == "InProgress"
    service.call("scan.resume", id=scan_id)
    hurry(service)
    assert kinds(service, scanId=scan_id)[-2:] == ["AntivirusScanPaused", "AntivirusScanResumed"]
    scan = service.wait_scan(scan_id, 120)
    assert scan["status"] == "Succeeded" and scan["attempts"] == 1
    assert scan["results"]["infected"] == 4


def test_cancel_paused(service, slow_tree):
    """A frozen scan can be ended."""
    scan_id = start_slow(service, slow_tree)
    service.call("scan.pause", id=scan_id)
    service.call("scan.cancel", id=scan_id, comment="c")
    assert service.wait_scan(scan_id)["status"] == "Cancelled"
    assert service.run_scan("custom", paths=["/etc/hostname"])["status"] == "Succeeded"


def test_load_factor_of_the_settings_changes_a_running_scan(service, slow_tree):
    """Without an override of its own the scan follows the setting at once; so does the governor."""
    scan = {"id": start_slow(service, slow_tree)}
    assert service.call("scan.show", id=scan["id"])["load"]["asked"] == 5
    service.call("settings.set", name="ScanAvgCPULoadFactor", value=7)
    shown = service.call("scan.show", id=scan["id"])
    assert shown["loadFactor"] == shown["load"]["asked"] == shown["load"]["aim"] == 7
    hurry(service)
    assert service.wait_scan(scan["id"], 120)["loadFactor"] == 0


def test_manual_scan_without_limit(service):
    """ThrottleForScheduledScanOnly frees manual scans, and no others."""
    service.call("settings.set", name="ThrottleForScheduledScanOnly", value=True)
    service.call("settings.set", name="ScanOnlyIfIdleEnabled", value=False)
    assert service.run_scan("custom", paths=["/etc/hostname"])["loadFactor"] == 0
    assert service.run_scan("custom", paths=["/etc/hostname"], origin="schedule")["loadFactor"] == 50
    assert service.run_scan("custom", paths=["/etc/hostname"], loadFactor=20)["loadFactor"] == 20


# ---- settings -------------------------------------------------------------------------

@pytest.mark.parametrize("text, words", [
    ('{\n"ScanAvgCPULoadFactor": 3\n}', [":2:", "ScanAvgCPULoadFactor", "5 to 100"]),
    ('{\n\n"ScanAvgCPULoadFacto": 3\n}', [":3:", "ScanAvgCPULoadFactor"]),
    ('{"ScanAvgCPULoadFactor": 5,\n"ScanAvgCPULoadFactor": 6}', [":2:"]),
    ('{"PassiveMode": "maybe"}', [":1:", "auto"]),
    ('{\n"ScanAvgCPULoadFactor": 50,\n}', ["3"]),
    ('[]', ["object"]),
])
def test_broken_settings_at_the_start(stopped_service, text, words):
    """The daemon says file, line and what is allowed, and exits with 78."""
    stopped_service.config.write_text(text)
    assert stopped_service.spawn().wait(30) == 78
    for word in [str(stopped_service.config), *words]:
        assert word in stopped_service.stderr(), word


def test_missing_settings_file(stopped_service):
    """A file that was named has to be there."""
    stopped_service.config.unlink()
    assert stopped_service.spawn().wait(30) == 78
    assert str(stopped_service.config) in stopped_service.stderr()


def test_reload_sent_ahead_has_its_own_answer(service):
    """Two reloads in one write: the second one looks again, after the first one's answer."""
    service.call("definitions.reload")  # the load of the start is over
    wait_for("no engine", lambda: not service.children("quietscan-engine"))
    # Enough that its load can be caught in the middle.
    many = [f"{i:032x}:{i + 10}:Filler-{i}" for i in range(150_000)]
    service.write_signatures(many)
    with service.connect() as connection:
        line = '{"jsonrpc": "2.0", "id": %d, "method": "definitions.reload"}\n'
        connection.send_raw(((line % 1) + (line % 2)).encode())
        engines = wait_for("an engine that loads",
                           lambda: service.children("quietscan-engine"), interval_s=0.005)
        for pid in engines:
            os.kill(pid, signal.SIGSTOP)
        service.write_signatures([TESTFILE_SIGNATURE, EICAR_SIGNATURE, "0" * 32 + ":5:Third"])
        for pid in engines:
            os.kill(pid, signal.SIGCONT)
        answers = [connection.read_message() for _ in range(2)]
    assert [answer["id"] for answer in answers] == [1, 2]
    assert [answer["result"]["signatures"] for answer in answers] == [len(many), 3]


def test_reload_of_settings(service):
    """SIGHUP takes a good file over and leaves a bad one alone; both are events."""
    service.write_settings(ScanAvgCPULoadFactor=33)
    service.process.send_signal(signal.SIGHUP)
    wait_for("33 is in force", lambda: service.call("health")["loadFactor"] == 33)
    event = service.timeline(actionType="SettingsChanged")[0]
    assert event["name"] == "ScanAvgCPULoadFactor"
    assert str(event["newValue"]) == "33" and str(event["oldValue"]) == "50"
    service.write_settings(ScanAvgCPULoadFactor=1)
    service.process.send_signal(signal.SIGHUP)
    wait_for("the file is refused", lambda: service.timeline(actionType="SettingsRejected"))
    health = service.call("health")
    assert health["loadFactor"] == 33 and not health["healthy"]
    assert any("ScanAvgCPULoadFactor" in issue for issue in health["healthIssues"])


def test_settings_set_writes_the_file(service):
    """What is set is in the file, and in force after a restart."""
    shown = service.call("settings.set", name="MaxRecursion", value=9)
    assert (shown["name"], shown["value"]) == ("MaxRecursion", 9)
    assert json.loads(service.config.read_text())["MaxRecursion"] == 9
    service.stop()
    service.start()
    assert [s["value"] for s in service.call("settings.show")["value"] if s["name"] == "MaxRecursion"] == [9]


@needs_root
def test_missing_users_are_told(stopped_service, tmp_path):
    """Scanner and engine whose users do not exist work as nobody, and everybody is told."""
    stopped_service.write_settings(ScannerUser="qs-no-such-user")
    stopped_service.start()
    (told,) = stopped_service.timeline(actionType="ServiceUserMissing")
    assert (told["setting"], told["user"], told["usedUid"]) == ("ScannerUser", "qs-no-such-user", 65534)
    assert "qs-no-such-user (ScannerUser) does not exist" in stopped_service.stderr()
    health = stopped_service.call("health")
    assert not health["healthy"]
    assert "the user qs-no-such-user (ScannerUser) does not exist; 65534 is used instead" in health["healthIssues"]
    stopped_service.call("settings.set", name="ScannerUser", value="nobody")
    assert not any("qs-no-such-user" in issue for issue in stopped_service.call("health")["healthIssues"])
    stopped_service.call("settings.set", name="EngineUser", value="qs-neither")
    assert [row["user"] for row in stopped_service.timeline(actionType="ServiceUserMissing")] == \
        ["qs-no-such-user", "qs-neither"]
    assert stopped_service.run_scan("custom", paths=[str(tmp_path)])["status"] == "Succeeded"


def test_exclusions_are_used(service, tmp_path):
    """An excluded path and extension are skipped and counted; --ignore-exclusions ignores them."""
    infected = make_tree(tmp_path, n_files=0, n_infected=2)
    service.call("exclusion.add", kind="path", value=infected[0])
    service.call("exclusion.add", kind="extension", value="com")
    service.call("exclusion.remove", kind="extension", value="com")
    scan = service.run_scan("custom", paths=[tmp_path])
    assert (scan["results"]["infected"], scan["results"]["skipped"], scan["excluded"]) == (1, 1, 1)
    scan = service.run_scan("custom", paths=[tmp_path], ignoreExclusions=True)
    assert scan["results"]["infected"] == 2
    assert kinds(service).count("ExclusionAdded") == 2


# ---- starts and stops --------------------------------------------------------------------

def test_graceful_stop_interrupts_and_the_next_start_goes_on(service, slow_tree):
    """A running scan is taken up again in the same record; what waits stays; nothing is doubled."""
    scan_id = start_slow(service, slow_tree)
    waiting = service.start_scan("custom", paths=["/etc/hostname"])
    assert service.stop(30) == 0
    assert not os.path.exists(service.socket_path)
    service.start()
    hurry(service)
    scan = service.wait_scan(scan_id, 180)
    assert scan["status"] == "Succeeded" and scan["attempts"] == 2
    assert scan["results"]["infected"] == scan["detections"] == 4
    assert len(service.list("detection.list", scanId=scan_id)) == 4
    assert service.wait_scan(waiting["scan"]["id"])["status"] == "Succeeded"
    assert kinds(service, scanId=scan_id).count("AntivirusScanInterrupted") == 1
    assert "ServiceKilled" not in kinds(service)
    assert len(service.list("action.list")) == 2


def test_paused_scan_stays_paused(service, slow_tree):
    """A stop does not resume it; resume after the restart does. Its own load factor is kept."""
    scan_id = start_slow(service, slow_tree, loadFactor=6)
    service.call("scan.pause", id=scan_id)
    service.stop()
    service.start()
    assert service.call("scan.show", id=scan_id)["status"] == "Paused"
    hurry(service)
    assert service.call("scan.show", id=scan_id)["loadFactor"] == 6
    assert service.call("scan.resume", id=scan_id)["status"] == "InProgress"
    wait_for("it judges files again",
             lambda: sum(service.call("scan.show", id=scan_id)["results"].values()) > 20)
    service.call("scan.cancel", id=scan_id, comment="c")
    assert service.wait_scan(scan_id)["status"] == "Cancelled"


def test_killed_daemon(service, slow_tree):
    """kill -9: children end by themselves, the log tells, the scan goes on."""
    scan_id = start_slow(service, slow_tree)
    children = service.children()
    assert children
    service.kill()
    wait_for("the children are gone", lambda: not any(is_alive(pid) for pid in children))
    service.start()
    events = kinds(service)
    assert "ServiceKilled" in events and "AntivirusScanInterrupted" in events
    service.call("scan.cancel", id=scan_id, comment="c")
    assert service.wait_scan(scan_id)["status"] == "Cancelled"
    wait_for("temporary directories are swept", lambda: os.listdir(service.state_dir / "temp") == [])


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def test_acknowledged_cancel_survives_a_kill(service, slow_tree):
    """Who cancelled is on disk before the answer: the scan does not come back."""
    scan_id = start_slow(service, slow_tree)
    service.process.send_signal(signal.SIGSTOP)
    with service.connect() as connection:
        connection.send("scan.cancel", {"id": scan_id, "comment": "gone"})
        service.process.send_signal(signal.SIGCONT)
        connection.read_message()
        service.kill()
    service.start()
    assert service.wait_scan(scan_id)["status"] == "Cancelled"


def test_time_limits(service, slow_tree):
    """What waited or ran for too long ends as TimeOut, with Defender's code."""
    running = start_slow(service, slow_tree)
    waiting = service.start_scan("custom", paths=["/etc/hostname"])["scan"]["id"]
    fresh = service.start_scan("custom", paths=["/etc/hostname"])["scan"]["id"]
    service.stop()
    long_ago = int((time.time() - 40 * 86400) * 1000)
    with contextlib.closing(sqlite3.connect(service.state_dir / "store.db")) as store, store:
        store.execute("UPDATE scans SET start_unix_ms = ? WHERE id = ?", (long_ago, running))
        store.execute("UPDATE scans SET creation_unix_ms = ? WHERE id = ?", (long_ago, waiting))
    service.start()
    for scan_id in (running, waiting):
        scan = service.wait_scan(scan_id)
        assert scan["status"] == "TimeOut" and scan["failure"]
        action = service.call("action.show", id=scan["actionId"])
        assert (action["status"], action["errorHResult"]) == ("TimeOut", -2145844840)
        assert kinds(service, scanId=scan_id)[-1] == "AntivirusScanTimedOut"
    assert service.wait_scan(fresh)["status"] == "Succeeded"


def test_second_sigterm_ends_at_once(service, slow_tree):
    """Nobody has to wait for a graceful end; the next start repairs."""
    scan_id = start_slow(service, slow_tree)
    service.process.send_signal(signal.SIGTERM)
    service.process.send_signal(signal.SIGTERM)
    service.process.send_signal(signal.SIGTERM)
    assert service.wait(30) in (0, 1)
    service.start()
    service.call("scan.cancel", id=scan_id, comment="c")
    assert service.wait_scan(scan_id)["status"] == "Cancelled"


def test_two_daemons_on_one_state_directory(service):
    """The second one says who is in its way, and the first one lives."""
    with Service() as other:
        other.state_dir = service.state_dir
        assert other.spawn().wait(30) == 1
        assert str(service.state_dir) in other.stderr()
    assert service.call("health")


def test_two_daemons_on_one_socket(service):
    """Likewise for the run directory."""
    with Service() as other:
        other.run_dir = service.run_dir
        assert other.spawn().wait(30) == 1
        assert "listens" in other.stderr()
    assert service.call("health")


def test_stale_socket_and_foreign_file(stopped_service):
    """A socket nobody listens on is replaced; any other file is not."""
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(stopped_service.socket_path)
    stopped_service.start()
    assert stopped_service.stop() == 0
    pathlib.Path(stopped_service.socket_path).write_text("mine")
    assert stopped_service.spawn().wait(30) == 1
    assert pathlib.Path(stopped_service.socket_path).read_text() == "mine"


def test_socket_path_too_long(stopped_service):
    """107 bytes is what there is room for."""
    stopped_service.run_dir = stopped_service.base / ("r" * 100)
    assert stopped_service.spawn().wait(30) == 1
    assert "too long" in stopped_service.stderr() and "107" in stopped_service.stderr()


def test_state_directory_that_cannot_be_used(stopped_service):
    """Missing parent, and a file in its place."""
    stopped_service.state_dir = stopped_service.base / "no" / "such"
    assert stopped_service.spawn().wait(30) == 1
    assert str(stopped_service.state_dir) in stopped_service.stderr()
    stopped_service.state_dir = stopped_service.config
    assert stopped_service.spawn().wait(30) == 1


@pytest.mark.parametrize("arguments", [["--nonsense"], ["--config"], ["extra"], ["--log-level", "loud"],
                                       ["--remediation-patience-ms", "0"]])
def test_wrong_usage(arguments):
    """64, with the usage."""
    done = subprocess.run([program("quietscand"), *arguments], capture_output=True, check=False)
    assert done.returncode == 64
    assert b"usage:" in done.stderr


def test_missing_programs(tmp_path):
    """Without its private executables a scan fails with the reason; the daemon lives."""
    with Service() as service:
        service.arguments = ["--libexec-dir", str(tmp_path)]
        service.start()
        scan = service.run_scan("custom", paths=["/etc"])
        assert scan["status"] == "Failed" and "quietscan-engine" in scan["failure"]
        assert service.call("health")


def test_systemd_protocol(stopped_service):
    """READY=1 when requests are answered, WATCHDOG=1 in between, STOPPING=1 at the end."""
    path = str(stopped_service.base / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(30)
        environment = dict(os.environ, NOTIFY_SOCKET=path, WATCHDOG_USEC="200000")
        stopped_service.spawn(env=environment)
        assert manager.recv(100) == b"READY=1"
        assert stopped_service.is_accepting()
        assert manager.recv(100) == b"WATCHDOG=1"
        assert manager.recv(100) == b"WATCHDOG=1"
        stopped_service.stop()
        manager.settimeout(1)
        seen = set()
        try:
            while True:
                seen.add(manager.recv(100))
        except TimeoutError:
            pass
        assert b"STOPPING=1" in seen


# ---- a full disk -----------------------------------------------------------------------------

@pytest.fixture
def small_disk():
    """A service whose state directory has 6 MB."""
    if os.geteuid() != 0:
        pytest.skip("needs root to mount a small file system")
    with Service() as service:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m,mode=711", "none",
                        str(service.state_dir)], check=True)
        try:
            yield service
            if service.process:
                service.stop()
        finally:
            subprocess.run(["umount", "-l", str(service.state_dir)], check=True)


def fill(folder):
    """Use the last byte; returns the file to remove."""
    path = pathlib.Path(folder) / "ballast"
    with open(path, "wb", buffering=0) as out:
        for size in (65536, 4096, 1):
            try:
                while True:
                    out.write(b"\0" * size)
            except OSError:
                pass
    return path


def test_full_disk_refuses_and_recovers(small_disk):
    """A request that cannot be recorded is not done; when there is room again all goes on."""
    small_disk.start()
    small_disk.call("definitions.reload")
    kept = small_disk.run_scan("custom", paths=["/etc/hostname"])
    ballast = fill(small_disk.state_dir)
    wait_for("requests are refused", lambda: refuses(small_disk))
    n_actions = len(small_disk.list("action.list"))
    refused(small_disk, "scan.start", "StoreUnavailable", type="custom", comment="c", paths=["/etc"])
    health = small_disk.call("health")
    assert not health["healthy"] and health["storeStatus"] == "failing"
    assert len(small_disk.list("action.list")) == n_actions
    ballast.unlink()
    wait_for("the store recovers", lambda: small_disk.call("health")["storeStatus"] == "ready")
    assert "StoreRecovered" in kinds(small_disk)
    assert small_disk.run_scan("custom", paths=["/etc/hostname"])["status"] == "Succeeded"
    assert small_disk.call("scan.show", id=kept["id"])["status"] == "Succeeded"
    sequences = [event["sequence"] for event in small_disk.timeline()]
    assert sequences == list(range(1, len(sequences) + 1))


def refuses(service):
    try:
        service.start_scan("custom", comment="x" * 3900, paths=["/etc/hostname"])
        return False
    except RpcError as error:
        return error.code == "StoreUnavailable"


def test_disk_full_during_a_scan(small_disk, tmp_path):
    """Detections wait for room; none is lost, none is doubled."""
    make_tree(tmp_path, n_files=20, n_infected=300)
    small_disk.start()
    small_disk.call("definitions.reload")
    small_disk.call("settings.set", name="ScanAvgCPULoadFactor", value=5)
    scan = small_disk.start_scan("custom", paths=[tmp_path])["scan"]
    wait_for("it found something",
             lambda: small_disk.call("scan.show", id=scan["id"])["detections"] > 0)
    ballast = fill(small_disk.state_dir)
    wait_for("the store fails", lambda: small_disk.call("health")["storeStatus"] == "failing")
    time.sleep(2)
    assert small_disk.call("scan.show", id=scan["id"])["status"] == "InProgress"
    ballast.unlink()
    wait_for("the store recovers", lambda: small_disk.call("health")["storeStatus"] == "ready")
    hurry(small_disk)
    done = small_disk.wait_scan(scan["id"], 120)
    assert done["status"] == "Succeeded"
    assert done["results"]["infected"] == done["detections"] == 300
    assert len(small_disk.list("detection.list", scanId=scan["id"])) == 300
