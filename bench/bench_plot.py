# SPDX-License-Identifier: GPL-2.0-or-later
"""Load over time as SVG. Pure: runs in, text out.

One panel a target, a line a contender (mean of the second before), the target dashed; below
them what the foreground job felt. Colours are told apart by people who do not see red and
green alike (Okabe and Ito), and the lines are named in a legend, not by colour alone.
"""

from xml.sax.saxutils import escape

COLOURS = {"ours": "#0072B2", "clamd+cpulimit": "#D55E00", "clamd+cgroup": "#009E73",
           "clamd": "#CC79A7", "clamd+cgroup+idle": "#E69F00", "none": "#777777"}
WIDTH, PANEL, GAP, LEFT, RIGHT, TOP = 900, 190, 58, 56, 24, 64
N_POINTS = 450  # of a line: about two a pixel of the panel would not be seen


def colour(name):
    return COLOURS.get(name, "#444444")


def text(x, y, content, size=12, anchor="start", fill="#222222", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
            f'fill="{fill}" font-weight="{weight}">{escape(content)}</text>')


def line(x0, y0, x1, y1, stroke="#cccccc", extra=""):
    return (f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}" '
            f'stroke="{stroke}" {extra}/>')


def step_of(top):
    """Distance of the grid lines for an axis from 0 to `top`."""
    for step in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500):
        if top / step <= 6:
            return step
    return top / 5


def panel(y0, target, runs):
    """Loads of all who were given one target."""
    longest = max(run["windows"][-1][0] for run in runs)
    top = max([100.0] if target == 0 else [target * 1.5]
              + [min(run["window_max_pct"], 100.0) * 1.05 for run in runs])
    inner = WIDTH - LEFT - RIGHT

    def x_of(seconds):
        return LEFT + inner * seconds / longest

    def y_of(load):
        return y0 + PANEL - PANEL * min(load, top) / top

    title = "No limit" if target == 0 else f"Target {target} % of all CPUs"
    out = [text(LEFT, y0 - 10, title, 14, weight="bold")]
    step = step_of(top)
    for i in range(int(top / step) + 1):
        out += [line(LEFT, y_of(i * step), WIDTH - RIGHT, y_of(i * step), "#e4e4e4"),
                text(LEFT - 8, y_of(i * step) + 4, f"{i * step:g}", 11, "end", "#555555")]
    step = step_of(longest)
    for i in range(int(longest / step) + 1):
        out.append(text(x_of(i * step), y0 + PANEL + 16, f"{i * step:g} s", 11, "middle",
                        "#555555"))
    if target:
        out.append(line(LEFT, y_of(target), WIDTH - RIGHT, y_of(target), "#000000",
                        'stroke-dasharray="5 4"'))
    for run in runs:
        windows = run["windows"][::max(1, len(run["windows"]) // N_POINTS)]
        points = " ".join(f"{x_of(at):.1f},{y_of(load):.1f}" for at, load in windows)
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour(run["contender"])}" '
                   f'stroke-width="{2 if run["contender"] == "ours" else 1.4}"/>')
    return out


def latency_panel(y0, runs):
    """Bars of the foreground job's 99th percentile, with the 95th marked in them."""
    inner = WIDTH - LEFT - RIGHT
    top = max(run["p99_ms"] for run in runs) * 1.15
    width = inner / len(runs)
    out = [text(LEFT, y0 - 10, "Foreground requests, 99th percentile (line: 95th), milliseconds",
                14, weight="bold")]
    for i, run in enumerate(runs):
        x = LEFT + width * (i + 0.15)
        height, middle = PANEL * run["p99_ms"] / top, PANEL * run["p95_ms"] / top
        label = "no scan" if run["contender"] == "none" else run["contender"]
        goal = "" if run["contender"] == "none" else f"{run['target_pct'] or 'no limit'}"
        out += [f'<rect x="{x:.1f}" y="{y0 + PANEL - height:.1f}" width="{width * 0.7:.1f}" '
                f'height="{height:.1f}" fill="{colour(run["contender"])}"/>',
                line(x, y0 + PANEL - middle, x + width * 0.7, y0 + PANEL - middle, "#ffffff"),
                text(x + width * 0.35, y0 + PANEL - height - 4, f"{run['p99_ms']:.1f}", 11,
                     "middle"),
                text(x + width * 0.35, y0 + PANEL + 15, label.replace("clamd+", "+"), 10,
                     "middle"),
                text(x + width * 0.35, y0 + PANEL + 28, goal, 10, "middle", "#555555")]
    return out


def legend(names):
    out, x = [], LEFT
    for name in names:
        out += [f'<rect x="{x}" y="34" width="14" height="14" fill="{colour(name)}"/>',
                text(x + 20, 46, name)]
        x += 40 + 8 * len(name)
    return out


def plot(runs, title):
    """The whole picture; runs have windows [(seconds since start, load)] and figures."""
    order = {"none": -1, "ours": 0}
    runs = sorted(runs, key=lambda run: (run["target_pct"] or 1000,
                                         order.get(run["contender"], 5), run["contender"]))
    scans = [run for run in runs if run["contender"] != "none" and run["windows"]]
    body, y0 = [], TOP + 30
    for target in dict.fromkeys(run["target_pct"] for run in scans):
        body += panel(y0, target, [run for run in scans if run["target_pct"] == target])
        y0 += PANEL + GAP
    felt = [run for run in runs if run.get("p99_ms") is not None]
    if felt:
        body += latency_panel(y0, felt)
        y0 += PANEL + GAP
    names = list(dict.fromkeys(run["contender"] for run in scans))
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y0}" width="{WIDTH}" '
        f'height="{y0}" font-family="sans-serif">',
        f'<rect width="{WIDTH}" height="{y0}" fill="#ffffff"/>', text(LEFT, 24, title, 16,
                                                                      weight="bold"),
        *legend(names), *body, "</svg>", ""])
