# SPDX-License-Identifier: GPL-2.0-or-later
"""The service within the frames it is started in: the unit's capabilities, or no root at all."""

import os
import re
import subprocess

import pytest

from quietscan_harness import CORPUS_SIGNATURES, Service, build_dir, eicar, make_tree

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="changing uid and capabilities needs root")
NOBODY = 65534


def unit_capabilities():
    """Names in CapabilityBoundingSet= of the unit, as setpriv(1) wants them."""
    unit = (build_dir() / "packaging/quietscan.service").read_text()
    names = []
    for line in re.findall(r"^CapabilityBoundingSet=(.*)$", unit, re.M):
        names += [name.removeprefix("CAP_").lower() for name in line.split()]
    assert len(names) > 5
    return names


def test_with_the_units_capabilities(tmp_path):
    """Root with no more than the unit leaves: reads others' files, cleans up, says no warning."""
    make_tree(tmp_path / "tree", n_files=10, n_infected=2)
    secret = tmp_path / "tree/secret"
    secret.mkdir()
    (secret / "x.com").write_bytes(eicar())
    os.chown(secret / "x.com", 12345, 12345)
    os.chmod(secret / "x.com", 0)
    os.chown(secret, 12345, 12345)
    os.chmod(secret, 0o700)
    with Service({"SignaturePath": str(CORPUS_SIGNATURES)}) as service:
        service.wrapper = ["setpriv", "--no-new-privs",
                           "--bounding-set", ",".join(["-all"] + ["+" + n for n in unit_capabilities()])]
        service.start()
        scan = service.run_scan("custom", paths=[tmp_path / "tree"], loadFactor=0)
        assert scan["status"] == "Succeeded", scan
        assert scan["results"]["infected"] == 3, scan["results"]
        assert sum(scan["results"].values()) == scan["results"]["infected"] + scan["results"]["clean"]
        assert service.stop() == 0
        assert not [path for path in service.base.rglob("engine-*")], "temporary directories are left"
        warnings = [line for line in service.stderr().splitlines()
                    if re.search(r"operation not permitted|permission denied", line, re.I)]
        assert warnings == []


def test_as_an_ordinary_user(tmp_path):
    """Any user can run it: what that user can read is scanned, the rest is said to be unreadable."""
    make_tree(tmp_path / "tree", n_files=10, n_infected=2)
    closed = tmp_path / "tree/closed.com"
    closed.write_bytes(eicar())
    closed.chmod(0)
    subprocess.run(["chmod", "o+x", str(tmp_path), str(tmp_path.parent), str(tmp_path.parent.parent)], check=True)
    with Service({"SignaturePath": str(CORPUS_SIGNATURES)}) as service:
        for path in (service.base, service.state_dir, service.run_dir, service.log_dir, service.config):
            os.chown(path, NOBODY, NOBODY)
        service.wrapper = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups",
                           "--inh-caps=-all", "--bounding-set=-all"]
        service.start()
        scan = service.run_scan("custom", paths=[tmp_path / "tree"], loadFactor=0)
        assert scan["status"] == "Succeeded", scan
        assert scan["results"]["infected"] == 2
        assert scan["results"]["incomplete"] == 1
        assert scan["complete"] is False
        assert service.stop() == 0


def test_every_setting_is_in_the_manual(service):
    """settings(5) has each setting of the running service."""
    manual = build_dir() / "packaging/quietscan-settings.5"
    if not manual.exists():
        pytest.skip("built without scdoc")
    for row in service.call("settings.show")["value"]:
        assert f"\\fB{row['name']}\\fR" in manual.read_text(), row["name"]
