# SPDX-License-Identifier: GPL-2.0-or-later
"""quietscan log verify finds what was done to the log, and names the first bad record.

Each test runs scans, stops the daemon, does one bad thing to the store or to the
JSON lines, and asks. One asks while the daemon runs.
"""

import json
import shutil
import sqlite3
import subprocess

import pytest

from quietscan_harness import Service, make_tree, program

OK, BAD = 0, 2


@pytest.fixture
def recorded(tmp_path):
    """A stopped service with the history of two scans."""
    make_tree(tmp_path / "tree", n_files=5, n_infected=2)
    with Service() as service:
        service.start()
        for comment in ("first", "second"):
            service.run_scan("custom", comment, paths=[tmp_path / "tree"])
        assert service.stop() == 0
        yield service


def verify(service):
    """Offline, as an auditor would: (exit status, all it says)."""
    done = subprocess.run([program("quietscan"), "log", "verify", "--state-dir", service.state_dir,
                           "--log-dir", service.log_dir], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def edit(service, statement, *values):
    """SQL on the store, as root would do it: the append-only triggers out of the way, then back."""
    db = sqlite3.connect(service.state_dir / "store.db", isolation_level=None)
    triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    changed = db.execute(statement, values).rowcount
    for _, sql in triggers:
        db.execute(sql)
    db.close()
    return changed


def jsonl(service):
    return service.log_dir / "actions.jsonl"


def test_untouched(recorded):
    """What nobody touched verifies."""
    status, text = verify(recorded)
    assert status == OK, text


def test_while_the_service_runs(recorded):
    """Between two commits the log verifies as well."""
    recorded.start()
    assert verify(recorded)[0] == OK


def test_edited_record(recorded):
    """A changed field of a record in the middle."""
    assert edit(recorded, "UPDATE events SET action_type = 'Nothing' WHERE sequence = 3") == 1
    status, text = verify(recorded)
    assert status == BAD
    assert "3" in text


def test_deleted_record(recorded):
    """A gap."""
    assert edit(recorded, "DELETE FROM events WHERE sequence = 4") == 1
    status, text = verify(recorded)
    assert status == BAD
    assert "4" in text


def test_cut_tail(recorded):
    """The last records are gone: the chain is whole, the checkpoint is not."""
    assert edit(recorded, "DELETE FROM events WHERE sequence > 5") > 0
    status, _ = verify(recorded)
    assert status == BAD


def test_cut_json_lines(recorded):
    """actions.jsonl lost its end."""
    lines = jsonl(recorded).read_bytes().splitlines(keepends=True)
    jsonl(recorded).write_bytes(b"".join(lines[:-3]))
    status, text = verify(recorded)
    assert status == BAD, text


def test_edited_json_line(recorded):
    """actions.jsonl says something else than the store."""
    lines = jsonl(recorded).read_bytes().splitlines(keepends=True)
    row = json.loads(lines[2])
    row["actionType"] = "Nothing"
    lines[2] = json.dumps(row).encode() + b"\n"
    jsonl(recorded).write_bytes(b"".join(lines))
    status, text = verify(recorded)
    assert status == BAD, text


def test_store_of_an_earlier_day(recorded, tmp_path):
    """An old copy of the store is put back: whole in itself, but the world knows more."""
    shutil.copy(recorded.state_dir / "store.db", tmp_path / "old.db")
    recorded.start()
    recorded.run_scan("custom", "third", paths=[tmp_path / "tree"])
    recorded.stop()
    for name in ("store.db-wal", "store.db-shm"):
        (recorded.state_dir / name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "old.db", recorded.state_dir / "store.db")
    status, text = verify(recorded)
    assert status == BAD, text
