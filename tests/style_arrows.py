#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A wrong arrow does not compile: prove it, for every pair of folders.

Usage: style_arrows.py BUILD_DIR

README.md's folder map says which folder may use which. For each folder this
takes the compiler flags of its own sources from compile_commands.json (a folder
may be several libraries, each with arrows of its own) and lets the compiler look
at one line, #include "HEADER", for a header of each other folder: along an arrow
some of them find it, against one none does.
"""

import json
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ARROWS = {
    "base": set(),
    "throttle": {"base"},
    "scanner": {"base", "throttle"},
    "reporting": {"base"},
    "remediation": {"base", "throttle"},
    "scheduler": {"base", "throttle", "scanner", "reporting", "remediation"},
    "service": {"base", "throttle", "scanner", "reporting", "remediation", "scheduler"},
    "console": {"base"},
}


def flags_of(folder, commands):
    """The different sets of preprocessor flags of a folder's sources, compiler first."""
    found = []
    for entry in commands:
        if pathlib.Path(entry["file"]).parent != ROOT / folder:
            continue
        words = shlex.split(entry["command"])
        keep = [words[0]]
        for word, following in zip(words, words[1:] + [""]):
            if word in ("-iquote", "-isystem", "-I"):
                keep += [word, following]
            elif word.startswith(("-I", "-D", "-std=")):
                keep.append(word)
        if keep not in found:
            found.append(keep)
    return found


def is_found(flags, header):
    """Whether the compiler finds a header (what is in it does not matter)."""
    result = subprocess.run([*flags, "-E", "-o", "/dev/null", "-x", "c", "-"],
        input=f'#include "{header}"\n', capture_output=True, text=True, check=False)
    missing = f"{header}: No such file" in result.stderr or f"'{header}' file not found" in result.stderr
    return not missing


def main(arguments):
    if len(arguments) != 1:
        print("usage: style_arrows.py BUILD_DIR", file=sys.stderr)
        return 64
    commands = json.loads((pathlib.Path(arguments[0]) / "compile_commands.json").read_text())
    status, n_checked = 0, 0
    for folder, allowed in ARROWS.items():
        sets = flags_of(folder, commands)
        if not sets:
            print(f"{folder}: no source in compile_commands.json")
            status = 1
            continue
        for other in ARROWS:
            if other == folder:
                continue
            headers = sorted((ROOT / other).glob("*.h"))
            if not headers:
                continue
            found = any(is_found(flags, headers[0].name) for flags in sets)
            n_checked += 1
            if found != (other in allowed):
                how = "does not compile" if other in allowed else "compiles"
                print(f"{folder} -> {other}: {how} ({headers[0].name})")
                status = 1
    print(f"{n_checked} pairs of folders checked")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
