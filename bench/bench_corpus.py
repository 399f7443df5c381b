# SPDX-License-Identifier: GPL-2.0-or-later
"""What bench/governor scans, and the signatures it scans with.

Both are computed from a seed, so that two runs on one machine scan the same bytes. Only the
copies of programs come from the machine (/usr/bin in the order of its names); the digest of
the whole is in the results, so that figures of two corpora are never compared unawares.

The files stand for what lies on a server: texts of many sizes, HTML with scripts, sources,
bytes without a pattern, programs, zip and tar.gz archives, PDFs, mails. No two are alike:
clamd remembers the hash of what was clean. The infected ones are the project's own samples of
the EICAR test string in containers, decoded by corpus-decode.

`main` also has one archive on which the engine computes for some seconds, since who limits
only between files shows it there. `short` is an eighth of it, for targets so low that the whole
would take all day. `long` is nothing but archives of ten seconds each: a limit that is kept
in the middle of a file is kept there too.
"""

import gzip
import hashlib
import io
import os
import pathlib
import random
import shutil
import subprocess
import tarfile
import zipfile
import zlib

SEED = 20261124
WORDS = ("alpha river stone cloud window paper garden number signal quiet morning engine bridge "
         "silver copper letter market island summer winter account machine report folder result "
         "reader value index customer invoice total update request answer server client").split()

# How many files of a kind `main` has, in proportion to what is on a server. bench/governor
# multiplies them so that libclamav computes for about half a minute on `main`, and 4 s on
# `short`, whatever the machine.
KINDS = (("txt", 2000), ("html", 540), ("c", 920), ("bin", 330), ("elf", 200), ("zip", 130),
         ("tar.gz", 100), ("pdf", 200), ("eml", 200))
SHORT_SHARE = 0.13
LONG_MEMBERS = 420          # of the archive that keeps the engine busy for seconds
TEN_SECONDS_MEMBERS = 1800  # of each archive of `long`
ELF_MAX_BYTES = 1 << 20
FIXED_TIME = (2026, 1, 1, 0, 0, 0)


def words(dice, n):
    return " ".join(dice.choices(WORDS, k=n))


def text(dice, n_bytes):
    lines = []
    size = 0
    while size < n_bytes:
        line = words(dice, dice.randint(4, 14)).capitalize() + "."
        size += len(line) + 1
        lines.append(line)
    return ("\n".join(lines) + "\n").encode()


def html(dice, n_bytes):
    parts = ["<!DOCTYPE html><html><head><title>%s</title></head><body>" % words(dice, 3)]
    size = 0
    while size < n_bytes:
        part = ('<p class="%s">%s</p><script>var %s = %d; function %s() { return "%s"; }</script>'
                % (dice.choice(WORDS), words(dice, 12), dice.choice(WORDS), dice.randrange(9999),
                   dice.choice(WORDS), words(dice, 5)))
        size += len(part)
        parts.append(part)
    return "\n".join(parts + ["</body></html>"]).encode()


def source(dice, n_bytes):
    parts = ["#include <stdio.h>\n"]
    size = 0
    while size < n_bytes:
        part = ("static int %s_%s(int %s)\n{\n\treturn %s * %d; /* %s */\n}\n"
                % (dice.choice(WORDS), dice.choice(WORDS), dice.choice(WORDS),
                   dice.choice(WORDS), dice.randrange(9999), words(dice, 6)))
        size += len(part)
        parts.append(part)
    return "".join(parts).encode()


def zipped(dice, n_members, n_bytes):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(n_members):
            info = zipfile.ZipInfo(f"{i:04d}.txt", FIXED_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, text(dice, n_bytes))
    return out.getvalue()


def tarred(dice, n_members, n_bytes):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for i in range(n_members):
            data = source(dice, n_bytes)
            info = tarfile.TarInfo(f"{i:04d}.c")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return gzip.compress(out.getvalue(), mtime=0)


def pdf(dice, n_bytes):
    """One page a stream, deflated; enough of the format for the engine to unpack it."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>"]
    stream = zlib.compress(b"BT /F1 12 Tf (" + text(dice, n_bytes) + b") Tj ET")
    objects.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream"
                   % (len(stream), stream))
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1,
                                                                             start)
    return bytes(out)


def mail(dice, n_bytes):
    head = ("From: %s@example.org\nTo: %s@example.org\nSubject: %s\nMIME-Version: 1.0\n"
            "Content-Type: text/plain\n\n"
            % (dice.choice(WORDS), dice.choice(WORDS), words(dice, 4)))
    return head.encode() + text(dice, n_bytes)


def size_of(dice, least, most):
    """Many small, few large, as on a disk."""
    return int(least * (most / least) ** (dice.random() ** 2))


def content(kind, dice, programs):
    """The bytes of one file of a kind."""
    if kind == "txt":
        return text(dice, size_of(dice, 600, 120_000))
    if kind == "html":
        return html(dice, size_of(dice, 2_000, 60_000))
    if kind == "c":
        return source(dice, size_of(dice, 1_000, 60_000))
    if kind == "bin":
        return dice.randbytes(size_of(dice, 2_000, 300_000))
    if kind == "elf":
        program = programs[dice.randrange(len(programs))]
        return program.read_bytes() + dice.randbytes(16)  # an overlay makes it unlike the others
    if kind == "zip":
        return zipped(dice, dice.randint(2, 12), 4_000)
    if kind == "tar.gz":
        return tarred(dice, dice.randint(2, 12), 4_000)
    if kind == "pdf":
        return pdf(dice, size_of(dice, 4_000, 80_000))
    return mail(dice, size_of(dice, 1_000, 20_000))


def find_programs(folder="/usr/bin"):
    """ELF files that are neither large nor tiny, in the order of their names."""
    found = []
    for path in sorted(pathlib.Path(folder).iterdir()):
        if path.is_symlink() or not path.is_file():
            continue
        if 20_000 <= path.stat().st_size <= ELF_MAX_BYTES:
            with open(path, "rb") as file:
                if file.read(4) == b"\x7fELF":
                    found.append(path)
    return found


class Corpus:
    """One tree: where it is, how many files it has, and what is to be found in it."""

    def __init__(self, name, folder):
        self.name = name
        self.folder = pathlib.Path(folder)
        self.infected = set()   # paths relative to the folder
        self.n_files = 0
        self.n_bytes = 0
        self.digest = hashlib.sha256()

    def add(self, path, data):
        full = self.folder / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(data)
        self.n_files += 1
        self.n_bytes += len(data)
        self.digest.update(b"%s\0%d\0" % (path.encode(), len(data)))
        self.digest.update(data)

    def warm(self):
        """Read everything once: every contender finds the same page cache."""
        for folder, _, names in os.walk(self.folder):
            for name in names:
                with open(os.path.join(folder, name), "rb", buffering=0) as file:
                    while file.read(1 << 20):
                        pass

    def describe(self):
        return {"name": self.name, "files": self.n_files, "bytes": self.n_bytes,
                "infected": len(self.infected), "sha256": self.digest.hexdigest()}


def make_corpus(name, folder, share, samples, has_long):
    """Fill a folder; `share` of KINDS, plus every infected sample."""
    corpus = Corpus(name, folder)
    programs = find_programs()
    if not programs:
        raise RuntimeError("no programs in /usr/bin to copy")
    for kind, n in KINDS:
        for i in range(max(1, round(n * share))):
            dice = random.Random(f"{SEED}/{name}/{kind}/{i}")
            corpus.add(f"d{i % 23:02d}/{kind.replace('.', '')}{i:05d}.{kind}",
                       content(kind, dice, programs))
    for i, sample in enumerate(sorted(samples.iterdir())):
        path = f"d{i % 23:02d}/sample-{sample.name}"
        corpus.add(path, sample.read_bytes())
        corpus.infected.add(path)
    if has_long:
        corpus.add("d11/long.zip", zipped(random.Random(f"{SEED}/long"), LONG_MEMBERS, 4_000))
    for parent in [corpus.folder, *corpus.folder.rglob("*")]:
        parent.chmod(0o755 if parent.is_dir() else 0o644)  # others' scanners have their own uid
    return corpus


def make_long_corpus(folder, n):
    """`n` archives on each of which the engine computes for about ten seconds."""
    corpus = Corpus("long", folder)
    for i in range(n):
        dice = random.Random(f"{SEED}/ten/{i}")
        corpus.add(f"long{i:02d}.zip", zipped(dice, TEN_SECONDS_MEMBERS, 4_000))
    corpus.folder.chmod(0o755)
    return corpus


def decode_samples(decoder, source_dir, folder):
    """The project's infected samples, as a folder of files."""
    subprocess.run([decoder, source_dir, str(folder)], check=True, timeout=60)
    return pathlib.Path(folder) / "detect"


# ---- signatures -------------------------------------------------------------------------

N_HASHES, N_PATTERNS, N_LOGICAL = 100_000, 20_000, 5_000
TARGETS = (0, 0, 0, 1, 1, 1, 3, 4, 6, 7)  # any, PE, HTML, mail, ELF, ASCII: as in real sets
PHRASES = ("eval(unescape(", "cmd.exe /c ", "powershell -enc ", "/bin/sh -i ", "base64_decode(",
           "document.write(", "CreateRemoteThread", "wget http://", "chmod +x ", "<iframe src=")


def pattern(dice):
    """Hexadecimal: random bytes, or text with something random in it; some with a gap."""
    if dice.random() < 0.3:
        head = dice.choice(PHRASES).encode().hex()
        return head + dice.randbytes(dice.randint(8, 16)).hex()
    body = dice.randbytes(dice.randint(12, 32)).hex()
    if dice.random() < 0.2:
        body += "{4-16}" + dice.randbytes(8).hex()
    return body


def logical(dice, number):
    parts = [pattern(dice) for _ in range(dice.randint(2, 4))]
    terms = "&".join(str(i) for i in range(len(parts)))
    return (f"Bench.Logical.{number};Engine:51-255,Target:{dice.choice(TARGETS)};({terms});"
            + ";".join(parts))


def make_signatures(folder, starter, scale=1.0):
    """A signature set about as dear as a real one's daily part, and the starter signatures.

    Per-file cost goes with the number of logical signatures, memory with patterns and hashes.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    dice = random.Random(f"{SEED}/signatures")
    with open(folder / "bench.hdb", "w", encoding="ascii") as file:
        for i in range(int(N_HASHES * scale)):
            size = dice.randint(600, 4_000_000)
            file.write(f"{dice.randbytes(16).hex()}:{size}:Bench.Hash.{i}\n")
    with open(folder / "bench.ndb", "w", encoding="ascii") as file:
        for i in range(int(N_PATTERNS * scale)):
            file.write(f"Bench.Pattern.{i}:{dice.choice(TARGETS)}:*:{pattern(dice)}\n")
    with open(folder / "bench.ldb", "w", encoding="ascii") as file:
        for i in range(int(N_LOGICAL * scale)):
            file.write(logical(dice, i) + "\n")
    for file in sorted(pathlib.Path(starter).iterdir()):
        shutil.copy(file, folder / file.name)
    for path in [folder, *folder.iterdir()]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return {"hashes": int(N_HASHES * scale), "patterns": int(N_PATTERNS * scale),
            "logical": int(N_LOGICAL * scale)}
