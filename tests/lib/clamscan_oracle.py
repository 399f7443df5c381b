# SPDX-License-Identifier: GPL-2.0-or-later
"""What clamscan says about files: the independent answer our verdicts are compared with.

clamscan runs with the same signatures, without all-match, with limits that
alert (--alert-exceeds-max, which our engine has too) and without its wall-clock
limit, which is off in our engine: a paused scan that ran past it would be clean.
"""

import os
import re
import subprocess
import tempfile

OPTIONS = ["--stdout", "--no-summary", "--alert-exceeds-max=yes", "--max-scantime=0",
           "--allmatch=no"]
LIMIT = re.compile(rb"Heuristics\.Limits\.Exceeded")


def verdict_of(answer):
    """Our words for one answer of clamscan: (result, threat or "")."""
    if answer.endswith(b" FOUND"):
        name = answer[:-len(b" FOUND")]
        return ("incomplete", "") if LIMIT.match(name) else ("infected", name.decode())
    if answer in (b"OK", b"Empty file"):
        return "clean", ""
    return "incomplete", ""


def of_one(path, signatures):
    """Verdict of one file, whatever its name is."""
    raw = os.fsencode(path)
    done = subprocess.run(["clamscan", *OPTIONS, "-d", str(signatures), b"--", raw],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if not done.stdout.startswith(raw + b": "):
        raise AssertionError(f"clamscan said {done.stdout!r} about {raw!r}")
    return verdict_of(done.stdout[len(raw) + 2:].rstrip(b"\n"))


def of_many(paths, signatures, n_processes=2):
    """{path as bytes: verdict} of files whose names hold no line feed."""
    raw = [os.fsencode(path) for path in paths]
    assert not any(b"\n" in path for path in raw)
    running = []
    for part in range(n_processes):
        listing = tempfile.NamedTemporaryFile(prefix="qs-list-")
        listing.write(b"".join(path + b"\n" for path in raw[part::n_processes]))
        listing.flush()
        output = tempfile.TemporaryFile()
        process = subprocess.Popen(["clamscan", *OPTIONS, "-d", str(signatures),
                                    f"--file-list={listing.name}"],
                                   stdout=output, stderr=subprocess.DEVNULL)
        running.append((process, listing, output))
    verdicts = {}
    for process, listing, output in running:
        process.wait()
        output.seek(0)
        for line in output.read().split(b"\n"):
            if not line:
                continue
            path, _, answer = line.rpartition(b": ")
            verdicts[path] = verdict_of(answer)
        listing.close()
        output.close()
    return verdicts


def differences(ours, theirs):
    """Lines for people: each path on which two {path: (result, threat)} disagree."""
    lines = []
    for path in sorted(set(ours) | set(theirs)):
        mine, other = ours.get(path), theirs.get(path)
        if mine != other:
            lines.append(f"{os.fsdecode(path)!r}: quietscan {mine}, clamscan {other}")
    return lines
