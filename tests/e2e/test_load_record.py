# SPDX-License-Identifier: GPL-2.0-or-later
"""The load of a scan over time: recorded, kept over restarts, shown; and lanes by it."""

import contextlib
import sqlite3
import subprocess

import pytest

from quietscan_harness import Service, build_dir, make_tree, program, wait_for


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """Many seconds of work at a low load."""
    folder = tmp_path_factory.mktemp("work") / "tree"
    subprocess.run([program("corpus-filler"), str(folder), "1500", "80000"], check=True)
    return folder


def load_of(service, scan_id):
    return service.call("scan.show", id=scan_id).get("load")


def covered(load):
    """Seconds that the series covers."""
    return sum(point["duration"] for point in load["series"])


def is_held(service, scan_id):
    """Whether in a second from now on the limit was what it waited for, most of the time."""
    before = load_of(service, scan_id)
    now = wait_for("a second", lambda: (load := load_of(service, scan_id)) and
                   covered(load) >= covered(before) + 1 and load)
    waited = now["waiting"]["budget"] - before["waiting"]["budget"]
    return waited > 0.5 * (covered(now) - covered(before))


def start(service, tree, factor):
    """
    A scan at this factor of the settings, some seconds of it recorded. With hot
    files and a low limit it waits for the limit, as soon as others let it have a CPU.
    """
    service.call("settings.set", name="ScanAvgCPULoadFactor", value=factor)
    scan_id = service.start_scan("custom", paths=[tree])["scan"]["id"]
    wait_for("windows", lambda: (load_of(service, scan_id) or {"windows": 0})["windows"] > 20)
    wait_for("the limit", lambda: is_held(service, scan_id), deadline_s=60)
    return scan_id


def hurry(service):
    service.call("settings.set", name="ScanAvgCPULoadFactor", value=0)


def assert_adds_up(scan, load):
    """Series and sums tell of the same scan. A look at the clocks is up to 0.2 s away."""
    assert abs(covered(load) - scan["duration"]) < 0.4 + 0.02 * scan["duration"], (scan, load)
    cpu = sum(p["achieved"] * p["duration"] for p in load["series"]) / 100 * load["cpus"]
    assert abs(cpu - scan["cpuTime"]) < 0.1 + 0.1 * scan["cpuTime"], (scan, load)
    assert load["mean"] == scan["achievedLoad"]
    assert load["p95"] <= load["p99"] <= load["max"] + 0.5
    assert load["windows"] == sum(n for _, n in load["histogram"])
    assert 0 <= load["waiting"]["disk"] + load["waiting"]["budget"] <= scan["duration"] + 0.5


def test_record(service, tree):
    """While it runs, at its end, and after a restart the same; the list stays short."""
    scan_id = start(service, tree, 5)
    load = load_of(service, scan_id)
    assert load["asked"] == 5 and load["aim"] == 5
    assert all(point["asked"] == 5 for point in load["series"])
    service.call("scan.pause", id=scan_id)
    before = covered(load_of(service, scan_id))
    service.call("scan.resume", id=scan_id)
    assert covered(load_of(service, scan_id)) < before + 2
    hurry(service)
    scan = service.wait_scan(scan_id, 120)
    load = load_of(service, scan_id)
    assert_adds_up(scan, load)
    assert load["asked"] == 0
    assert "load" not in service.list("scan.list")[0]
    service.stop()
    service.start()
    assert load_of(service, scan_id) == load


def test_restart_goes_on(service, tree):
    """A scan that is taken up again has the load of both passes."""
    scan_id = start(service, tree, 5)
    service.stop()
    service.start()
    kept = load_of(service, scan_id)
    assert kept["windows"] > 20
    hurry(service)
    scan = service.wait_scan(scan_id, 120)
    load = load_of(service, scan_id)
    assert scan["attempts"] == 2
    assert_adds_up(scan, load)
    assert covered(load) > covered(kept) and load["windows"] >= kept["windows"]
    assert load["waiting"]["budget"] >= kept["waiting"]["budget"] > 0


def test_none(service):
    """A scan that waits has no load; what is not ours in the store is none."""
    done = service.run_scan("custom", paths=["/etc/hostname"])
    service.stop()
    with contextlib.closing(sqlite3.connect(service.state_dir / "store.db")) as store, store:
        assert store.execute("UPDATE scan_loads SET document = '{' WHERE scan_id = ?",
                             (done["id"],)).rowcount == 1
    service.start()
    assert load_of(service, done["id"]) is None
    shown = subprocess.run([program("quietscan"), "scan", "show", done["id"],
                            "--socket", service.socket_path], capture_output=True, check=False)
    assert shown.returncode == 0 and b"Waited" not in shown.stdout


def test_drawn(service, tree):
    """scan show draws it."""
    scan_id = start(service, tree, 10)
    shown = subprocess.run([program("quietscan"), "scan", "show", scan_id, "--socket",
                            service.socket_path], capture_output=True, check=True, text=True,
                           env={"LC_ALL": "C.UTF-8"})
    hurry(service)
    assert "Seconds" in shown.stdout and "Waited" in shown.stdout, shown.stdout
    assert "10 %" in shown.stdout and "│" in shown.stdout, shown.stdout
    service.wait_scan(scan_id, 120)


@pytest.fixture
def slow_disk(tmp_path):
    """A daemon whose engine waits a third of a second for each of these files; the files."""
    make_tree(tmp_path, n_files=0, n_infected=1)
    for i in range(60):
        (tmp_path / f"nap{i:02}").write_bytes(b"QSFAULT:nap")
    with Service({"KeepPageCacheAsFound": False}) as service:
        service.arguments = ["--libexec-dir", str(build_dir() / "tests/faulty")]
        yield service, tmp_path


def test_lanes_that_wait_for_a_disk(slow_disk):
    """More of them, up to the bound, and the time is told as waited for a disk."""
    service, folder = slow_disk
    service.start()
    scan_id = service.start_scan("custom", paths=[folder])["scan"]["id"]
    planned = wait_for("lanes", lambda: load_of(service, scan_id))["lanes"]
    grown = wait_for("more lanes", lambda: max(load_of(service, scan_id)["lanes"] - planned, 0))
    scan = service.wait_scan(scan_id)
    load = load_of(service, scan_id)
    assert grown >= 1 and planned < load["lanes"] <= 4 * planned
    assert scan["results"]["clean"] == 60 and scan["results"]["infected"] == 1, scan
    # 60 naps of a third of a second; the record is the mean over its lanes.
    assert load["waiting"]["disk"] * load["lanes"] > 0.8 * 60 / 3, load
    assert load["waiting"]["budget"] < 0.2 * scan["duration"], load
    assert f"{load['lanes']} lanes: they wait for the disk" in service.stderr()


def test_lanes_that_somebody_has_chosen(slow_disk):
    """MaximumOnDemandScanThreads is what it says, however slow the disk."""
    service, folder = slow_disk
    service.write_settings(MaximumOnDemandScanThreads=3)
    service.start()
    scan = service.run_scan("custom", paths=[folder])
    load = load_of(service, scan["id"])
    assert load["lanes"] == 3
    # 60 files in three lanes.
    assert load["waiting"]["disk"] > 0.9 * 60 / 3 / 3, load
