# SPDX-License-Identifier: GPL-2.0-or-later
"""Who competes in bench/governor, and how each is run.

Every contender is started afresh for every run and has its signatures loaded before the
clock starts, as a service on a server has; has the same limits of the engine (sizes,
recursion, number of members); and gets the same corpus, all of it in the page cache.

What counts as its load (role `service`): for ours every process of the service (daemon,
scanner, zygote, workers), for clamd its process. The clients (`quietscan`, `clamdscan`, which
walks the tree and passes descriptors) and cpulimit (`keeper`) are not what the limit is
about and not counted in the load, but they are CPU time that the scan took: they count in
files per CPU-second.
"""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import bench_machine as machine
import quietscan_harness as harness

START_S = 120.0     # for a service to be ready; loading takes some seconds
LIMITS = {"MaxFileSize": 100 << 20, "MaxScanSize": 400 << 20, "MaxRecursion": 17,
          "MaxFiles": 10000}


class Failed(Exception):
    """A run that did not come about; the text says why."""


def end_process(process, grace_s=10.0):
    """Ask a process of ours to end, then make it."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(signal.SIGCONT)  # whoever was stopped cannot end
    process.terminate()
    try:
        process.wait(grace_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def bare_name(threat):
    """clamd and libclamav mark signatures that are not ClamAV's own."""
    return threat.removesuffix(".UNOFFICIAL")


class Clamd:
    """clamd without a limit, scanned with by `clamdscan --multiscan --fdpass`.

    MaxScanTime stays at its default of two minutes: it is wall time, and being slowed down
    from outside until it passes is part of what happens to clamd. The corpus is made so that
    it does not, or the runs would not be comparable."""

    name = "clamd"
    how = "no limit"

    def __init__(self, context, accounts, target_pct):
        self.context = context
        self.accounts = accounts
        self.target_pct = target_pct
        self.folder = context.work / "clamd"
        self.process = None

    @property
    def socket_path(self):
        return self.folder / "clamd.sock"

    def start(self):
        self.folder.mkdir(exist_ok=True)
        self.socket_path.unlink(missing_ok=True)
        lines = [f"DatabaseDirectory {self.context.signatures}", f"LocalSocket {self.socket_path}",
                 f"TemporaryDirectory {self.folder}", "Foreground yes", "SelfCheck 0",
                 "AlertExceedsMax yes", "ExitOnOOM no",
                 *(f"{name} {value}" for name, value in LIMITS.items())]
        (self.folder / "clamd.conf").write_text("".join(line + "\n" for line in lines))
        with open(self.folder / "clamd.log", "wb") as log:
            self.process = subprocess.Popen(
                ["clamd", f"--config-file={self.folder}/clamd.conf"], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
                preexec_fn=self.accounts.preexec("service"))
        self.accounts.add("service", self.process.pid)
        harness.wait_for("clamd answers", self.is_ready, START_S)

    def is_ready(self):
        if self.process.poll() is not None:
            raise Failed("clamd ended: "
                         + (self.folder / "clamd.log").read_text(errors="replace")[-2000:])
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
                sock.settimeout(START_S)
                sock.connect(str(self.socket_path))
                sock.sendall(b"zPING\0")
                return sock.recv(16).startswith(b"PONG")
        except OSError:
            return False

    def limit(self):
        """Put the limit on; the service is ready."""

    def scan(self, corpus, timeout_s):
        """Scan a corpus and say what came of it; returns the fields of a run."""
        command = ["clamdscan", f"--config-file={self.folder}/clamd.conf", "--multiscan",
                   "--fdpass", "--stdout", "--no-summary", str(corpus.folder)]
        start_ns = machine.now_ns()
        client = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, start_new_session=True,
                                  preexec_fn=self.accounts.preexec("client"))
        try:
            out, _ = client.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired as error:
            raise Failed(f"the scan did not end within {timeout_s:.0f} s") from error
        finally:
            end_process(client)
        end_ns = machine.now_ns()
        return {"start_ns": start_ns, "end_ns": end_ns,
                **self.parse(out, client.returncode, corpus)}

    @staticmethod
    def parse(out, status, corpus):
        """Lines "PATH: NAME FOUND"; everything else is told. Clean files are not named by
        clamdscan, so that all were scanned is known from its exit status alone (2: an error
        on some file) and from the infected ones, which lie all over the tree."""
        found, others = [], []
        for line in out.decode(errors="replace").splitlines():
            path, _, result = line.rpartition(": ")
            if match := re.fullmatch(r"(.*) FOUND", result):
                found.append([os.path.relpath(path, corpus.folder), bare_name(match[1])])
            elif line.strip():
                others.append(line)
        return {"n_files": corpus.n_files if status in (0, 1) else 0,
                "detections": sorted(found), "messages": others[:20]}

    def stop(self):
        end_process(self.process)


class ClamdCpulimit(Clamd):
    """clamd, stopped and continued by cpulimit (its limit is per cent of one CPU)."""

    name = "clamd+cpulimit"
    how = "cpulimit"

    def __init__(self, *args):
        super().__init__(*args)
        self.keeper = None

    def limit(self):
        limit = round(self.target_pct * machine.n_cpus())
        with open(self.folder / "cpulimit.log", "wb") as log:
            self.keeper = subprocess.Popen(
                ["cpulimit", "-q", "-p", str(self.process.pid), "-l", str(limit)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=self.accounts.preexec("keeper"))
        self.accounts.add("keeper", self.keeper.pid)

    def scan(self, corpus, timeout_s):
        result = super().scan(corpus, timeout_s)
        if self.keeper.poll() is not None:
            raise Failed(f"cpulimit ended with {self.keeper.returncode} while clamd scanned")
        return result

    def stop(self):
        end_process(self.keeper)
        super().stop()


class ClamdCgroup(Clamd):
    """clamd under a CPU quota of the kernel."""

    name = "clamd+cgroup"
    how = "cgroup quota"

    def __init__(self, *args):
        super().__init__(*args)
        self.quota = None

    def limit(self):
        self.quota = machine.Quota(self.context.tag,
                                   self.target_pct / 100 * machine.n_cpus(), self.accounts)
        self.how = self.quota.kind
        self.quota.take(self.process.pid)

    def stop(self):
        super().stop()
        if self.quota:
            self.quota.close()


class ClamdCgroupIdle(ClamdCgroup):
    """The same with SCHED_IDLE, what a careful administrator would add. Not in the default
    set of contenders: name it with --contenders."""

    name = "clamd+cgroup+idle"

    def limit(self):
        super().limit()
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            os.sched_setscheduler(int(thread), os.SCHED_IDLE, os.sched_param(0))
        self.how += ", SCHED_IDLE"


class Ours:
    """quietscand, asked by `quietscan scan custom --wait --load-factor N`."""

    name = "ours"
    how = "load factor"

    def __init__(self, context, accounts, target_pct, settings=None):
        self.context = context
        self.accounts = accounts
        self.target_pct = target_pct
        self.service = harness.Service(
            {"SignaturePath": str(context.signatures), "PassiveMode": "on",
             "ScanAvgCPULoadFactor": target_pct, "BackOffUnderPressure": True, **LIMITS,
             **(settings or {})}, signatures=())
        self.started = False

    def start(self):
        self.service.spawn(start_new_session=True, preexec_fn=self.accounts.preexec("service"))
        self.accounts.add("service", self.service.pid)
        self.service.wait_ready(START_S)
        with self.service.connect() as connection:
            connection.sock.settimeout(START_S)
            state = connection.call("definitions.reload")
        if state.get("state") != "ready":
            raise Failed(f"signatures are not ready: {state}")

    def limit(self):
        """The limit comes with the scan."""

    def threads(self):
        """{name: CPU nanoseconds} of the daemon's threads."""
        used = {}
        for thread in pathlib.Path(f"/proc/{self.service.pid}/task").iterdir():
            try:
                name = (thread / "comm").read_text().strip()
                ns = int((thread / "schedstat").read_text().split()[0])
            except OSError:
                continue
            used[name] = used.get(name, 0) + ns
        return used

    def command(self, corpus):
        return [harness.program("quietscan"), "scan", "custom", "--path", str(corpus.folder),
                "--comment", "bench/governor", "--load-factor", str(self.target_pct), "--wait",
                "--output", "json", "--socket", self.service.socket_path]

    def scan(self, corpus, timeout_s):
        daemon_ns, threads = machine.cpu_clock_ns(self.service.pid), self.threads()
        start_ns = machine.now_ns()
        client = subprocess.Popen(self.command(corpus), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  start_new_session=True,
                                  preexec_fn=self.accounts.preexec("client"))
        try:
            _, err = client.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired as error:
            raise Failed(f"the scan did not end within {timeout_s:.0f} s") from error
        finally:
            end_process(client)
        end_ns = machine.now_ns()
        if client.returncode not in (0, 1):
            raise Failed(f"quietscan ended with {client.returncode}: {err.decode()[-2000:]}")
        daemon_ns = machine.cpu_clock_ns(self.service.pid) - daemon_ns
        return {"start_ns": start_ns, "end_ns": end_ns, "daemon_cpu_ns": daemon_ns,
                "daemon_threads_ns": {name: used - threads.get(name, 0)
                                      for name, used in self.threads().items()},
                **self.outcome(corpus)}

    def outcome(self, corpus):
        """What the record says of the last scan."""
        scan = self.service.call("scan.list", limit=1)["value"][0]
        scan = self.service.call("scan.show", id=scan["id"])  # with its load over time
        found = self.service.list("detection.list", scanId=scan["id"])
        others = {name: n for name, n in scan["results"].items()
                  if n and name not in ("clean", "infected")}
        judged = scan["results"]["clean"] + scan["results"]["infected"]
        return {"n_files": judged, "messages": [json.dumps(others)] if others else [],
                "detections": sorted([os.path.relpath(row["path"], corpus.folder),
                                      bare_name(row["threatName"])] for row in found),
                "record": scan}

    # ---- for --ours-only: a scan that is cut off --------------------------

    def scan_for(self, corpus, seconds):
        """Scan for some seconds, then cancel; returns the fields of a run without detections."""
        daemon_ns, threads = machine.cpu_clock_ns(self.service.pid), self.threads()
        start_ns = machine.now_ns()
        scan = self.service.start_scan("custom", "bench/governor", paths=[corpus.folder],
                                       loadFactor=self.target_pct)["scan"]
        deadline = time.monotonic() + seconds
        status = "InProgress"
        while time.monotonic() < deadline and status in ("Pending", "InProgress"):
            time.sleep(0.5)
            status = self.service.call("scan.show", id=scan["id"])["status"]
        end_ns = machine.now_ns()
        if status in ("Pending", "InProgress"):
            self.service.call("scan.cancel", id=scan["id"], comment="measured long enough")
            scan = self.service.wait_scan(scan["id"], START_S)
        else:
            scan = self.service.call("scan.show", id=scan["id"])
            end_ns -= 500_000_000  # it ended somewhere in the last pause
        if scan["status"] == "Failed":
            raise Failed(f"the scan failed: {scan.get('failure')}")
        return {"start_ns": start_ns, "end_ns": end_ns, "record": scan,
                "daemon_cpu_ns": machine.cpu_clock_ns(self.service.pid) - daemon_ns,
                "daemon_threads_ns": {name: used - threads.get(name, 0)
                                      for name, used in self.threads().items()}}

    def stop(self):
        self.service.__exit__(None, None, None)


class OursEverywhere(Ours):
    """Ours without KeepCoresFree: what the place is worth, and what it costs."""

    name = "ours+all-cpus"
    how = "load factor, on all CPUs"

    def __init__(self, context, accounts, target_pct):
        super().__init__(context, accounts, target_pct, {"KeepCoresFree": False})


CONTENDERS = {kind.name: kind for kind in (Ours, ClamdCpulimit, ClamdCgroup, Clamd,
                                           ClamdCgroupIdle, OursEverywhere)}
LIMITED = ("ours", "clamd+cpulimit", "clamd+cgroup")
UNLIMITED = ("ours", "clamd")
