/* SPDX-License-Identifier: GPL-2.0-or-later */
/* err, check: messages, codes, and that an assert ends the process. */
#include "unit.h"

#include "check.h"
#include "err.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void messages(void **state)
{
	struct errmsg msg = ERRMSG_NULL;

	(void)state;
	errmsg_set(&msg, "open %s", "x");
	errmsg_prefix(&msg, "load %d", 7);
	errmsg_prefix(&msg, "start");
	assert_string_equal(msg.text, "start: load 7: open x");
	errmsg_set(&msg, "again");
	assert_string_equal(msg.text, "again");
	errmsg_set(NULL, "nobody");
	errmsg_prefix(NULL, "nobody");
}

/* What does not fit is cut at the end: the outermost words stay. */
static void long_messages(void **state)
{
	struct errmsg msg = ERRMSG_NULL;
	char large[2 * sizeof(msg.text)];

	(void)state;
	memset(large, 'x', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	errmsg_set(&msg, "%s", large);
	assert_int_equal(strlen(msg.text), sizeof(msg.text) - 1);
	errmsg_prefix(&msg, "outer");
	assert_int_equal(strncmp(msg.text, "outer: xxx", 10), 0);
	assert_int_equal(strlen(msg.text), sizeof(msg.text) - 1);
	errmsg_prefix(&msg, "%s", large);
	assert_int_equal(strlen(msg.text), sizeof(msg.text) - 1);
}

static void codes(void **state)
{
	(void)state;
	assert_string_equal(err_text(-ENOSPC), "No space left on device");
	assert_string_equal(err_text(0), "Success");
	assert_string_equal(err_text(3), "condition 3");
	assert_int_equal(err_origin(-EIO), -EIO);
	assert_int_equal(err_trace(2), 2);
	assert_int_equal(err_fold(0), 0);
	assert_int_equal(err_fold(-EIO), -EIO);
	assert_int_equal(err_fold(2), -ENOTRECOVERABLE);
}

static void assert_ends_the_process(void **state)
{
	char text[256] = "";
	int fds[2];
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		(void)signal(SIGABRT, SIG_DFL);
		(void)dup2(fds[1], STDERR_FILENO);
		PRE(fds[0] == -7);
		_exit(0);
	}
	(void)close(fds[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_true(read(fds[0], text, sizeof(text) - 1) > 0);
	assert_non_null(strstr(text, "precondition failed: fds[0] == -7"));
	(void)close(fds[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(messages),
		cmocka_unit_test(long_messages), cmocka_unit_test(codes),
		cmocka_unit_test(assert_ends_the_process)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
