# SPDX-License-Identifier: GPL-2.0-or-later
"""What the service does for others while it scans: few CPUs, its own sessions, waiting for idleness."""

import os
import pathlib

import pytest

from quietscan_harness import Service, make_tree, wait_for


@pytest.fixture
def service():
    with Service() as running:
        running.start()
        yield running


@pytest.fixture
def slow_tree(tmp_path):
    """A tree that is at work for a good while at 5 %."""
    make_tree(tmp_path / "slow", n_files=4000, n_infected=0, size=20000)
    return tmp_path / "slow"


def places(service):
    """Affinity of every thread below the daemon, without duplicates."""
    found = set()
    for pid in service.children("quietscan-scanner") + service.children("quietscan-engine"):
        try:
            for thread in os.listdir(f"/proc/{pid}/task"):
                found.add(frozenset(os.sched_getaffinity(int(thread))))
        except OSError:
            continue
    return found


def start(service, tree, **params):
    scan = service.start_scan("custom", paths=[tree], **params)["scan"]
    service.wait_status(scan["id"], "InProgress")
    wait_for("its processes", lambda: service.children("quietscan-scanner"))
    return scan["id"]


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one CPU")
def test_few_cpus(service, slow_tree):
    """All threads are on the same few CPUs, and follow the setting within seconds."""
    everything = frozenset(os.sched_getaffinity(0))
    scan_id = start(service, slow_tree, loadFactor=5)
    wait_for("one small place", lambda: len(places(service)) == 1
             and len(next(iter(places(service)))) < len(everything))
    assert next(iter(places(service))) < everything
    assert frozenset(os.sched_getaffinity(service.pid)) == everything
    service.call("settings.set", name="KeepCoresFree", value=False)
    wait_for("every CPU", lambda: places(service) == {everything})
    service.call("scan.cancel", id=scan_id, comment="c")
    service.wait_scan(scan_id)


def test_sessions_of_their_own(service, slow_tree):
    """Nice weighs within a session only, so the children are not in the daemon's."""
    scan_id = start(service, slow_tree, loadFactor=5)
    for name in ("quietscan-scanner", "quietscan-engine"):
        wait_for(name, lambda name=name: service.children(name))
        pid = service.children(name)[0]
        assert os.getsid(pid) == pid
        group = pathlib.Path(f"/proc/{pid}/autogroup")
        if group.exists() and os.geteuid() == 0:
            assert group.read_text().split()[-1] == "19"
    service.call("scan.cancel", id=scan_id, comment="c")
    service.wait_scan(scan_id)


def test_scheduled_scan_waits_for_idleness(service):
    """It lets others pass, and begins when it need not wait any more."""
    waiting = service.start_scan("custom", paths=["/etc/hostname"], origin="schedule")["scan"]["id"]
    assert service.run_scan("custom", paths=["/etc/passwd"])["status"] == "Succeeded"
    assert service.call("scan.show", id=waiting)["status"] == "Pending"
    service.call("settings.set", name="ScanOnlyIfIdleEnabled", value=False)
    scan = service.wait_scan(waiting)
    assert scan["status"] == "Succeeded"
    assert scan["loadFactor"] == 50  # the machine is in use: limited


def test_waiting_scan_can_be_cancelled(service):
    waiting = service.start_scan("quick", origin="schedule")["scan"]["id"]
    service.call("scan.cancel", id=waiting, comment="c")
    assert service.wait_scan(waiting)["status"] == "Cancelled"
