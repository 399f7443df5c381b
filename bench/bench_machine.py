# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine under bench/governor: CPUs, cgroups, and the two instruments.

A contender's processes are counted by cgroup CPU accounting where the machine has it, since
then processes that have died are counted too: a group of its own for each role (service,
client, keeper), in which a process puts itself between fork and exec. With cgroup v1 the
group is in the cpuacct hierarchy, with v2 it is a group without the cpu controller (cpu.stat
has usage_usec without it); neither changes how anything is scheduled. Without the right to
make groups the process trees are read (bench_meter.c, tree:).

All times are CLOCK_MONOTONIC nanoseconds. Root is needed for groups and quotas.
"""

import os
import pathlib
import subprocess
import time

QUOTA_PERIOD_US = 100_000  # the kernel's default, and systemd's for CPUQuota=


def now_ns():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


def cpu_clock_ns(pid):
    """CPU time of a live process, all threads (the clock of clock_getcpuclockid(3))."""
    return time.clock_gettime_ns((~pid << 3) | 2)


def n_cpus():
    """CPUs the contenders may use: what a load of 100 % is."""
    return len(os.sched_getaffinity(0))


def machine_busy_ns():
    """CPU time of everybody on the machine since its start."""
    with open("/proc/stat", encoding="ascii") as file:
        fields = [int(field) for field in file.readline().split()[1:9]]
    user, nice, system, _idle, _iowait, irq, softirq, steal = fields
    ticks = user + nice + system + irq + softirq + steal
    return ticks * 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def mounts_of(kind):
    """(mount point, options) of each mount of a file system type."""
    found = []
    with open("/proc/self/mounts", encoding="utf-8", errors="replace") as file:
        for line in file:
            _, point, type_, options = line.split()[:4]
            if type_ == kind:
                found.append((point, options.split(",")))
    return found


def v1_hierarchy(controller):
    return next((point for point, options in mounts_of("cgroup") if controller in options), None)


def v2_hierarchy():
    return next((point for point, _ in mounts_of("cgroup2")), None)


class Group:
    """One cgroup directory of ours; removed by close()."""

    def __init__(self, hierarchy, name):
        self.path = pathlib.Path(hierarchy) / name
        self.path.mkdir()

    def join_self(self):
        """For preexec_fn: the child puts itself in before it becomes something else."""
        with open(self.path / "cgroup.procs", "w", encoding="ascii") as file:
            file.write("0")

    def take(self, pid):
        (self.path / "cgroup.procs").write_text(str(pid))

    def close(self):
        """The processes have been reaped; the kernel may need a moment to notice."""
        end = time.monotonic() + 5.0
        while True:
            try:
                self.path.rmdir()
                return
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)


class Accounts:
    """The accounting groups of one run, one for each role."""

    ROLES = ("service", "client", "keeper")

    def __init__(self, tag):
        self.groups = {}
        self.pids = {}
        self.source = None
        v1 = v1_hierarchy("cpuacct")
        hierarchy = v1 or v2_hierarchy()
        try:
            for role in self.ROLES:
                self.groups[role] = Group(hierarchy, f"{tag}-{role}")
            self.source = "usage" if v1 else "stat"
        except (OSError, TypeError):  # no right to, or no hierarchy at all
            self.close()

    def preexec(self, role):
        """A preexec_fn that puts the new process into its role's group."""
        return self.groups[role].join_self if self.source else None

    def add(self, role, pid):
        """Tell of a process that was started; needed only without groups."""
        self.pids[role] = pid

    def sources(self):
        """What bench-meter is to read, in the order of roles()."""
        if self.source == "usage":
            return [f"usage:{self.groups[role].path}/cpuacct.usage" for role in self.ROLES]
        if self.source == "stat":
            return [f"stat:{self.groups[role].path}/cpu.stat" for role in self.ROLES]
        return [f"tree:{self.pids[role]}" for role in self.roles()]

    def roles(self):
        if self.source:
            return list(self.ROLES)
        return [role for role in self.ROLES if role in self.pids]

    def close(self):
        for group in self.groups.values():
            group.close()
        self.groups = {}
        self.source = None


class Quota:
    """A limit that the kernel keeps: v1 cfs quota in a group of its own, or v2 cpu.max.

    With v2 a process is in one group only, so cpu.max is set on its accounting group."""

    def __init__(self, tag, n_cpus_allowed, accounts):
        quota_us = round(n_cpus_allowed * QUOTA_PERIOD_US)
        self.own = None
        self.enabled = None
        v1 = v1_hierarchy("cpu")
        if v1:
            self.kind = "cgroup v1 cfs quota"
            self.own = Group(v1, f"{tag}-quota")
            (self.own.path / "cpu.cfs_period_us").write_text(str(QUOTA_PERIOD_US))
            (self.own.path / "cpu.cfs_quota_us").write_text(str(quota_us))
        elif accounts.source == "stat":
            self.kind = "cgroup v2 cpu.max"
            self.enable(pathlib.Path(v2_hierarchy()) / "cgroup.subtree_control")
            (accounts.groups["service"].path / "cpu.max").write_text(
                f"{quota_us} {QUOTA_PERIOD_US}")
        else:
            raise OSError("no cgroup CPU controller to be had")

    def enable(self, control):
        """Give children the cpu controller, if they have not got it; undone by close()."""
        if "cpu" not in control.read_text(encoding="ascii").split():
            control.write_text("+cpu")
            self.enabled = control

    def take(self, pid):
        if self.own:
            self.own.take(pid)

    def close(self):
        """Called before the accounts are closed, after the processes ended."""
        if self.own:
            self.own.close()
        if self.enabled:
            self.enabled.write_text("-cpu")


# ---- instruments ------------------------------------------------------------------------

class Instrument:
    """A program that measures until its standard input ends."""

    def __init__(self, command, output):
        self.output = pathlib.Path(output)
        with open(self.output, "wb") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out,
                                            start_new_session=True)

    def stop(self):
        """End it and return its lines."""
        self.process.stdin.close()
        status = self.process.wait(30)
        if status != 0:
            raise RuntimeError(f"{self.process.args[0]} ended with {status}")
        return self.output.read_text(encoding="ascii").splitlines()

    def close(self):
        """End it whatever happened before."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()


class Meter(Instrument):
    """Readings of CPU clocks: rows of (instant, used by each role)."""

    INTERVAL_MS = 20

    def __init__(self, program, accounts, output):
        self.roles = accounts.roles()
        super().__init__([program, str(self.INTERVAL_MS), *accounts.sources()], output)

    def readings(self):
        """{role: [(instant, used)]}; a role nobody played has no entry."""
        rows = [[int(field) for field in line.split()] for line in self.stop()]
        return {role: [(row[0], row[i + 1]) for row in rows]
                for i, role in enumerate(self.roles)}


class Loop(Instrument):
    """The foreground job."""

    UTILISATION = 0.30
    WORK_US = 2000
    FILE_BYTES = 64 << 20

    @classmethod
    def prepare(cls, program, path):
        """Make its file and find the work of one request; {"rounds", "gap_us", …}."""
        path = pathlib.Path(path)
        if not path.exists():
            with open(path, "wb") as file:
                for _ in range(cls.FILE_BYTES >> 20):
                    file.write(os.urandom(1 << 20))
                os.fsync(file.fileno())
        done = subprocess.run([program, "calibrate", str(cls.WORK_US), str(path)], check=True,
                              capture_output=True, text=True, timeout=60)
        rounds, cpu_us = (int(field) for field in done.stdout.split())
        return {"rounds": rounds, "request_cpu_us": cpu_us,
                "gap_us": round(cpu_us / cls.UTILISATION), "utilisation": cls.UTILISATION}

    def __init__(self, program, work, path, output):
        super().__init__([program, "run", str(work["rounds"]), str(work["gap_us"]), "7",
                          str(path)], output)

    def requests(self):
        """([(due, took)], CPU time of the loop, whether the page cache was bypassed)."""
        head, *rest = self.stop()
        fields = head.split()
        rows = [tuple(int(field) for field in line.split()) for line in rest]
        return rows, int(fields[2]), fields[4] == "1"
