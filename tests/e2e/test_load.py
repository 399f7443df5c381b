# SPDX-License-Identifier: GPL-2.0-or-later
"""The promise: over a scan of 30 s or more, mean load is within 3 points of 50 %.

Measured from outside, from the CPU time the kernel counts for the daemon and
everything below it, signature loading included; and what the service says
about itself (achievedLoad) must agree with that. The scan's length is made to
fit this machine: a first, unlimited scan tells what a file costs here.

Our processes have the lowest priority, so a machine that others keep busy gives
us less than we ask for: nothing at all while they have all CPUs, which is at most
the part of the time that is their load. The lower bound gives way by that much and
no more; with the machine to itself it is the promise. A disturbed scan is measured
once more.
"""

import os
import subprocess
import time

import pytest

from process_clock import MachineClock, TreeClock
from quietscan_harness import CORPUS_SIGNATURES, Service, corpus_samples, program

SECONDS = 38.0
ASKED = 50.0
TOLERANCE = 3.0
OTHERS_MAX = 30.0  # above, a single second says nothing
OTHERS_QUIET = 6.0  # costs at most the tolerance: half of it, while they have all CPUs


def fill(folder, n_files):
    subprocess.run([program("corpus-filler"), str(folder), str(n_files), "6000"], check=True)


def cost_per_file(service, folder):
    """CPU seconds a file of the filler costs on this machine."""
    fill(folder, 2000)
    clock = TreeClock(service.pid)
    before = clock.cpu_s()
    scan = service.run_scan("custom", paths=[folder], loadFactor=0)
    return (clock.cpu_s() - before) / sum(scan["results"].values())


def measure(service, tree):
    """One scan of the tree: (scan, wall seconds, our load in %, load of all others in %)."""
    n_cpus = len(os.sched_getaffinity(0))
    clock, machine = TreeClock(service.pid), MachineClock()
    before, began = clock.cpu_s(), time.monotonic()
    scan = service.run_scan("custom", paths=[tree, corpus_samples()], comment="measured",
                            deadline_s=240)
    wall = time.monotonic() - began
    ours = 100.0 * (clock.cpu_s() - before) / (wall * n_cpus)
    others = machine.busy_pct() - ours * n_cpus / os.cpu_count()
    print(f"{sum(scan['results'].values())} files, {wall:.1f} s on {n_cpus} CPUs: asked {ASKED} %, "
          f"measured {ours:.2f} %, achievedLoad {scan['achievedLoad']:.2f} %; others {others:.1f} %")
    return scan, wall, ours, others


def window_after(service, scan_id, factor, at_least_s=1.2):
    """Set the factor; the load of a second that lies wholly after that."""
    service.call("settings.set", name="ScanAvgCPULoadFactor", value=factor)
    time.sleep(at_least_s + 1.0)
    return service.call("scan.show", id=scan_id)["progress"]["load"]


def test_factor_changes_within_a_second(tmp_path):
    """Up and down again, while files are scanned: the next whole second has the new load."""
    with Service({"ScanAvgCPULoadFactor": 10}) as service:
        service.start()
        cost = cost_per_file(service, tmp_path / "calibrate")
        fill(tmp_path / "tree", int(12 * len(os.sched_getaffinity(0)) / cost))
        scan_id = service.start_scan("custom", paths=[tmp_path / "tree"])["scan"]["id"]
        clock, machine = TreeClock(service.pid), MachineClock()
        before, began = clock.cpu_s(), time.monotonic()
        loads = [window_after(service, scan_id, factor) for factor in (10, 60, 10, 0, 10)]
        ours_s = (clock.cpu_s() - before) / (time.monotonic() - began)
        others = machine.busy_pct() - 100 * ours_s / os.cpu_count()
        print(f"asked 10, 60, 10, none, 10: {loads}; others {others:.0f} %")
        assert max(loads[0], loads[2], loads[4]) <= 10 + TOLERANCE
        assert loads[1] <= 60 + TOLERANCE
        service.call("scan.cancel", id=scan_id, comment="seen")
        service.wait_scan(scan_id)
        if others > OTHERS_MAX:
            pytest.skip(f"others keep this machine busy ({others:.0f} %)")
        assert loads[1] > 3 * loads[0] and loads[3] > 4 * loads[2], loads


def test_mean_load_is_50(tmp_path):
    """Asked for 50 %, got 50 % ± 3, and the service knows it."""
    n_cpus = len(os.sched_getaffinity(0))
    with Service({"SignaturePath": str(CORPUS_SIGNATURES)}) as service:
        service.start()
        cost = cost_per_file(service, tmp_path / "calibrate")
        fill(tmp_path / "tree", int(SECONDS * n_cpus * ASKED / 100 / cost))
        for _ in range(2):
            scan, wall, ours, others = measure(service, tmp_path / "tree")
            assert scan["status"] == "Succeeded"
            assert scan["loadFactor"] == ASKED
            assert abs(scan["achievedLoad"] - ours) <= TOLERANCE
            assert ours <= ASKED + TOLERANCE
            assert ours >= ASKED * (1 - max(0.0, others) / 100) - TOLERANCE
            assert wall >= 30.0
            if others < OTHERS_QUIET:
                break
