# SPDX-License-Identifier: GPL-2.0-or-later
"""The API when something is too large, too fast, or fails half way."""

import pathlib

from console_world import ALL_ROLES, ConsoleWorld
from quietscan_harness import eicar


# ---- a list that is too long ----------------------------------------------


def test_evidence_is_cut_at_12_mib():
    """34 alerts with 400 KB of evidence each: two pages, nothing twice, nothing missing."""
    with ConsoleWorld(settings={"ScanAvgCPULoadFactor": 0}) as world:
        api = world.client(*ALL_ROLES)
        folder = world.service.base / "tree"
        while len(str(folder)) < 3800:
            folder /= "x" * 200
        folder.mkdir(parents=True)
        for i in range(100):
            (folder / f"{i}.com").write_bytes(eicar())
        for _ in range(34):
            world.service.run_scan("custom", paths=[str(world.service.base / "tree")],
                ignoreExclusions=True)
        answer = api.get("/api/alerts?$expand=evidence&$count=true")
        assert 12 << 20 <= len(answer.body) < 13 << 20
        assert answer.json["@odata.count"] == 34
        seen, link = answer.json["value"], answer.json["@odata.nextLink"]
        assert f"$skip={len(seen)}" in link
        rest = api.get(link[link.index("/api"):]).json
        assert "@odata.nextLink" not in rest
        ids = [alert["id"] for alert in seen + rest["value"]]
        assert len(ids) == len(set(ids)) == 34
        assert {len(alert["evidence"]) for alert in seen + rest["value"]} == {100}
