# SPDX-License-Identifier: GPL-2.0-or-later
"""The gateway: a peer with the uid of GatewayUser, and what it may on whose behalf."""

import contextlib
import grp
import json
import os
import pwd
import sqlite3
import subprocess
import time

import pytest

from gateway_caller import GATEWAY, Caller, connected_as, needs_root
from quietscan_harness import RpcError, Service, make_tree, program, wait_for

READ = ["Machine.Read.All"]
SCAN = ["Machine.Scan"]


@pytest.fixture(scope="module")
def ready():
    """A daemon whose gateway has a number."""
    with Service({"GatewayUser": str(GATEWAY)}) as service:
        service.start()
        service.call("definitions.reload")
        yield service


def operator(service, roles, **kwargs):
    return Caller(service.socket_path).as_user(roles, **kwargs)


# ---- who ---------------------------------------------------------------------

@needs_root
def test_only_the_gateway_can_connect(ready):
    """The socket's file belongs to it; a third user cannot even connect."""
    st = os.stat(ready.socket_path)
    assert (st.st_uid, st.st_mode & 0o777) == (GATEWAY, 0o660)
    with connected_as(ready, GATEWAY) as caller:
        assert caller.as_user(READ).call("health")["machineId"]
    with pytest.raises(PermissionError):
        with connected_as(ready, GATEWAY + 1):
            pass


@needs_root
def test_a_gateway_must_say_for_whom(ready):
    """Without onBehalfOf it is refused; a broken one is no request; the connection lives on."""
    with connected_as(ready, GATEWAY) as caller:
        error = caller.refused("health")
        assert (error.number, error.target) == (-32003, "onBehalfOf")
        for broken in ({}, [], "alice", None, {"name": "a", "roles": SCAN},
                       {"name": "a\nb", "roles": SCAN, "source": "Portal"},
                       {"name": "a", "roles": SCAN, "source": "LocalCli"}):
            caller.send_raw(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "health",
                                        "onBehalfOf": broken}).encode() + b"\n")
            assert caller.read_message()["error"]["code"] == -32600, broken
        assert caller.as_user(READ).call("health")


@needs_root
def test_settings_decide_who_is_gateway(stopped_service):
    """GatewayUser changes while the service runs; a connection keeps what it had."""
    stopped_service.write_settings(GatewayUser="")
    stopped_service.start()
    with pytest.raises(PermissionError):
        with connected_as(stopped_service, GATEWAY):
            pass
    stopped_service.call("settings.set", name="GatewayUser", value=pwd.getpwuid(65534).pw_name)
    with connected_as(stopped_service, 65534) as caller:
        assert caller.as_user(READ).call("health")
        stopped_service.call("settings.set", name="GatewayUser", value="")
        assert caller.call("health")
    assert os.stat(stopped_service.socket_path).st_uid == 0
    os.chmod(stopped_service.socket_path, 0o666)
    with connected_as(stopped_service, 65534) as caller:
        assert caller.as_user(READ).refused("health").number == -32003


@needs_root
def test_gateway_among_the_operators(stopped_service):
    """GatewayUser that is in the operators' group as well has no more than its users."""
    stopped_service.write_settings(GatewayUser=pwd.getpwuid(65534).pw_name,
                                   OperatorGroup=grp.getgrgid(65534).gr_name)
    stopped_service.start()
    with connected_as(stopped_service, 65534) as caller:
        assert caller.refused("health").target == "onBehalfOf"
        error = caller.as_user(READ).refused("settings.set", name="GatewayUser", value="")
        assert error.number == -32003


@needs_root
def test_a_gateway_cannot_shut_operators_out(ready):
    """It has a number of connections of its own."""
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(connected_as(ready, GATEWAY)) for _ in range(48)]
        assert held[-1].as_user(READ).call("health")
        extra = stack.enter_context(connected_as(ready, GATEWAY))
        assert extra.read_line() is None
        assert ready.call("health")

    def is_served():
        with connected_as(ready, GATEWAY) as caller:
            try:
                return caller.as_user(READ).call("health")
            except (ConnectionError, OSError):
                return None  # the daemon has not seen the ends of the others yet
    wait_for("there is room again", is_served)


@needs_root
def test_a_gateway_cannot_keep_the_daemon_busy(stopped_service):
    """The slowest lists there are, sent without waiting: each is ended, and operators are answered."""
    service = stopped_service
    service.write_settings(GatewayUser=str(GATEWAY))
    service.start()
    service.stop()
    with sqlite3.connect(service.state_dir / "store.db") as db:
        db.executemany(
            "INSERT INTO actions (id,type,requestor,comment,request_source,scope,status,creation_unix_ms,"
            "last_update_unix_ms,cancellation_unix_ms,error_hresult,scan_id)"
            " VALUES (?,'x','x',?,'x','x','Failed',?,?,0,0,'')",  # of now: older ones are purged
            ((f"{i:036}", "a" * 4000, *[int(time.time() * 1000)] * 2) for i in range(10_000)))
    service.start()
    slow = ["or"] + [["contains", "requestorComment", "a" * 255 + chr(ord("b") + i % 20)] for i in range(60)]
    with connected_as(service, GATEWAY) as one, connected_as(service, GATEWAY) as other:
        for caller in (one, other):
            caller.as_user(READ)
            for _ in range(4):  # what the socket's buffer holds
                caller.send("action.list", {"filter": slow, "count": True})
        waits, end = [], time.monotonic() + 5
        while time.monotonic() < end:
            start = time.monotonic()
            assert service.call("health")["machineId"]
            waits.append(time.monotonic() - start)
        message = one.read_message()
        assert message["error"]["data"] == {"code": "InvalidInput", "target": "filter"}
    waits.sort()
    print(f"an operator's {len(waits)} answers: median {waits[len(waits) // 2] * 1000:.1f} ms, longest "
          f"{waits[-1] * 1000:.0f} ms")
    assert len(waits) > 100
    assert waits[-1] < 5  # it is one list's half second of CPU time; the machine may be busy
    assert service.call("health")


SLOW_DISK = """
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int fdatasync(int fd)
{
	const struct timespec wait = {.tv_nsec = 5000000};

	nanosleep(&wait, NULL);
	return (int)syscall(SYS_fdatasync, fd);
}
"""


def slow_disk(folder):
    """A library that makes each flush take 5 ms, as a hard disk does."""
    if b"__asan_init" in open(program("quietscand"), "rb").read():
        pytest.skip("the sanitizer's library wants to be the first one")
    (folder / "slow.c").write_text(SLOW_DISK)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", folder / "slow.so", folder / "slow.c"], check=True)
    return folder / "slow.so"


@needs_root
def test_a_gateway_that_writes_cannot_keep_the_daemon_busy(stopped_service, tmp_path):
    """What it asks for waits for the disk, not for the CPU: its connections are held all the same."""
    service = stopped_service
    service.write_settings(GatewayUser=str(GATEWAY))
    service.wrapper = ["env", f"LD_PRELOAD={slow_disk(tmp_path)}"]
    service.start()
    with contextlib.ExitStack() as stack:
        for n in range(20):
            caller = stack.enter_context(connected_as(service, GATEWAY))
            behalf = {"name": "a", "roles": ["Machine.ReadWrite.All"], "source": "Portal"}
            lines = [{"jsonrpc": "2.0", "id": i, "method": "machine.tag", "onBehalfOf": behalf,
                      "params": {"action": "Remove" if i % 2 else "Add", "value": str(n)}} for i in range(60)]
            caller.send_raw(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
        waits, end = [], time.monotonic() + 5
        while time.monotonic() < end:
            start = time.monotonic()
            assert service.call("health")["machineId"]
            waits.append(time.monotonic() - start)
    print(f"an operator's {len(waits)} answers: longest {max(waits) * 1000:.0f} ms")
    assert max(waits) < 2  # a burst of theirs is a quarter of a second; the machine may be busy


# ---- what ---------------------------------------------------------------------

NO_SUCH = "00000000-0000-0000-0000-000000000000"
ALL = ["Machine.Scan", "Machine.Read.All", "Machine.ReadWrite.All", "Alert.Read.All", "Alert.ReadWrite.All",
       "Machine.StopAndQuarantine"]
READERS = {"Machine.Read.All", "Machine.ReadWrite.All"}
ALERTS = {"Alert.Read.All", "Alert.ReadWrite.All"}
SCANNERS = {"Machine.Scan"}
QUARANTINERS = {"Machine.StopAndQuarantine"}
METHODS = {
    "scan.start": SCANNERS, "scan.cancel": SCANNERS, "scan.pause": SCANNERS, "scan.resume": SCANNERS,
    "action.cancel": SCANNERS, "scan.list": READERS, "scan.show": READERS, "scan.watch": READERS,
    "scan.report": READERS, "action.list": READERS, "action.show": READERS, "timeline.list": READERS, "timeline.follow": READERS,
    "quarantine.list": READERS, "health": READERS, "definitions.show": READERS, "settings.show": READERS,
    "exclusion.list": READERS, "alert.list": ALERTS, "detection.list": READERS | ALERTS,
    "machine.show": READERS, "metrics.show": READERS, "machine.tag": {"Machine.ReadWrite.All"}, "alert.show": ALERTS,
    "alert.update": {"Alert.ReadWrite.All"}, "settings.set": set(), "exclusion.add": set(),
    "allowed.list": READERS, "allowed.add": set(), "allowed.remove": set(), "exclusion.remove": set(), "definitions.reload": set(), "quarantine.restore": QUARANTINERS,
    "quarantine.delete": QUARANTINERS, "detection.remediate": QUARANTINERS,
    "file.stopAndQuarantine": QUARANTINERS,
}


@pytest.mark.parametrize("method", METHODS)
def test_roles(ready, method):
    """Each method with each role alone, with none, with foreign ones: allowed or Forbidden."""
    before = ready.call("settings.show")
    for roles in ([], ["Mail.Send", "machine.scan"], *[[role] for role in ALL], ALL):
        with operator(ready, roles) as caller:
            try:
                caller.call(method)  # without parameters: what is allowed is InvalidInput at most
                code = None
            except RpcError as error:
                code = error.code
                assert code != "Forbidden" or error.target == method
            assert (code != "Forbidden") == bool(METHODS[method] & set(roles)), (method, roles, code)
    assert ready.call("settings.show") == before


@needs_root
def test_the_gateway_itself_has_no_more(ready):
    """Whatever roles it claims, settings are not for it."""
    with connected_as(ready, GATEWAY) as caller:
        caller.as_user(ALL)
        assert caller.refused("settings.set", name="GatewayUser", value="root").code == "Forbidden"
        assert caller.refused("exclusion.add", kind="path", value="/").code == "Forbidden"
        assert caller.refused("no.such").code == "MethodNotFound"
        assert caller.as_user([]).refused("health").message == \
            "health needs the role Machine.Read.All or Machine.ReadWrite.All"


def gateway_uid():
    return GATEWAY if os.geteuid() == 0 else os.geteuid()


@contextlib.contextmanager
def gateway(service):
    if os.geteuid() == 0:
        with connected_as(service, GATEWAY) as caller:
            yield caller
    else:
        with Caller(service.socket_path) as caller:
            yield caller


def test_actions_name_who_asked(tmp_path):
    """Requestor, source, origin and uid are in action, scan and log, over a restart too."""
    make_tree(tmp_path / "tree", n_files=3, n_infected=1)
    with Service({"GatewayUser": str(GATEWAY), "ScanAvgCPULoadFactor": 40}) as service:
        service.start()
        with gateway(service) as caller:
            caller.as_user(SCAN, name="ålice", source="Portal")
            error = caller.refused("scan.start", type="quick", comment="c", origin="manual")
            assert (error.code, error.target) == ("InvalidInput", "origin")
            asked = caller.call("scan.start", type="custom", comment="why", paths=[str(tmp_path / "tree")],
                                loadFactor=0)
            assert (asked["action"]["requestor"], asked["action"]["requestSource"]) == ("ålice", "Portal")
            assert (asked["scan"]["origin"], asked["scan"]["loadFactor"]) == ("action", 40)
            service.wait_scan(asked["scan"]["id"])
            waiting = [caller.call("scan.start", type="full", comment="why", loadFactor=5),
                       caller.call("scan.start", type="quick", comment="why", loadFactor=10)]
            assert waiting[1]["scan"]["loadFactor"] == 10
            assert caller.refused("scan.start", type="quick", comment="x").code == "ActiveRequestAlreadyExists"
            service.wait_status(waiting[0]["scan"]["id"], "InProgress")

            def paused():
                try:
                    return caller.call("scan.pause", id=waiting[0]["scan"]["id"])
                except RpcError:
                    return None  # it is starting still
            wait_for("the scan can be paused", paused)
            caller.as_user(SCAN, name="bob").call("scan.resume", id=waiting[0]["scan"]["id"])
            caller.call("action.cancel", id=waiting[1]["action"]["id"], comment="enough")
            caller.call("scan.cancel", id=waiting[0]["scan"]["id"], comment="enough")
            alert = service.list("alert.list")[0]
            caller.as_user(["Alert.ReadWrite.All"], name="carol")
            changed = caller.call("alert.update", id=alert["id"], comment="seen", status="Resolved")
            assert changed["comments"][0]["createdBy"] == "carol"
        service.kill()  # what it had not recorded yet it records after the restart
        service.start()
        for scan in waiting:
            service.wait_scan(scan["scan"]["id"])
        events = {}
        for event in service.timeline():
            events.setdefault(event["actionType"], []).append(event)
        uid = gateway_uid()
        assert [e["requestor"] for e in events["AntivirusScanSubmitted"]] == ["ålice"] * 3
        assert [(e["requestor"], e["gatewayUid"]) for e in events["AntivirusScanPaused"]] == [("ålice", uid)]
        assert [(e["requestor"], e["gatewayUid"]) for e in events["AntivirusScanResumed"]] == [("bob", uid)]
        assert [(e["cancellationRequestor"], e["gatewayUid"]) for e in events["AntivirusScanCancelled"]] == \
            [("bob", uid)] * 2
        assert [(e["requestor"], e["gatewayUid"]) for e in events["RequestRefused"]] == [("ålice", uid)]
        assert [(e["requestor"], e["gatewayUid"]) for e in events["AlertUpdated"]] == [("carol", uid)]
        action = service.call("action.show", id=waiting[0]["action"]["id"])
        assert (action["requestor"], action["cancellationRequestor"]) == ("ålice", "bob")
        service.call("alert.update", id=alert["id"], comment="mine")
        assert service.timeline(actionType="AlertUpdated")[-1]["gatewayUid"] is None


# ---- the machine and its alerts -----------------------------------------------

def test_machine(service, tmp_path):
    """Defender's fields; tags come, go and stay; the risk is that of the worst open alert."""
    machine = service.call("machine.show")
    health = service.call("health")
    assert machine["id"] == health["machineId"] and len(machine["id"]) == 40
    assert machine["computerDnsName"] == os.uname().nodename
    assert machine["osPlatform"] == "Linux" and machine["onboardingStatus"] == "onboarded"
    assert machine["aadDeviceId"] is None and machine["ipAddresses"] == []
    assert machine["firstSeen"] == service.timeline()[0]["time"] <= machine["lastSeen"]
    assert (machine["riskScore"], machine["machineTags"]) == ("None", [])
    with gateway(service) if os.geteuid() != 0 else operator(service, []) as caller:
        caller.as_user(["Machine.ReadWrite.All"], name="carol")
        for value in ("web", "Bürö 1", "web"):
            assert value in caller.call("machine.tag", action="Add", value=value)["machineTags"]
        for params, target in (({"value": "x"}, "action"), ({"action": "add", "value": "x"}, "action"),
                               ({"action": "Add"}, "value"), ({"action": "Add", "value": " "}, "value"),
                               ({"action": "Add", "value": "x" * 201}, "value"),
                               ({"action": "Add", "value": "a\x1b[m"}, "value")):
            error = caller.refused("machine.tag", **params)
            assert (error.code, error.target) == ("InvalidInput", target)
        caller.call("machine.tag", action="Remove", value="web")
        assert caller.call("machine.tag", action="Remove", value="web")["machineTags"] == ["Bürö 1"]
    changes = service.timeline(actionType="MachineTagsChanged")
    assert [(e["action"], e["value"], e["requestor"]) for e in changes] == \
        [("Add", "web", "carol"), ("Add", "Bürö 1", "carol"), ("Remove", "web", "carol")]
    assert changes[-1]["machineTags"] == ["Bürö 1"] and changes[-1]["gatewayUid"] == os.geteuid()
    make_tree(tmp_path / "tree", n_files=1, n_infected=2)
    service.run_scan("custom", paths=[tmp_path / "tree"])
    alert = service.list("alert.list")[0]
    assert service.call("machine.show")["riskScore"] == alert["severity"]
    assert service.call("alert.show", id=alert["id"]) == alert
    assert len(service.list("detection.list", alertId=alert["id"])) == 2
    assert service.list("detection.list", alertId=NO_SUCH) == []
    with pytest.raises(RpcError) as caught:
        service.call("alert.show", id=NO_SUCH)
    assert caught.value.code == "NotFound"
    service.call("alert.update", id=alert["id"], status="Resolved")
    assert service.call("machine.show")["riskScore"] == "None"
    service.stop()
    service.start()
    assert service.call("machine.show")["machineTags"] == ["Bürö 1"]
    assert service.call("machine.show")["firstSeen"] == machine["firstSeen"]


# ---- figures ------------------------------------------------------------------

def test_metrics(service, tmp_path):
    """Counters are the sums of what scans tell, also while one is at work; then there is a current one."""
    service.call("definitions.reload")
    begin = service.call("metrics.show")
    assert begin["files"] == {"clean": 0, "infected": 0, "incomplete": 0, "changed": 0, "skipped": 0,
                              "blocked": 0, "crashed": 0}
    assert begin["current"] is None and begin["queueLength"] == 0
    assert begin["signatures"] == 2 and begin["signatureLoadedSecondsAgo"] >= 0
    assert set(begin["scans"]) == {"quick", "full", "custom"}
    make_tree(tmp_path / "tree", n_files=30, n_infected=2)
    scans = [service.run_scan("custom", paths=[tmp_path / "tree"]) for _ in range(2)]
    metrics = service.call("metrics.show")
    for result, n in metrics["files"].items():
        assert n == sum(scan["results"][result] for scan in scans)
    assert metrics["bytes"] == sum(scan["bytes"] for scan in scans)
    assert metrics["detections"] == 4
    assert abs(metrics["cpuSeconds"] - sum(scan["cpuTime"] for scan in scans)) < 0.01
    assert metrics["scans"]["custom"] == {"Succeeded": 2, "Failed": 0, "TimeOut": 0, "Cancelled": 0}
    assert metrics["events"] == service.timeline()[-1]["sequence"]
    asked = service.start_scan("full", loadFactor=5)
    service.start_scan("quick", loadFactor=5)
    current = wait_for("the scan is at work", lambda: service.call("metrics.show")["current"])
    assert (current["id"], current["type"], current["loadFactor"]) == (asked["scan"]["id"], "full", 5)
    assert service.call("metrics.show")["queueLength"] == 1
    previous = metrics["files"]
    for _ in range(20):
        files = service.call("metrics.show")["files"]
        assert all(files[result] >= previous[result] for result in files)
        previous = files
    for scan in service.list("scan.list", status="InProgress") + service.list("scan.list", status="Pending"):
        service.call("scan.cancel", id=scan["id"], comment="enough")
        service.wait_scan(scan["id"])
    ended = service.call("metrics.show")
    assert ended["scans"]["full"]["Cancelled"] == ended["scans"]["quick"]["Cancelled"] == 1
    assert ended["current"] is None
