# SPDX-License-Identifier: GPL-2.0-or-later
"""CPU time of another antivirus while we scan: told in the record, and counted when that is asked for.

The other one is a permission listener that computes all the time (tests/lib/permlisten.c). Its mark
is on a mount of its own: what is scanned does not wait for it.
"""

import os
import subprocess
import time

import pytest

from mount_harness import helper, tmpfs
from process_clock import TICK_S, MachineClock, stat_fields
from quietscan_harness import RpcError, Service, make_tree, program, wait_for

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="permission marks need root")

FACTOR_PCT = 30
MINIMUM_PCT = 20
BUSY_PCT = 90  # there a scan at the lowest priority cannot be back


@pytest.fixture
def busy(tmp_path):
    """The other one, at work."""
    with tmpfs(tmp_path / "guarded") as guarded, helper("permlisten", guarded, "busy") as process:
        yield process


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """More than a minute of work at 30 %."""
    folder = tmp_path_factory.mktemp("slow") / "tree"
    make_tree(folder, n_files=120000, n_infected=0, size=2000)
    return folder


def cpu_s(pid):
    fields = stat_fields(pid)
    return (int(fields[11]) + int(fields[12])) * TICK_S


def told(service, scan_id):
    """Seconds of the listener in the scan's record; None before there are any."""
    load = service.call("scan.show", id=scan_id).get("load") or {"otherAntivirus": []}
    return next((one["cpu"] for one in load["otherAntivirus"] if one["name"] == "permlisten"), None)


def start(service, tree, **params):
    scan_id = service.start_scan("custom", paths=[tree], **params)["scan"]["id"]
    service.wait_status(scan_id, "InProgress")
    return scan_id


def finish(service, scan_id):
    """Cancelled, unless it has ended."""
    try:
        service.call("scan.cancel", id=scan_id, comment="seen enough")
    except RpcError:
        pass
    return service.wait_scan(scan_id)


def test_told_by_name(busy, tree):
    """In the record and on the command line: no more than its clock says, without pauses, and kept."""
    with Service() as service:
        service.start()
        before = cpu_s(busy.pid)
        scan_id = start(service, tree, loadFactor=FACTOR_PCT)
        wait_for("two seconds of it", lambda: (told(service, scan_id) or 0) > 2)
        service.call("scan.pause", id=scan_id)
        paused_at = told(service, scan_id)
        began = cpu_s(busy.pid)
        wait_for("two more in a pause", lambda: cpu_s(busy.pid) > began + 2)
        assert told(service, scan_id) == paused_at
        paused = cpu_s(busy.pid) - began
        service.call("scan.resume", id=scan_id)
        wait_for("it goes on", lambda: told(service, scan_id) > paused_at)
        scan = finish(service, scan_id)
        most = cpu_s(busy.pid) - before - paused
        load = service.call("scan.show", id=scan_id)["load"]
        (one,) = [one for one in load["otherAntivirus"] if one["name"] == "permlisten"]
        print(f"{one['cpu']} s told, {most} s at most, in {scan['duration']} s")
        # Looks are a second apart, and what lies around a pause falls between them.
        assert most - 4 < one["cpu"] < most + 0.1
        assert load["otherAntivirusCounted"] is False
        text = subprocess.run([program("quietscan"), "--socket", service.socket_path, "scan", "show",
                               scan_id], capture_output=True, text=True, check=True).stdout
        (line,) = [line for line in text.splitlines() if line.startswith("Others ")]
        assert "permlisten" in line and line.endswith(" of CPU time meanwhile; not counted")
        service.stop()
        service.start()
        assert service.call("scan.show", id=scan_id)["load"] == load


def reading(service, scan_id):
    scan = service.call("scan.show", id=scan_id)
    return scan["progress"]["load"], scan["progress"]["judged"], scan["load"]


def test_counts_down_to_the_minimum(busy, tree):
    """
    What it takes is more than the load factor: the scan goes down to the guaranteed part, goes on
    with it, and is back when the setting is off.
    """
    with Service({"CountOtherAntivirusCpu": True, "BackOffMinimumProgress": MINIMUM_PCT,
                  "KeepCoresFree": False}) as service:
        service.start()
        factor = min(FACTOR_PCT, 60 // len(os.sched_getaffinity(0)))  # below the one CPU it takes
        scan_id = start(service, tree, loadFactor=factor)
        wait_for("it steps back",
                 lambda: reading(service, scan_id)[2]["waiting"]["backedOff"] > 4, deadline_s=60)
        time.sleep(3)
        loads = []
        n_before = reading(service, scan_id)[1]
        for _ in range(5):
            time.sleep(1)
            loads.append(reading(service, scan_id)[0])
        _, n_after, load = reading(service, scan_id)
        print(f"load {loads} of {factor}, {n_after - n_before} files in 5 s, {load['otherAntivirus']}")
        assert max(loads) < factor * 2 / 3
        assert n_after > n_before
        assert sum(loads) / len(loads) > factor * MINIMUM_PCT / 100 / 2
        assert load["otherAntivirusCounted"] is True and load["asked"] == factor
        machine = MachineClock()
        service.call("settings.set", name="CountOtherAntivirusCpu", value=False)
        try:
            wait_for("it is back", lambda: reading(service, scan_id)[0] > factor * 0.8)
        except (AssertionError, KeyError):  # not back; it may have ended meanwhile
            busy_pct = machine.busy_pct()
            if busy_pct < BUSY_PCT:
                raise
            pytest.skip(f"this machine is busy ({busy_pct:.0f} %)")
        finish(service, scan_id)
