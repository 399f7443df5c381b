# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory stays flat: a tree of 300,000 files needs no more than one of 3,000.

Peak RSS of daemon and scanner (VmHWM, so nothing is missed between samples) and
the private memory of each worker are printed. The trees lie in directories of
1,000 and one of 100,000 names.

A scan of the small one may be over before its scanner is sampled: it is sampled
more often, and scanned again until several scanners were met.
"""

import os
import pathlib
import shutil
import tempfile

import pytest

from process_clock import PeakMemory
from quietscan_harness import CORPUS_SIGNATURES, Service, eicar

SMALL_SCANS = 5
SMALL_SCANS_MAX = 50
SCANNER = "quietscan-scann"  # as the kernel cuts it
GROWTH_MAX_KIB = 24 * 1024  # a queue's worth of slack; a list of all names would be 40 MiB and more


def make(folder, n_files, n_in_one):
    """n_files small files, n_in_one of them in a single directory, one of them infected."""
    folder.mkdir()
    big = folder / "one directory"
    big.mkdir()
    for number in range(n_files):
        where = big if number < n_in_one else folder / f"{number // 1000:04d}"
        if number >= n_in_one and (number % 1000 == 0 or number == n_in_one):
            where.mkdir(exist_ok=True)
        with open(where / f"file{number:07d}", "wb") as out:
            out.write(b"%d\n" % number)
    (folder / "infected.com").write_bytes(eicar())


def watched_scan(tree, interval_s):
    """A daemon of its own scans the tree: (scan, its watch)."""
    with Service({"SignaturePath": str(CORPUS_SIGNATURES), "ScanAvgCPULoadFactor": 0}) as service:
        service.start()
        watch = PeakMemory(service.pid, interval_s)
        watch.start()
        scan = service.run_scan("custom", paths=[tree], deadline_s=3000)
        watch.stop().sample()
        return scan, watch


def peaks_of(tree, n_scans=1, interval_s=0.2):
    """(scans, peaks by process name, workers' private KiB) of n_scans whose scanner was sampled."""
    scans, peaks_kib, private = [], {}, []
    while n_scans > 0:
        assert len(scans) < SMALL_SCANS_MAX, "no scanner is there long enough to be sampled"
        scan, watch = watched_scan(tree, interval_s)
        scans.append(scan)
        private += watch.private_kib
        for name, peak_kib in watch.peak_kib.items():
            peaks_kib[name] = max(peaks_kib.get(name, 0), peak_kib)
        n_scans -= SCANNER in watch.peak_kib
    return scans, peaks_kib, private


@pytest.fixture
def trees():
    base = pathlib.Path(tempfile.mkdtemp(prefix="qs-many-", dir="/var/tmp"))
    try:
        make(base / "small", 3_000, 1_000)
        make(base / "large", 300_000, 100_000)
        yield base
    finally:
        shutil.rmtree(base)


def test_peak_rss_is_flat(trees):
    """A hundred times the files, the same memory."""
    smalls, small_kib, _ = peaks_of(trees / "small", SMALL_SCANS, 0.01)
    larges, large_kib, private = peaks_of(trees / "large")
    assert {sum(small["results"].values()) for small in smalls} == {3_001}
    assert {sum(large["results"].values()) for large in larges} == {300_001}
    assert {large["results"]["infected"] for large in larges} == {1}
    for name in ("quietscand", SCANNER):
        print(f"{name}: peak RSS {small_kib[name]} KiB over 3,001 files, "
              f"{large_kib[name]} KiB over 300,001")
        assert large_kib[name] - small_kib[name] <= GROWTH_MAX_KIB, name
    private.sort()
    print(f"workers: private memory median {private[len(private) // 2]} KiB, "
          f"largest {private[-1]} KiB ({len(private)} samples); on {os.cpu_count()} CPUs")
