# SPDX-License-Identifier: GPL-2.0-or-later
"""Opens that another antivirus makes slow: we step back on that mount, say so, and go on.

It is a permission listener that takes its time with files of a name (tests/lib/permlisten.c).
"""

import os
import subprocess

import pytest

from mount_harness import helper, tmpfs
from quietscan_harness import Service, program, wait_for

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="permission marks need root")

N_FILES = 48


@pytest.fixture
def guarded(tmp_path):
    for folder in [tmp_path, *list(tmp_path.parents)[:2]]:
        folder.chmod(0o755)
    with tmpfs(tmp_path / "guarded") as point:
        for i in range(N_FILES):
            (point / f"slow-{i}").write_text(f"file {i}")
        yield point


def scanned(service, folder):
    scan = service.run_scan("custom", paths=[folder])
    assert scan["status"] == "Succeeded" and scan["complete"]
    assert scan["results"]["clean"] == N_FILES
    return service.call("scan.show", id=scan["id"])


def test_stepped_back_and_told(guarded):
    """Every file is scanned; lanes were held, and the record says how long. Without it, nothing is held."""
    with Service({"MaximumOnDemandScanThreads": 2}) as service:
        service.start()
        free = scanned(service, guarded)
        with helper("permlisten", guarded):
            held = scanned(service, guarded)
        print(f"free {free['duration']} s, held {held['duration']} s, {held['load']['waiting']}")
        assert free["load"]["waiting"]["slowOpens"] == 0
        assert 0 < held["load"]["waiting"]["slowOpens"] <= held["duration"]
        text = subprocess.run([program("quietscan"), "--socket", service.socket_path, "scan", "show",
                               held["id"]], capture_output=True, text=True, check=True).stdout
        (line,) = [line for line in text.splitlines() if line.startswith("Waited ")]
        assert ", slow opens " in line and "slow opens 0.0 s" not in line


def test_another_mount_is_free(guarded, tmp_path):
    """While lanes are held on the slow mount's files, a scan elsewhere is not held."""
    (tmp_path / "plain").mkdir()
    for i in range(N_FILES):
        (tmp_path / "plain" / f"slow-{i}").write_text(f"file {i}")
    with Service() as service, helper("permlisten", guarded):
        service.start()
        scan = scanned(service, tmp_path / "plain")
        assert scan["load"]["waiting"]["slowOpens"] == 0


def test_cancelled_in_a_hold(guarded):
    """A lane that is held hears that the scan is over."""
    for i in range(N_FILES, 8 * N_FILES):
        (guarded / f"slow-{i}").write_text(f"file {i}")
    with Service({"MaximumOnDemandScanThreads": 1}) as service, helper("permlisten", guarded):
        service.start()
        scan_id = service.start_scan("custom", paths=[guarded])["scan"]["id"]
        service.wait_status(scan_id, "InProgress")

        def is_held():
            load = service.call("scan.show", id=scan_id).get("load")
            return load and load["waiting"]["slowOpens"] > 0.5
        wait_for("it is held", is_held)
        service.call("scan.cancel", id=scan_id, comment="seen enough")
        scan = service.wait_scan(scan_id)
        assert scan["status"] == "Cancelled"
        results = sum(scan["results"].values())
        assert 0 < results < 8 * N_FILES
