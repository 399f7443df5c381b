#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Run a command in a PID namespace of its own, with a /proc that shows nothing else.

Usage: own_pids.py COMMAND [ARGUMENT ...]

For tests of what ends processes that it finds: a mistake there must not reach the
machine's, nor those of another test. Exits 77 where there can be no such namespace.
"""

import os
import subprocess
import sys

UNSHARE = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]

if subprocess.run([*UNSHARE, "true"], check=False).returncode != 0:
    print("no PID namespace can be made here")
    sys.exit(77)
os.execvp(UNSHARE[0], [*UNSHARE, *sys.argv[1:]])
