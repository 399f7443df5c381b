/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lowering a real process, from inside and from outside, and a failure. */
#include "unit.h"

#include "priority.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_low(pid_t pid)
{
	long io = syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, pid);

	errno = 0;
	return sched_getscheduler(pid) == SCHED_BATCH &&
	       getpriority(PRIO_PROCESS, (id_t)pid) == 19 && errno == 0 && io >= 0 &&
	       IOPRIO_PRIO_CLASS(io) == IOPRIO_CLASS_IDLE;
}

/* A process lowers itself; what it forks is low too. */
static void self_and_child(void **state)
{
	int status = -1;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		pid_t child;

		if (is_low(0) || priority_lower(0, NULL) != 0 || !is_low(0))
			_exit(1);
		child = fork();
		if (child == 0)
			_exit(is_low(0) ? 0 : 3);
		if (waitpid(child, &status, 0) != child)
			_exit(2);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 4);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_false(is_low(0));
}

/* The daemon lowers a child that it has just made. */
static void other_process(void **state)
{
	struct errmsg msg = ERRMSG_NULL;
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			(void)pause();
	}
	assert_int_equal(priority_lower(pid, &msg), 0);
	assert_string_equal(msg.text, "");
	assert_true(is_low(pid));
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	/* Gone: the failure is told, with the part that failed first. */
	assert_int_equal(priority_lower(pid, &msg), -ESRCH);
	assert_non_null(strstr(msg.text, "SCHED_BATCH"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(self_and_child),
		cmocka_unit_test(other_process),
	};

	return cmocka_run_group_tests_name("priority", tests, NULL, NULL);
}
