#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run a test that counts what stays in the page cache.

Usage: steady_cache.py COMMAND...

The kernel may drop clean pages at any time, for want of memory or because it is
told to reclaim what is idle (DAMON); some machines do so within seconds. A count
that is too low then says nothing of us. So a file of our own that no test touches
is kept in the cache beside the command. When the command fails, it is run again
only if pages of that file went too, and it must succeed once in some attempts: a
fault of ours fails all of them, and fails at once where the cache is steady.
"""

import ctypes
import mmap
import os
import subprocess
import sys
import tempfile
import time

CONTROL_BYTES = 128 << 20
ATTEMPTS = 6
WATCH_S = 20.0

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int,
                      ctypes.c_long]
libc.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
MAP_FAILED = ctypes.c_void_p(-1).value
PROT_NONE = 0


class Control:
    """A file that is wholly cached until somebody else drops pages of it."""

    def __init__(self):
        self.file = tempfile.TemporaryFile()
        self.file.write(b"." * CONTROL_BYTES)
        self.file.flush()
        os.fsync(self.file.fileno())

    def fill(self):
        """All of it is cached again; the count that is to stay."""
        self.file.seek(0)
        while self.file.read(1 << 20):
            pass
        return self.n_cached()

    def n_cached(self):
        """Its cached pages; mapped without access, so that looking is no use of them."""
        address = libc.mmap(None, CONTROL_BYTES, PROT_NONE, mmap.MAP_SHARED, self.file.fileno(), 0)
        if address == MAP_FAILED:
            raise OSError(ctypes.get_errno(), "mmap")
        there = ctypes.create_string_buffer(CONTROL_BYTES // mmap.PAGESIZE)
        try:
            if libc.mincore(address, CONTROL_BYTES, there) != 0:
                raise OSError(ctypes.get_errno(), "mincore")
        finally:
            libc.munmap(address, CONTROL_BYTES)
        return sum(byte & 1 for byte in there.raw)


def is_losing(control, n_before):
    """Whether pages went since then, or go within some seconds."""
    end = time.monotonic() + WATCH_S
    while control.n_cached() >= n_before:
        if time.monotonic() > end:
            return False
        time.sleep(0.5)
    return True


def main(command):
    if not command:
        print("usage: steady_cache.py COMMAND...", file=sys.stderr)
        return 64
    status = subprocess.run(command, check=False).returncode
    if status in (0, 77):
        return status
    control = Control()
    for attempt in range(2, ATTEMPTS + 1):
        n_before = control.fill()
        if not is_losing(control, n_before):
            print("steady_cache: the kernel keeps what is cached: the failure stands")
            return status
        print(f"steady_cache: the kernel drops cached pages of its own accord: attempt {attempt}",
              flush=True)
        status = subprocess.run(command, check=False).returncode
        if status in (0, 77):
            return status
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
