# SPDX-License-Identifier: GPL-2.0-or-later
"""Our verdicts are clamscan's, file by file, with the same signatures.

Three sets: ClamAV's own test files, the project's corpus, and (in
test_verdicts_usr.py) the machine's /usr. Differences are printed by name.
"""

import pathlib

import pytest

import clamscan_oracle
from quietscan_harness import CORPUS_SIGNATURES, TESTFILES, Service, corpus_manifest, corpus_samples


@pytest.fixture(scope="module")
def started():
    with Service({"SignaturePath": str(CORPUS_SIGNATURES), "ScanAvgCPULoadFactor": 0}) as service:
        service.start()
        yield service


def scan_all(service, path):
    """Scan a tree with a line for every file: the scan, and {raw path: (result, threat)}."""
    scan = service.run_scan("custom", paths=[path], report="all")
    assert scan["status"] == "Succeeded"
    return scan, service.verdicts(scan["id"])


def test_clamav_testfiles(started):
    """All 44 files of clamav-testfiles, each a different container or packer."""
    scan, ours = scan_all(started, TESTFILES)
    theirs = {bytes(p): clamscan_oracle.of_one(p, CORPUS_SIGNATURES) for p in TESTFILES.iterdir()}
    assert clamscan_oracle.differences(ours, theirs) == []
    assert scan["results"]["infected"] == len(theirs) == 44
    print("clamav-testfiles: 44 of 44")


def test_corpus_as_clamscan(started):
    """Every sample of the corpus, the ones with impossible names too."""
    _, ours = scan_all(started, corpus_samples())
    paths = [p for p in pathlib.Path(corpus_samples()).rglob("*") if p.is_file()]
    theirs = {bytes(p): clamscan_oracle.of_one(p, CORPUS_SIGNATURES) for p in paths}
    assert clamscan_oracle.differences(ours, theirs) == []
    print(f"corpus: {len(theirs)} of {len(theirs)}")


def test_corpus_as_manifest(started):
    """Every sample has the verdict and the threat that MANIFEST says."""
    scan, ours = scan_all(started, corpus_samples())
    expected = {bytes(corpus_samples()) + b"/" + path: verdict
                for path, verdict in corpus_manifest().items()}
    assert clamscan_oracle.differences(ours, expected) == []
    assert sum(scan["results"].values()) == len(expected)
    assert scan["complete"] is False  # deep.zip is beyond the limit


def test_nested_archive_names_its_container(started):
    """A detection inside archives says where in the archive it was, and hashes the outer file."""
    path = corpus_samples() / "detect/nested.zip"
    scan = started.run_scan("custom", paths=[path])
    detection, = started.list("detection.list", scanId=scan["id"])
    assert detection["path"] == str(path)
    assert "eicar.com" in detection["containerPath"]
    import hashlib
    assert detection["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert detection["sha1"] == hashlib.sha1(path.read_bytes()).hexdigest()
    assert detection["size"] == path.stat().st_size
