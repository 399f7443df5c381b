# SPDX-License-Identifier: GPL-2.0-or-later
"""What the service does for others while it scans: few CPUs, its own sessions, waiting for idleness."""

import contextlib
import os
import pathlib
import subprocess
import time

import pytest

from process_clock import MachineClock
from quietscan_harness import RpcError, Service, make_tree, wait_for

MIB = 1 << 20


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


def finish(service, scan_id):
    """Cancelled, unless it has ended."""
    try:
        service.call("scan.cancel", id=scan_id, comment="seen enough")
    except RpcError:
        pass
    service.wait_scan(scan_id)


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


def nices(pid):
    """A process's nice value and its session's. They change one after the other, within moments."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[16]), int(pathlib.Path(f"/proc/{pid}/autogroup").read_text().split()[-1])


def test_sessions_of_their_own(service, slow_tree):
    """
    Nice weighs within a session only, so the children are not in the daemon's, and their session's
    nice value is theirs: 19, or what the guaranteed minimum takes on a machine that is busy.
    """
    scan_id = start(service, slow_tree, loadFactor=5)
    for name in ("quietscan-scanner", "quietscan-engine"):
        wait_for(name, lambda name=name: service.children(name))
        pid = service.children(name)[0]
        assert os.getsid(pid) == pid
        if pathlib.Path(f"/proc/{pid}/autogroup").exists() and os.geteuid() == 0:
            wait_for("one nice value", lambda pid=pid: len(set(nices(pid))) == 1)
            assert nices(pid)[1] in (19, 10, 0, -10, -20)
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


# ---- back-off ---------------------------------------------------------------

BACKED_OFF_PCT = 30
MINIMUM_PCT = 20
OTHERS_MAX = 30.0  # above, nobody can be back: test_load.py skips then, too


@contextlib.contextmanager
def everything_busy(per_cpu=3):
    """That many endless loops for each CPU: more than the machine has to give."""
    loops = [subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"])
             for _ in range(per_cpu * len(os.sched_getaffinity(0)))]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
        for loop in loops:
            loop.wait()


def load_of(service, scan_id):
    """The load of the last whole second, and the seconds backed off until now."""
    scan = service.call("scan.show", id=scan_id)
    return scan["progress"]["load"], scan["load"]["waiting"]["backedOff"]


def n_judged(service, scan_id):
    return service.call("scan.show", id=scan_id)["progress"]["judged"]


def test_backs_off_and_never_stops(tmp_path):
    """
    A busy machine gets the CPUs, but for the guaranteed part; the record says how long; the scan is
    back at its factor when the others are gone. Without the setting none of it happens (with normal
    priority: the lowest one is raised for the guaranteed part, and then that part is all there is).
    """
    make_tree(tmp_path / "tree", n_files=120000, n_infected=0, size=2000)
    with Service({"BackOffUnderPressure": True, "BackOffMinimumProgress": MINIMUM_PCT,
                  "KeepCoresFree": False}) as service:
        service.start()
        scan_id = start(service, tmp_path / "tree", loadFactor=BACKED_OFF_PCT)
        with everything_busy():
            wait_for("it steps back", lambda: load_of(service, scan_id)[1] > 3)
            time.sleep(3)
            loads = []
            n_before = n_judged(service, scan_id)
            for _ in range(5):
                time.sleep(1)
                loads.append(load_of(service, scan_id)[0])
            n_after = n_judged(service, scan_id)
        print(f"load {loads} of {BACKED_OFF_PCT}, {n_after - n_before} files in 5 s")
        assert max(loads) < BACKED_OFF_PCT * 2 / 3
        assert n_after > n_before
        # Priority is raised until the minimum is had, which takes some seconds at most.
        assert sum(loads) / len(loads) > BACKED_OFF_PCT * MINIMUM_PCT / 100 / 2
        machine = MachineClock()
        try:
            wait_for("it is back", lambda: load_of(service, scan_id)[0] > BACKED_OFF_PCT * 0.8)
        except (AssertionError, KeyError):  # not back; it may have ended meanwhile
            others = machine.busy_pct() - BACKED_OFF_PCT
            if others < OTHERS_MAX:
                raise
            pytest.skip(f"others keep this machine busy ({others:.0f} %)")
        finish(service, scan_id)
        service.call("settings.set", name="BackOffUnderPressure", value=False)
        service.call("settings.set", name="EnableLowCpuPriority", value=False)
        scan_id = start(service, tmp_path / "tree", loadFactor=BACKED_OFF_PCT)
        with everything_busy():
            time.sleep(4)
            assert load_of(service, scan_id)[1] == 0
        finish(service, scan_id)


# ---- ScanMaxReadRate -------------------------------------------------------

N_READ_MIB = 48


def fetched(pid="self"):
    """Bytes a process has read from block devices."""
    text = pathlib.Path(f"/proc/{pid}/io").read_text()
    return int(text.split("\nread_bytes: ")[1].split()[0])


def forget(tree):
    """Out of the page cache with it. Written pages stay, so they are flushed first."""
    for path in tree.iterdir():
        fd = os.open(path, os.O_RDONLY)
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(fd)


@pytest.fixture
def disk_tree(tmp_path):
    """48 files of 1 MiB on a disk: reading them afresh is seen by the kernel."""
    tree = tmp_path / "disk"
    tree.mkdir()
    for i in range(N_READ_MIB):
        (tree / f"f{i}.bin").write_bytes(os.urandom(MIB))
    forget(tree)
    before = fetched()
    for path in tree.iterdir():
        path.read_bytes()
    if fetched() - before < N_READ_MIB * MIB * 9 // 10:
        pytest.skip("no disk below the temporary directory")
    return tree


def seconds(service, tree):
    began = time.monotonic()
    scan = service.run_scan("custom", paths=[tree], loadFactor=0)
    assert scan["status"] == "Succeeded"
    assert scan["results"]["clean"] == sum(scan["results"].values()) == N_READ_MIB
    return time.monotonic() - began


def test_reads_keep_to_their_rate(service, disk_tree):
    """48 MiB at 8 MiB a second; out of the cache the same scan is as fast as without a limit."""
    free = seconds(service, disk_tree)  # its length without a disk: everything is cached now
    service.call("settings.set", name="ScanMaxReadRate", value=8)
    forget(disk_tree)
    limited = [seconds(service, disk_tree)]
    forget(disk_tree)
    limited.append(seconds(service, disk_tree))  # the next scan is held as this one was
    for path in disk_tree.iterdir():
        path.read_bytes()
    cached = seconds(service, disk_tree)
    print(f"cached {free:.2f} s, at 8 MiB/s {limited} s, cached with the limit {cached:.2f} s")
    for taken in limited:
        # Credit of 2 MiB, and the last file may run on into a debt that nobody waits for.
        assert taken >= (N_READ_MIB - 2) / 8 * 0.85
        assert taken <= N_READ_MIB / 8 * 1.15 + free + 2
    # What the scan before it owes is waited for; beyond that it is free.
    assert cached <= free + 2.5
    assert not [i for i in service.call("health")["healthIssues"] if "ScanMaxReadRate" in i]


def test_read_rate_is_in_force_at_once(service, disk_tree):
    """A scan that would take 48 s is let go; one that runs freely is held."""
    service.call("settings.set", name="ScanMaxReadRate", value=1)
    forget(disk_tree)
    scan_id = start(service, disk_tree, loadFactor=0)
    began = time.monotonic()
    time.sleep(3)
    assert service.call("scan.show", id=scan_id)["status"] == "InProgress"
    service.call("settings.set", name="ScanMaxReadRate", value=0)
    assert service.wait_scan(scan_id)["status"] == "Succeeded"
    assert time.monotonic() - began < 20


@pytest.mark.skipif(os.geteuid() != 0, reason="needs capabilities to give up")
def test_reads_that_cannot_be_counted(disk_tree):
    """Without CAP_SYS_PTRACE the scan runs without that limit, and health and log say so."""
    with Service({"ScanMaxReadRate": 1}) as running:
        running.wrapper = ["setpriv", "--bounding-set=-sys_ptrace"]
        running.start()
        forget(disk_tree)
        assert seconds(running, disk_tree) < N_READ_MIB / 2
        issues = running.call("health")["healthIssues"]
        assert [i for i in issues if i.startswith("ScanMaxReadRate has no effect: ")]
        said = [line for line in running.stderr().splitlines() if "reads cannot be counted" in line]
        assert len(said) == 1
