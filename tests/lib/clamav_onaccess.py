# SPDX-License-Identifier: GPL-2.0-or-later
"""A real antivirus beside us: clamd and clamonacc in prevention mode.

Private configuration, sockets and logs in one folder, which must not be below
what is watched; ended by pid.

    with ClamavOnAccess(folder, watched, signatures) as other:
        ...  # an infected file below `watched` cannot be opened
"""

import ctypes
import ctypes.util
import errno
import os
import pathlib
import subprocess
import time

FAN_CLASS_CONTENT = 4
DEADLINE_S = 60


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

    def __init__(self, folder, watched, signatures):
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
        with open(self.log, "ab") as out:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.processes.append(process)
        return process

    def wait(self, what, condition):
        end = time.monotonic() + DEADLINE_S
        while not condition():
            dead = [p.args[0] for p in self.processes if p.poll() is not None]
            assert not dead and time.monotonic() < end, (
                f"{what}; ended: {dead}\n{self.log.read_text(errors='replace')}")
            time.sleep(0.05)

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

    def __enter__(self):
        self.write_config()
        try:
            self.spawn("/usr/sbin/clamd", "--config-file", str(self.config))
            self.wait("clamd answers", self.socket.exists)
            self.spawn("/usr/sbin/clamonacc", "--foreground", "--fdpass", "--config-file",
                       str(self.config), "--log", str(self.folder / "onacc.log"))
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *args):
        self.end()

    def end(self):
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes = []
