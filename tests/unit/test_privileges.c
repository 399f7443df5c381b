/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Given up for good, in processes of their own. */
#include "unit.h"

#include "channel.h"
#include "err.h"
#include "privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What @act says in a child: 0 for yes. */
static void in_a_child(int (*act)(pid_t parent))
{
	pid_t parent = getpid();
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(act(parent));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int try_limits(pid_t parent)
{
	struct rlimit limit;

	(void)parent;
	if (privileges_limit(RLIMIT_NOFILE, 100) != 0 ||
		privileges_limit(RLIMIT_NOFILE, 200) != 0 || getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 1;
	return limit.rlim_cur == 100 && limit.rlim_max == 100 ? 0 : 2; /* lowered, never raised */
}

static void limits(void **state)
{
	(void)state;
	in_a_child(try_limits);
}

static int try_capabilities(pid_t parent)
{
	(void)parent;
	privileges_bound(PRIVILEGES_CAP(CAP_CHOWN));
	if (prctl(PR_CAPBSET_READ, CAP_CHOWN, 0, 0, 0) != 1 ||
		prctl(PR_CAPBSET_READ, CAP_KILL, 0, 0, 0) != 0)
		return 1;
	/* What is left does not make it another user. */
	if (privileges_keep(PRIVILEGES_CAP(CAP_CHOWN)) != 0 || setuid(1) == 0 || errno != EPERM)
		return 2;
	return privileges_keep(0);
}

static void capabilities(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	in_a_child(try_capabilities);
}

static int try_parents(pid_t parent)
{
	int fds[2];
	int signal_no = 0;

	if (channel_pair(fds) != 0 || privileges_tie(parent, -1) != 0 ||
		privileges_tie(parent, fds[0]) != 0)
		return 1;
	if (prctl(PR_GET_PDEATHSIG, &signal_no, 0, 0, 0) < 0 || signal_no != SIGKILL)
		return 2;
	if (privileges_tie(parent + 1, fds[0]) != -ESRCH)
		return 3;
	/* The number is right, because it is that of who has taken us in. */
	(void)close(fds[1]);
	return privileges_tie(parent, fds[0]) == -ESRCH ? 0 : 4;
}

static void parents(void **state)
{
	(void)state;
	in_a_child(try_parents);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits),
		cmocka_unit_test(capabilities),
		cmocka_unit_test(parents),
	};

	return cmocka_run_group_tests_name("privileges", tests, NULL, NULL);
}
