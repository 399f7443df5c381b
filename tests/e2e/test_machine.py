# SPDX-License-Identifier: GPL-2.0-or-later
"""Quick scan: this machine's own, real targets; and that it ends."""

from quietscan_harness import CORPUS_SIGNATURES, Service


def test_quick_scan_ends():
    """Processes, persistence, temporary folders: some files, nothing crashed."""
    with Service({"SignaturePath": str(CORPUS_SIGNATURES)}) as service:
        service.start()
        scan = service.run_scan("quick", loadFactor=0, deadline_s=280)
    print(f"quick: {scan['results']}, {scan['bytes'] >> 20} MiB, {scan['duration']}")
    assert scan["status"] == "Succeeded"
    assert scan["results"]["clean"] > 20
    assert scan["results"]["crashed"] == 0
