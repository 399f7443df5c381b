# SPDX-License-Identifier: GPL-2.0-or-later
"""A crash, a hang, an overrun of the engine costs that one file, never the scan.

The engine is the real one, but for files that ask it to fail
(tests/lib/faulty_scan.c): each must get its own result, and all others theirs.
"""

import pytest

from quietscan_harness import Service, build_dir, make_tree

# What the file asks for: the result it must get, and the reason in the report.
ENDS_THE_WORKER = {
    "crash": ("crashed", "crashed"),
    "abort": ("crashed", "crashed"),
    "exit": ("crashed", "crashed"),
    "socket": ("crashed", "crashed"),
    "garbage": ("crashed", "crashed"),
    "burn": ("incomplete", "cpuTime"),
    "hang": ("incomplete", "stalled"),
}


@pytest.fixture
def faulty():
    """A daemon with the faulty engine, and limits short enough for a test."""
    with Service({"FileCpuTimeLimitSeconds": 2, "WorkerStallTimeoutSeconds": 10,
                  "ScanAvgCPULoadFactor": 0}) as service:
        service.arguments = ["--libexec-dir", str(build_dir() / "tests/faulty")]
        service.start()
        yield service


def scan_with(service, folder, faults):
    """Scan 40 harmless files, 2 infected ones and the faults: (scan, {name: (result, reason)})."""
    infected = make_tree(folder, n_files=40, n_infected=2)
    for fault in faults:
        (folder / f"fault-{fault}").write_bytes(f"QSFAULT:{fault}".encode())
    scan = service.run_scan("custom", paths=[folder], report="all", deadline_s=150)
    lines = {row["raw"].rsplit(b"/", 1)[1].decode(): (row["result"], row.get("reason", "none"))
             for row in service.report(scan["id"])}
    assert scan["status"] == "Succeeded", scan
    assert sum(scan["results"].values()) == len(lines) == 42 + len(faults)
    assert scan["results"]["infected"] == len(infected)
    assert scan["results"]["clean"] == 40 + len(faults) - sum(f in ENDS_THE_WORKER for f in faults)
    assert scan["complete"] is (not any(f in ENDS_THE_WORKER for f in faults))
    return scan, lines


@pytest.mark.parametrize("fault", sorted(ENDS_THE_WORKER))
def test_one_fault_costs_one_file(faulty, tmp_path, fault):
    """Each fault alone: its file has the documented result, all others theirs."""
    _, lines = scan_with(faulty, tmp_path, [fault])
    assert lines[f"fault-{fault}"] == ENDS_THE_WORKER[fault]


def test_all_faults_in_one_scan(faulty, tmp_path):
    """All at once, with the ones that leave litter and take memory: the scan still ends."""
    scan, lines = scan_with(faulty, tmp_path, [*ENDS_THE_WORKER, "litter"])
    for fault, expected in ENDS_THE_WORKER.items():
        assert lines[f"fault-{fault}"] == expected, fault
    print(scan["results"])


def test_many_crashes(faulty, tmp_path):
    """A folder full of crashing files does not stop the scan or the service."""
    make_tree(tmp_path / "tree", n_files=10, n_infected=1)
    for number in range(30):
        (tmp_path / "tree" / f"crash{number}").write_bytes(b"QSFAULT:crash")
    scan = faulty.run_scan("custom", paths=[tmp_path / "tree"], deadline_s=150)
    assert scan["status"] == "Succeeded", scan
    assert scan["results"]["crashed"] == 30
    assert scan["results"]["infected"] == 1
    assert faulty.call("health")
