# SPDX-License-Identifier: GPL-2.0-or-later
"""scan.watch: what a connection can make the daemon tell it, and what that costs."""

import contextlib
import json
import os
import subprocess
import time

import pytest

from gateway_caller import GATEWAY, connected_as, needs_root
from quietscan_harness import RpcError, make_tree, program, wait_for

WATCHES_MAX = 16  # service/rpc_private.h
PROGRESS_MAX = 65536  # docs/local-protocol.md
READ = ["Machine.Read.All"]


@pytest.fixture
def at_work(stopped_service, tmp_path):
    """A daemon whose scan is paused: it is told of for ever, and those that come later are pending."""
    stopped_service.write_settings(GatewayUser=str(GATEWAY))
    stopped_service.start()
    stopped_service.call("definitions.reload")
    make_tree(tmp_path / "slow", n_files=2000, n_infected=0, size=20000)
    stopped_service.scan = stopped_service.start_scan("custom", paths=[tmp_path / "slow"], loadFactor=5)["scan"]

    def paused():
        with contextlib.suppress(RpcError):  # it is starting still
            return stopped_service.call("scan.pause", id=stopped_service.scan["id"])
    wait_for("the scan can be paused", paused)
    return stopped_service


def pending(service, n, comment="waits", **params):
    """Ids of more scans."""
    params.setdefault("paths", ["/nowhere"])
    return [service.start_scan("custom", comment=comment, **params)["scan"]["id"] for _ in range(n)]


def cancel(service, *ids):
    for scan_id in ids:
        service.call("scan.cancel", id=scan_id, comment="enough")


def let_pass(service, n):
    """So many times everybody was told of the scan at work: seen by one who reads."""
    with service.connect() as connection:
        connection.call("scan.watch", id=service.scan["id"])
        for _ in range(n):
            assert connection.read_message()["method"] == "scan.progress"


def test_a_scan_is_watched_once(at_work):
    """Asked for again it is answered again; there is one stream, and one end."""
    with at_work.connect() as connection:
        for _ in range(3):
            assert connection.call("scan.watch", id=at_work.scan["id"])["id"] == at_work.scan["id"]
        cancel(at_work, at_work.scan["id"])
        assert list(connection.notifications("scan.ended"))[-1][1]["status"] == "Cancelled"
        connection.send("health")
        message = connection.read_message()
        assert "method" not in message, message


def test_a_connection_watches_so_many_scans(at_work):
    """One more is refused, none of those it has is lost, and one that ends makes room."""
    ids = pending(at_work, WATCHES_MAX + 1)
    with at_work.connect() as connection:
        for scan_id in ids[:-1]:
            connection.call("scan.watch", id=scan_id)
        connection.call("scan.watch", id=ids[0])  # has it already
        with pytest.raises(RpcError) as caught:
            connection.call("scan.watch", id=ids[-1])
        assert (caught.value.code, caught.value.target) == ("InvalidState", "id")
        assert str(WATCHES_MAX) in caught.value.message
        cancel(at_work, ids[0])
        assert list(connection.notifications("scan.ended"))[-1][1]["id"] == ids[0]
        connection.call("scan.watch", id=ids[-1])
        cancel(at_work, *ids[1:])
        ended = [list(connection.notifications("scan.ended"))[-1][1]["id"] for _ in ids[1:]]
        assert sorted(ended) == sorted(ids[1:])


def deep_file(folder):
    """Files whose path is as long and as ugly as one can be; as raw bytes, the folder's."""
    name = b"\x01" * 255
    fd = os.open(folder, os.O_RDONLY)
    for _ in range(120):
        os.mkdir(name, dir_fd=fd)
        deeper = os.open(name, os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = deeper
    for i in range(400):
        with open(os.open(f"f{i}", os.O_WRONLY | os.O_CREAT, dir_fd=fd), "wb") as file:
            file.write(f"file {i} ".encode() * 4000)
    os.close(fd)


def test_progress_is_small(stopped_service, tmp_path):
    """Long paths to scan, a long comment, a long name in work: a notification is below its bound."""
    service = stopped_service
    service.start()
    service.call("definitions.reload")
    deep = tmp_path / "deep"
    deep.mkdir()
    deep_file(deep)
    paths = [deep, *(b"/nowhere/" + b"\x01" * 240 + b"/%d" % i for i in range(500))]
    with service.connect() as connection:
        asked = service.start_scan("custom", comment="\x01" * 4000, paths=paths, loadFactor=5)["scan"]
        assert len(connection.call("scan.watch", id=asked["id"])["paths"]) == len(paths)
        lines, is_cut = [], False
        while not is_cut:
            line = connection.read_line()
            lines.append(len(line))
            message = json.loads(line)
            assert message["method"] == "scan.progress"
            assert "paths" not in message["params"]
            path = message["params"].get("progress", {}).get("path") or ""
            is_cut = path.endswith("...")
            assert len(path) < 4096
        assert max(lines) < PROGRESS_MAX
        print(f"the longest of {len(lines)} has {max(lines)} bytes")
        cancel(service, asked["id"])
        name, ended = list(connection.notifications("scan.ended"))[-1]
        assert len(ended["paths"]) == len(paths)


def test_nothing_is_piled_up_for_a_slow_reader(at_work):
    """What it has not taken is not added to; it hears of every end."""
    ids = pending(at_work, WATCHES_MAX, comment='"' * 4000)
    with at_work.connect() as connection:
        for scan_id in ids:
            connection.call("scan.watch", id=scan_id)
        let_pass(at_work, 24)
        cancel(at_work, *ids)
        n_bytes, ended = 0, []
        while len(ended) < len(ids):
            line = connection.read_line()
            message = json.loads(line)
            if message["method"] == "scan.ended":
                ended.append(message["params"]["id"])
            else:
                n_bytes += len(line)
        assert sorted(ended) == sorted(ids)
    print(f"{n_bytes} bytes of progress waited")
    # Less than the kernel's buffer of a socket and one line; 24 times 16 lines are three megabytes.
    assert 0 < n_bytes < 1024 * 1024


SLOW_PROGRESS = """
#define _GNU_SOURCE
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

ssize_t write(int fd, const void *buf, size_t n)
{
	const struct timespec wait = {.tv_nsec = 25000000};

	if (memmem(buf, n, "scan.progress", 13))
		nanosleep(&wait, NULL);
	return syscall(SYS_write, fd, buf, n);
}
"""
SLOW_S = 0.025


@needs_root
def test_what_a_gateway_watches_is_charged(at_work, tmp_path):
    """Where telling is dear, no more than half of the time is spent for a gateway that watches all there is."""
    if b"__asan_init" in open(program("quietscand"), "rb").read():
        pytest.skip("the sanitizer's library wants to be the first one")
    (tmp_path / "slow.c").write_text(SLOW_PROGRESS)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", tmp_path / "slow.so", tmp_path / "slow.c"], check=True)
    service = at_work
    ids = pending(service, WATCHES_MAX)
    service.stop()
    service.wrapper = ["env", f"LD_PRELOAD={tmp_path / 'slow.so'}"]
    service.start()
    with contextlib.ExitStack() as stack:
        callers = [stack.enter_context(connected_as(service, GATEWAY)).as_user(READ) for _ in range(2)]
        begin = time.monotonic()
        for caller in callers:
            for scan_id in ids:
                caller.call("scan.watch", id=scan_id)
        end = time.monotonic() + 5
        n_calls = 0
        while time.monotonic() < end:
            assert service.call("health")["machineId"]
            n_calls += 1
        for caller in callers:
            caller.sock.settimeout(0.2)
        n_told = sum(count_progress(caller) for caller in callers)
        passed_s = time.monotonic() - begin
    print(f"told {n_told} times in {passed_s:.1f} s; an operator was answered {n_calls} times")
    assert n_told > 0
    # A burst, half of the time, and what is told when the budget is used up by a hair.
    assert n_told * SLOW_S <= 0.25 + passed_s / 2 + 3 * SLOW_S


def count_progress(caller):
    """How many notifications have come, without waiting for more than some."""
    n = 0
    with contextlib.suppress(TimeoutError):
        while n < 1000 and caller.read_message()["method"] == "scan.progress":
            n += 1
    return n
