#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Make corpus/samples/*.xor and corpus/MANIFEST again, byte for byte.

Standard library only, and no clock, no randomness: two runs give the same
bytes, so a reviewer can check that nothing but what is described here is in
the samples (the packers' output is that of Debian 12's python3). The only thing in them that a scanner detects is the EICAR test
string, which this file never holds whole.

Usage: corpus/make_samples.py [--check]
  --check  write nothing; exit 1 when what is stored differs.
"""

import base64
import binascii
import bz2
import gzip
import io
import lzma
import pathlib
import struct
import sys
import tarfile
import zipfile
import zlib

HERE = pathlib.Path(__file__).resolve().parent
KEY = 0xA5  # each stored byte is the real one XOR this; corpus_decode.c has the same

# The 68 bytes of https://www.eicar.org/download-anti-malware-testfile/, in two
# halves, so that neither this file nor its compiled form is one.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
assert len(EICAR) == 68 and zlib.crc32(EICAR) == 0x6851CF3C

THREAT = "Eicar-Test-Signature.UNOFFICIAL"
DOS_DATE = (2026, 1, 1, 0, 0, 0)
TEXT = b"Nothing to see here: a file that is as harmless as it looks.\n"


def zipped(members, method=zipfile.ZIP_DEFLATED):
    """A zip of (name, bytes) pairs, with a fixed date."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, DOS_DATE)
            info.compress_type = method
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return out.getvalue()


def tarred(members):
    """A tar of (name, bytes) pairs, owner root, time 0."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def gzipped(data):
    return gzip.compress(data, mtime=0)


def xzed(data):
    return lzma.compress(data, check=lzma.CHECK_CRC32)


def cpio(members):
    """The "newc" form of cpio(5)."""
    out = b""
    for number, (name, data) in enumerate(list(members) + [("TRAILER!!!", b"")], 1):
        raw = name.encode() + b"\0"
        fields = (number, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(raw), 0)
        out += b"070701" + b"".join(b"%08X" % field for field in fields) + raw
        out += b"\0" * (-len(out) % 4)
        out += data
        out += b"\0" * (-len(out) % 4)
    return out


def seven_number(value):
    """A number as 7-Zip writes it (7zFormat.txt, "NUMBER"), below 2^14."""
    return bytes([value]) if value < 0x80 else bytes([0x80 | value >> 8, value & 0xFF])


def seven_zipped(name, data):
    """A 7z of one file, LZMA, header not packed (7zFormat.txt)."""
    filters = [{"id": lzma.FILTER_LZMA1, "lc": 3, "lp": 0, "pb": 2, "dict_size": 1 << 16}]
    packed = lzma.compress(data, format=lzma.FORMAT_RAW, filters=filters)
    properties = bytes([(2 * 5 + 0) * 9 + 3]) + struct.pack("<I", 1 << 16)
    coder = b"\x23\x03\x01\x01" + seven_number(len(properties)) + properties
    streams = (
        b"\x04"
        + b"\x06" + seven_number(0) + seven_number(1)
        + b"\x09" + seven_number(len(packed)) + b"\x00"
        + b"\x07\x0b" + seven_number(1) + b"\x00" + seven_number(1) + coder
        + b"\x0c" + seven_number(len(data)) + b"\x00"
        + b"\x08\x0a\x01" + struct.pack("<I", zlib.crc32(data)) + b"\x00"
        + b"\x00"
    )
    utf16 = b"\x00" + name.encode("utf-16-le") + b"\0\0"
    files = b"\x05" + seven_number(1) + b"\x11" + seven_number(len(utf16)) + utf16 + b"\x00"
    header = b"\x01" + streams + files + b"\x00"
    start = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    signature = b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", zlib.crc32(start))
    return signature + start + packed + header


def both(fmt, value):
    """A number in both byte orders, as ECMA-119 wants it."""
    return struct.pack("<" + fmt, value) + struct.pack(">" + fmt, value)


def iso_record(name, extent, size, flags):
    """ECMA-119 9.1, a directory record."""
    body = b"\0" + both("I", extent) + both("I", size) + bytes([126, 1, 1, 0, 0, 0, 0])
    body += bytes([flags, 0, 0]) + both("H", 1) + bytes([len(name)]) + name
    body += b"\0" * ((len(body) + 1) % 2)
    return bytes([len(body) + 1]) + body


def iso(name, data):
    """An ISO 9660 image of one file: 16 empty sectors, descriptors, root, file."""
    sector = 2048
    root, extent = 18, 19
    entry = iso_record(b"\0", root, sector, 2)
    directory = entry + iso_record(b"\1", root, sector, 2)
    directory += iso_record(name + b";1", extent, len(data), 0)
    volume = b"\x01CD001\x01\0" + b" " * 32 + b"CORPUS".ljust(32) + b"\0" * 8
    volume += both("I", extent + 1) + b"\0" * 32 + both("H", 1) + both("H", 1)
    volume += both("H", sector) + both("I", 10) + struct.pack("<IIII", 0, 0, 0, 0)
    volume += entry
    volume = volume.ljust(sector, b"\0")
    end = b"\xffCD001\x01".ljust(sector, b"\0")
    file = data.ljust(-(-len(data) // sector) * sector, b"\0")
    return b"\0" * 16 * sector + volume + end + directory.ljust(sector, b"\0") + file


def eml(name, data):
    """A mail with one base64 attachment."""
    body = base64.encodebytes(data).replace(b"\n", b"\r\n")
    return (
        b"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: the file you asked for\r\n"
        b"Date: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_1\"\r\n\r\n"
        b"--=_1\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nSee attachment.\r\n"
        b"--=_1\r\nContent-Type: application/octet-stream; name=\"" + name + b"\"\r\n"
        b"Content-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment; filename=\"" + name + b"\"\r\n\r\n"
        + body + b"--=_1--\r\n"
    )


def mbox_uu(name, data):
    """A mailbox whose second mail holds a uuencoded file."""
    lines = b"".join(binascii.b2a_uu(data[i:i + 45]) for i in range(0, len(data), 45))
    first = b"From a@example.org Thu Jan  1 00:00:00 2026\nFrom: a@example.org\nSubject: one\n\nHi\n\n"
    second = b"From b@example.org Thu Jan  1 00:00:01 2026\nFrom: b@example.org\nSubject: two\n\n"
    return first + second + b"begin 644 " + name + b"\n" + lines + b"`\nend\n\n"


def pdf(attachment):
    """A PDF of one empty page with an embedded file, deflated."""
    packed = zlib.compress(attachment)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names"
        b" [(a.com) 4 0 R] >> >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >>",
        b"<< /Type /Filespec /F (a.com) /EF << /F 5 0 R >> >>",
        b"<< /Type /EmbeddedFile /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed)
        + packed + b"\nendstream",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    xref = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, xref)


def docx(embedding):
    """The least that is a Word document, with an embedded object."""
    return zipped([
        ("[Content_Types].xml",
            b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
            b'content-types"><Default Extension="xml" ContentType="application/vnd.openxmlformats'
            b'-officedocument.wordprocessingml.document.main+xml"/></Types>'),
        ("_rels/.rels",
            b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/'
            b'2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/'
            b'officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
            b'</Relationships>'),
        ("word/document.xml",
            b'<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/'
            b'wordprocessingml/2006/main"><w:body><w:p/></w:body></w:document>'),
        ("word/embeddings/oleObject1.bin", embedding),
    ])


def zip_crypto(name, data, password):
    """A zip with the traditional PKWARE encryption (APPNOTE 6.1), stored."""
    table = [0] * 256  # zlib.crc32() inverts before and after; APPNOTE's does not
    for n in range(256):
        c = n
        for _ in range(8):
            c = (c >> 1) ^ (0xEDB88320 if c & 1 else 0)
        table[n] = c
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte):
        keys[0] = (keys[0] >> 8) ^ table[(keys[0] ^ byte) & 0xFF]
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = (keys[2] >> 8) ^ table[(keys[2] ^ (keys[1] >> 24)) & 0xFF]

    for byte in password:
        update(byte)
    crc = zlib.crc32(data)
    cipher = bytearray()
    for byte in bytes(11) + bytes([crc >> 24]) + data:
        t = keys[2] | 2
        cipher.append(byte ^ ((t * (t ^ 1) >> 8) & 0xFF))
        update(byte)
    fixed = struct.pack("<HHHHHIIIHH", 20, 1, 0, 0, 0x5C21, crc, len(cipher), len(data), len(name), 0)
    local = b"PK\x03\x04" + fixed + name + bytes(cipher)
    central = b"PK\x01\x02" + struct.pack("<H", 20) + fixed + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end


def elf():
    """An ELF64 that calls exit(0): a benign executable of 132 bytes."""
    code = b"\x31\xff\xb8\x3c\x00\x00\x00\x0f\x05"
    size = 120 + len(code)
    head = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    head += struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0x400078, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    program = struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, size, size, 4096)
    return head + program + code


def png():
    """One grey pixel."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b""))


def deep(levels):
    """A zip in a zip in a zip …, with the test file in the innermost."""
    data, name = EICAR, "eicar.com"
    for level in range(levels):
        data, name = zipped([(name, data)]), "level%d.zip" % level
    return data


def samples():
    """(path in the tree, bytes or None, verdict, threat or "-", origin)."""
    eicar_zip = zipped([("eicar.com", EICAR)])
    tar_gz = gzipped(tarred([("readme.txt", TEXT), ("inner/eicar.zip", eicar_zip)]))
    nested = zipped([("first.txt", TEXT), ("backup.tar.gz", tar_gz)])
    noise = bytes((i * i * 31 + i * 7) >> 3 & 0xFF for i in range(4096))
    found, clean = ("infected", THREAT), ("clean", "-")
    made = "made by corpus/make_samples.py: "
    return [
        ("detect/eicar.com", EICAR, *found, "the test string of eicar.org, 68 bytes"),
        ("detect/eicar-crlf.com", EICAR + b"\r\n", *found,
            made + "the test string and a line end, as an editor leaves it"),
        ("detect/eicar.zip", eicar_zip, *found, made + "zip, deflated"),
        ("detect/eicar-stored.zip", zipped([("eicar.com", EICAR)], zipfile.ZIP_STORED), *found,
            made + "zip, stored"),
        ("detect/nested.zip", nested, *found, made + "zip in tar.gz in zip"),
        ("detect/last-member.zip",
            zipped([("%03d.txt" % i, TEXT * 20) for i in range(60)] + [("eicar.com", EICAR)]), *found,
            made + "zip with the test file as the last of 61 members"),
        ("detect/eicar.tar", tarred([("eicar.com", EICAR)]), *found, made + "tar"),
        ("detect/eicar.tar.gz", gzipped(tarred([("eicar.com", EICAR)])), *found, made + "tar.gz"),
        ("detect/eicar.com.gz", gzipped(EICAR), *found, made + "gzip"),
        ("detect/eicar.com.bz2", bz2.compress(EICAR), *found, made + "bzip2"),
        ("detect/eicar.com.xz", xzed(EICAR), *found, made + "xz"),
        ("detect/eicar.cpio", cpio([("eicar.com", EICAR)]), *found, made + "cpio, newc"),
        ("detect/eicar.7z", seven_zipped("eicar.com", EICAR), *found, made + "7z, LZMA"),
        ("detect/eicar.iso", iso(b"EICAR.COM", EICAR), *found, made + "ISO 9660 image"),
        ("detect/attachment.eml", eml(b"eicar.com", EICAR), *found, made + "mail, base64"),
        ("detect/zip-attachment.eml", eml(b"backup.zip", nested), *found,
            made + "mail, base64, zip in tar.gz in zip"),
        ("detect/mailbox.mbox", mbox_uu(b"eicar.com", EICAR), *found, made + "mailbox, uuencoded"),
        ("detect/attachment.pdf", pdf(EICAR), *found, made + "PDF with an embedded file"),
        ("detect/embedded.docx", docx(EICAR), *found, made + "Word document, embedded object"),
        # names: a name is bytes; each of these is a file that was missed by something once
        ("names/new\\nline.com", EICAR, *found, "a line feed in the name"),
        ("names/\\xff\\xfe not utf-8.com", EICAR, *found, "bytes that are no UTF-8"),
        ("names/ leading space.com", EICAR, *found, "a space first"),
        ("names/-dash.com", EICAR, *found, "looks like an option"),
        ("names/\\x1b[31mred\\x1b[0m.com", EICAR, *found, "a terminal escape"),
        ("names/\\xe2\\x80\\xaemoc.exe", EICAR, *found, "a right-to-left override"),
        ("names/tab\\tand \\\\ and \"quotes\" and $(true).com", EICAR, *found,
            "what shells, TSV and JSON treat specially"),
        ("names/" + "long" * 62 + ".com", EICAR, *found, "252 bytes, near NAME_MAX"),
        # not malware, and must not become it
        ("benign/readme.txt", TEXT * 8, *clean, made + "text"),
        ("benign/page.html", b"<!DOCTYPE html><html><head><title>t</title></head><body><p>"
            + TEXT + b"</p><script>var a = 1;</script></body></html>\n", *clean, made + "HTML"),
        ("benign/script.sh", b"#!/bin/sh\nset -e\necho harmless\n", *clean, made + "script"),
        ("benign/exit0.elf", elf(), *clean, made + "ELF that calls exit(0)"),
        ("benign/pixel.png", png(), *clean, made + "PNG, one pixel"),
        ("benign/noise.bin", noise, *clean, made + "4096 bytes without a pattern"),
        ("benign/attachment.pdf", pdf(TEXT), *clean, made + "PDF with an embedded text"),
        ("benign/document.docx", docx(TEXT), *clean, made + "Word document"),
        ("benign/archive.zip", zipped([("a.txt", TEXT), ("b/c.txt", TEXT * 3)]), *clean, made + "zip"),
        ("benign/archive.tar.gz", gzipped(tarred([("a.txt", TEXT)])), *clean, made + "tar.gz"),
        ("benign/archive.7z", seven_zipped("a.txt", TEXT), *clean, made + "7z"),
        ("benign/about-eicar.txt", TEXT * 2 + EICAR + b"\n" + TEXT * 2, *clean,
            made + "a text that quotes the test string: by its definition no test file"),
        ("benign/empty", None, *clean, "an empty file"),
        # what a scanner may not call whole, or calls clean because it cannot look
        ("edge/encrypted.zip", zip_crypto(b"eicar.com", EICAR, b"infected"), *clean,
            made + "zip with a password: like clamscan without --alert-encrypted"),
        ("edge/truncated.zip", nested[:len(nested) // 2], *clean, made + "first half of nested.zip"),
        ("edge/truncated.tar.gz", tar_gz[:len(tar_gz) // 2], *clean, made + "first half of a tar.gz"),
        ("edge/truncated.com.xz", xzed(EICAR)[:40], *clean, made + "first 40 bytes of eicar.com.xz"),
        ("edge/broken-crc.com.gz", gzipped(EICAR)[:-8] + b"\0" * 8, *found,
            made + "gzip whose checksum is wrong; the content is whole"),
        ("edge/deep.zip", deep(25), "incomplete", "-",
            made + "25 zips in each other: beyond the recursion limit, the test file inside"),
    ]


def escaped_name(index, path):
    """What it is stored as: a number first, since two may have the same name."""
    tail = "".join(c if c.isalnum() or c in ".-" else "_" for c in path.rsplit("/", 1)[-1])
    return "%02d-%s.xor" % (index, tail[:24].strip("_.-"))


def build():
    files = {}
    rows = ["# SPDX-License-Identifier: GPL-2.0-or-later",
        "# Made by corpus/make_samples.py. Columns, separated by tabs: path in the decoded tree",
        "# (\\n, \\t, \\\\, \\xHH stand for bytes), stored as (\"-\": empty file), expected verdict with",
        "# corpus/signatures, expected threat name, origin."]
    for index, (path, data, verdict, threat, origin) in enumerate(samples(), 1):
        stored = "-" if data is None else escaped_name(index, path)
        if data is not None:
            files[stored] = bytes(byte ^ KEY for byte in data)
        rows.append("\t".join((path, stored, verdict, threat, origin)))
    return files, "\n".join(rows) + "\n"


def main(arguments):
    if arguments not in ([], ["--check"]):
        print("usage: make_samples.py [--check]", file=sys.stderr)
        return 64
    files, manifest = build()
    folder = HERE / "samples"
    if arguments:
        stored = {path.name: path.read_bytes() for path in folder.glob("*.xor")}
        same = stored == files and (HERE / "MANIFEST").read_text() == manifest
        print("the stored corpus is what make_samples.py makes" if same else
            "the stored corpus DIFFERS from what make_samples.py makes")
        return 0 if same else 1
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.xor"):
        path.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (HERE / "MANIFEST").write_text(manifest)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
