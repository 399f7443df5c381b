# SPDX-License-Identifier: GPL-2.0-or-later
"""Another antivirus removes what we are about to scan: told with its name, and as no more than is known.

It is a permission listener that removes files of a name before it allows an open of one of them
(tests/lib/permlisten.c).
"""

import os

import pytest

from mount_harness import helper, tmpfs
from quietscan_harness import Service

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="permission marks need root")

N_FILES = 300


@pytest.fixture
def guarded(tmp_path):
    """A file system of its own with files that the listener takes, and some that it leaves."""
    for folder in [tmp_path, *list(tmp_path.parents)[:2]]:
        folder.chmod(0o755)
    with tmpfs(tmp_path / "guarded") as point:
        for i in range(N_FILES):
            (point / f"gone-{i}").write_text("to be taken")
        for i in range(5):
            (point / f"stays-{i}").write_text("to be left")
        yield point


@pytest.fixture
def service():
    with Service({"MaximumOnDemandScanThreads": 1}) as running:
        running.start()
        yield running


def test_told_with_its_name(service, guarded):
    """All are counted, ten are named, and nobody says who did it."""
    with helper("permlisten", guarded) as other:
        scan = service.run_scan("custom", paths=[guarded])
        assert scan["status"] == "Succeeded" and not scan["complete"]
        n_changed = scan["results"]["changed"]
        assert n_changed > 2 and scan["results"]["clean"] == 5
        rows = [row for row in service.report(scan["id"]) if row["result"] == "changed"]
        n_vanished = len([row for row in rows if row["reason"] == "vanished"])
        (event,) = service.timeline(actionType="FilesChangedBesideOther")
        assert (event["scanId"], event["product"]) == (scan["id"], "permlisten")
        assert (event["pid"], event["mount"]) == (other.pid, str(guarded))
        assert event["processPath"].endswith("/permlisten")
        assert (event["changedFiles"], event["vanishedFiles"]) == (n_changed, n_vanished)
        assert n_vanished >= n_changed - 2  # one in work, one opened ahead
        assert len(event["paths"]) == min(10, n_changed)
        assert {path["path"] for path in event["paths"]} <= {row["path"] for row in rows}
        assert not service.timeline(actionType="FilesBlockedByOther")


def test_a_missing_target_is_none(service, guarded, tmp_path):
    """What the walk has not found nobody has taken from us."""
    with helper("permlisten", guarded):
        scan = service.run_scan("custom", paths=[guarded / "stays-0", tmp_path / "missing"])
    assert (scan["results"]["changed"], scan["results"]["clean"]) == (1, 1)
    assert service.timeline(actionType="ScanTargetMissing")
    assert not service.timeline(actionType="FilesChangedBesideOther")
