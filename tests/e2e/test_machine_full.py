# SPDX-License-Identifier: GPL-2.0-or-later
"""Full scan of the machine's own root file system ends."""

from quietscan_harness import CORPUS_SIGNATURES, Service


def test_full_scan_ends():
    """Everything local, with verdicts for all of it."""
    with Service({"SignaturePath": str(CORPUS_SIGNATURES)}) as service:
        service.start()
        scan = service.run_scan("full", loadFactor=0, deadline_s=7000)
    print(f"full: {scan['results']}, {scan['directories']} directories, {scan['bytes'] >> 20} MiB, "
          f"{scan['duration']}, load {scan['achievedLoad']:.1f} %")
    assert scan["status"] == "Succeeded"
    assert scan["results"]["clean"] > 1000
    assert scan["results"]["crashed"] == 0
