# SPDX-License-Identifier: GPL-2.0-or-later
"""What bench/governor prints: tables and verdicts as text. Pure."""


def cell(value, digits=2, signed=False):
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    return f"{value:{'+' if signed else ''}.{digits}f}"


def table(head, rows):
    """Columns as wide as they must be, numbers to the right; a list of lines."""
    rows = [[str(value) for value in row] for row in rows]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]

    def line(row):
        return "  ".join(value.ljust(width) if i == 0 else value.rjust(width)
                         for i, (value, width) in enumerate(zip(row, widths))).rstrip()
    return [line(head), line(["-" * width for width in widths]), *(line(row) for row in rows)]


HEAD = ["contender", "target %", "mean %", "error", "p95", "p99", "worst", "wall s", "CPU s",
        "files/CPU-s", "found", "lat p50", "p95", "p99 ms", "others %"]


def row(run):
    """One contender at one target."""
    target = run["target_pct"]
    none = run["contender"] == "none"
    return [run["contender"], "-" if none else target or "none",
            cell(run.get("mean_pct")), cell(run.get("mean_error_pct"), signed=True),
            cell(run.get("window_p95_pct")), cell(run.get("window_p99_pct")),
            cell(run.get("window_max_pct")), cell(run["wall_s"], 1), cell(run.get("cpu_s"), 1),
            cell(run.get("files_per_cpu_s"), 1),
            "-" if none else f"{len(run['detections'])}/{len(run['detections_expected'])}",
            cell(run.get("p50_ms")), cell(run.get("p95_ms")), cell(run.get("p99_ms")),
            cell(run.get("others_pct"), 1)]


def ordered(runs):
    """Targets from low to none, ours first in each, the lonely foreground job last."""
    order = {"ours": 0, "none": 9}
    return sorted(runs, key=lambda run: (run["target_pct"] or 1000,
                                         order.get(run["contender"], 5), run["contender"]))


def comparison(runs):
    """The main table."""
    return table(HEAD, [row(run) for run in ordered(runs)])


HEAD_OURS = ["factor %", "lanes", "aim %", "mean %", "error", "p95", "p99", "worst", "lowest",
             "told %", "wall s", "governor %", "daemon %", "lat p99 ms", "others %"]


def row_ours(run):
    """One factor with one number of lanes."""
    return [run["target_pct"] or "none", run["lanes"] or "auto", cell(run["aim_pct"], 1),
            cell(run["mean_pct"]), cell(run.get("mean_error_pct"), signed=True),
            cell(run["window_p95_pct"]), cell(run["window_p99_pct"]), cell(run["window_max_pct"]),
            cell(run["window_min_pct"]), cell(run["record"].get("achievedLoad")),
            cell(run["wall_s"], 1),
            cell(None if run["governor_share"] is None else 100 * run["governor_share"]),
            cell(100 * run["daemon_share"]), cell(run.get("p99_ms")), cell(run["others_pct"], 1)]


def ours(runs):
    return table(HEAD_OURS, [row_ours(run) for run in runs])


def claims(rows):
    width = max((len(row["claim"]) for row in rows), default=0)
    return [f"{row['verdict']:4}  {row['claim']:{width}}  {row['text']}" for row in rows]


# ---- Markdown, for docs/benchmarks.md -----------------------------------------------------

def markdown_table(head, rows):
    return ["| " + " | ".join(str(value) for value in row) + " |"
            for row in [head, ["---"] + ["--:"] * (len(head) - 1), *rows]]


def markdown(title, head, rows, claim_rows, notes):
    """A whole page: what it was measured on, the table, the claims."""
    return "\n".join([f"# {title}", "", *(f"* {note}" for note in notes), "",
                      *markdown_table(head, rows), "",
                      *markdown_table(["claim", "verdict", "figures"],
                                      [[row["claim"], row["verdict"], row["text"]]
                                       for row in claim_rows]), ""])
