# SPDX-License-Identifier: GPL-2.0-or-later
"""Every name on a file system ends in exactly one result, as find(1) lists them.

A quiescent, loop-mounted ext4 image holds every kind of file there is; what the
service reports about it is compared with find's listing, byte by byte. Needs
root for the mount.
"""

import os
import pathlib
import socket
import stat
import subprocess
import tempfile

import pytest

from quietscan_harness import Service, eicar

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="mounting an image needs root")


@pytest.fixture
def image():
    """A mounted, empty ext4 image; unmounted afterwards."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="qs-image-", dir="/var/tmp"))
    file, mount = folder / "image", folder / "mount"
    mount.mkdir()
    with open(file, "wb") as out:
        out.truncate(64 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-N", "8192", str(file)], check=True)
    done = subprocess.run(["mount", "-o", "loop", str(file), str(mount)], check=False,
                          capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"no loop mounts here: {done.stderr.strip()}")
    try:
        yield mount
    finally:
        subprocess.run(["umount", str(mount)], check=True)
        file.unlink()
        mount.rmdir()
        folder.rmdir()


def make_deep(mount, levels=90):
    """An infected file below more directories than fit into PATH_MAX; the relative folder."""
    fd = os.open(mount, os.O_RDONLY | os.O_DIRECTORY)
    names = [f"level{level:02d}-{'d' * 60}" for level in range(levels)]
    for name in names:
        os.mkdir(name, dir_fd=fd)
        below = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=fd)
        os.close(fd)
        fd = below
    with open(os.open("bottom.com", os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=fd), "wb") as out:
        out.write(eicar())
    os.close(fd)
    return "/".join(names).encode()


def every_kind(mount):
    """Fill the image with one of everything; returns {raw path: expected result}."""
    special = {}
    plain = mount / "plain"
    plain.mkdir()
    for i in range(300):
        (plain / f"file{i:03d}").write_bytes(b"%d harmless\n" % i * (i + 1))
    (mount / "empty").touch()
    (mount / "infected.com").write_bytes(eicar())
    os.link(mount / "infected.com", mount / "second name of infected.com")
    os.link(mount / "plain/file001", mount / "hard1")
    os.link(mount / "plain/file001", plain / "hard2")
    for raw in (b"line\nfeed", b"\xff\xfe\x80", b"-rf", b" ", b"*?[", b"quote'\"`$(x)", b"\x1b[2J",
                b"\\n", b"a" * 255, "ü€𐍈".encode(), b"\x01\x7f"):
        with open(bytes(mount) + b"/" + raw, "wb") as out:
            out.write(b"odd name\n")
    odd_folder = bytes(mount) + b"/dir\n\xff"
    os.mkdir(odd_folder)
    with open(odd_folder + b"/inside", "wb") as out:
        out.write(eicar())
    with open(mount / "sparse", "wb") as out:
        out.truncate(8 << 20)
    with open(mount / "larger than the limit", "wb") as out:
        out.truncate(200 << 20)
    os.symlink("plain", mount / "link to folder")
    os.symlink("/nowhere", mount / "dangling")
    os.symlink("infected.com", mount / "link to infected")
    os.mkfifo(mount / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(mount / "socket"))
    os.mknod(mount / "null", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    os.mknod(mount / "loop", stat.S_IFBLK | 0o600, os.makedev(7, 0))
    (mount / "mode 000").write_bytes(eicar())
    (mount / "mode 000").chmod(0)
    closed = mount / "closed folder"
    closed.mkdir()
    (closed / "inside").write_text("as root this is read\n")
    closed.chmod(0)
    deep = make_deep(mount)
    (mount / "no files in here").mkdir()
    special["infected"] = {b"infected.com", b"second name of infected.com", b"dir\n\xff/inside",
                           b"mode 000", deep + b"/bottom.com"}
    special["skipped"] = {b"link to folder", b"dangling", b"link to infected", b"fifo", b"socket",
                          b"null", b"loop"}
    special["incomplete"] = {b"larger than the limit"}
    return special


def find(mount):
    """What is there but folders, by an independent program."""
    out = subprocess.run(["find", str(mount), "-mindepth", "1", "!", "-type", "d", "-print0"],
                         check=True, stdout=subprocess.PIPE).stdout
    return out.split(b"\0")[:-1]


def test_every_name_once(image):
    """Names, counts and results agree; a hard link has its inode's result."""
    expected = every_kind(image)
    subprocess.run(["mount", "-o", "remount,ro", str(image)], check=True)
    listed = find(image)
    with Service() as service:
        service.start()
        scan = service.run_scan("custom", paths=[image], report="all", loadFactor=0)
        lines = list(service.report(scan["id"]))
    reported = [line["raw"] for line in lines]
    print(f"find: {len(listed)} names, quietscan: {len(reported)} names, {scan['results']}")
    assert sorted(reported) == sorted(listed)
    assert sum(scan["results"].values()) == len(listed)
    by_result = {}
    for line in lines:
        relative = line["raw"][len(bytes(image)) + 1:]
        by_result.setdefault(line["result"], set()).add(relative)
    for result, names in expected.items():
        assert by_result[result] == names, result
    for result, count in scan["results"].items():
        assert len(by_result.get(result, ())) == count, result
    detections = service_paths(scan, lines)
    assert detections == {bytes(image) + b"/" + name for name in expected["infected"]}


def service_paths(scan, lines):
    """Raw paths of the infected lines, after checking the scan's own count."""
    infected = {line["raw"] for line in lines if line["result"] == "infected"}
    assert scan["detections"] == len(infected)
    return infected


def test_directory_count(image):
    """Directories are counted too: the root of the image and all below."""
    every_kind(image)
    subprocess.run(["mount", "-o", "remount,ro", str(image)], check=True)
    out = subprocess.run(["find", str(image), "-type", "d", "-print0"], check=True,
                         stdout=subprocess.PIPE).stdout
    with Service() as service:
        service.start()
        scan = service.run_scan("custom", paths=[image], loadFactor=0)
    assert scan["directories"] == out.count(b"\0")
