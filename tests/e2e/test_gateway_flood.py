# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may connect does so without end: operators are served all the same."""

import contextlib
import os
import subprocess

import pytest

from gateway_caller import GATEWAY, connected_as, needs_root
from quietscan_harness import program, wait_for

RESERVED, STRANGERS, GATEWAYS = 64, 16, 48  # service/local_socket.h
READ = ["Machine.Read.All"]

FLOOD = """
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <signal.h>
#include <unistd.h>

int main(int argc, char **argv) /* PATH WAITS KEPT */
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int type = SOCK_STREAM | (atoi(argv[2]) ? 0 : SOCK_NONBLOCK);
	int n = atoi(argv[3]) + 1;
	int *kept = malloc(n * sizeof(*kept));

	(void)argc;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)alarm(100); /* whatever becomes of who started it */
	strcpy(address.sun_path, argv[1]);
	memset(kept, -1, n * sizeof(*kept));
	for (unsigned i = 0;; i++) {
		if (kept[i % n] >= 0)
			(void)close(kept[i % n]);
		kept[i % n] = socket(AF_UNIX, type, 0);
		if (connect(kept[i % n], (struct sockaddr *)&address, sizeof(address)) == 0 && i == 1000)
			(void)write(1, "!", 1);
		if (i == 1000)
			(void)close(1);
	}
}
"""


@contextlib.contextmanager
def flooded(service, waits, kept):
    """Two processes of the gateway's uid connect and close, as fast as they can."""
    source, flood = service.base / "flood.c", service.base / "flood"
    source.write_text(FLOOD)
    subprocess.run(["cc", "-O1", "-w", "-o", flood, source], check=True)
    command = [flood, service.socket_path, str(int(waits)), str(kept)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, user=GATEWAY, group=GATEWAY, extra_groups=[])
                 for _ in range(2)]
    try:
        for process in processes:
            process.stdout.read()  # ends when it has tried a thousand times
            assert process.poll() is None
        yield
        assert [process.poll() for process in processes] == [None, None]
    finally:
        for process in processes:
            process.kill()
            process.wait()
            process.stdout.close()


@needs_root
@pytest.mark.parametrize("kept", [0, 60])
@pytest.mark.parametrize("waits", [True, False])
def test_a_flood_of_connects_shuts_nobody_out(stopped_service, waits, kept):
    """Each call of an operator is answered, on a connection of its own or on one he has; so is the CLI."""
    service = stopped_service
    service.write_settings(GatewayUser=str(GATEWAY))
    service.start()
    with service.connect() as held, flooded(service, waits, kept):
        for _ in range(200):
            assert service.call("health")["machineId"]
            assert held.call("health")["machineId"]
        done = subprocess.run([program("quietscan"), "--socket", service.socket_path, "health"],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
    told = [line for line in service.stderr().splitlines() if " is refused: " in line]
    print(f"{len(told)} lines about refusals")
    assert len(told) < 20  # one in ten seconds; there were a hundred thousand a minute
    # And the gateway itself is served again when it has ended.
    wait_for("the gateway is served", lambda: is_served(service, GATEWAY))


def is_served(service, uid):
    """Whether one of this uid gets an answer now; the daemon may not have seen the ends of others yet."""
    with connected_as(service, uid) as caller:
        try:
            return caller.as_user(READ).call("health")
        except (ConnectionError, OSError):
            return None


def is_open(caller):
    """Whether the daemon reads what it is sent: an error is an answer as well."""
    try:
        caller.send("health")
    except OSError:
        return False
    return caller.read_line() is not None


@needs_root
def test_what_operators_have_for_themselves(stopped_service):
    """With everybody else's connections used up there are 64; the sum is limited, too, and one that ends is one more."""
    service = stopped_service
    service.write_settings(GatewayUser=str(GATEWAY))
    service.start()
    os.chmod(service.socket_path, 0o666)
    with contextlib.ExitStack() as stack:
        def fill(uid, n):
            callers = [stack.enter_context(connected_as(service, uid)) for _ in range(n + 1)]
            assert [is_open(caller) for caller in callers] == [True] * n + [False]
            return callers
        gateway = fill(GATEWAY, GATEWAYS)
        fill(GATEWAY + 1, STRANGERS)
        operators = [stack.enter_context(service.connect()) for _ in range(RESERVED)]
        for operator in operators:
            assert operator.call("health")["machineId"]
        with service.connect() as extra:
            assert not is_open(extra)
        gateway[0].close()
        wait_for("an operator has its place", lambda: is_served(service, 0))
        for operator in operators:
            assert operator.call("health")["machineId"]
    refusals = [line for line in service.stderr().splitlines() if " is refused: " in line]
    assert len(refusals) == 3, refusals  # one of a kind
    assert all("too many of its kind (0 more" in line for line in refusals)
