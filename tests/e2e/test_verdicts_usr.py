# SPDX-License-Identifier: GPL-2.0-or-later
"""Our verdicts are clamscan's over at least 20,000 files of this machine's /usr.

The files are chosen by their names alone (every n-th in sorted order), so that
two runs on one machine compare the same ones. They are hard-linked, or copied
where that is not possible, into a tree of their own: what is compared must not
change in between.
"""

import os
import pathlib
import shutil
import tempfile

import clamscan_oracle
from quietscan_harness import CORPUS_SIGNATURES, Service

N_FILES = 20_000
SIZE_MAX = 2 << 20  # larger ones cost minutes and are few (docs/testing.md)


def choose(root="/usr"):
    """At least N_FILES regular files, spread evenly over the sorted list."""
    found = []
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            if b"\n" in os.fsencode(path) or os.path.islink(path) or not os.path.isfile(path):
                continue
            if os.path.getsize(path) <= SIZE_MAX:
                found.append(path)
    step = max(1, len(found) // N_FILES)
    return found[::step]


def test_usr_as_clamscan():
    """No difference, and where there is one its name."""
    chosen = choose()
    assert len(chosen) >= N_FILES, f"/usr has only {len(chosen)} files to compare"
    tree = pathlib.Path(tempfile.mkdtemp(prefix="qs-usr-", dir="/var/tmp"))
    try:
        names = {}
        for number, path in enumerate(chosen):
            folder = tree / f"{number // 1000:03d}"
            folder.mkdir(exist_ok=True)
            copy = folder / f"{number:06d}-{os.path.basename(path)[:80]}"
            shutil.copyfile(path, copy)
            names[bytes(copy)] = path
        with Service({"SignaturePath": str(CORPUS_SIGNATURES), "ScanAvgCPULoadFactor": 0}) as service:
            service.start()
            scan = service.run_scan("custom", paths=[tree], report="all", deadline_s=1500)
            ours = service.verdicts(scan["id"])
        theirs = clamscan_oracle.of_many(names, CORPUS_SIGNATURES)
        different = clamscan_oracle.differences(ours, theirs)
        print(f"/usr: {len(names) - len(different)} of {len(names)} files have clamscan's verdict; "
              f"ours: {scan['results']}")
        for line in different:
            print(line)
        assert different == []
    finally:
        shutil.rmtree(tree)
