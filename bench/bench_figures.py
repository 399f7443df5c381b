# SPDX-License-Identifier: GPL-2.0-or-later
"""The arithmetic of bench/governor: from readings of clocks to figures and verdicts.

Pure: lists of numbers in, numbers out. Loads are per cent of all CPUs (100 = every CPU
busy), instants and CPU times are nanoseconds. A reading is (instant, CPU time used so far).
"""

import bisect
import math

WINDOW_NS = 1_000_000_000


def percentile(values, share):
    """Nearest rank: the smallest value that `share` (0..1) of all values do not exceed."""
    if not values:
        return None
    ordered = sorted(values)
    rank = max(1, math.ceil(share * len(ordered) - 1e-9))
    return ordered[rank - 1]


def used_at(readings, at_ns):
    """CPU time at an instant, straight between the readings around it."""
    times = [reading[0] for reading in readings]
    i = bisect.bisect_left(times, at_ns)
    if i == 0:
        return readings[0][1]
    if i == len(readings):
        return readings[-1][1]
    (t0, u0), (t1, u1) = readings[i - 1], readings[i]
    return u0 + (u1 - u0) * (at_ns - t0) / (t1 - t0)


def mean_load(readings, start_ns, end_ns, n_cpus):
    """Mean load between two instants."""
    used = used_at(readings, end_ns) - used_at(readings, start_ns)
    return 100.0 * used / ((end_ns - start_ns) * n_cpus)


def window_loads(readings, start_ns, end_ns, n_cpus, width_ns=WINDOW_NS):
    """(end of window, load) of every window of about `width_ns` that begins and ends at a
    reading inside start..end. Windows overlap: one begins at each reading."""
    inside = [reading for reading in readings if start_ns <= reading[0] <= end_ns]
    times = [reading[0] for reading in inside]
    windows = []
    for i, (t0, u0) in enumerate(inside):
        j = bisect.bisect_left(times, t0 + width_ns)
        if j == len(inside):
            break
        t1, u1 = inside[j]
        windows.append((t1, 100.0 * (u1 - u0) / ((t1 - t0) * n_cpus)))
    return windows


def load_figures(readings, start_ns, end_ns, n_cpus, aim_pct):
    """What a plot of load has to say in numbers. With aim 0 (no limit) there are no errors."""
    loads = [load for _, load in window_loads(readings, start_ns, end_ns, n_cpus)]
    figures = {
        "mean_pct": mean_load(readings, start_ns, end_ns, n_cpus),
        "n_windows": len(loads),
        "window_p95_pct": percentile(loads, 0.95),
        "window_p99_pct": percentile(loads, 0.99),
        "window_max_pct": max(loads) if loads else None,
        "window_min_pct": min(loads) if loads else None,
    }
    if aim_pct:
        figures["mean_error_pct"] = figures["mean_pct"] - aim_pct
        for name in ("p95", "p99", "max"):
            value = figures[f"window_{name}_pct"]
            figures[f"window_{name}_over_pct"] = None if value is None else value - aim_pct
    return figures


def latency_figures(requests, start_ns, end_ns):
    """Of the requests (due, took) that were due between two instants; milliseconds."""
    took = [took for due, took in requests if start_ns <= due <= end_ns]
    figures = {"n_requests": len(took)}
    for name, share in (("p50_ms", 0.50), ("p95_ms", 0.95), ("p99_ms", 0.99)):
        value = percentile(took, share)
        figures[name] = None if value is None else value / 1e6
    figures["max_ms"] = max(took) / 1e6 if took else None
    return figures


# ---- verdicts ---------------------------------------------------------------------------

OURS = "ours"
MEAN_ERROR_MAX_PCT = 1.0
WINDOW_P99_OVER_MAX_PCT = 3.0
THROUGHPUT_SHARE_MIN = 0.97
OVERHEAD_SHARE_MAX = 0.01
MEAN_DRAW_PCT = 0.05    # ticks at both ends of a run of 20 s, see bench_meter.c
WINDOW_DRAW_PCT = 0.4   # a tick a CPU in a window of a second
LATENCY_DRAW_SHARE = 0.05  # of two 99th percentiles of some thousand requests
SCAN_MIN_S = 30.0  # the promise about the mean is for scans that last this long


def claim(name, passed, text):
    """One claim; passed is True, False or None (cannot be told from this run)."""
    return {"claim": name, "verdict": {True: "PASS", False: "FAIL", None: "n/a"}[passed],
            "text": text}


def by_contender(runs, target):
    return {run["contender"]: run for run in runs if run["target_pct"] == target}


def first_of(runs, target, name, figure, draw_of, unit):
    """Whether ours has the smallest figure of all who were given the same target.

    `draw_of(best)` is how far behind the best still cannot be told from it: then it is a
    draw, which is no claim to be first."""
    rows = by_contender(runs, target)
    values = {who: figure(row) for who, row in rows.items()
              if who != "none" and figure(row) is not None}
    if OURS not in values or len(values) < 2:
        return claim(name, None, f"target {target} %: no comparison")
    text = ", ".join(f"{who} {value:.2f}" for who, value in sorted(values.items(),
                                                                   key=lambda item: item[1]))
    if "none" in rows and figure(rows["none"]) is not None:
        text += f" (no scan {figure(rows['none']):.2f})"
    result = claim(name, values[OURS] <= min(values.values()), f"target {target} %: {text} {unit}")
    if result["verdict"] == "FAIL" and values[OURS] - min(values.values()) <= draw_of(
            min(values.values())):
        result["verdict"] = "DRAW"
    return result


def mean_error(run):
    value = run.get("mean_error_pct")
    return None if value is None else abs(value)


def worst_over(run):
    """How far the fullest window was over the target; one that was never over has 0."""
    value = run.get("window_max_over_pct")
    return None if value is None else max(value, 0.0)


def latency_p99(run):
    return run.get("p99_ms")


def claims_of_precision(runs, targets):
    claims = []
    for target in targets:
        ours = by_contender(runs, target).get(OURS)
        if ours is None:
            continue
        wall, error = ours["wall_s"], ours["mean_error_pct"]
        claims.append(claim("mean within 1 point", None if wall < SCAN_MIN_S
                            else abs(error) <= MEAN_ERROR_MAX_PCT,
                            f"target {target} %: {error:+.2f} points over {wall:.0f} s"))
        told = ours.get("record", {}).get("achievedLoad")
        claims.append(claim("its record tells what the meter read, within 1 point",
                            None if told is None else
                            abs(told - ours["mean_pct"]) <= MEAN_ERROR_MAX_PCT,
                            f"target {target} %: told {told}, read {ours['mean_pct']:.2f}"))
        over = ours["window_p99_over_pct"]
        claims.append(claim("99 of 100 windows at most 3 points over",
                            None if over is None else over <= WINDOW_P99_OVER_MAX_PCT,
                            f"target {target} %: {over if over is None else round(over, 2)}"))
    return claims


def claims_of_first(runs, targets):
    claims = []
    for target in targets:
        claims += [
            first_of(runs, target, "first in mean error", mean_error,
                     lambda best: MEAN_DRAW_PCT, "points"),
            first_of(runs, target, "first in worst window", worst_over,
                     lambda best: WINDOW_DRAW_PCT, "points over"),
            first_of(runs, target, "first in foreground latency, 99th percentile", latency_p99,
                     lambda best: LATENCY_DRAW_SHARE * best, "ms"),
        ]
    return claims


def claims_of_economy(runs, targets):
    """Throughput under the limit and the price of the governor."""
    claims = []
    free = by_contender(runs, 0).get(OURS)
    limited = by_contender(runs, 25).get(OURS)
    if free and limited:
        share = limited["files_per_cpu_s"] / free["files_per_cpu_s"]
        claims.append(claim("files per CPU-second at 25 % at least 97 % of unlimited",
                            share >= THROUGHPUT_SHARE_MIN,
                            f"{limited['files_per_cpu_s']:.1f} of {free['files_per_cpu_s']:.1f}"
                            f" = {100 * share:.1f} %"))
    for target in targets:
        ours = by_contender(runs, target).get(OURS)
        share = ours and ours.get("governor_share")
        claims.append(claim("governor below 1 % of the CPU time it governs",
                            None if share is None else share < OVERHEAD_SHARE_MAX,
                            f"target {target} %: " + ("not told" if share is None
                                                      else f"{100 * share:.2f} %")))
    return claims


def claims_of_detection(runs):
    """Throttled and unthrottled find the same in the same corpus."""
    claims = []
    for target in sorted({run["target_pct"] for run in runs} - {0}):
        ours = by_contender(runs, target).get(OURS)
        free = [run for run in runs if run["contender"] == OURS and run["target_pct"] == 0
                and ours and run["corpus"] == ours["corpus"]]
        if ours and free:
            claims.append(claim("throttled and unthrottled find the same",
                                ours["detections"] == free[0]["detections"],
                                f"target {target} %: {len(ours['detections'])} and "
                                f"{len(free[0]['detections'])} detections"))
    return claims


def claims_of(runs, targets):
    """Every claim, in the order in which it is printed."""
    return (claims_of_precision(runs, targets) + claims_of_first(runs, targets)
            + claims_of_economy(runs, targets) + claims_of_detection(runs))


def faults_of(runs, planned):
    """Why the measurement itself is not sound; empty when it is.

    `planned` has (contender, target, corpus) of every run there should be."""
    faults = []
    done = {(run["contender"], run["target_pct"], run["corpus"]) for run in runs}
    for who, target, corpus in planned:
        if (who, target, corpus) not in done:
            faults.append(f"not measured: {who}, target {target} %, corpus {corpus}")
    for run in runs:
        where = f"{run['contender']}, target {run['target_pct']} %"
        if run["contender"] == "none":
            continue
        if run["n_files"] != run["n_files_expected"]:
            faults.append(f"{where}: {run['n_files']} files scanned of {run['n_files_expected']}")
        if run["detections"] != run["detections_expected"]:
            missing = len(run["detections_expected"]) - len(run["detections"])
            faults.append(f"{where}: {len(run['detections'])} detections, "
                          f"{missing} fewer than planted" if missing > 0 else
                          f"{where}: other detections than planted")
    return faults
