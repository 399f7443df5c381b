# SPDX-License-Identifier: GPL-2.0-or-later
"""A real antivirus beside us: clamd and clamonacc in prevention mode.

Private configuration, sockets and logs in one folder, which must not be below
what is watched; ended by pid. clamonacc 1.4 crashes now and then while it sets
its marks ("has experienced a fatal error"): then it is started again.

    with ClamavOnAccess(folder, watched, signatures, probe) as other:
        ...  # an infected file below `watched` cannot be opened
"""

import ctypes
import errno
import os
import pathlib
import re
import subprocess
import time

FAN_CLASS_CONTENT = 4
DEADLINE_S = 60
STARTS_MAX = 5


def refused():
    """Why the kernel gives us no permission marks; "" = it does."""
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.fanotify_init(FAN_CLASS_CONTENT, os.O_RDONLY)
    if fd < 0:
        return os.strerror(ctypes.get_errno())
    os.close(fd)
    return ""


class ClamavOnAccess:
    """Started when it is entered, ready when it denies a file."""

    def __init__(self, folder, watched, signatures, probe):
        """`probe` is an infected file below `watched`."""
        self.probe = pathlib.Path(probe)
        self.folder = pathlib.Path(folder)
        self.watched = pathlib.Path(watched)
        self.socket = self.folder / "clamd.sock"
        self.config = self.folder / "clamd.conf"
        self.log = self.folder / "log"
        self.signatures = signatures
        self.processes = []

    def write_config(self):
        self.folder.mkdir(exist_ok=True)
        self.config.write_text("".join(line + "\n" for line in (
            f"DatabaseDirectory {self.signatures}", f"LocalSocket {self.socket}",
            f"TemporaryDirectory {self.folder}", "Foreground yes", "User root",
            "OfficialDatabaseOnly no", "MaxThreads 2", "ConcurrentDatabaseReload no",
            f"OnAccessIncludePath {self.watched}", "OnAccessPrevention yes",
            "OnAccessExcludeUID 54321")))

    def spawn(self, *command):
        """It dies with the test: nobody may be left who decides on files."""
        with open(self.log, "ab") as out:
            process = subprocess.Popen(("setpriv", "--pdeathsig", "KILL", *command),
                                       stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.processes.append(process)
        return process

    def wait(self, what, condition):
        end = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < end, (
                f"not within {DEADLINE_S} s: {what}\n{self.log.read_text(errors='replace')}")
            time.sleep(0.05)

    def has_marks(self):
        """Whether clamonacc has a permission mark."""
        for path in pathlib.Path(f"/proc/{self.pid}/fdinfo").iterdir():
            try:
                lines = path.read_text().splitlines()
            except OSError:
                continue
            for line in lines:
                mask = re.search(r"^fanotify .* mask:([0-9a-f]+)", line)
                if mask and int(mask[1], 16) & 0x70000:
                    return True
        return False

    def has_failed(self):
        return self.processes[1].poll() is not None or "fatal error" in self.log.read_text(
            errors="replace")

    def start_onacc(self, probe):
        """Start it until it denies the infected file `probe`."""
        for _ in range(STARTS_MAX):
            self.spawn("/usr/sbin/clamonacc", "--foreground", "--fdpass", "--config-file",
                       str(self.config))
            self.wait("clamonacc denies", lambda: self.has_failed() or (
                self.has_marks() and self.is_denied(probe)))
            if not self.has_failed():
                return
            self.stop(self.processes.pop())
            self.log.rename(self.log.with_name(f"log.{time.monotonic_ns()}"))
        raise AssertionError(f"clamonacc failed {STARTS_MAX} times, see {self.folder}")

    @property
    def pid(self):
        """Of clamonacc, which has the marks."""
        return self.processes[1].pid

    def is_denied(self, path):
        try:
            os.close(os.open(path, os.O_RDONLY))
        except OSError as error:
            return error.errno == errno.EPERM
        return False

    def scan(self, path):
        """What clamdscan says of a path: 0 nothing found, 1 something, 2 an error."""
        with open(self.log, "ab") as out:
            return subprocess.run(("/usr/bin/clamdscan", "--fdpass", "--no-summary", "--config-file",
                                   str(self.config), str(path)), stdin=subprocess.DEVNULL,
                                  stdout=out, stderr=out, check=False).returncode

    def found(self):
        """The paths in which it has found anything so far."""
        return set(re.findall(r"^(?:.* -> )?(/.*): \S+ FOUND$", self.log.read_text(errors="replace"),
                              re.MULTILINE))

    def __enter__(self):
        self.write_config()
        try:
            self.spawn("/usr/sbin/clamd", "--config-file", str(self.config))
            self.wait("clamd answers", self.socket.exists)
            self.start_onacc(self.probe)
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *args):
        self.end()

    @staticmethod
    def stop(process):
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def end(self):
        for process in reversed(self.processes):
            self.stop(process)
        self.processes = []
