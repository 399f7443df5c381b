# SPDX-License-Identifier: GPL-2.0-or-later
"""A scan by the service leaves the page cache as it found it, unless it is told not to."""

import os
import subprocess

import pytest

from quietscan_harness import Service

COLD, WARM = 20, 5
FILE_BYTES = 50000


def cached_bytes(path):
    """What util-linux says is in the page cache, in bytes."""
    out = subprocess.run(["fincore", "--bytes", "--noheadings", "--output", "RES", str(path)],
                         check=True, capture_output=True, text=True).stdout
    return int(out)


@pytest.fixture
def tree(tmp_path):
    """(files not cached, files cached) in tmp_path; skips where nothing can be dropped."""
    kind = subprocess.run(["stat", "-f", "-c", "%T", str(tmp_path)],
                          check=True, capture_output=True, text=True).stdout.strip()
    if kind in ("tmpfs", "ramfs", "overlayfs"):
        pytest.skip(f"{tmp_path} is on {kind}")
    tmp_path.chmod(0o755)
    files = [tmp_path / f"file-{i}" for i in range(COLD + WARM)]
    for path in files:
        path.write_bytes(os.urandom(FILE_BYTES))
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        assert cached_bytes(path) == 0
    for path in files[COLD:]:
        path.read_bytes()
    return files[:COLD], files[COLD:]


@pytest.mark.parametrize("settings, is_dropped", [
    ({}, True), ({"KeepPageCacheAsFound": True}, True), ({"KeepPageCacheAsFound": False}, False)])
def test_setting(tree, tmp_path, settings, is_dropped):
    """The default is to drop what was read; what was cached stays either way."""
    cold, warm = tree
    with Service(settings) as service:
        service.start()
        scan = service.run_scan("custom", paths=[tmp_path])
        assert scan["results"]["clean"] == COLD + WARM, scan
    assert [cached_bytes(path) == 0 for path in cold] == [is_dropped] * COLD
    assert all(cached_bytes(path) >= FILE_BYTES for path in warm)
