# SPDX-License-Identifier: GPL-2.0-or-later
"""kill -9 at random points: nothing acknowledged is lost, nothing happens twice.

Daemon, scanner, zygote and workers are killed while scans run, the daemon is
started again, and in the end the books are balanced: every action that was
acknowledged is there once and has ended, every file has one result in the end,
no detection is there twice, and the action log verifies.

QUIETSCAN_STORM_SEED repeats a run; QUIETSCAN_STORM_ROUNDS makes it longer.
"""

import os
import random
import signal
import subprocess
import time

from quietscan_harness import Service, descendants, make_tree, program

ROUNDS = int(os.environ.get("QUIETSCAN_STORM_ROUNDS", "50"))
N_FILES = 600


def victims(service):
    """{role: pids} of what lives now below our own daemon."""
    engines = descendants(service.pid, "quietscan-engine")
    zygotes = [pid for pid in engines if parent_of(pid) == service.pid]
    return {"daemon": [service.pid], "scanner": descendants(service.pid, "quietscan-scanner"),
            "zygote": zygotes, "worker": [pid for pid in engines if pid not in zygotes]}


def parent_of(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            return int(stat.read().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0


def ask(service, tree, number):
    """Ask for a scan; returns its action id only when the daemon acknowledged it."""
    try:
        return service.start_scan("custom", f"storm {number}", paths=[tree], report="all")["action"]["id"]
    except (OSError, ValueError):
        return None  # killed before the answer: it may or may not be there


def strike(service, dice):
    """Kill one process of a random role; starts the daemon again when it was the daemon."""
    role = dice.choice(["daemon", "daemon", "scanner", "zygote", "worker", "worker"])
    pids = victims(service)[role]
    if not pids:
        role, pids = "daemon", [service.pid]
    if role == "daemon":
        service.kill()
        service.start()
    else:
        try:
            os.kill(dice.choice(pids), signal.SIGKILL)
        except ProcessLookupError:
            pass
    return role


def test_kill_storm(tmp_path):
    """Rounds of kills, then every book balances."""
    seed = int(os.environ.get("QUIETSCAN_STORM_SEED", str(random.SystemRandom().randrange(1 << 32))))
    dice = random.Random(seed)
    print(f"seed {seed}, {ROUNDS} rounds")
    infected = make_tree(tmp_path, n_files=N_FILES, n_infected=5)
    n_names = sum(len(names) for _, _, names in os.walk(tmp_path))
    struck = {}
    with Service({"ScanAvgCPULoadFactor": 0}) as service:
        service.start()
        acknowledged = []
        for round_ in range(ROUNDS):
            if round_ % 5 == 0:
                acknowledged.append(ask(service, tmp_path, round_))
            time.sleep(dice.uniform(0.0, 0.4))  # the random point; nothing waits for it
            role = strike(service, dice)
            struck[role] = struck.get(role, 0) + 1
        print(f"killed: {struck}")
        acknowledged = [action for action in acknowledged if action]
        check_books(service, acknowledged, n_names, infected)
        assert service.stop() == 0
        verify_log(service)


def check_books(service, acknowledged, n_names, infected):
    actions = service.list("action.list")
    ids = [action["id"] for action in actions]
    assert len(ids) == len(set(ids))
    assert set(acknowledged) <= set(ids), "an acknowledged action is lost"
    comments = [action["requestorComment"] for action in actions]
    assert len(comments) == len(set(comments)), "an action is there twice"
    scans = {scan["actionId"]: scan for scan in service.list("scan.list")}
    assert len(scans) == len(actions)
    for action in ids:
        scan = service.wait_scan(scans[action]["id"], deadline_s=240)
        assert scan["status"] == "Succeeded", (scan["status"], scan.get("failure"))
        assert sum(scan["results"].values()) == n_names, scan["results"]
        raw = [line["raw"] for line in service.report(scan["id"])]
        assert len(raw) == len(set(raw)) == n_names, "a file is missing or there twice"
        detections = service.list("detection.list", scanId=scan["id"])
        assert sorted(d["path"] for d in detections) == sorted(infected)
        assert scan["detections"] == len(infected)
        assert service.call("action.show", id=action)["status"] == "Succeeded"
        events = [e["actionType"] for e in service.timeline(actionId=action)]
        assert events.count("AntivirusScanSubmitted") == 1, events
    restarted = [scan["attempts"] for scan in service.list("scan.list")]
    print(f"{len(ids)} actions, attempts {restarted}")


def verify_log(service):
    """With the daemon stopped, the log verifies and the JSON lines are whole."""
    done = subprocess.run([program("quietscan"), "log", "verify", "--state-dir", service.state_dir,
                           "--log-dir", service.log_dir], capture_output=True, text=True, check=False)
    print(done.stdout.strip())
    assert done.returncode == 0, done.stdout + done.stderr
