# SPDX-License-Identifier: GPL-2.0-or-later
"""Mounts of a test, and the helpers that make them awkward (tests/lib/hangfs.c, tests/lib/permlisten.c)."""

import contextlib
import subprocess

import pytest

from quietscan_harness import build_dir


def unmount(point):
    """Lazily, so that nothing that hangs can hold it."""
    subprocess.run(["umount", "-l", str(point)], check=False, stderr=subprocess.DEVNULL)


@contextlib.contextmanager
def helper(name, *arguments):
    """A helper process that says "ready"; its end lets go of all that hangs."""
    process = subprocess.Popen([str(build_dir() / "tests" / name), *map(str, arguments)],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        if process.stdout.readline() != b"ready\n":
            pytest.skip(f"{name} cannot be used here")
        yield process
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()


@contextlib.contextmanager
def tmpfs(point):
    """A local file system of its own."""
    point.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(point)], check=True)
    try:
        yield point
    finally:
        unmount(point)
