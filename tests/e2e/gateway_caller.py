# SPDX-License-Identifier: GPL-2.0-or-later
"""A connection by another uid than the test's, and requests that say on whose behalf."""

import contextlib
import json
import os
import socket

import pytest

from quietscan_harness import Connection, RpcError

GATEWAY = 61234  # nobody's
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="becoming somebody else needs root")


class Caller(Connection):
    """A connection whose requests say on whose behalf."""

    on_behalf_of = None

    def send(self, method, params=None):
        self.serial += 1
        message = {"jsonrpc": "2.0", "id": self.serial, "method": method}
        if params is not None:
            message["params"] = params
        if self.on_behalf_of is not None:
            message["onBehalfOf"] = self.on_behalf_of
        self.send_raw(json.dumps(message).encode() + b"\n")
        return self.serial

    def as_user(self, roles, name="alice@example.com", source="PublicApi"):
        self.on_behalf_of = {"name": name, "roles": roles, "source": source}
        return self

    def refused(self, method, **params):
        with pytest.raises(RpcError) as caught:
            self.call(method, **params)
        return caught.value


@contextlib.contextmanager
def connected_as(service, uid):
    """A connection that was opened by a process of this uid: SO_PEERCRED tells who connected."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            sock.connect(service.socket_path)
            socket.send_fds(theirs, [b"x"], [sock.fileno()])
            status = 0
        except OSError:
            theirs.send(b"-")
        finally:
            os._exit(status)
    _, fds, _, _ = socket.recv_fds(ours, 1, 1)
    os.waitpid(pid, 0)
    ours.close()
    theirs.close()
    if not fds:
        raise PermissionError("it could not connect")
    caller = Caller.__new__(Caller)
    caller.sock = socket.socket(fileno=fds[0])
    caller.sock.settimeout(60)
    caller.buffer, caller.serial = b"", 0
    try:
        yield caller
    finally:
        caller.close()
