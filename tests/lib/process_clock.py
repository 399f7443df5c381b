# SPDX-License-Identifier: GPL-2.0-or-later
"""CPU time and memory of a tree of processes, seen from outside through /proc.

The service measures itself with its own clocks; a test that believed them would
prove nothing. Here the CPU time of every process below a pid is sampled, and a
process that ended between two samples keeps what it had at the last one (its
parent's cutime tells the rest, see TreeClock).
"""

import os
import pathlib
import threading

TICK_S = 1.0 / os.sysconf("SC_CLK_TCK")


def stat_fields(pid):
    """Fields of /proc/PID/stat after the name: [0] state, [1] ppid, [11] utime, [12] stime …"""
    text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    return text.rsplit(")", 1)[1].split()


def tree(root):
    """{pid: fields} of a process and everything below it."""
    fields = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields[int(entry)] = stat_fields(entry)
            except OSError:
                continue
    members = {}
    for pid in fields:
        ancestor = pid
        while ancestor > 1 and ancestor != root:
            ancestor = int(fields[ancestor][1]) if ancestor in fields else 0
        if ancestor == root:
            members[pid] = fields[pid]
    return members


def status_kib(pid, name):
    """A size of /proc/PID/status in KiB, e.g. VmHWM."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def private_kib(pid):
    """Memory that no other process shares: Private_Clean + Private_Dirty."""
    total = 0
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(("Private_Clean:", "Private_Dirty:")):
            total += int(line.split()[1])
    return total


class TreeClock:
    """CPU time of a process tree between start() and stop().

    The kernel adds a child's whole time to its parent's cutime/cstime when the
    parent reaps it. So own + children's reaped time of every live process counts
    each second once, whatever was born or ended in between: only a child that
    somebody outside the tree reaps would be missed, and there is none while the
    root lives. (utime, stime are in ticks of 10 ms; over 30 s that is nothing.)
    """

    def __init__(self, root):
        self.root = root

    def cpu_s(self):
        ticks = 0
        for fields in tree(self.root).values():
            ticks += sum(int(fields[i]) for i in (11, 12, 13, 14))
        return ticks * TICK_S


class PeakMemory(threading.Thread):
    """Samples VmHWM by process name, and private memory of workers, until stop()."""

    def __init__(self, root, interval_s=0.2):
        super().__init__(daemon=True)
        self.root = root
        self.interval_s = interval_s
        self.peak_kib = {}
        self.private_kib = []
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(self.interval_s):
            self.sample()

    def sample(self):
        members = tree(self.root)
        for pid in members:
            try:
                name = pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
                self.peak_kib[name] = max(self.peak_kib.get(name, 0), status_kib(pid, "VmHWM"))
                parent = int(members[pid][1])
                if parent in members and parent != self.root:  # only the zygote has children
                    self.private_kib.append(private_kib(pid))
            except (OSError, ValueError):
                continue

    def stop(self):
        self.ended.set()
        self.join()
        return self


class MachineClock:
    """Share of all CPUs that was not idle since it was made, whoever used it."""

    def __init__(self):
        self.before = self.read()

    @staticmethod
    def read():
        """(ticks that were used, all ticks) of the first line of /proc/stat."""
        line = pathlib.Path("/proc/stat").read_text().split("\n", 1)[0]
        ticks = [int(word) for word in line.split()[1:9]]  # guest time is in user already
        return sum(ticks) - ticks[3] - ticks[4], sum(ticks)

    def busy_pct(self):
        used, total = self.read()
        return 100.0 * (used - self.before[0]) / max(1, total - self.before[1])
