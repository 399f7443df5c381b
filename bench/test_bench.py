# SPDX-License-Identifier: GPL-2.0-or-later
"""What bench/governor computes is right, and its instruments read what they say.

The arithmetic is tested on readings made up here. The instruments run for a second beside
processes of the test; what is compared are ratios with room for a busy machine.
"""

import os
import pathlib
import subprocess
import sys
import time
import xml.dom.minidom

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests" / "e2e")]

import bench_contenders as contenders  # noqa: E402
import bench_corpus as corpus  # noqa: E402
import bench_figures as figures  # noqa: E402
import bench_machine as machine  # noqa: E402
import bench_plot  # noqa: E402
import bench_report as report  # noqa: E402
import quietscan_harness as harness  # noqa: E402

SECOND = 1_000_000_000


def steady(load, seconds, step_ms=20, n_cpus=2):
    """Readings of something that always takes the same load."""
    step = step_ms * 1_000_000
    return [(t, int(t * load / 100 * n_cpus)) for t in range(0, int(seconds * SECOND) + 1, step)]


# ---- arithmetic -------------------------------------------------------------------------

def test_percentile_is_nearest_rank():
    assert figures.percentile([], 0.5) is None
    assert figures.percentile([3, 1, 2], 0.5) == 2
    assert figures.percentile(range(1, 101), 0.99) == 99
    assert figures.percentile(range(1, 101), 1.0) == 100


def test_mean_is_interpolated_at_both_ends():
    readings = steady(25, 10, step_ms=1000)
    assert figures.mean_load(readings, SECOND // 3, 7 * SECOND + 1, 2) == pytest.approx(25)


def test_windows_of_a_steady_load_are_all_alike():
    loads = [load for _, load in figures.window_loads(steady(50, 5), 0, 5 * SECOND, 2)]
    assert len(loads) == 201
    assert min(loads) == pytest.approx(50) and max(loads) == pytest.approx(50)


def test_a_burst_of_a_second_is_one_full_window():
    """Nothing for 3 s, everything for 1 s, nothing for 3 s: the mean hides it, the window not."""
    readings = [(t * SECOND // 50, max(0, min(t - 150, 50)) * SECOND // 50 * 2)
                for t in range(351)]
    got = figures.load_figures(readings, 0, 7 * SECOND, 2, 25)
    assert got["mean_pct"] == pytest.approx(100 / 7)
    assert got["window_max_pct"] == pytest.approx(100)
    assert got["window_max_over_pct"] == pytest.approx(75)
    assert got["window_min_pct"] == pytest.approx(0)


def test_windows_outside_the_scan_do_not_count():
    readings = steady(0, 2) + [(t + 2 * SECOND + 20_000_000, u) for t, u in steady(100, 4)]
    got = figures.load_figures(readings, 2 * SECOND + 20_000_000, 6 * SECOND, 2, 50)
    assert got["window_min_pct"] == pytest.approx(100)


def test_a_scan_shorter_than_a_window_has_none():
    got = figures.load_figures(steady(50, 0.5), 0, SECOND // 2, 2, 50)
    assert got["n_windows"] == 0 and got["window_max_pct"] is None
    assert got["window_p99_over_pct"] is None


def test_latency_counts_requests_due_during_the_scan():
    requests = [(i * SECOND, (i + 1) * 1_000_000) for i in range(10)]
    got = figures.latency_figures(requests, 2 * SECOND, 5 * SECOND)
    assert got["n_requests"] == 4 and got["p99_ms"] == 6.0 and got["p50_ms"] == 4.0


# ---- verdicts ---------------------------------------------------------------------------

def run_of(who, target=25, error=0.1, worst=1.0, p99=5.0, **more):
    return {"contender": who, "target_pct": target, "corpus": "main", "wall_s": 60.0,
            "mean_pct": target + error, "mean_error_pct": error, "window_p99_over_pct": worst,
            "window_max_over_pct": worst, "p95_ms": p99, "p99_ms": p99, "n_files": 10,
            "n_files_expected": 10, "detections": [["a", "E"]],
            "detections_expected": [["a", "E"]], "files_per_cpu_s": 100.0, "others_pct": 0.0,
            **more}


def verdicts(runs, targets=(25,)):
    return {row["claim"]: row["verdict"] for row in figures.claims_of(runs, targets)}


def test_first_in_everything():
    runs = [run_of("ours"), run_of("clamd+cgroup", error=0.4, worst=2.0, p99=9.0)]
    got = verdicts(runs)
    assert [got[name] for name in got if name.startswith("first")] == ["PASS"] * 3


def test_second_is_a_fail_and_too_close_is_a_draw():
    runs = [run_of("ours", error=-0.3, worst=1.2, p99=9.0),
            run_of("clamd+cgroup", error=0.1, worst=1.0, p99=5.0)]
    got = verdicts(runs)
    assert got["first in mean error"] == "FAIL"
    assert got["first in worst window"] == "DRAW"
    assert got["first in foreground latency, 99th percentile"] == "FAIL"


def test_nobody_to_be_compared_with_proves_nothing():
    assert verdicts([run_of("ours")])["first in mean error"] == "n/a"


def test_a_short_scan_proves_nothing_about_the_mean():
    assert verdicts([run_of("ours", wall_s=20.0)])["mean within 1 point"] == "n/a"
    assert verdicts([run_of("ours", error=1.2)])["mean within 1 point"] == "FAIL"


def test_throughput_and_overhead():
    free = run_of("ours", target=0, files_per_cpu_s=103.0)
    got = verdicts([run_of("ours", governor_share=0.02), free])
    assert got["files per CPU-second at 25 % at least 97 % of unlimited"] == "PASS"
    assert got["governor below 1 % of the CPU time it governs"] == "FAIL"
    free["files_per_cpu_s"] = 104.0
    got = verdicts([run_of("ours"), free])
    assert got["files per CPU-second at 25 % at least 97 % of unlimited"] == "FAIL"


def test_a_lost_detection_fails_the_claim_and_the_measurement():
    lost = run_of("ours", detections=[])
    runs = [lost, run_of("ours", target=0)]
    assert verdicts(runs)["throttled and unthrottled find the same"] == "FAIL"
    faults = figures.faults_of(runs, [("ours", 25, "main"), ("ours", 0, "main")])
    assert len(faults) == 1 and "1 fewer than planted" in faults[0]


def test_a_run_that_was_not_done_is_a_fault():
    faults = figures.faults_of([run_of("ours")], [("ours", 25, "main"), ("clamd", 0, "main")])
    assert faults == ["not measured: clamd, target 0 %, corpus main"]


def test_files_that_were_not_scanned_are_a_fault():
    faults = figures.faults_of([run_of("ours", n_files=9)], [("ours", 25, "main")])
    assert faults == ["ours, target 25 %: 9 files scanned of 10"]


# ---- output -----------------------------------------------------------------------------

def test_plot_is_well_formed_and_has_a_line_for_each():
    runs = [run_of(who, windows=[(1.0 + i / 10, 20.0 + i % 9) for i in range(100)],
                   window_max_pct=28.0) for who in ("ours", "clamd+cgroup")]
    runs.append(run_of("none", windows=[]))
    tree = xml.dom.minidom.parseString(bench_plot.plot(runs, "a < b"))
    assert len(tree.getElementsByTagName("polyline")) == 2
    assert len(tree.getElementsByTagName("rect")) == 1 + 2 + 3


def test_table_has_a_line_a_run():
    lines = report.comparison([run_of("ours", cpu_s=1.0), run_of("clamd", target=0),
                               {"contender": "none", "target_pct": 25, "wall_s": 20.0}])
    assert len(lines) == 5
    assert lines[2].startswith("ours") and lines[3].startswith("none")


def test_clamdscan_output():
    tree = corpus.Corpus("main", "/c")
    tree.n_files = 3
    out = b"/c/d/a: b.zip: Eicar.UNOFFICIAL FOUND\n/c/x: Access denied. ERROR\n"
    got = contenders.Clamd.parse(out, 1, tree)
    assert got["detections"] == [["d/a: b.zip", "Eicar"]]
    assert got["n_files"] == 3 and got["messages"] == ["/c/x: Access denied. ERROR"]
    assert contenders.Clamd.parse(out, 2, tree)["n_files"] == 0


# ---- corpus -----------------------------------------------------------------------------

def test_corpus_is_the_same_every_time(tmp_path):
    samples = tmp_path / "samples"
    samples.mkdir()
    (samples / "one.com").write_bytes(b"sample")
    first = corpus.make_corpus("main", tmp_path / "a", 0.01, samples, False)
    second = corpus.make_corpus("main", tmp_path / "b", 0.01, samples, False)
    assert first.describe() == second.describe()
    assert first.n_files == sum(len(names) for _, _, names in os.walk(tmp_path / "a"))
    assert len(first.infected) == 1
    contents = {path.read_bytes() for path in (tmp_path / "a").rglob("*") if path.is_file()}
    assert len(contents) == first.n_files, "two files are alike: clamd would remember one"


def test_signatures_are_the_same_every_time(tmp_path):
    starter = HERE.parent / "corpus" / "signatures"
    for name in ("a", "b"):
        corpus.make_signatures(tmp_path / name, starter, 0.01)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


# ---- instruments ------------------------------------------------------------------------

def busy(seconds):
    """A process that computes until it has used some CPU time."""
    code = f"import time\nwhile time.process_time() < {seconds}: pass"
    return subprocess.Popen([sys.executable, "-c", code])


def test_meter_reads_a_tree(tmp_path):
    class Tree:
        source = None

        @staticmethod
        def roles():
            return ["service"]

        @staticmethod
        def sources():
            return [f"tree:{os.getpid()}"]
    meter = machine.Meter(harness.program("bench-meter"), Tree, tmp_path / "out")
    try:
        before = machine.now_ns()
        child = busy(0.6)
        # It is a zombie until wait(): its clock stays readable, nothing is missed.
        harness.wait_for("the child used its time", lambda: os.waitid(
            os.P_PID, child.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG))
        time.sleep(0.1)
        after = machine.now_ns()
        readings = meter.readings()["service"]
    finally:
        meter.close()
    child.wait()
    used = figures.used_at(readings, after) - figures.used_at(readings, before)
    assert 0.5 * SECOND < used < 1.5 * SECOND


def test_meter_reads_groups(tmp_path):
    accounts = machine.Accounts(f"quietscan-test-{os.getpid()}")
    try:
        if not accounts.source:
            pytest.skip("no right to make cgroups here")
        meter = machine.Meter(harness.program("bench-meter"), accounts, tmp_path / "out")
        try:
            child = subprocess.Popen(
                [sys.executable, "-c", "import time\nwhile time.process_time() < 0.6: pass"],
                preexec_fn=accounts.preexec("service"))
            child.wait(60)
            time.sleep(0.1)
            readings = meter.readings()
        finally:
            meter.close()
    finally:
        accounts.close()
    assert set(readings) == {"service", "client", "keeper"}
    assert 0.5 * SECOND < readings["service"][-1][1] < 1.0 * SECOND
    assert readings["client"][-1][1] == 0
    assert not any(group.path.exists() for group in accounts.groups.values())


def test_meter_tells_what_it_cannot_read():
    program = harness.program("bench-meter")
    for arguments, status in (([], 64), (["0", "tree:1"], 64), (["20", "what:1"], 64),
                              (["20", "usage:/does/not/exist"], 1)):
        done = subprocess.run([program, *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == status and done.stderr


def test_loop_serves_at_its_pace(tmp_path):
    program = harness.program("bench-loop")
    disk = tmp_path / "disk"
    disk.write_bytes(os.urandom(1 << 20))
    loop = machine.Loop(program, {"rounds": 1000, "gap_us": 10_000}, disk, tmp_path / "out")
    try:
        start = machine.now_ns()
        time.sleep(1.0)
        seconds = (machine.now_ns() - start) / 1e9
        requests, cpu_ns, _ = loop.requests()
    finally:
        loop.close()
    assert 0.5 * seconds / 0.010 < len(requests) < 1.5 * seconds / 0.010
    gaps = [b[0] - a[0] for a, b in zip(requests, requests[1:])]
    assert min(gaps) >= 5_000_000 and max(gaps) <= 15_001_000, "due at the instants drawn"
    assert cpu_ns > 0


def test_loop_tells_what_is_wrong(tmp_path):
    program = harness.program("bench-loop")
    (tmp_path / "tiny").write_bytes(b"x")
    for arguments, status in (([], 64), (["run", "0", "1", "1", "f"], 64),
                              (["calibrate", "100", str(tmp_path / "none")], 1),
                              (["calibrate", "100", str(tmp_path / "tiny")], 1)):
        done = subprocess.run([program, *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == status and done.stderr


def test_quota_holds(tmp_path):
    """The kernel keeps what Quota asks for: half a CPU takes a busy process about twice as long."""
    accounts = machine.Accounts(f"quietscan-test-{os.getpid()}")
    quota = None
    try:
        if not accounts.source:
            pytest.skip("no right to make cgroups here")
        quota = machine.Quota(f"quietscan-test-{os.getpid()}", 0.25, accounts)
        child = busy(0.5)
        start = time.monotonic()
        quota.take(child.pid)
        child.wait(60)
        assert time.monotonic() - start > 1.0
    finally:
        if quota:
            quota.close()
        accounts.close()
